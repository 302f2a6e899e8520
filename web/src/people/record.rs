//! What a facilitator says of a session, on a phone: will they come, how it was held, or why it was not.

use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Datelike, Duration, Utc};
use chrono_tz::Europe::London;
use pipss_api::intent::{Asked, Intent};
use pipss_domain::calendar::day_in_london;
use pipss_domain::facts::{Mode, NotHeldReason, Phase};
use pipss_domain::ids::CaseId;
use pipss_domain::invitation::AnswerInvitation;
use pipss_domain::offer::{OFFERS, OwnerRole};
use pipss_domain::policy::Act;
use pipss_domain::session::{RecordSession, RecordSessionNotHeld};
use serde_json::{Map, Value, json};

use crate::ask::{ask, give};
use crate::case_forms::code;
use crate::form::{Choice, Form, Kind, Question};
use crate::london;
use crate::pages::{Answer, Pages};
use crate::people::counted;
use crate::people::of_session::OfSession;
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor, see_other};
use crate::words::choice;

/// Up to so many people are counted with one tap.
const COUNTED: u16 = 20;
/// So many actions can be written down here.
const ACTIONS: usize = 3;
const CHANGED: &str = "If it was not as arranged";
const ACTED: &str = "Practical actions that were agreed (optional)";

/// What is said of a session.
#[derive(Clone, Copy)]
struct SessionForm {
    path: &'static str,
    act: Act,
    form: fn(&OfSession, DateTime<Utc>) -> Form,
    intent: fn(CaseId, Asked) -> Intent<'static>,
    done: &'static str,
}

const FORMS: [SessionForm; 3] = [
    SessionForm {
        path: "/cases/{case}/sessions/{session}/answer",
        act: Act::AnswerInvitation,
        form: |_, _| invitation(),
        intent: Intent::to_case::<AnswerInvitation>,
        done: "Thank you. The lead can see your answer.",
    },
    SessionForm {
        path: "/cases/{case}/sessions/{session}/record",
        act: Act::RecordSession,
        form: record,
        intent: Intent::to_case::<RecordSession>,
        done: "The session is recorded. Thank you.",
    },
    SessionForm {
        path: "/cases/{case}/sessions/{session}/not-held",
        act: Act::RecordSessionNotHeld,
        form: |_, _| not_held(),
        intent: Intent::to_case::<RecordSessionNotHeld>,
        done: "It is recorded that the session was not held. That is normal.",
    },
];

/// A page for each of them.
pub fn routes(routes: Routes) -> Routes {
    FORMS.into_iter().fold(routes, |routes, form| {
        routes.form(
            form.path,
            move |State(pages): State<Arc<Pages>>,
                  visitor: Visitor,
                  Path(of): Path<(String, String)>| { asked(form, pages, visitor, of) },
            move |State(pages): State<Arc<Pages>>,
                  Path(of): Path<(String, String)>,
                  posted: Posted| { given(form, pages, of, posted) },
        )
    })
}

async fn asked(
    form: SessionForm,
    pages: Arc<Pages>,
    visitor: Visitor,
    (case, session): (String, String),
) -> Answer {
    let of = OfSession::found(&pages, &visitor, form.act, (&case, &session))?;
    let questions = of.about(&visitor, (form.form)(&of, pages.app.clock().now()));
    Ok(ask(&pages, &visitor, &questions, Some(of.case.version)))
}

async fn given(
    form: SessionForm,
    pages: Arc<Pages>,
    (case, session): (String, String),
    posted: Posted,
) -> Answer {
    let of = OfSession::found(&pages, &posted.visitor, form.act, (&case, &session))?;
    let questions = of.about(&posted.visitor, (form.form)(&of, pages.app.clock().now()));
    let to = |asked| (form.intent)(of.case.case, asked);
    let (visitor, _) = give(&pages, posted, &questions, Some(of.case.version), to).await?;
    visitor.tell(&pages, form.done);
    Ok(see_other(&of.back(&visitor)))
}

fn invitation() -> Form {
    let accept = Question::new("accept", "Will you come?", Kind::YesNo).hint(
        "The lead sees your answer and acts on it. You can change it until the session starts.",
    );
    Form::new("Accept or decline", vec![accept]).button("Send")
}

fn not_held() -> Form {
    let reasons = NotHeldReason::ALL.iter();
    let reasons = reasons.map(|reason| choice(reason, reason.label()));
    let reason = Question::new(
        "reason",
        "Why was it not held?",
        Kind::Choice(reasons.collect()),
    );
    Form::new("Not held", vec![reason])
        .lead("Every session is voluntary. That one was not held is normal, and no one is asked why they did not come.")
        .button("Record that it was not held")
}

