//! The support plan on the page: each offer with its sessions, and what they asked for.

use pipss_api::case_answer::{
    ActionAnswer, OfferAnswer, OfferStateCode, SessionAnswer, SessionState,
};
use pipss_domain::calendar::{day_in_london, day_in_words};
use serde::Serialize;

use super::steps::{self, Can};
use super::{Link, Row, Tag, capital, name, row, rows};
use crate::london;

/// An offer.
#[derive(Serialize)]
pub struct Offer {
    id: String,
    name: String,
    state: Tag,
    facts: Vec<Row>,
    sessions: Vec<Session>,
    links: Vec<Link>,
}

/// A session.
#[derive(Serialize)]
pub struct Session {
    heading: String,
    state: Tag,
    facts: Vec<Row>,
    actions: Vec<Action>,
    links: Vec<Link>,
}

/// Something practical.
#[derive(Serialize)]
pub struct Action {
    what: String,
    who: String,
    state: Tag,
    link: Option<Link>,
}

pub fn tag(text: impl Into<String>, colour: &'static str) -> Tag {
    Tag {
        text: text.into(),
        colour,
    }
}

/// An offer as it stands.
pub fn offer(offer: &OfferAnswer, can: &Can) -> Offer {
    let kind = offer.kind.row();
    let mut facts = vec![row("Who owns it", capital(offer.owner.label()))];
    facts.extend(offer.aim.clone().map(|aim| row("What it is for", aim)));
    if let Some(to) = offer.handed_over_to {
        let due = offer.due.map(day_in_words);
        let due = due.map_or(String::new(), |due| format!(", by {due}"));
        facts.push(row("Handed over", format!("To {}{due}", to.label())));
    }
    facts.extend(offer.note.clone().map(|note| row("What was agreed", note)));
    facts.extend(
        offer
            .what_changed
            .clone()
            .map(|text| row("What changed", text)),
    );
    let sessions = offer.sessions.iter();
    Offer {
        id: offer.offer.to_string(),
        name: capital(kind.label),
        state: offer_state(offer),
        facts,
        sessions: sessions.map(|one| session(offer, one, can)).collect(),
        links: offer_links(offer, can),
    }
}

fn offer_state(offer: &OfferAnswer) -> Tag {
    let late = "Handed over";
    match offer.state {
        OfferStateCode::Planned => tag("Planned", "yellow"),
        OfferStateCode::Arranged => tag("Arranged", "blue"),
        OfferStateCode::Held => tag("Held", "green"),
        OfferStateCode::Done => tag("Done", "green"),
        OfferStateCode::NotNeeded => tag("Not needed", "grey"),
        OfferStateCode::DeclinedByTeam => tag("Declined by the team", "grey"),
        OfferStateCode::HandedOver => tag(late, "purple"),
        OfferStateCode::HandedOverAndDone => tag("Handed over and done", "green"),
    }
}

fn offer_links(offer: &OfferAnswer, can: &Can) -> Vec<Link> {
    let (id, label) = (offer.offer, offer.kind.row().label);
    let state = offer.state;
    let goes_on = matches!(
        state,
        OfferStateCode::Planned | OfferStateCode::Arranged | OfferStateCode::Held
    );
    let mut links = Vec::new();
    if offer.kind.row().has_sessions() && goes_on {
        let text = if offer.sessions.is_empty() {
            "Arrange a session"
        } else {
            "Arrange another session"
        };
        links.extend(can.link(
            "arrange-session",
            text,
            &format!("arrange-session?offer={id}"),
        ));
    }
    if matches!(state, OfferStateCode::Planned) {
        links.extend(can.link(
            "end-offer",
            "End or hand over",
            &format!("end-offer?offer={id}"),
        ));
    }
    if matches!(state, OfferStateCode::HandedOver) {
        links.extend(can.link(
            "complete-handover",
            "Record that it was done",
            &format!("complete-handover?offer={id}"),
        ));
    }
    links.into_iter().map(|link| link.about(label)).collect()
}

fn session(offer: &OfferAnswer, session: &SessionAnswer, can: &Can) -> Session {
    let mut facts = vec![row("How long", format!("{} minutes", session.minutes))];
    facts.extend(session.site.clone().map(|site| row("Where", site)));
    facts.extend(session.link.clone().map(|link| row("Link", link)));
    facts.extend(rows("Who facilitates", facilitators(session)));
    facts.push(row("Managers", capital(session.managers_attend.label())));
    let joint = session.joint_with.iter();
    let joint = joint.map(|other| {
        let led = if other.leads { ", which leads it" } else { "" };
        format!("{} ({}){led}", other.team.name, other.reference)
    });
    facts.extend(rows("Held together with", joint.collect()));
    if let Some(reason) = session.not_held_because {
        facts.push(row("Why not", capital(reason.label())));
    }
    if let Some(reason) = session.cancelled_because {
        facts.push(row("Why", capital(reason.label())));
    }
    facts.extend(overrides(session));
    facts.extend(record(session));
    let actions = session.actions.iter().flatten();
    Session {
        heading: london::moment(session.starts_at),
        state: session_state(session, can),
        facts,
        actions: actions.map(|one| action(one, can)).collect(),
        links: session_links(offer, session, can),
    }
}

