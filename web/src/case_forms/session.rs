//! A session that was arranged: moving it, cancelling it, handing it over, and who is not neutral.

use pipss_api::case_answer::{OfferAnswer, SessionAnswer};
use pipss_api::intent::Intent;
use pipss_api::problem::Refused;
use pipss_domain::calendar::day_in_london;
use pipss_domain::change_session::{CancelSession, MoveSession};
use pipss_domain::facts::CancelReason;
use pipss_domain::hand_over::HandOverSession;
use pipss_domain::ids::PersonId;
use pipss_domain::invitation::DeclareInvolved;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;

use super::{About, CaseForm, arrange, choices, facilitators, nothing, plain};
use crate::case_page::{capital, name};
use crate::form::{Choice, Form, Kind, Question};
use crate::london;
use crate::pages::Instead;

/// The rows of these commands.
pub const FORMS: [CaseForm; 4] = [
    CaseForm {
        path: "/cases/{case}/sessions/{session}/move",
        query: &[],
        act: Act::MoveSession,
        form: move_session,
        intent: Intent::to_case::<MoveSession>,
        refused: not_moved,
        more: super::never,
        done: "The session is moved. Its facilitators are told by e-mail.",
    },
    CaseForm {
        path: "/cases/{case}/sessions/{session}/cancel",
        query: &[],
        act: Act::CancelSession,
        form: cancel,
        intent: Intent::to_case::<CancelSession>,
        refused: plain,
        more: super::never,
        done: "The session is cancelled. Its facilitators are told by e-mail.",
    },
    CaseForm {
        path: "/cases/{case}/sessions/{session}/hand-over",
        query: &[],
        act: Act::HandOverSession,
        form: hand_over,
        intent: Intent::to_case::<HandOverSession>,
        refused: not_handed_over,
        more: super::never,
        done: "The session is handed over. Both are told by e-mail.",
    },
    CaseForm {
        path: "/cases/{case}/declare-involved",
        query: &[],
        act: Act::DeclareInvolved,
        form: declare,
        intent: Intent::to_case::<DeclareInvolved>,
        refused: plain,
        more: super::never,
        done: "It is recorded.",
    },
];

/// A form about the session that the path names.
fn about_session(
    about: &About<'_>,
    title: &str,
    questions: Vec<Question>,
) -> Result<Form, Instead> {
    let (offer, session) = about.session.ok_or_else(nothing)?;
    let form = Form::new(title, questions);
    Ok(form
        .lead(in_words(offer, session))
        .settled("session", session.session.to_string()))
}

fn in_words(offer: &OfferAnswer, session: &SessionAnswer) -> String {
    let (what, when) = (offer.kind.row().label, london::moment(session.starts_at));
    format!("{}, {when}, {} minutes.", capital(what), session.minutes)
}

/// Those who hold it, by name.
fn held_by(about: &About<'_>) -> Vec<(PersonId, String)> {
    let session = about.session.into_iter();
    let people = session.flat_map(|(_, session)| &session.facilitators);
    people.map(|one| (one.person, name(one))).collect()
}

fn move_session(about: &About<'_>) -> Result<Form, Instead> {
    let (offer, session) = about.session.ok_or_else(nothing)?;
    let day = day_in_london(session.starts_at);
    let mut when = Question::new("starts_at", "When does it start now?", Kind::Moment);
    when.given = vec![
        day.format("%-d").to_string(),
        day.format("%-m").to_string(),
        day.format("%Y").to_string(),
        london::time(session.starts_at),
    ];
    let mut questions = vec![
        when,
        Question::new("minutes", "How long?", Kind::Number("minutes"))
            .given(session.minutes.to_string()),
        Question::new("site", "Where?", Kind::Line(120))
            .hint("As before if you leave it empty.")
            .optional(),
        Question::new("link", "Link, if it is held by video", Kind::Line(300))
            .hint("As before if you leave it empty.")
            .optional(),
        arrange::departs(Some(offer.kind.row())),
    ];
    questions.extend(facilitators::reasons(about, &held_by(about)));
    let form = about_session(about, "Move the session", questions)?;
    Ok(form
        .reshape(facilitators::overridden)
        .button("Move the session"))
}

fn not_moved(about: &About<'_>, form: &mut Form, refused: &mut Refused) {
    facilitators::explain(&held_by(about), form, refused);
}

fn cancel(about: &About<'_>) -> Result<Form, Instead> {
    let reasons = choices(&CancelReason::ALL, CancelReason::label);
    let why = Question::new("reason", "Why is it cancelled?", Kind::Choice(reasons));
    Ok(about_session(about, "Cancel the session", vec![why])?.button("Cancel the session"))
}

fn hand_over(about: &About<'_>) -> Result<Form, Instead> {
    let held_by = held_by(about);
    let each = held_by
        .iter()
        .map(|(person, name)| Choice::new(person.to_string(), name.clone()));
    let mut from = Question::new(
        "from",
        "Who can no longer hold it?",
        Kind::Choice(each.collect()),
    );
    if let [(only, _)] = held_by[..] {
        from.given = vec![only.to_string()];
    }
    let but: Vec<_> = held_by.iter().map(|(person, _)| *person).collect();
    let to = facilitators::choices(about, &but);
    let questions = vec![
        from,
        Question::new("to", "Who takes their place?", Kind::Choice(to)),
        Question::new(
            "reason",
            "Why ask them, if something speaks against it?",
            Kind::Area(300),
        )
        .hint("Only needed then. Only PIPSS leads read it.")
        .optional(),
    ];
    Ok(about_session(about, "Hand over the session", questions)?.button("Hand it over"))
}

/// What speaks against them and can be overridden says how.
fn not_handed_over(_: &About<'_>, _: &mut Form, refused: &mut Refused) {
    let Refused::Rule(Refusal::Invalid(faults)) = refused else {
        return;
    };
    for fault in faults {
        if facilitators::can_be_overridden(&fault.detail) {
            fault.detail.push_str(facilitators::OR_WHY);
        }
    }
}

fn declare(about: &About<'_>) -> Result<Form, Instead> {
    let everyone = facilitators::choices(about, &[]);
    let sentence = "Someone who was there, who was close to those concerned, or who manages them is not neutral. \
        They are then not asked to hold a session that needs someone neutral. Nobody is blamed by this.";
    let form = if everyone.is_empty() {
        Form::new("Say that you are not neutral to this case", Vec::new())
    } else {
        let who = Question::new("person", "Who is not neutral?", Kind::Choice(everyone));
        Form::new("Declare a facilitator not neutral", vec![who])
    };
    Ok(form.lead(sentence).button("Save"))
}
