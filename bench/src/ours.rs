//! Our own log under the load that its peers are given.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use chrono::{DateTime, Utc};
use pipss_domain::directory_facts::{UnitLevel, UnitOpened};
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::{CommandId, Id, OrganisationId};
use pipss_domain::stream::{LogId, Stream};
use pipss_store::{Append, Appended, EventStore, Options, Purpose, SledStore, Write};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::load::{Peer, STREAM, mixed};

/// Our store, open.
pub struct Ours(pub SledStore);

impl Ours {
    /// Opens or makes a store in a folder.
    ///
    /// # Errors
    /// Why it does not open.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        Self::following(folder, |_| ())
    }

    /// The same, showing every fact in it to `follow`.
    ///
    /// # Errors
    /// Why it does not open.
    pub fn following(
        folder: &Path,
        follow: impl FnMut(&[Fact]) + Send + 'static,
    ) -> anyhow::Result<Self> {
        let options = Options::new(folder, Purpose::Real);
        Ok(Self(SledStore::open(options, Box::new(follow))?))
    }

    /// Appends `events` to an empty log, each by its own command, in streams of [`STREAM`] that grow
    /// side by side as cases do: the facts of one are scattered over the log.
    ///
    /// # Errors
    /// When an append fails.
    pub fn fill(self: &Arc<Self>, runtime: &Runtime, events: u64) -> anyhow::Result<()> {
        let tasks: Vec<_> = (0..SIDE_BY_SIDE)
            .map(|first| {
                let store = Arc::clone(self);
                let mine = (0..events / STREAM).filter(move |n| n % SIDE_BY_SIDE == first);
                let mine: Vec<u64> = mine.collect();
                runtime.spawn(async move {
                    for some in mine.chunks(16) {
                        for version in 0..STREAM {
                            for stream in some {
                                store
                                    .keep(append(FILLER, stream * STREAM + version, 1))
                                    .await?;
                            }
                        }
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        tasks
            .into_iter()
            .try_for_each(|task| runtime.block_on(task)?)
    }

    async fn keep(&self, append: Append) -> anyhow::Result<()> {
        match self.0.append(append).await? {
            Appended::New(_) => Ok(()),
            Appended::Repeated(_) => bail!("it was there already"),
        }
    }
}

/// The writer whose streams [`Ours::fill`] adds.
pub const FILLER: u64 = 1 << 40;

/// So many writers fill at once.
const SIDE_BY_SIDE: u64 = 256;

impl Peer for Ours {
    type Writer = u64;

    async fn writer(&self, number: u64) -> anyhow::Result<u64> {
        // Each cell goes on in the same log with streams of its own.
        Ok(self.0.head(log()).position << 10 | number)
    }

    async fn append(&self, writer: &mut u64, n: u64) -> anyhow::Result<()> {
        self.keep(append(*writer, n, 1)).await
    }
}

/// The log that is measured.
pub fn log() -> LogId {
    let organisation: OrganisationId = Id::new(Uuid::from_u128(1));
    LogId::main(organisation)
}

/// The `number`-th stream of a writer.
pub fn stream(writer: u64, number: u64) -> Stream {
    Stream::Unit(Id::new(mixed(writer, number)))
}

fn append(writer: u64, n: u64, count: u64) -> Append {
    let now = DateTime::<Utc>::UNIX_EPOCH + Duration::from_millis(n);
    let event = Event::UnitOpened(UnitOpened {
        code: "bench".into(),
        name: "Ward seven of the northern hospital, upper floor".into(),
        level: UnitLevel::Team,
        parent: None,
        headcount: 30,
        partner: false,
    });
    Append {
        log: log(),
        command: CommandId::new(mixed(!writer, n)),
        who: Who::Person(Id::new(Uuid::from_u128(2))),
        policy: 1,
        now,
        body: None,
        writes: vec![Write {
            stream: stream(writer, n / STREAM),
            expected: n % STREAM,
            events: vec![(now, event); count as usize],
        }],
        guards: vec![],
    }
}
