//! The id of a store: what a folder was made for, and which of the folders it is that came from one another.

use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::seal::random;
use crate::{SledStore, StoreError, folder};

const FORMAT: u32 = 1;

/// What a folder was made for. A demonstration never becomes real, nor the reverse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// People depend on it.
    Real,
    /// Made-up people, to look at.
    Demo,
}

/// Says that a store exists: what is missing beside it was lost, not yet to be made.
#[derive(Serialize, Deserialize)]
pub struct StoreId {
    format: u32,
    /// Ties the pieces together.
    pub store: Uuid,
    /// At first that of the store; random, and new, whenever the folder is restored: two that went on from
    /// one backup differ in it.
    pub incarnation: Uuid,
    /// What it is for.
    pub purpose: Purpose,
    created: DateTime<Utc>,
    /// False until every piece was made; nothing was ever acknowledged before.
    pub ready: bool,
}

impl SledStore {
    /// Which of the folders this is that were made, one from another, out of backups.
    pub fn incarnation(&self) -> Uuid {
        self.shared().folder.incarnation()
    }

    /// The same, if it is not the first of them: then versions of before may mean other facts.
    pub fn restored(&self) -> Option<Uuid> {
        let incarnation = self.incarnation();
        (incarnation != self.shared().folder.store()).then_some(incarnation)
    }
}

impl StoreId {
    /// A new one.
    ///
    /// # Errors
    /// `Unavailable`, when the machine gives no random id.
    pub fn begin(purpose: Purpose) -> Result<Self, StoreError> {
        let store = random_id()?;
        Ok(Self {
            format: FORMAT,
            store,
            incarnation: store,
            purpose,
            created: SystemTime::now().into(),
            ready: false,
        })
    }

    /// Reads one.
    ///
    /// # Errors
    /// `Corrupt`, or `Refused` for another format.
    pub fn read(bytes: &[u8]) -> Result<Self, StoreError> {
        let damaged = || StoreError::Corrupt("the store id cannot be read".into());
        let text = str::from_utf8(bytes).map_err(|_| damaged())?;
        let (json, sum) = text.split_once('\n').ok_or_else(damaged)?;
        if sum != checksum(json) {
            return Err(damaged());
        }
        let value: serde_json::Value = serde_json::from_str(json).map_err(|_| damaged())?;
        if value["format"].as_u64().is_some_and(|f| f > FORMAT.into()) {
            return Err(newer());
        }
        if value["incarnation"].is_null() {
            return Err(older());
        }
        serde_json::from_value(value).map_err(|_| damaged())
    }

    /// Puts it in its place in a folder.
    ///
    /// # Errors
    /// `Full` or `Unavailable`.
    pub fn write(&self, path: &Path) -> Result<(), StoreError> {
        folder::replace(&path.join("store"), self.text().as_bytes())
    }

    fn text(&self) -> String {
        let json = serde_json::to_string(self).expect("plain fields are plain JSON");
        format!("{json}\n{}", checksum(&json))
    }

    /// Is the folder for what it is opened for?
    ///
    /// # Errors
    /// `Refused`.
    pub fn check(&self, purpose: Purpose) -> Result<(), StoreError> {
        let why = match (self.purpose, purpose) {
            (Purpose::Real, Purpose::Real) | (Purpose::Demo, Purpose::Demo) => return Ok(()),
            (Purpose::Demo, Purpose::Real) => {
                "this data folder holds a demonstration and cannot be served as real"
            }
            (Purpose::Real, Purpose::Demo) => {
                "this data folder is real and cannot be used for a demonstration"
            }
        };
        Err(StoreError::Refused(why.into()))
    }
}

/// What the folder with this store id was made for.
///
/// # Errors
/// `Corrupt`, or `Refused` for a newer format.
pub fn purpose(id: &[u8]) -> Result<Purpose, StoreError> {
    StoreId::read(id).map(|id| id.purpose)
}

/// The store and the incarnation that a store id names.
///
/// # Errors
/// `Corrupt`, or `Refused` for a newer format.
pub fn identity(id: &[u8]) -> Result<(Uuid, Uuid), StoreError> {
    StoreId::read(id).map(|id| (id.store, id.incarnation))
}

/// The store id of a folder that is restored: the same store in a new incarnation.
///
/// # Errors
/// `Corrupt`, or `Refused` for a newer format; `Unavailable`, when the machine gives no random id.
pub fn reborn(id: &[u8]) -> Result<Vec<u8>, StoreError> {
    let incarnation = random_id()?;
    Ok(StoreId {
        incarnation,
        ..StoreId::read(id)?
    }
    .text()
    .into_bytes())
}

/// The refusal of anything that a later version of the program wrote.
pub fn newer() -> StoreError {
    StoreError::Refused("this data folder was written by a newer version of the program".into())
}

/// The refusal of what a version before 0.1.0 wrote, when the stored shapes could still change.
fn older() -> StoreError {
    StoreError::Refused(
        "this data folder was written by a development version of the program from before 0.1.0, which this one \
         no longer reads: nothing in it is damaged; serve it with the version that wrote it, or begin a new folder"
            .into(),
    )
}

fn random_id() -> Result<Uuid, StoreError> {
    Ok(uuid::Builder::from_random_bytes(*random::<16>()?).into_uuid())
}

fn checksum(json: &str) -> String {
    format!("{:08x}\n", crc32fast::hash(json.as_bytes()))
}
