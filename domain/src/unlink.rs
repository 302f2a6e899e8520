//! Undoing a link between the cases of one incident, in both of them.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::case::Case;
use crate::facts::{IncidentLinked, IncidentUnlinked};
use crate::history::Event;
use crate::ids::{CaseId, SharedIncidentId};
use crate::link::other;
use crate::pathway::{CaseCommand, Context, Decision, Happened, out_of_step};
use crate::policy::Act;
use crate::refusal::Refusal;

/// Says that an incident of this case is not what another case is about after all.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnlinkIncident {
    /// The other case.
    pub case: CaseId,
    /// Which link with it: what it says the two share.
    pub shared: SharedIncidentId,
}

impl CaseCommand for UnlinkIncident {
    const ACT: Act = Act::UnlinkIncident;
    const NAME: &'static str = "unlink";

    fn also(&self) -> Vec<CaseId> {
        vec![self.case]
    }

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let other = other(case, self.case, context, "/case")?;
        let with = |link: &&IncidentLinked| link.with == other.case;
        let links: Vec<_> = case.aftercare.links.iter().filter(with).collect();
        if !links.iter().any(|link| link.shared == self.shared) {
            let detail = "Choose a link of this case with that one.";
            return Err(Refusal::invalid("/shared", detail));
        }
        // A joint session stands on a link; what was held together stays as it was.
        let to_come = case
            .sessions()
            .any(|(_, session)| session.is_open() && other.session(session.id()).is_some());
        if to_come && links.iter().all(|link| link.shared == self.shared) {
            let sentence = "A session for both is still to come. Record it, or cancel it, first.";
            return Err(out_of_step(case, "session_open", sentence));
        }
        let fact = |of: &Case, with: &Case| {
            let unlinked = IncidentUnlinked {
                shared: self.shared,
                with: with.case,
            };
            Happened::to_case(of.case, context.now, Event::IncidentUnlinked(unlinked))
        };
        Ok(vec![fact(case, other), fact(other, case)])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::given::cases::{Given, LEAD, at, linked_cases};

    fn link_of(given: &Given, case: CaseId) -> Value {
        let link = &given.case(case).aftercare.links[0];
        json!({ "case": link.with, "shared": link.shared })
    }

    #[test]
    fn a_link_is_undone_from_either_case_in_both() {
        for from_there in [false, true] {
            let mut given = Given::at(at(1, 0));
            let [here, there] = linked_cases(&mut given);
            let asked = if from_there { there } else { here };
            let body = link_of(&given, asked);
            given.gives::<UnlinkIncident>(LEAD, asked, body).unwrap();
            for case in [here, there] {
                assert!(given.case(case).aftercare.links.is_empty());
            }
        }
    }

    #[test]
    fn a_link_is_undone_once() {
        let mut given = Given::at(at(1, 0));
        let [here, _] = linked_cases(&mut given);
        let body = link_of(&given, here);
        given
            .gives::<UnlinkIncident>(LEAD, here, body.clone())
            .unwrap();
        let again = given.gives::<UnlinkIncident>(LEAD, here, body);
        let Err(Refusal::Invalid(faults)) = again else {
            panic!("{again:?}")
        };
        assert_eq!(faults[0].pointer, "/shared");
    }
}
