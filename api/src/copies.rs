//! Copies for whoever runs the machine: a backup, or an organisation on its way out.

use chrono::Utc;
use pipss_domain::policy::Act;
use pipss_store::{BackedUp, Backend, Backup, Export, Exported, StoreError};

use crate::actor::Actor;
use crate::app::App;

impl App {
    /// Copies the log, and apart from it the keys, for whoever runs the machine; shows nobody anything.
    ///
    /// # Errors
    /// Why there is no backup, in one sentence.
    pub fn backup(&self, actor: &Actor, asked: &Backup) -> Result<BackedUp, StoreError> {
        if self.allow(actor, Act::TakeBackup, None).is_err() {
            return Err(StoreError::Refused(
                "that is for whoever runs the machine".into(),
            ));
        }
        match &self.store {
            Backend::Sled(store) => store.back_up(asked, Utc::now()),
            Backend::Memory(_) => Err(StoreError::Invalid("a copy is not copied")),
        }
    }

    /// Writes out an organisation's logs for whoever runs the machine. Without keys beside them personal values
    /// are in the clear: that is kept in the access log first.
    ///
    /// # Errors
    /// Why nothing was written out, in one sentence.
    pub async fn export(&self, actor: &Actor, asked: &Export) -> Result<Exported, StoreError> {
        let refused = |why: &str| Err(StoreError::Refused(why.into()));
        if self.allow(actor, Act::TakeBackup, None).is_err() {
            return refused("that is for whoever runs the machine");
        }
        if asked.organisation != actor.organisation() {
            return refused("this is asked of another organisation");
        }
        if asked.keys.is_none() && self.export_begins(actor).await.is_err() {
            return refused("that it was written out could not be kept, so nothing was");
        }
        match &self.store {
            Backend::Sled(store) => store.export(asked, Utc::now()),
            Backend::Memory(_) => Err(StoreError::Invalid("a copy is not copied")),
        }
    }
}
