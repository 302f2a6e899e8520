//! Where a running system has its log: on the disk of this machine, or in a copy that is only looked at.

use pipss_domain::history::Fact;
use pipss_domain::ids::{CommandId, OrganisationId};
use pipss_domain::personal::Personal;
use pipss_domain::stream::{LogId, Stream};
use serde::de::DeserializeOwned;

use crate::{Append, Appended, EventStore, Head, Memory, Repeat, SledStore, StoreError};

/// One of the two.
pub enum Backend {
    /// On the disk.
    Sled(Box<SledStore>),
    /// In memory, for looking only.
    Memory(Box<Memory>),
}

impl EventStore for Backend {
    async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        match self {
            Self::Sled(store) => store.append(append).await,
            Self::Memory(store) => store.append(append).await,
        }
    }

    fn stream(&self, log: LogId, stream: &Stream) -> Result<Vec<Fact>, StoreError> {
        match self {
            Self::Sled(store) => store.stream(log, stream),
            Self::Memory(store) => store.stream(log, stream),
        }
    }

    fn log(&self, log: LogId, after: u64, limit: usize) -> Result<Vec<Fact>, StoreError> {
        match self {
            Self::Sled(store) => store.log(log, after, limit),
            Self::Memory(store) => store.log(log, after, limit),
        }
    }

    fn head(&self, log: LogId) -> Head {
        match self {
            Self::Sled(store) => store.head(log),
            Self::Memory(store) => store.head(log),
        }
    }

    fn repeated(
        &self,
        log: LogId,
        command: CommandId,
        body: &[u8],
    ) -> Result<Option<Repeat>, StoreError> {
        match self {
            Self::Sled(store) => store.repeated(log, command, body),
            Self::Memory(store) => store.repeated(log, command, body),
        }
    }

    fn command_id(
        &self,
        organisation: OrganisationId,
        parts: &[&[u8]],
    ) -> Result<CommandId, StoreError> {
        match self {
            Self::Sled(store) => store.command_id(organisation, parts),
            Self::Memory(store) => store.command_id(organisation, parts),
        }
    }

    fn open<T: DeserializeOwned + Clone>(&self, value: &Personal<T>) -> Personal<T> {
        match self {
            Self::Sled(store) => store.open(value),
            Self::Memory(store) => store.open(value),
        }
    }

    fn find(&self, organisation: OrganisationId, plaintext: &[u8]) -> Vec<Stream> {
        match self {
            Self::Sled(store) => store.find(organisation, plaintext),
            Self::Memory(store) => store.find(organisation, plaintext),
        }
    }
}
