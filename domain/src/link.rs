//! Linking the cases of one incident, one for each team; neither team's manager learns of the other.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::case::Case;
use crate::facts::IncidentLinked;
use crate::history::Event;
use crate::ids::{CaseId, IncidentId, SharedIncidentId};
use crate::pathway::{CaseCommand, Context, Decision, Happened, out_of_step};
use crate::policy::Act;
use crate::refusal::Refusal;

/// Says that an incident of this case is also what another case is about.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkIncident {
    /// The incident of this case.
    pub incident: IncidentId,
    /// The other case.
    pub case: CaseId,
    /// Which incident of the other case it is, if it stands there too.
    #[serde(default)]
    pub their_incident: Option<IncidentId>,
}

impl CaseCommand for LinkIncident {
    const ACT: Act = Act::LinkIncident;
    const NAME: &'static str = "link";

    fn also(&self) -> Vec<CaseId> {
        vec![self.case]
    }

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let other = other(case, self.case, context, "/case")?;
        if !has(case, self.incident) {
            return Err(Refusal::invalid(
                "/incident",
                "Choose an incident of this case.",
            ));
        }
        if self
            .their_incident
            .is_some_and(|theirs| !has(other, theirs))
        {
            let detail = "Choose an incident of the other case.";
            return Err(Refusal::invalid("/their_incident", detail));
        }
        let here = shared(case, Some(self.incident));
        let there = self
            .their_incident
            .and_then(|theirs| shared(other, Some(theirs)));
        let linked = |link: &IncidentLinked| link.with == other.case && Some(link.shared) == here;
        if case.aftercare.links.iter().any(linked) {
            let sentence = "This incident is already linked with that case.";
            return Err(out_of_step(case, "already_linked", sentence));
        }
        if let (Some(here), Some(there)) = (here, there)
            && here != there
        {
            let sentence = "Both incidents are already linked, each with other cases.";
            return Err(out_of_step(case, "linked_otherwise", sentence));
        }
        let shared = here
            .or(there)
            .unwrap_or_else(|| SharedIncidentId::new((context.fresh)()));
        let fact = |of: &Case, incident, with| {
            let linked = IncidentLinked {
                incident,
                shared,
                with,
            };
            Happened::to_case(of.case, context.now, Event::IncidentLinked(linked))
        };
        Ok(vec![
            fact(case, Some(self.incident), other.case),
            fact(other, self.their_incident, case.case),
        ])
    }
}

/// The other case of a command, which must be another one that whoever asks may see.
pub(crate) fn other<'c>(
    case: &Case,
    id: CaseId,
    context: &Context<'c>,
    pointer: &'static str,
) -> Result<&'c Case, Refusal> {
    context
        .other(id)
        .filter(|other| other.case != case.case)
        .ok_or_else(|| Refusal::invalid(pointer, "Choose another case."))
}

fn has(case: &Case, incident: IncidentId) -> bool {
    case.request
        .incidents
        .iter()
        .any(|i| i.incident == incident)
}

/// What an incident of a case has in common with those of other cases, if it is linked.
pub fn shared(case: &Case, incident: Option<IncidentId>) -> Option<SharedIncidentId> {
    let links = &case.aftercare.links;
    let link = links.iter().find(|link| link.incident == incident)?;
    Some(link.shared)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::given::cases::{Given, LEAD, OTHER_MANAGER, OTHER_TEAM, at, referral, team_case};

    #[test]
    fn one_incident_of_two_cases_carries_the_same_shared_id_in_both() {
        let mut given = Given::at(at(1, 0));
        let here = team_case(&mut given, at(0, 0));
        let body = referral(OTHER_TEAM, "threat_verbal", at(0, 0));
        given.raises(OTHER_MANAGER, body).unwrap();
        let there = given.newest();
        let incident = given.case(here).request.incidents[0].incident;
        let theirs = given.case(there).request.incidents[0].incident;
        let body = json!({ "incident": incident, "case": there, "their_incident": theirs });
        given
            .gives::<LinkIncident>(LEAD, here, body.clone())
            .unwrap();
        let shared = |case| {
            shared(
                given.case(case),
                Some(given.case(case).request.incidents[0].incident),
            )
        };
        assert!(shared(here).is_some());
        assert_eq!(shared(here), shared(there));
        let again = given.gives::<LinkIncident>(LEAD, here, body);
        assert!(matches!(
            again,
            Err(Refusal::OutOfStep {
                code: "already_linked",
                ..
            })
        ));
    }

    #[test]
    fn a_case_is_not_linked_with_itself() {
        let mut given = Given::at(at(1, 0));
        let case = team_case(&mut given, at(0, 0));
        let incident = given.case(case).request.incidents[0].incident;
        let body = json!({ "incident": incident, "case": case });
        let refused = given.gives::<LinkIncident>(LEAD, case, body);
        assert!(matches!(refused, Err(Refusal::Invalid(_))));
    }
}
