//! What a sign-in service publishes: how long it is believed, and how often it is read again.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::warn;

use crate::fetch::Peer;

/// How long it is used before it is read again.
const BELIEVED: Duration = Duration::from_secs(10 * 60);
/// How long what was read before still serves while reading it again fails.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// The least time between two readings, however much unknown is asked for.
const PAUSE: Duration = Duration::from_secs(60);
const BYTES_MAX: usize = 256 * 1024;

/// One thing that is published, read when it is needed.
pub struct Believed<T> {
    /// For the log: the address or the file.
    name: String,
    place: Place,
    understand: Understand<T>,
    shelf: RwLock<Shelf<T>>,
    /// Held while it is being read, so that concurrent callers share one reading.
    turn: Arc<Mutex<()>>,
}

/// Makes sense of what was read; the error is a sentence for whoever runs the program.
type Understand<T> = Box<dyn Fn(&[u8]) -> Result<T, String> + Send + Sync>;

pub(crate) enum Place {
    Web(Peer),
    File(PathBuf),
    Memory,
}

/// What was last read. The times are tokio's, so that a test can move them.
struct Shelf<T> {
    what: Option<T>,
    read_at: Option<Instant>,
    tried_at: Option<Instant>,
}

impl<T: Send + Sync + 'static> Believed<T> {
    /// Published at an address, which is read at first use.
    pub fn published(
        name: String,
        peer: Peer,
        understand: impl Fn(&[u8]) -> Result<T, String> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Self::new(name, Place::Web(peer), None, Box::new(understand))
    }

    /// `first` was read at start; not counted as a try, so that a file changed just after the start may
    /// be read at once.
    pub(crate) fn new(
        name: String,
        place: Place,
        first: Option<T>,
        understand: Understand<T>,
    ) -> Arc<Self> {
        let shelf = RwLock::new(Shelf {
            read_at: first.is_some().then(Instant::now),
            what: first,
            tried_at: None,
        });
        Arc::new(Self {
            name,
            place,
            understand,
            shelf,
            turn: Arc::default(),
        })
    }

    /// What is looked for in it, after reading it again if it is old or lacks that.
    pub async fn find<R>(self: &Arc<Self>, look: impl Fn(&T) -> Option<R>) -> Option<R> {
        if let Some(found) = self.on_shelf(&look, BELIEVED) {
            return Some(found);
        }
        self.refresh().await;
        self.on_shelf(&look, KEPT)
    }

    fn on_shelf<R>(&self, look: impl Fn(&T) -> Option<R>, age_max: Duration) -> Option<R> {
        let shelf = self.shelf.read().unwrap_or_else(PoisonError::into_inner);
        let fresh = matches!(self.place, Place::Memory)
            || shelf.read_at.is_some_and(|at| at.elapsed() < age_max);
        shelf.what.as_ref().filter(|_| fresh).and_then(look)
    }

    async fn refresh(self: &Arc<Self>) {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        if !self.may_try() {
            return;
        }
        let believed = Arc::clone(self);
        // A task of its own: a caller who hangs up must not stop what others wait for,
        // nor start one more reading each time.
        let reading = tokio::spawn(async move {
            believed.read_again().await;
            drop(turn);
        });
        if reading.await.is_err() {
            warn!(
                from = self.name,
                "{}: reading stopped before its end", self.name
            );
        }
    }

    fn may_try(&self) -> bool {
        let shelf = self.shelf.read().unwrap_or_else(PoisonError::into_inner);
        !matches!(self.place, Place::Memory)
            && shelf.tried_at.is_none_or(|at| at.elapsed() >= PAUSE)
    }

    async fn read_again(&self) {
        let text = match &self.place {
            Place::Web(peer) => peer.read().await,
            Place::File(path) => read_file_aside(path.clone()).await,
            Place::Memory => return,
        };
        let outcome = text.and_then(|text| (self.understand)(&text));
        let now = Instant::now();
        let mut shelf = self.shelf.write().unwrap_or_else(PoisonError::into_inner);
        shelf.tried_at = Some(now);
        match outcome {
            Ok(what) => {
                shelf.what = Some(what);
                shelf.read_at = Some(now);
            }
            Err(why) => warn!(from = self.name, "{}: not read again: {why}", self.name),
        }
    }
}

async fn read_file_aside(path: PathBuf) -> Result<Vec<u8>, String> {
    let reading = tokio::task::spawn_blocking(move || read_file(&path));
    reading
        .await
        .unwrap_or_else(|_| Err("reading it stopped before its end".into()))
}

pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let cannot = |why| format!("it cannot be read: {why}");
    let file = File::open(path).map_err(cannot)?;
    let mut text = Vec::new();
    let limit = u64::try_from(BYTES_MAX).expect("256 KiB fits") + 1;
    file.take(limit).read_to_end(&mut text).map_err(cannot)?;
    if text.len() > BYTES_MAX {
        return Err("it is larger than 256 KiB".into());
    }
    Ok(text)
}
