//! What people mean by a reference or an address at work, where they may name any case or anyone.

use chrono::{DateTime, Utc};
use pipss_domain::facts::Subject;
use pipss_domain::ids::{CaseId, PersonId};
use pipss_domain::policy::{Act, may};

use crate::actor::Actor;
use crate::app::App;
use crate::cases::person_name;

/// How people call something that is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called {
    /// A case by its reference, a person by their name.
    By(String),
    /// What has no name, by when it was asked for.
    AskedFor(DateTime<Utc>),
}

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

    /// How people call a thing, for whoever may do this to any of its kind; none where they may know no more
    /// of it than its id.
    pub fn called(&self, actor: &Actor, act: Act, thing: Subject) -> Option<Called> {
        self.view(actor, |view| {
            view.allow(act, None).ok()?;
            match thing {
                Subject::Case(id) | Subject::Escalations(id) => {
                    let case = view.views.cases.get(id)?;
                    let reference = || Called::By(case.request.reference.clone());
                    (!view.bars_from(case)).then(reference)
                }
                Subject::Person(id) => person_name(view, id).name.map(Called::By),
                Subject::OneToOne(id) => {
                    let one = view.views.one_to_ones.get(id)?;
                    let listed = may(Act::SeeOneToOnes, &view.hats, view.stands_to(one));
                    listed.then_some(Called::AskedFor(one.asked_at))
                }
                Subject::Supervision(_) | Subject::Disclosure(_) | Subject::Month(_, _) => None,
            }
        })
    }
}
