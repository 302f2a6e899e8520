//! Why someone can see a case: the row of the policy that decides, in words.

use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_api::as_known::AsOfAsked;
use pipss_api::bars::{DecidingRow, ReachCode, WhyAnswer, WhyAsked};
use pipss_api::people::RoleCode;
use pipss_domain::ids::{CaseId, PersonId};
use pipss_domain::refusal::Refusal;
use serde::Serialize;

use super::name;
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::routes::Routes;
use crate::visitor::Visitor;

/// This page.
pub fn routes(routes: Routes) -> Routes {
    super::readings::routes(routes.page("/cases/{case}/why", &["person"], read))
}

#[derive(Serialize)]
struct WhyPage {
    caption: Option<String>,
    back: Option<String>,
    action: String,
    /// Whom one can ask about; nobody but oneself if empty.
    people: Vec<Person>,
    answer: Option<Told>,
    /// Where whoever may asks who has looked.
    looked: Option<String>,
}

#[derive(Serialize)]
struct Person {
    value: String,
    text: String,
    selected: bool,
}

/// The answer.
#[derive(Serialize)]
struct Told {
    sentence: String,
    /// Each reason with what it lets them see, and what it lets them do.
    reasons: Vec<Reason>,
    /// Is it about whoever looks?
    own: bool,
}

#[derive(Serialize)]
struct Reason {
    because: String,
    rights: Vec<&'static str>,
}

impl View for WhyPage {
    const TEMPLATE: &'static str = "why.html";

    fn title(&self) -> String {
        let caption = self.caption.as_deref().unwrap_or("a case");
        format!("Why can someone see this? {caption}")
    }
}

async fn read(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(case): Path<String>,
) -> Answer {
    let id: CaseId = case.parse().map_err(|_| Refusal::NotFound)?;
    let concerned = pages.app.concerned(&visitor.actor, id).ok();
    let asked = visitor.asked("person").filter(|asked| !asked.is_empty());
    let person = asked.as_ref().and_then(|id| id.parse::<PersonId>().ok());
    let about = WhyAsked { person };
    let everyone = concerned
        .iter()
        .flat_map(|all| all.managers.iter().chain(&all.others));
    let people: Vec<_> = everyone
        .map(|one| Person {
            value: one.person.to_string(),
            text: name(one),
            selected: Some(one.person) == person,
        })
        .collect();
    // Whoever can ask about others is first asked about whom.
    let answer = match (people.is_empty(), person) {
        (false, None) => None,
        _ => Some(told(
            &pages.app.why(&visitor.actor, id, &about)?,
            people.is_empty(),
        )),
    };
    // An auditor may ask, and still sees nothing else of the case.
    let today = AsOfAsked { as_of: None };
    let case = pages.app.case(&visitor.actor, id, &today).ok();
    let view = WhyPage {
        caption: case
            .as_ref()
            .map(|case| format!("{}, {}", case.team.name, case.reference)),
        back: case.map(|case| format!("/cases/{}", case.case)),
        action: format!("/cases/{id}/why"),
        people,
        answer,
        looked: pages
            .app
            .may_ask_who_looked(&visitor.actor, id)
            .then(|| format!("/cases/{id}/readings")),
    };
    Ok(pages.page(&visitor, &view))
}

/// As it is said of someone else, or to them.
fn told(answer: &WhyAnswer, own: bool) -> Told {
    let who = match own {
        true => "You".to_owned(),
        false => name(&answer.person),
    };
    let because = |row: &DecidingRow| match own {
        true => because_you(row),
        false => because(row),
    };
    let sees = answer.because.iter().find(|row| row.act == "SeeCase");
    let sentence = match (answer.barred, sees) {
        (true, _) => format!(
            "{who} cannot see this case: a bar keeps them from knowing of it. This beats every right they have."
        ),
        (
            false,
            Some(DecidingRow {
                reach: ReachCode::All,
                role: hat,
                ..
            }),
        ) => {
            let role = hat.map_or("someone here", role);
            format!("{who} can see this case because {role} sees every case.")
        }
        (false, Some(row)) => format!("{who} can see this case because {}.", because(row)),
        (false, None) => format!("{who} cannot see this case: nothing gives a right to it."),
    };
    let mut reasons: Vec<Reason> = Vec::new();
    for row in &answer.because {
        let (because, right) = (because(row), words(&row.act));
        match reasons.iter_mut().find(|reason| reason.because == because) {
            Some(reason) => reason.rights.extend(right),
            None => reasons.push(Reason {
                because,
                rights: right.into_iter().collect(),
            }),
        }
    }
    Told {
        sentence,
        reasons,
        own,
    }
}

fn because(row: &DecidingRow) -> String {
    let role = row.role.map_or("someone here", role);
    match row.reach {
        ReachCode::Own => "they asked for this support, or wrote it themselves".into(),
        ReachCode::Assigned => {
            "they are assigned to a session of this case, or were in the last 30 days".into()
        }
        ReachCode::Team => "they manage this team, or what it is part of".into(),
        ReachCode::Duty => {
            "they are the duty contact, and this is urgent and waits for triage".into()
        }
        ReachCode::All => format!("as {role} they do this in every case"),
    }
}