fn record(of: &OfSession, now: DateTime<Utc>) -> Form {
    let mut questions = vec![headcount(), mode(of), phases(), themes(), supervision()];
    questions.extend(as_arranged(of));
    questions.extend((0..ACTIONS).flat_map(|n| action(n, now)));
    Form::new("Record the session", questions)
        .lead(
            "This takes two minutes. The record keeps numbers and themes: no names, nothing of what was \
             said, nothing about patients or about how anyone works.",
        )
        .button("Record the session")
        .reshape(reshape)
        .kindly()
}

fn headcount() -> Question {
    counted::question("headcount", "How many people were there?", COUNTED)
        .hint("Only the number is kept, never who came.")
}

/// As arranged: at a site, or by a link; where there is both or neither one has to choose.
fn mode(of: &OfSession) -> Question {
    let modes = Mode::ALL.iter();
    let modes = modes.map(|mode| choice(mode, mode.label())).collect();
    let question = Question::new("mode", "How did you meet?", Kind::Choice(modes)).tiles();
    match (&of.session().site, &of.session().link) {
        (Some(_), None) => question.given(code(&Mode::InPerson)),
        (None, Some(_)) => question.given(code(&Mode::Video)),
        _ => question,
    }
}

fn phases() -> Question {
    let each = Phase::ALL.iter().map(|phase| choice(phase, phase.label()));
    let which = Question::new("phases", "Which?", Kind::Several(each.collect()));
    let covered = vec![
        Choice::new("all", "All six").hint("From the introduction to the next steps"),
        Choice::new("some", "Some of them").reveals(vec![which]),
        Choice::new("none", "None: it was another kind of meeting"),
    ];
    Question::new(
        "covered",
        "Which phases did you cover?",
        Kind::Choice(covered),
    )
}

fn themes() -> Question {
    Question::new("themes", "What was it about?", Kind::Themes)
        .hint("One to five themes. Open a group, then say of each theme if it was a strength, a difficulty, or both (mixed).")
}

fn supervision() -> Question {
    let label = "I would like supervision for myself";
    Question::new("wants_supervision", label, Kind::Tick)
        .hint("Only the supervision lead learns of this. It is no part of the record.")
}

fn as_arranged(of: &OfSession) -> [Question; 3] {
    let kinds = OFFERS.iter().filter(|row| row.has_sessions());
    let kinds = kinds.map(|row| choice(&row.kind, row.label)).collect();
    let session = of.session();
    let start = session.starts_at.with_timezone(&London);
    let model = Question::new("model", "What kind of session was it?", Kind::Select(kinds));
    let started = Question::new("started_at", "When did it start?", Kind::Moment);
    let minutes = Question::new("minutes", "How long did it take?", Kind::Number("minutes"));
    [
        model.given(code(&of.offer().kind)).fold(CHANGED),
        started
            .given(start.day().to_string())
            .given(start.month().to_string())
            .given(start.year().to_string())
            .given(london::time(session.starts_at))
            .fold(CHANGED),
        minutes.given(session.minutes.to_string()).fold(CHANGED),
    ]
}

fn action(n: usize, now: DateTime<Utc>) -> [Question; 3] {
    let owners = OwnerRole::ALL.iter();
    let owners = owners.map(|owner| choice(owner, owner.label())).collect();
    let today = day_in_london(now);
    let due = |(days, words): (i64, &str)| {
        let day = today + Duration::days(days);
        Choice::new(
            day.to_string(),
            format!("{words}: {}", day.format("%-d %B %Y")),
        )
    };
    let dues = [
        (7, "In a week"),
        (14, "In two weeks"),
        (28, "In four weeks"),
        (91, "In three months"),
    ];
    let question = |name: &str, label: &str, kind| {
        let label = format!("Action {}: {label}", n + 1);
        Question::new(format!("actions.{n}.{name}"), label, kind)
            .optional()
            .fold(ACTED)
    };
    [
        question("what", "what is to be done?", Kind::Line(200))
            .hint("The team’s managers read this. Please name nobody and quote nobody."),
        question("owner", "who sees to it?", Kind::Select(owners)),
        question("due", "by when?", Kind::Select(dues.map(due).into())),
    ]
}

/// From what is quickly tapped to what the command asks for.
fn reshape(body: &mut Map<String, Value>) {
    counted::settle(body, "headcount");
    match body.remove("covered").as_ref().and_then(Value::as_str) {
        Some("all") => {
            body.insert("phases".into(), json!(Phase::ALL));
        }
        Some("none") => {
            body.remove("phases");
        }
        _ => {}
    }
    if let Some(Value::Array(actions)) = body.get_mut("actions") {
        actions.retain(|action| {
            action
                .as_object()
                .is_some_and(|members| !members.is_empty())
        });
    }
}
