//! What whoever looks can do with a case: what comes next first, then everything else.

use pipss_api::case_answer::{
    CaseAnswer, CaseState, OfferAnswer, OfferStateCode, SessionAnswer, SessionState,
};
use pipss_domain::follow_up::FollowUpState;
use pipss_domain::ids::PersonId;
use pipss_domain::policy::Act;
use serde::Serialize;

use super::Link;
use crate::pages::Pages;
use crate::visitor::Visitor;

/// What they may do, as the policy says; nothing where the case is shown as it was.
#[derive(Default)]
pub struct Can {
    /// The commands that can be given now.
    next: Vec<&'static str>,
    /// Where the case is.
    pub path: String,
    /// The time.
    pub now: chrono::DateTime<chrono::Utc>,
    /// Who looks.
    pub me: Option<PersonId>,
    pub notice: bool,
    pub codes: bool,
    pub team_timeline: bool,
    unlink: bool,
    beside: Vec<Link>,
}

impl Can {
    /// Asks the policy.
    pub fn of(pages: &Pages, visitor: &Visitor, case: &CaseAnswer, today: bool) -> Self {
        let may = |act| {
            let allowed = pages.app.allow(&visitor.actor, act, Some(case.case));
            allowed.is_ok()
        };
        let path = format!("/cases/{}", case.case);
        let shown = Self {
            path: path.clone(),
            now: pages.app.clock().now(),
            team_timeline: may(Act::SeeTeamTimeline),
            ..Self::default()
        };
        if !today {
            return shown;
        }
        Self {
            next: case.next.clone(),
            notice: may(Act::SeeNotice),
            codes: may(Act::IssueFeedbackCodes),
            me: visitor.me.person,
            unlink: may(Act::UnlinkIncident),
            beside: beside(pages, visitor, case, &path),
            ..shown
        }
    }

    pub fn give(&self, command: &str) -> bool {
        self.next.contains(&command)
    }

    pub const fn unlink(&self) -> bool {
        self.unlink
    }

    /// A link to a command, if it can be given.
    pub fn link(&self, command: &str, text: &str, to: &str) -> Option<Link> {
        self.give(command)
            .then(|| Link::new(text, format!("{}/{to}", self.path)))
    }
}

/// What can be done at any time.
#[rustfmt::skip] // a table is read by its columns
fn beside(pages: &Pages, visitor: &Visitor, case: &CaseAnswer, path: &str) -> Vec<Link> {
    let allow = |act| pages.app.allow(&visitor.actor, act, Some(case.case));
    let may = |act| allow(act).is_ok();
    let request = case.request.as_ref();
    let incident = request.is_some_and(|request| !request.incidents.is_empty());
    let stands = case.state != CaseState::Merged;
    let bars = may(Act::LiftBar).then(|| pages.app.bars(&visitor.actor).ok()).flatten();
    let barred = bars.is_some_and(|bars| bars.bars.iter().any(|bar| bar.case == case.case));
    let others = pages.app.concerned(&visitor.actor, case.case).is_ok();
    let danger = may(Act::SeeEscalations);
    let all = [
        (stands, Act::LogDefusion, "log-defusion", "Log a defusion that was held"),
        (stands && incident, Act::LinkIncident, "link", "Link an incident with another case"),
        (stands, Act::MergeCase, "merge", "Merge this case into another one"),
        (true, Act::SetBar, "set-bar", "Say who may not see this case"),
        (barred, Act::LiftBar, "lift-bar", "Let someone see this case again"),
        (others, Act::SeeWhy, "why", "Why can someone see this?"),
        (!others, Act::SeeWhy, "why", "Why can I see this?"),
        (danger, Act::SeeEscalations, "escalations", "Serious danger: reports, and reporting it"),
        (!danger, Act::EscalateDanger, "escalate", "Report serious danger"),
    ];
    let all = all.into_iter().filter(|(fits, act, ..)| *fits && may(*act));
    all.map(|(_, _, name, text)| Link::new(text, format!("{path}/{name}"))).collect()
}

