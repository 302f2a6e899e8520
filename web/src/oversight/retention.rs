//! How long things are kept, legal holds, erasures with their certificates, and what is written out for a
//! person who asks.

use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_api::intent::{Asked, Intent};
use pipss_api::retention::{ClassAnswer, ErasureAnswer, HoldAnswer, RetentionAnswer};
use pipss_api::subject_access::SubjectAccess;
use pipss_domain::facts::{ErasureGround, HoldGround, RetentionClass, Subject};
use pipss_domain::ids::{ErasureId, HoldId};
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Log;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::ask::{ask, give};
use crate::case_forms::code;
use crate::form::{Choice, Form, Kind, Question};
use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::{Renderer, View};
use crate::routes::Routes;
use crate::tables::{Card, Cell, Link, Table};
use crate::visitor::{Posted, Visitor, see_other};

const HOME: &str = "/oversight/retention";

/// Its pages.
pub fn routes(routes: Routes) -> Routes {
    routes
        .page(HOME, &[], read)
        .form("/oversight/retention/policy", policy, policy_set)
        .form("/oversight/holds/new", hold, held)
        .form("/oversight/holds/{hold}/lift", lift, lifted)
        .form("/oversight/erasures/due", propose_due, proposed_due)
        .form("/oversight/erasures/new", propose, proposed)
        .form("/oversight/erasures/{erasure}/decide", decide, decided)
        .form(
            "/oversight/erasures/{erasure}/withdraw",
            withdraw,
            withdrawn,
        )
        .form("/oversight/subject-access", write_out, written_out)
}

#[derive(Serialize)]
struct RetentionPage {
    classes: String,
    any_due: bool,
    holds: Vec<String>,
    open: Vec<String>,
    done: Vec<String>,
    given: usize,
}

impl View for RetentionPage {
    const TEMPLATE: &'static str = "oversight/retention.html";

    fn title(&self) -> String {
        "What is kept and erased".into()
    }
}

async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let kept = pages.app.retention(&visitor.actor)?;
    let open =
        |erasure: &&ErasureAnswer| ["proposed", "approved", "begun"].contains(&erasure.state);
    let (open, done): (Vec<_>, Vec<_>) = kept.erasures.iter().partition(open);
    let cards = |each: Vec<&ErasureAnswer>| {
        let drawn = each
            .into_iter()
            .map(|one| erasure_card(pages.renderer, one));
        drawn.collect()
    };
    let view = RetentionPage {
        classes: classes(pages.renderer, &kept),
        any_due: kept.classes.iter().any(|class| !class.subjects.is_empty()),
        holds: kept
            .holds
            .iter()
            .map(|one| hold_card(pages.renderer, one))
            .collect(),
        open: cards(open),
        done: cards(done),
        given: kept.subject_access.len(),
    };
    Ok(pages.page(&visitor, &view))
}

fn classes(renderer: &Renderer, kept: &RetentionAnswer) -> String {
    let row = |class: &ClassAnswer| {
        let years = match class.years {
            Some(1) => "1 year".into(),
            Some(years) => format!("{years} years"),
            None => "Until somebody erases them".into(),
        };
        vec![
            Cell::from(class.class.label()),
            years.as_str().into(),
            class.due.to_string().as_str().into(),
            class.held.to_string().as_str().into(),
        ]
    };
    let table = Table {
        caption: "How long things are kept",
        head: &[
            "What",
            "Kept for",
            "Due to be erased",
            "Of these held by law",
        ],
        rows: kept.classes.iter().map(row).collect(),
        numbers: false,
    };
    table.drawn(renderer)
}

fn hold_card(renderer: &Renderer, hold: &HoldAnswer) -> String {
    let mut rows = vec![
        ("Why", hold.ground.label().into()),
        ("Since", london::moment(hold.since)),
    ];
    rows.extend(hold.reason.clone().map(|reason| ("In words", reason)));
    rows.extend(hold.lifted_at.map(|at| ("Lifted", london::moment(at))));
    rows.extend(
        hold.lifted_because
            .clone()
            .map(|why| ("Lifted because", why)),
    );
    let lift = Link::new(format!("/oversight/holds/{}/lift", hold.hold), "Lift");
    let card = Card {
        heading: words(hold.subject),
        rows,
        actions: hold
            .may_lift
            .then(|| lift.about(words(hold.subject)))
            .into_iter()
            .collect(),
    };
    card.drawn(renderer)
}