fn session_state(session: &SessionAnswer, can: &Can) -> Tag {
    match session.state {
        SessionState::Arranged if session.starts_at <= can.now => {
            tag("Waits for its record", "orange")
        }
        SessionState::Arranged => tag("To come", "blue"),
        SessionState::Held => tag("Held", "green"),
        SessionState::NotHeld => tag("Not held", "grey"),
        SessionState::Cancelled => tag("Cancelled", "grey"),
    }
}

/// Each with their answer, where that may be seen.
fn facilitators(session: &SessionAnswer) -> Vec<String> {
    let said = |person| {
        let staffing = session.staffing.as_ref()?;
        let mut answers = staffing.answers.iter();
        let answer = answers.find(|answer| answer.facilitator.person == person);
        Some(match answer.map(|answer| answer.accept) {
            Some(true) => "will come",
            Some(false) => "cannot come",
            None => "has not answered",
        })
    };
    let to_come = matches!(session.state, SessionState::Arranged);
    let each = session.facilitators.iter().map(|person| {
        let said = said(person.person).filter(|_| to_come);
        said.map_or_else(|| name(person), |said| format!("{}: {said}", name(person)))
    });
    each.collect()
}

fn overrides(session: &SessionAnswer) -> Option<Row> {
    let staffing = session.staffing.as_ref()?;
    let each = staffing.overrides.iter().map(|one| {
        let why = one.reason.as_deref().unwrap_or("the reason was erased");
        format!("{}: {why}", name(&one.facilitator))
    });
    rows("Asked all the same", each.collect())
}

/// What is kept of a session that was held, where it may be seen.
fn record(session: &SessionAnswer) -> Vec<Row> {
    let Some(record) = &session.record else {
        return Vec::new();
    };
    let phases: Vec<_> = record.phases.iter().map(|phase| phase.label()).collect();
    let themes = record.themes.iter();
    let themes =
        themes.map(|seen| format!("{}: {}", capital(seen.theme.label()), seen.polarity.label()));
    let mut all = vec![
        row("Held as", capital(record.model.row().label)),
        row("Began", london::moment(record.started_at)),
        row(
            "Took",
            format!("{} minutes, {}", record.minutes, record.mode.label()),
        ),
        row("How many were present", record.headcount.to_string()),
    ];
    if !phases.is_empty() {
        all.push(row("What was covered", capital(&phases.join(", "))));
    }
    all.extend(rows("Themes", themes.collect()));
    all
}

fn session_links(offer: &OfferAnswer, session: &SessionAnswer, can: &Can) -> Vec<Link> {
    let to = |what: &str| format!("sessions/{}/{what}", session.session);
    let mut links = Vec::new();
    if matches!(session.state, SessionState::Arranged) && can.notice {
        links.push(Link::new(
            "Team notice, to print",
            format!("{}/{}", can.path, to("notice")),
        ));
    }
    if steps::open(session) {
        if session.starts_at <= can.now {
            links.extend(can.link("record-session", "Record it", &to("record")));
            links.extend(can.link(
                "record-session-not-held",
                "It was not held",
                &to("not-held"),
            ));
        } else {
            let asked = session
                .facilitators
                .iter()
                .any(|one| can.me == Some(one.person));
            let answer = can.link(
                "answer-invitation",
                "Say whether you will come",
                &to("answer"),
            );
            links.extend(answer.filter(|_| asked));
        }
        links.extend(can.link("move-session", "Move", &to("move")));
        if session.starts_at > can.now {
            links.extend(can.link("cancel-session", "Cancel", &to("cancel")));
        }
        links.extend(can.link(
            "hand-over-session",
            "Hand over to someone else",
            &to("hand-over"),
        ));
    }
    let begun = session.starts_at <= can.now;
    if can.codes && begun && matches!(session.state, SessionState::Arranged | SessionState::Held) {
        let to = format!("{}/{}", can.path, to("feedback-codes"));
        links.push(Link::new("Codes for feedback", to));
    }
    let about = format!(
        "{}, {}",
        offer.kind.row().label,
        london::moment(session.starts_at)
    );
    links
        .into_iter()
        .map(|link| link.about(about.clone()))
        .collect()
}

fn action(action: &ActionAnswer, can: &Can) -> Action {
    let today = day_in_london(can.now);
    let state = match action.done {
        true => tag("Done", "green"),
        false if action.due < today => tag("Overdue", "red"),
        false => tag("To be done", "yellow"),
    };
    let what = action.what.clone();
    let what = what.unwrap_or_else(|| "What it was is no longer kept".into());
    let to = format!("complete-action?action={}", action.action);
    let link = can.link("complete-action", "Record that it was done", &to);
    Action {
        who: format!(
            "{}, by {}",
            capital(action.owner.label()),
            day_in_words(action.due)
        ),
        state,
        link: link
            .filter(|_| !action.done)
            .map(|link| link.about(what.clone())),
        what,
    }
}