/// What comes next.
#[derive(Serialize)]
pub struct Next {
    /// In a sentence, what waits for whom.
    sentence: String,
    /// What is best done first.
    first: Option<Link>,
    /// What else can be done now.
    then: Vec<Link>,
    /// What can be done at any time.
    beside: Vec<Link>,
}

/// How a step stands to the others.
#[derive(PartialEq)]
enum Step {
    /// It waits for someone.
    Waits,
    /// It can be done now.
    Fits,
    /// It can be done, but is not what comes next.
    Beside,
}

/// What comes next for whoever looks.
pub fn next(case: &CaseAnswer, can: &Can) -> Next {
    let mut steps = on_the_path(case, can);
    let waits = steps.iter().position(|(step, _)| *step == Step::Waits);
    let first = waits.map(|n| steps.remove(n).1);
    let (then, beside): (Vec<_>, Vec<_>) = steps
        .into_iter()
        .partition(|(step, _)| *step != Step::Beside);
    let links = |steps: Vec<(Step, Link)>| steps.into_iter().map(|(_, link)| link);
    Next {
        sentence: sentence(case),
        first,
        then: links(then).collect(),
        beside: links(beside).chain(can.beside.iter().cloned()).collect(),
    }
}

/// The commands of the path, the most pressing first.
fn on_the_path(case: &CaseAnswer, can: &Can) -> Vec<(Step, Link)> {
    let triaged = case.triage.is_some();
    let scoped = case.scoping.as_ref().is_some_and(|all| !all.is_empty());
    let planned = case.offers.as_ref().is_some_and(|all| !all.is_empty());
    let waits_unless = |done| if done { Step::Beside } else { Step::Waits };
    let one = |step: Step, command: &str, text: &str| {
        can.link(command, text, command).map(|link| (step, link))
    };
    let triage = if triaged {
        "Triage again"
    } else {
        "Triage this request"
    };
    let needs = if scoped {
        "Record more of what the team needs"
    } else {
        "Record what the team needs"
    };
    let offer = if planned {
        "Add another offer"
    } else {
        "Plan the first offer"
    };
    let end = if planned { Step::Waits } else { Step::Fits };
    let mut steps = Vec::new();
    steps.extend(one(
        Step::Waits,
        "acknowledge",
        "Record the reply to whoever asked",
    ));
    steps.extend(one(waits_unless(triaged), "triage", triage));
    steps.extend(
        follow_ups(case, can)
            .into_iter()
            .map(|link| (Step::Waits, link)),
    );
    steps.extend(
        sessions(case, can)
            .into_iter()
            .map(|link| (Step::Waits, link)),
    );
    steps.extend(one(waits_unless(scoped), "record-scoping", needs));
    steps.extend(
        arrange(case, can)
            .into_iter()
            .map(|link| (Step::Waits, link)),
    );
    steps.extend(one(
        if planned { Step::Fits } else { Step::Waits },
        "plan-offer",
        offer,
    ));
    steps.extend(one(end, "close", "Close the case"));
    steps.extend(one(Step::Beside, "reopen", "Open the case again"));
    steps.extend(one(Step::Fits, "unmerge", "Undo the merge"));
    steps.extend(one(
        Step::Beside,
        "declare-involved",
        "Declare a facilitator not neutral",
    ));
    steps
}

fn follow_ups(case: &CaseAnswer, can: &Can) -> Vec<Link> {
    let all = case.aftercare.follow_ups.iter().flatten();
    let mut links: Vec<_> = all
        .clone()
        .filter(|one| one.yours && one.state == FollowUpState::Due)
        .filter_map(|_| {
            can.link(
                "answer-follow-up",
                "Say how the team is doing",
                "answer-follow-up",
            )
        })
        .take(1)
        .collect();
    let unsaid = all.filter(|one| one.state == FollowUpState::ToConfirm);
    links.extend(
        unsaid
            .filter_map(|_| {
                can.link(
                    "confirm-follow-up",
                    "Say whom to ask how the team is doing",
                    "confirm-follow-up",
                )
            })
            .take(1),
    );
    links
}