fn erasure_card(renderer: &Renderer, erasure: &ErasureAnswer) -> String {
    let mut rows = vec![
        ("Where it stands", state(erasure).into()),
        ("What", listed(&erasure.subjects)),
        ("Why", erasure.ground.label().into()),
        ("Proposed", london::moment(erasure.proposed_at)),
    ];
    rows.extend(
        erasure
            .from
            .map(|from| ("Erased from", london::moment(from))),
    );
    if let Some(done) = &erasure.certificate {
        rows.push(("Erased", london::moment(done.erased_at)));
        let counts = done.destroyed.iter();
        let counts = counts.map(|one| format!("{}: {}", one.class.label(), one.keys));
        rows.push(("Keys destroyed", counts.collect::<Vec<_>>().join("; ")));
        rows.push(("In backups until", london::moment(done.in_backups_until)));
        rows.push(("What remains", done.remains.join(" ")));
    }
    let to = |name: &str, text: &str| {
        let href = format!("/oversight/erasures/{}/{name}", erasure.erasure);
        Link::new(href, text).about(listed(&erasure.subjects))
    };
    let decide = erasure.may_decide.then(|| to("decide", "Decide"));
    let withdraw = erasure.may_withdraw.then(|| to("withdraw", "Withdraw"));
    let card = Card {
        heading: match erasure.certificate {
            Some(_) => "Certificate of erasure".into(),
            None => "Erasure".into(),
        },
        rows,
        actions: decide.into_iter().chain(withdraw).collect(),
    };
    card.drawn(renderer)
}

fn state(erasure: &ErasureAnswer) -> &'static str {
    match (erasure.state, erasure.held) {
        ("proposed", _) => "Waits for somebody else to decide",
        ("refused", _) => "Refused",
        ("withdrawn", _) => "Withdrawn",
        ("approved", true) => "Approved, but held by law",
        ("approved", false) => "Approved, and waits for its time",
        ("begun", _) => "Being erased",
        _ => "Erased",
    }
}

/// A thing by its kind and the beginning of its id.
fn words(subject: Subject) -> String {
    let short = |id: String| id.chars().take(8).collect::<String>();
    match subject {
        Subject::Person(id) => format!("Person {}", short(id.to_string())),
        Subject::Case(id) => format!("Texts of case {}", short(id.to_string())),
        Subject::Escalations(id) => format!("Danger in case {}", short(id.to_string())),
        Subject::OneToOne(id) => format!("One-to-one {}", short(id.to_string())),
        Subject::Supervision(id) => format!("Supervision {}", short(id.to_string())),
        Subject::Disclosure(id) => format!("Request from outside {}", short(id.to_string())),
        Subject::Month(Log::Feedback, month) => format!("Feedback of {month}"),
        Subject::Month(_, month) => format!("Who read what in {month}"),
    }
}

fn listed(subjects: &[Subject]) -> String {
    let first: Vec<_> = subjects
        .iter()
        .take(5)
        .map(|subject| words(*subject))
        .collect();
    match subjects.len().saturating_sub(first.len()) {
        0 => first.join("; "),
        more => format!("{} and {more} more", first.join("; ")),
    }
}

async fn policy(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages
        .app
        .allow_retention(&visitor.actor, Act::SetRetention)?;
    Ok(ask(&pages, &visitor, &policy_form(), None))
}

async fn policy_set(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    pages
        .app
        .allow_retention(&posted.visitor.actor, Act::SetRetention)?;
    let (visitor, _) = give(&pages, posted, &policy_form(), None, Intent::set_retention).await?;
    visitor.tell(&pages, "Recorded. It counts from now on.");
    Ok(see_other(HOME))
}

fn policy_form() -> Form {
    let timed = RetentionClass::ALL
        .into_iter()
        .filter(|class| class.years().is_some());
    let timed = timed.map(|class| Choice::new(code(&class), class.label()));
    Form::new(
        "Say for how long something is kept",
        vec![
            Question::new("class", "What?", Kind::Choice(timed.collect())),
            Question::new("years", "For how many years?", Kind::Number("years")).hint("1 to 30."),
        ],
    )
    .back(HOME)
}

async fn hold(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages.app.allow_retention(&visitor.actor, Act::HoldForLaw)?;
    Ok(ask(&pages, &visitor, &hold_form(), None))
}

async fn held(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    pages
        .app
        .allow_retention(&posted.visitor.actor, Act::HoldForLaw)?;
    let (visitor, _) = give(&pages, posted, &hold_form(), None, Intent::set_hold).await?;
    visitor.tell(
        &pages,
        "Held. Nothing of it is erased until somebody else lifts the hold.",
    );
    Ok(see_other(back(&pages, &visitor)))
}

