//! Acknowledging a referral and triaging it: what the program suggests beside what a person decides.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::case::{Case, Stage};
use crate::facts::{
    Answer, CaseClosed, CaseOutcome, CaseTriaged, Contraindications, ReferralAcknowledged,
    ReferralRaised, ReplyRoute, TriageOutcome, Urgency, UrgencyReason,
};
use crate::history::Event;
use crate::incident::IncidentType;
use crate::offer::OfferKind;
use crate::pathway::{CaseCommand, Context, Decision, Happened, out_of_step};
use crate::policy::Act;
use crate::refusal::Refusal;
use crate::text::Text;

/// The urgency that the answers suggest, with every reason for it (product: "Triage").
pub fn suggest(raised: &ReferralRaised) -> (Urgency, Vec<UrgencyReason>) {
    let mut found = reasons(raised);
    let urgency = found.iter().map(|(u, _)| *u).min().unwrap_or(Urgency::U3);
    found.retain(|(u, _)| *u == urgency);
    let mut because: Vec<_> = found.into_iter().map(|(_, reason)| reason).collect();
    because.dedup();
    if because.is_empty() {
        because.push(UrgencyReason::NothingUrgentSaid);
    }
    (urgency, because)
}

fn reasons(raised: &ReferralRaised) -> Vec<(Urgency, UrgencyReason)> {
    use IncidentType as I;
    use UrgencyReason as R;
    let happened = |types: &[I]| raised.incidents.iter().any(|i| types.contains(&i.kind));
    let only_reflective = raised.asked_for == [OfferKind::ReflectivePractice];
    let rules = [
        (raised.safety.flagged(), Urgency::U1, R::SafetyFlag),
        (happened(&[I::Homicide]), Urgency::U1, R::Homicide),
        (happened(&[I::WeaponHostageFire]), Urgency::U1, R::Hostage),
        (
            raised.staff_in_hospital == Answer::Yes,
            Urgency::U1,
            R::StaffInHospital,
        ),
        (
            happened(&[I::PatientSuicide, I::ColleagueSuicide]),
            Urgency::U2,
            R::Suicide,
        ),
        (
            happened(&[I::ColleagueDeath, I::ColleagueSuicide]),
            Urgency::U2,
            R::ColleagueDeath,
        ),
        (serious_assault(raised), Urgency::U2, R::SeriousAssault),
        (
            raised.signs_worsening == Answer::Yes,
            Urgency::U2,
            R::SignsWorsening,
        ),
        (
            raised.incidents.is_empty() && raised.anticipated.is_some(),
            Urgency::U4,
            R::Anticipated,
        ),
        (
            raised.incidents.is_empty() && raised.strain.is_some(),
            Urgency::U4,
            R::Strain,
        ),
        (
            raised.incidents.is_empty() && only_reflective,
            Urgency::U4,
            R::Reflective,
        ),
    ];
    rules
        .into_iter()
        .filter(|(holds, _, _)| *holds)
        .map(|(_, urgency, reason)| (urgency, reason))
        .collect()
}

fn serious_assault(raised: &ReferralRaised) -> bool {
    raised.incidents.iter().any(|incident| match incident.kind {
        IncidentType::SexualAssault => true,
        IncidentType::AssaultPhysical => raised.injuries == Answer::Yes,
        _ => false,
    })
}

/// Records that a person, not a machine, answered whoever asked.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeReferral {
    /// How.
    pub by: ReplyRoute,
}

impl CaseCommand for AcknowledgeReferral {
    const ACT: Act = Act::AcknowledgeReferral;
    const NAME: &'static str = "acknowledge";

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        if case.acknowledged_at.is_some() {
            let sentence = "This referral was already acknowledged.";
            return Err(out_of_step(case, "already_acknowledged", sentence));
        }
        if case.stage() == Stage::Closed {
            return Err(out_of_step(case, "case_closed", "This case is closed."));
        }
        let event = Event::ReferralAcknowledged(ReferralAcknowledged { by: self.by });
        Ok(vec![Happened::to_case(case.case, context.now, event)])
    }
}

/// Decides how urgent a case is and what becomes of it. Can be given again while the case is open.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TriageCase {
    /// How urgent.
    pub urgency: Urgency,
    /// What becomes of it.
    pub outcome: TriageOutcome,
    /// Reasons to think twice before bringing a group together; each must be answered.
    pub contraindications: Contraindications,
    /// Why, in at most 500 characters; required where it differs from what was suggested. Only leads
    /// read it.
    #[serde(default)]
    pub reason: Option<Text<500>>,
}

impl CaseCommand for TriageCase {
    const ACT: Act = Act::TriageCase;
    const NAME: &'static str = "triage";

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        if case.stage() == Stage::Closed {
            let sentence = "This case is closed. Reopen it first.";
            return Err(out_of_step(case, "case_closed", sentence));
        }
        let (suggested, because) = (case.request.suggested, case.request.because.clone());
        if self.urgency != suggested && self.reason.is_none() {
            return Err(Refusal::invalid(
                "/reason",
                "Say why you decided otherwise than the program suggested.",
            ));
        }
        if !self.outcome.goes_on() && !case.offers.is_empty() {
            let sentence = "Offers were already planned. End them and close the case instead.";
            return Err(out_of_step(case, "offers_planned", sentence));
        }
        let outcome = self.outcome;
        let triaged = CaseTriaged {
            suggested,
            because,
            decided: self.urgency,
            outcome,
            contraindications: self.contraindications,
            reason: self.reason.map(Into::into),
        };
        let happened = |event| Happened::to_case(case.case, context.now, event);
        let mut decision = vec![happened(Event::CaseTriaged(triaged))];
        if let Some(outcome) = closes_with(outcome) {
            decision.push(happened(Event::CaseClosed(CaseClosed { outcome })));
        }
        Ok(decision)
    }
}

/// With what a case ends whose triage does not let it go on.
const fn closes_with(outcome: TriageOutcome) -> Option<CaseOutcome> {
    match outcome {
        TriageOutcome::Accept | TriageOutcome::AcceptModified | TriageOutcome::ConsultationOnly => {
            None
        }
        TriageOutcome::AdviseAndClose => Some(CaseOutcome::AdviceGiven),
        TriageOutcome::RedirectOccupationalHealth
        | TriageOutcome::RedirectPatientSafety
        | TriageOutcome::RedirectHumanResources
        | TriageOutcome::RedirectFreedomToSpeakUp
        | TriageOutcome::RedirectSafeguarding
        | TriageOutcome::RedirectEmergencyPreparedness => Some(CaseOutcome::Redirected),
        TriageOutcome::DeclinedByTeam => Some(CaseOutcome::DeclinedByTeam),
    }
}

#[cfg(test)]
mod tests;