/// The same, said to them.
fn because_you(row: &DecidingRow) -> String {
    let role = row.role.map_or("someone here", role);
    match row.reach {
        ReachCode::Own => "you asked for this support, or wrote it yourself".into(),
        ReachCode::Assigned => {
            "you are assigned to a session of this case, or were in the last 30 days".into()
        }
        ReachCode::Team => "you manage this team, or what it is part of".into(),
        ReachCode::Duty => {
            "you are the duty contact, and this is urgent and waits for triage".into()
        }
        ReachCode::All => format!("as {role} you do this in every case"),
    }
}

const fn role(role: RoleCode) -> &'static str {
    match role {
        RoleCode::Staff => "a member of staff",
        RoleCode::Manager => "a manager",
        RoleCode::Lead => "a PIPSS lead",
        RoleCode::Facilitator => "a facilitator",
        RoleCode::SupervisionLead => "the supervision lead",
        RoleCode::Governance => "someone of governance",
        RoleCode::Auditor => "an auditor",
        RoleCode::Administrator => "an administrator",
        RoleCode::Integration => "a program",
        RoleCode::DutyContact => "the duty contact",
    }
}

/// What a right is, in words.
#[rustfmt::skip] // a table is read by its columns
const WORDS: [(&str, &str); 55] = [
    ("SeeCase", "see that there is a case"), ("SeeRequest", "see what was asked for"),
    ("SeeRequestText", "read what was written when it was asked for"), ("SeeTriage", "see what triage decided"),
    ("SeeTriageWorking", "see how triage came to it"), ("SeeClocks", "see the clocks"),
    ("SeeNeeds", "see what the team needs"), ("SeeNeedNotes", "read the notes about needs"),
    ("SeePlan", "see the support plan"), ("SeeSessions", "see when sessions are, and who facilitates"),
    ("SeeVenue", "see where sessions are"), ("SeeSessionActions", "see what sessions asked for"),
    ("SeeSessionRecord", "see what is kept of a session"), ("SeeDefusions", "see that a defusion was held"),
    ("SeeOnBehalf", "see for whom a lead raised it"), ("SeeNotice", "print the team notice"),
    ("SeeActions", "see what is to be done"), ("SeeFollowUps", "see the follow-ups"),
    ("SeeFollowUpWorking", "see who is asked in a follow-up"), ("SeeLinks", "see linked and merged cases"),
    ("SeeStaffing", "see which facilitators accepted"), ("SeeWhy", "ask why someone can see it"),
    ("SeeWhoLooked", "see who has looked at it"),
    ("SeeBars", "see who is kept out"), ("SeeEscalations", "see reports of serious danger"),
    ("SeeFeedback", "see feedback"), ("AcknowledgeReferral", "record the reply to whoever asked"),
    ("TriageCase", "triage it"), ("RecordScoping", "record what the team needs"),
    ("PlanOffer", "add offers to the plan"), ("ArrangeSession", "arrange sessions"),
    ("RecordSession", "record a session"), ("RecordSessionNotHeld", "record that a session was not held"),
    ("EndOffer", "end or hand over an offer"), ("CompleteHandover", "record that something handed over was done"),
    ("CloseCase", "close it"), ("ReopenCase", "open it again"),
    ("LogDefusion", "log a defusion"), ("CompleteAction", "record that something agreed was done"),
    ("ConfirmFollowUp", "say whom to ask how the team is doing"), ("AnswerFollowUp", "say how the team is doing"),
    ("LinkIncident", "link it with another case"), ("UnlinkIncident", "undo such a link"),
    ("MergeCase", "merge it into another case"), ("UnmergeCase", "undo a merge"),
    ("DeclareInvolved", "declare a facilitator not neutral"), ("MoveSession", "move a session"),
    ("CancelSession", "cancel a session"), ("HandOverSession", "hand a session over"),
    ("AnswerInvitation", "accept or decline a session"), ("SetBar", "keep someone out"),
    ("LiftBar", "let someone in again"), ("EscalateDanger", "report serious danger"),
    ("HandleEscalation", "see to a report of serious danger"), ("IssueFeedbackCodes", "print codes for feedback"),
];

fn words(act: &str) -> Option<&'static str> {
    let found = WORDS.iter().find(|(name, _)| *name == act);
    found.map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use pipss_domain::policy::POLICY;

    use super::*;

    #[test]
    fn every_right_to_a_case_has_words() {
        let acts = POLICY.iter().map(|(act, _)| *act);
        let without: Vec<_> = acts
            .filter(|act| act.is_about_a_case())
            .map(|act| format!("{act:?}"))
            .filter(|act| words(act).is_none())
            .collect();
        assert!(without.is_empty(), "{without:?}");
    }
}