fn hold_form() -> Form {
    let grounds = HoldGround::ALL.map(|ground| Choice::new(code(&ground), ground.label()));
    Form::new(
        "Keep something from being erased",
        vec![
            Question::new("subject", "What?", Kind::Line(60)).hint(NAMED_SO),
            Question::new(
                "ground",
                "On what ground in law?",
                Kind::Choice(grounds.into()),
            ),
            Question::new("reason", "Why?", Kind::Area(300)),
        ],
    )
    .lead("A hold beats every time limit and every approval.")
    .back(HOME)
}

const NAMED_SO: &str = "What it is, a slash and its id: person/…, case/…, escalations/…, one-to-one/…, supervision/… or disclosure/…, or a month such as feedback/2026-11.";

/// A lead proposes and holds, but does not see the list.
fn back(pages: &Pages, visitor: &Visitor) -> &'static str {
    let sees = pages.app.allow_retention(&visitor.actor, Act::SeeRetention);
    if sees.is_ok() { HOME } else { "/" }
}

async fn lift(State(pages): State<Arc<Pages>>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    the_hold(&pages, &visitor, &id)?;
    Ok(ask(&pages, &visitor, &lift_form(), None))
}

async fn lifted(State(pages): State<Arc<Pages>>, Path(id): Path<String>, posted: Posted) -> Answer {
    let id = the_hold(&pages, &posted.visitor, &id)?;
    let intent = |asked: Asked| Intent::lift_hold(id, asked);
    let (visitor, _) = give(&pages, posted, &lift_form(), None, intent).await?;
    visitor.tell(&pages, "Lifted.");
    Ok(see_other(back(&pages, &visitor)))
}

fn the_hold(pages: &Pages, visitor: &Visitor, id: &str) -> Result<HoldId, Refusal> {
    pages.app.allow_retention(&visitor.actor, Act::HoldForLaw)?;
    let id = id.parse().map_err(|_| Refusal::NotFound)?;
    pages.app.allow_hold(&visitor.actor, id).map(|()| id)
}

fn lift_form() -> Form {
    let reason = Question::new("reason", "Why?", Kind::Area(300));
    Form::new("Lift a legal hold", vec![reason])
        .button("Lift it")
        .back(HOME)
}

async fn propose_due(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let form = due_form(&pages.app.retention(&visitor.actor)?);
    Ok(ask(&pages, &visitor, &form, None))
}

async fn proposed_due(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    let form = due_form(&pages.app.retention(&posted.visitor.actor)?);
    let (visitor, _) = give(&pages, posted, &form, None, Intent::propose_erasure).await?;
    visitor.tell(&pages, PROPOSED);
    Ok(see_other(HOME))
}

const PROPOSED: &str = "Proposed. An auditor who did not propose it decides.";

fn due_form(kept: &RetentionAnswer) -> Form {
    let due = kept.classes.iter().flat_map(|class| &class.subjects);
    let choices = due.map(|due| {
        let since = due.since.format("%-d %B %Y");
        Choice::new(
            due.subject.to_string(),
            format!("{}, since {since}", words(due.subject)),
        )
    });
    let which = Question::new("subjects", "Which?", Kind::Several(choices.collect()));
    let ground = (("ground"), Value::from(code(&ErasureGround::RetentionOver)));
    let mut form = Form::new("Propose what is due to be erased", vec![which])
        .button("Propose it")
        .back(HOME);
    form.settled.push(ground);
    form
}

async fn propose(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages
        .app
        .allow_retention(&visitor.actor, Act::ProposeErasure)?;
    Ok(ask(&pages, &visitor, &propose_form(), None))
}

async fn proposed(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    pages
        .app
        .allow_retention(&posted.visitor.actor, Act::ProposeErasure)?;
    let (visitor, _) = give(
        &pages,
        posted,
        &propose_form(),
        None,
        Intent::propose_erasure,
    )
    .await?;
    visitor.tell(&pages, PROPOSED);
    Ok(see_other(back(&pages, &visitor)))
}

fn propose_form() -> Form {
    let grounds = ErasureGround::ALL.into_iter();
    let grounds = grounds.filter(|ground| *ground != ErasureGround::RetentionOver);
    let grounds = grounds.map(|ground| Choice::new(code(&ground), ground.label()));
    Form::new(
        "Propose an erasure",
        vec![
            Question::new("subjects", "What? One a line.", Kind::Area(4000)).hint(NAMED_SO),
            Question::new("ground", "Why?", Kind::Choice(grounds.collect())),
        ],
    )
    .lead("Somebody else decides. Seven days after an approval it is erased for ever; until then it can be withdrawn.")
    .button("Propose it")
    .back(HOME)
    .reshape(a_line_each)
}

