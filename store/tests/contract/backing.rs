//! Where a store under test is kept, so that it can be closed, opened again and brought into trouble.

use std::cell::RefCell;
use std::future::Future;

use pipss_domain::history::Fact;
use pipss_domain::stream::LogId;
use pipss_store::{Append, Appended, EventStore, Follow, Purpose, SledStore, StoreError};

use crate::common::{flip, options};

/// A place that outlives the stores that are opened in it, one after another.
pub trait Backing: Sync {
    /// What is opened.
    type Store: EventStore;

    /// Opens it, in this trouble if any. `None`: the trouble cannot be brought about here.
    fn open_in(
        &self,
        trouble: Option<Trouble>,
        follow: Follow,
    ) -> Option<Result<Self::Store, StoreError>>;

    /// Opens it when all is well.
    fn open_seen_by(&self, follow: Follow) -> Self::Store {
        self.open_in(None, follow).unwrap().unwrap()
    }

    /// The same, with nobody watching.
    fn open(&self) -> Self::Store {
        self.open_seen_by(Box::new(|_| ()))
    }
}

/// What may befall a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no space left.
    Full,
    /// The disk fails while it is written to: whether anything reached it, nobody can tell.
    Failing,
    /// What was kept is damaged.
    Damaged,
    /// Somebody else has it open.
    Taken,
}

/// Sled and its journal, in a folder.
pub struct OnSled(tempfile::TempDir);

impl OnSled {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl Backing for OnSled {
    type Store = SledStore;

    fn open_in(
        &self,
        trouble: Option<Trouble>,
        follow: Follow,
    ) -> Option<Result<SledStore, StoreError>> {
        let mut options = options(self.0.path());
        assert_eq!(options.purpose, Purpose::Real);
        match trouble {
            None => Some(SledStore::open(options, follow)),
            Some(Trouble::Full) => {
                options.floor_bytes = u64::MAX;
                Some(SledStore::open(options, follow))
            }
            Some(Trouble::Damaged) => {
                let first = self.0.path().join("journal/00000001");
                flip(&first, 200);
                let damaged = SledStore::open(options, follow);
                flip(&first, 200);
                Some(damaged)
            }
            Some(Trouble::Taken) => {
                let _holds_it = SledStore::open(options.clone(), Box::new(|_| ()));
                Some(SledStore::open(options, follow))
            }
            // A call that fails needs a library put before the real one: see the tests of faults.
            Some(Trouble::Failing) => None,
        }
    }
}

/// Waits for an answer in this thread.
pub fn wait<F: Future>(answer: F) -> F::Output {
    thread_local! {
        static WAITING: RefCell<tokio::runtime::Runtime> = RefCell::new(
            tokio::runtime::Builder::new_current_thread().build().unwrap(),
        );
    }
    WAITING.with(|waiting| waiting.borrow().block_on(answer))
}

/// Keeps something new.
pub fn keep(store: &impl EventStore, append: Append) -> Vec<Fact> {
    match wait(store.append(append)).unwrap() {
        Appended::New(facts) => facts,
        Appended::Repeated(_) => panic!("a new command was taken for a repeat"),
    }
}

/// Everything in a log.
pub fn all(store: &impl EventStore, log: LogId) -> Vec<Fact> {
    store.log(log, 0, usize::MAX).unwrap()
}

/// What a check finds in the store as it is, and again once it was closed and opened.
pub fn now_and_reopened<B: Backing>(backing: &B, store: B::Store, check: impl Fn(&B::Store)) {
    check(&store);
    drop(store);
    check(&backing.open());
}
