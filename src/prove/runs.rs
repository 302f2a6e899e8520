//! Proofs that were begun from a page: one at a time, how far each is, and what came of it, for whoever began it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use pipss_api::actor::Actor;
use pipss_api::app::App;
use pipss_domain::history::Who;
use pipss_domain::ids::OrganisationId;

use super::{Ended, Heard, begun};

/// How a proof stands.
#[derive(Clone)]
pub enum Run {
    /// So many of so many managers were compared.
    Running(usize, usize),
    /// It came to an end.
    Ended(Ended),
    /// It did not: why.
    Not(String),
}

/// What runs and ran since the program started, by organisation. Nothing of it is kept beside the record.
#[derive(Clone, Default)]
pub struct Runs(Arc<Mutex<HashMap<OrganisationId, (Who, Run)>>>);

impl Runs {
    /// Begins one for whoever asks, unless one runs. Whether they may was asked before.
    pub fn begin(&self, app: &Arc<App>, folder: PathBuf, actor: &Actor) {
        let (organisation, who) = (actor.organisation(), actor.who());
        if !self.takes_place(organisation, who) {
            return;
        }
        let mut heard = begun(Arc::clone(app), folder, actor.clone());
        let runs = self.clone();
        tokio::spawn(async move {
            let mut last = Run::Not("the proof was broken off".into());
            while let Some(heard) = heard.recv().await {
                last = match heard {
                    Heard::Compared(done, of) => Run::Running(done, of),
                    Heard::Ended(ended) => Run::Ended(ended),
                    Heard::Not(why) => Run::Not(why),
                };
                runs.put(organisation, who, last.clone());
            }
            // Whatever it was that broke it off: it no longer runs.
            if let Run::Running(..) = last {
                runs.put(
                    organisation,
                    who,
                    Run::Not("the proof was broken off".into()),
                );
            }
        });
    }

    /// The one that was begun last, with who began it.
    pub fn last(&self, organisation: OrganisationId) -> Option<(Who, Run)> {
        let runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        runs.get(&organisation).cloned()
    }

    fn takes_place(&self, organisation: OrganisationId, who: Who) -> bool {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, Run::Running(..))) = runs.get(&organisation) {
            return false;
        }
        runs.insert(organisation, (who, Run::Running(0, 0)));
        true
    }

    fn put(&self, organisation: OrganisationId, who: Who, run: Run) {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        runs.insert(organisation, (who, run));
    }
}