/// Sessions that have begun wait for their record.
fn sessions(case: &CaseAnswer, can: &Can) -> Vec<Link> {
    let offers = case.offers.iter().flatten();
    let sessions = offers.flat_map(|offer| offer.sessions.iter().map(move |s| (offer, s)));
    sessions
        .filter(|(_, session)| open(session) && session.starts_at <= can.now)
        .filter_map(|(offer, session)| {
            let text = format!("Record the session: {}", offer.kind.row().label);
            can.link(
                "record-session",
                &text,
                &format!("sessions/{}/record", session.session),
            )
        })
        .collect()
}

/// Offers with sessions of which none was arranged.
fn arrange(case: &CaseAnswer, can: &Can) -> Vec<Link> {
    let offers = case.offers.iter().flatten();
    offers
        .filter(|offer| waits_for_session(offer))
        .filter_map(|offer| {
            let text = format!("Arrange a session: {}", offer.kind.row().label);
            can.link(
                "arrange-session",
                &text,
                &format!("arrange-session?offer={}", offer.offer),
            )
        })
        .collect()
}

fn waits_for_session(offer: &OfferAnswer) -> bool {
    offer.kind.row().has_sessions() && matches!(offer.state, OfferStateCode::Planned)
}

/// Is it to come, and asked of here?
pub fn open(session: &SessionAnswer) -> bool {
    matches!(session.state, SessionState::Arranged)
        && !session.joint_with.iter().any(|other| other.leads)
}

fn sentence(case: &CaseAnswer) -> String {
    let planned = case.offers.iter().flatten();
    let waiting = planned.filter(|offer| {
        matches!(
            offer.state,
            OfferStateCode::Planned | OfferStateCode::Arranged
        )
    });
    let words = match case.state {
        CaseState::Raised if case.acknowledged_at.is_none() => {
            "A person will answer whoever asked, and the PIPSS lead will decide how urgent this is."
        }
        CaseState::Raised => "The PIPSS lead will decide how urgent this is and what happens next.",
        CaseState::Open => match (&case.offers, waiting.count()) {
            (None, _) => "The PIPSS lead is putting together support for the team.",
            (Some(offers), _) if offers.is_empty() => {
                "The PIPSS lead finds out what the team needs and plans support for it."
            }
            (_, 0) => "Everything that was planned is done or in other hands.",
            (_, 1) => "One offer of the plan is still to come.",
            (_, n) => return format!("{n} offers of the plan are still to come."),
        },
        CaseState::Closed => "This case is closed. It can be opened again if the team needs more.",
        CaseState::Merged => "The work goes on in another case.",
    };
    words.into()
}

/// Where the commands lead that can be given instead.
pub fn ways(case: &CaseAnswer, next: &[&str]) -> Vec<(String, String)> {
    let path = format!("/cases/{}", case.case);
    let words = [
        ("acknowledge", "Record the reply to whoever asked"),
        ("triage", "Triage"),
        ("record-scoping", "Record what the team needs"),
        ("plan-offer", "Add an offer to the plan"),
        ("arrange-session", "Arrange a session"),
        ("end-offer", "End an offer, or hand it over"),
        (
            "complete-handover",
            "Record that something handed over was done",
        ),
        ("complete-action", "Record that something agreed was done"),
        ("close", "Close the case"),
        ("reopen", "Open the case again"),
        ("unmerge", "Undo the merge"),
        ("confirm-follow-up", "Say whom to ask how the team is doing"),
    ];
    let known = words.iter().filter(|(command, _)| next.contains(command));
    let mut ways: Vec<_> = known
        .map(|(command, words)| ((*words).to_owned(), format!("{path}/{command}")))
        .collect();
    ways.push(("See the case as it is now".into(), path));
    ways
}
