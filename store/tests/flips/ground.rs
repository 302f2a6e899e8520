//! A data folder with every kind of file in it, and what is still true of a damaged copy.

use std::fs;
use std::path::{Path, PathBuf};

use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::KeyId;
use pipss_domain::personal::Personal;
use pipss_domain::stream::Stream;
use pipss_store::{Append, Appended, EventStore, Head, SledStore, StoreError};
use tempfile::TempDir;
use uuid::Uuid;

use crate::common::*;

/// The kinds of file in a data folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Of the journal, with commits in it.
    Segment,
    /// The segment that is ready for when the others are full.
    Spare,
    SledDb,
    SledConf,
    SledSnapshot,
    Keys,
    WrappingKey,
    StoreId,
    Erasures,
    Lock,
    /// Whatever else there is: signed checkpoints and the like.
    Other,
}

impl Kind {
    /// Of a file in a folder.
    pub fn of(folder: &Path, path: &Path) -> Self {
        let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
        match name {
            "keys" => Self::Keys,
            "wrapping.key" => Self::WrappingKey,
            "store" => Self::StoreId,
            "erasures" => Self::Erasures,
            "lock" => Self::Lock,
            "sled/db" => Self::SledDb,
            "sled/conf" => Self::SledConf,
            name if name.starts_with("sled/") => Self::SledSnapshot,
            name if name.starts_with("journal/") => {
                let bytes = fs::read(path).unwrap();
                let used = bytes
                    .get(64..)
                    .is_some_and(|rest| rest.iter().any(|byte| *byte != 0));
                if used { Self::Segment } else { Self::Spare }
            }
            _ => Self::Other,
        }
    }

    /// Does it belong to the reading copy?
    pub const fn is_sled(self) -> bool {
        matches!(self, Self::SledDb | Self::SledConf | Self::SledSnapshot)
    }
}

/// Every file under a folder, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The kinds of file that a folder holds.
pub fn kinds(folder: &Path) -> Vec<Kind> {
    let mut kinds: Vec<_> = files(folder)
        .iter()
        .map(|path| Kind::of(folder, path))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// Some file of a kind.
pub fn any_of(folder: &Path, kind: Kind, state: &mut u64) -> PathBuf {
    let mut files = files(folder);
    // What the first of two flips hit may be of another kind now.
    if files.iter().any(|path| Kind::of(folder, path) == kind) {
        files.retain(|path| Kind::of(folder, path) == kind);
    }
    let at = random(state) as usize % files.len();
    files.swap_remove(at)
}

/// What came of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// It was refused, and the place was named.
    Found,
    /// Sled was set aside and made again.
    Mended,
    /// Everything is there.
    Harmless,
    /// Everything but the last commit.
    Shorter,
}

/// The folder that is damaged, and what was in it.
pub struct Ground {
    folder: TempDir,
    facts: Vec<Fact>,
    head: Head,
    command: pipss_domain::ids::CommandId,
    erased: Stream,
}

impl Ground {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let facts = filled(folder.path()).await;
        let erased = facts.iter().find(|fact| fact.stream == case(7)).unwrap();
        let store = open(folder.path());
        let keys = [key_of(erased)];
        store.erase(Uuid::from_u128(9), at(0), &keys).unwrap();
        Self {
            command: store.command_id(organisation(), &[b"x"]).unwrap(),
            head: store.head(main_log()),
            erased: erased.stream,
            facts,
            folder,
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A copy to be damaged.
    pub fn copied(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        copy(self.path(), folder.path());
        folder
    }

    /// What is true of a copy after it was damaged: or, as the error, what should not be.
    pub fn came_of(&self, folder: &Path) -> Result<Came, String> {
        let store = match try_open(folder) {
            Ok(store) => store,
            Err(StoreError::Corrupt(_)) => return Ok(Came::Found),
            Err(other) => return Err(format!("{other:?}")),
        };
        let facts = everything(&store, main_log());
        let shorter = facts.len() + 1 == self.facts.len();
        if facts[..] != self.facts[..facts.len().min(self.facts.len())]
            || !(shorter || facts.len() == self.facts.len())
        {
            return Err(format!(
                "other facts: {} of {}",
                facts.len(),
                self.facts.len()
            ));
        }
        self.reads(&store, &facts)?;
        if !shorter && store.head(main_log()) != self.head {
            return Err("another chain".into());
        }
        goes_on(store, folder, facts.len())?;
        let aside = |path: &PathBuf| path.to_str().unwrap().contains("sled.aside-");
        Ok(match (shorter, files(folder).iter().any(aside)) {
            (true, _) => Came::Shorter,
            (false, true) => Came::Mended,
            (false, false) => Came::Harmless,
        })
    }

    /// Streams, commands and values, as they were.
    fn reads(&self, store: &SledStore, facts: &[Fact]) -> Result<(), String> {
        let id = store.command_id(organisation(), &[b"x"]).unwrap();
        if id != self.command {
            return Err("commands have other ids".into());
        }
        for fact in facts
            .iter()
            .filter(|fact| fact.event.kind() == "OfferPlanned")
        {
            let readable = opened_aim(store, &fact.event).is_some();
            if readable != (fact.stream != self.erased) {
                return Err(format!(
                    "position {}: readable is {readable}",
                    fact.position
                ));
            }
            let stream = store.stream(main_log(), &fact.stream).unwrap();
            let repeat = store.repeated(main_log(), fact.command, b"").unwrap();
            if stream != [fact.clone()] || repeat.is_none_or(|repeat| repeat.facts != stream) {
                return Err(format!("position {} is not found again", fact.position));
            }
        }
        Ok(())
    }
}

/// What follows is kept as well, and is there at the next start.
fn goes_on(store: SledStore, folder: &Path, before: usize) -> Result<(), String> {
    let append = |append: Append| match crate::ground::wait(store.append(append)) {
        Ok(Appended::New(_)) => Ok(()),
        other => Err(format!("nothing more can be kept: {other:?}")),
    };
    append(simple(9000))?;
    drop(store);
    let store = try_open(folder).map_err(|error| format!("it opens once only: {error:?}"))?;
    match everything(&store, main_log()).len() {
        now if now == before + 1 => Ok(()),
        now => Err(format!("{now} facts at the next start, not {}", before + 1)),
    }
}

fn key_of(fact: &Fact) -> KeyId {
    let Event::OfferPlanned(planned) = &fact.event else {
        panic!("{fact:?}");
    };
    let Some(Personal::Sealed(sealed)) = &planned.aim else {
        panic!("{fact:?}");
    };
    sealed.key
}

fn wait<F: Future>(answer: F) -> F::Output {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(answer))
}
