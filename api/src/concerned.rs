//! Whom one can name about a case: who manages its team, and everyone else who has a role here.

use pipss_domain::facts::Looked;
use pipss_domain::history::Who;
use pipss_domain::ids::{CaseId, PersonId};
use pipss_domain::policy::{Act, Hat};
use pipss_domain::refusal::Refusal;
use pipss_projections::cases::About;

use crate::actor::Actor;
use crate::app::App;
use crate::as_known::AsOfAsked;
use crate::case_answer::{CaseAnswer, PersonName};
use crate::cases::person_name;
use crate::problem::Refused;

/// No trust has more people with a role; a bound, not a rule.
const PEOPLE_MAX: usize = 2000;

/// People, by name.
pub struct ConcernedAnswer {
    /// Who manages the team, or what it is part of.
    pub managers: Vec<PersonName>,
    /// Everyone else who has a role here, and whoever asked for support.
    pub others: Vec<PersonName>,
}

impl App {
    /// Whom one can name about a case: for those who may ask why anyone can see it.
    ///
    /// # Errors
    /// `NotFound` for a case that they may not know of; `NotAllowed` for all but leads and auditors.
    pub fn concerned(&self, actor: &Actor, case: CaseId) -> Result<ConcernedAnswer, Refusal> {
        self.view(actor, |view| {
            let case = view.views.cases.get(case).ok_or(Refusal::NotFound)?;
            if !view.sees(Act::SeeWhy, case, About::Case) {
                return Err(Refusal::NotFound);
            }
            if !view.everywhere(Act::SeeWhy) {
                return Err(Refusal::NotAllowed);
            }
            let directory = &view.views.directory;
            let has_a_role = |person: &PersonId| {
                let hats = directory.hats(Who::Person(*person), view.now);
                hats.iter().any(|hat| *hat != Hat::Staff) || case.raised_by == Who::Person(*person)
            };
            let people = directory.people.keys().copied();
            let known = people.filter(has_a_role).take(PEOPLE_MAX);
            let (managers, others): (Vec<_>, Vec<_>) =
                known.partition(|person| directory.manages(*person, case.team()));
            let named = |people: Vec<PersonId>| {
                let mut named: Vec<_> = people.iter().map(|one| person_name(view, *one)).collect();
                named.sort_by(|a, b| (&a.name, a.person).cmp(&(&b.name, b.person)));
                named
            };
            view.looked(Looked::People, "concerned");
            Ok(ConcernedAnswer {
                managers: named(managers),
                others: named(others),
            })
        })
    }

    /// The case that people quote so, if this actor may see it.
    ///
    /// # Errors
    /// `NotFound` if there is none, or none for them.
    pub fn case_called(&self, actor: &Actor, reference: &str) -> Result<CaseAnswer, Refused> {
        let wanted = reference.trim().to_uppercase();
        let found = self.view(actor, |view| {
            let mut all = view.views.cases.iter();
            let called = |case: &&pipss_domain::case::Case| case.request.reference == wanted;
            let found = all
                .find(called)
                .filter(|case| view.sees(Act::SeeCase, case, About::Case));
            found.map(|case| case.case)
        });
        let today = AsOfAsked { as_of: None };
        self.case(actor, found.ok_or(Refusal::NotFound)?, &today)
    }
}