fn a_line_each(body: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = body.get("subjects") {
        let lines = text.split_whitespace().map(Value::from).collect();
        body.insert("subjects".into(), Value::Array(lines));
    }
}

async fn decide(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Answer {
    let id = the_erasure(&pages, &visitor, Act::DecideErasure, &id)?;
    let form = decide_form(&pages, &visitor, id)?;
    Ok(ask(&pages, &visitor, &form, None))
}

async fn decided(
    State(pages): State<Arc<Pages>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Answer {
    let id = the_erasure(&pages, &posted.visitor, Act::DecideErasure, &id)?;
    let form = decide_form(&pages, &posted.visitor, id)?;
    let intent = |asked: Asked| Intent::decide_erasure(id, asked);
    let (visitor, _) = give(&pages, posted, &form, None, intent).await?;
    visitor.tell(&pages, "Decided.");
    Ok(see_other(HOME))
}

fn the_erasure(pages: &Pages, visitor: &Visitor, act: Act, id: &str) -> Result<ErasureId, Refusal> {
    pages.app.allow_retention(&visitor.actor, act)?;
    let id = id.parse().map_err(|_| Refusal::NotFound)?;
    pages
        .app
        .allow_erasure(&visitor.actor, act, id)
        .map(|()| id)
}

fn decide_form(pages: &Pages, visitor: &Visitor, id: ErasureId) -> Result<Form, Refusal> {
    let kept = pages.app.retention(&visitor.actor)?;
    let erasure = kept.erasures.into_iter().find(|one| one.erasure == id);
    let erasure = erasure.ok_or(Refusal::NotFound)?;
    let approve = Question::new("approve", "Is it to be erased?", Kind::YesNo);
    let wait = match erasure.ground.cooling_off_days() {
        0 => "After a yes it is erased at once, and for ever.".to_owned(),
        days => format!(
            "After a yes it is erased in {days} days, and for ever. Until then it can be withdrawn."
        ),
    };
    Ok(Form::new("Decide an erasure", vec![approve])
        .lead(format!("To be erased: {}.", listed(&erasure.subjects)))
        .lead(format!("Why: {}.", erasure.ground.label()))
        .lead(wait)
        .button("Record the decision")
        .back(HOME))
}

async fn withdraw(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Answer {
    the_erasure(&pages, &visitor, Act::WithdrawErasure, &id)?;
    Ok(ask(&pages, &visitor, &withdraw_form(), None))
}

async fn withdrawn(
    State(pages): State<Arc<Pages>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Answer {
    let id = the_erasure(&pages, &posted.visitor, Act::WithdrawErasure, &id)?;
    let intent = |asked: Asked| Intent::withdraw_erasure(id, asked);
    let (visitor, _) = give(&pages, posted, &withdraw_form(), None, intent).await?;
    visitor.tell(&pages, "Withdrawn. Nothing is erased.");
    Ok(see_other(back(&pages, &visitor)))
}

fn withdraw_form() -> Form {
    Form::new("Withdraw an erasure", Vec::new())
        .button("Withdraw it")
        .back(HOME)
}

async fn write_out(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages
        .app
        .allow_retention(&visitor.actor, Act::GiveSubjectAccess)?;
    Ok(ask(&pages, &visitor, &write_out_form(), None))
}

async fn written_out(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    pages
        .app
        .allow_retention(&posted.visitor.actor, Act::GiveSubjectAccess)?;
    let form = write_out_form();
    let (visitor, done) = give(&pages, posted, &form, None, Intent::give_subject_access).await?;
    let access = pages.app.subject_access(&visitor.actor, &done)?;
    Ok(pages.page(
        &visitor,
        &WrittenOut {
            made: london::moment(access.made_at),
            access,
        },
    ))
}

fn write_out_form() -> Form {
    let person = Question::new("person", "Whose?", Kind::Line(36)).hint("The person's id.");
    Form::new("Write out what is kept about a person", vec![person])
        .lead("It is recorded that you did. The page that follows is to be printed and handed to the person.")
        .button("Write it out")
        .back(HOME)
}

#[derive(Serialize)]
struct WrittenOut {
    made: String,
    access: SubjectAccess,
}

impl View for WrittenOut {
    const TEMPLATE: &'static str = "oversight/subject-access.html";

    fn title(&self) -> String {
        "What is kept about you".into()
    }
}
