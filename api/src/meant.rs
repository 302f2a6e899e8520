//! What people mean by a reference or an address at work, where they may name any case or anyone.

use pipss_domain::ids::{CaseId, PersonId};
use pipss_domain::policy::Act;

use crate::actor::Actor;
use crate::app::App;

impl App {
    /// The case that people quote so, for whoever may do this to any case that no bar keeps from them.
    pub fn case_meant(&self, actor: &Actor, act: Act, reference: &str) -> Option<CaseId> {
        let wanted = reference.trim().to_uppercase();
        self.view(actor, |view| {
            view.allow(act, None).ok()?;
            let mut all = view.views.cases.iter();
            let case = all.find(|case| case.request.reference == wanted)?;
            (!view.bars_from(case)).then_some(case.case)
        })
    }

    /// The one person who has this address at work, for whoever may do this to anyone.
    pub fn person_meant(&self, actor: &Actor, act: Act, address: &str) -> Option<PersonId> {
        self.view(actor, |view| {
            view.allow(act, None).ok()?;
            let directory = &view.views.directory;
            let found = self.recorded_with(actor.organisation, directory, address.trim());
            match &found[..] {
                [(person, _)] => Some(*person),
                _ => None,
            }
        })
    }
}
