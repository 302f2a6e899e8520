//! One-to-one support for oneself: asking for it, and where it stands. No manager can see any of it.

use std::sync::Arc;

use axum::extract::State;
use chrono::{DateTime, Utc};
use pipss_api::intent::Intent;
use pipss_api::one_to_one_answer::{OneToOneAnswer, StateCode};
use pipss_api::who_looked::{BrokenAnswer, LookAnswer};
use pipss_domain::directory_facts::UnitLevel;
use pipss_domain::facts::Preference;
use pipss_domain::policy::Act;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::ask::{ask, give};
use crate::form::{Choice, Form, Kind, Question};
use crate::london;
use crate::pages::{Answer, Instead, Pages};
use crate::people::help;
use crate::render::View;
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor, see_other};
use crate::words::choice;

const PATH: &str = "/support";
const MINE: &str = "/my-support";
const MORE: &str = "More, only if you want";

/// Asking, and looking where it stands.
pub fn routes(routes: Routes) -> Routes {
    routes.form(PATH, read, take).page(MINE, &[], read_mine)
}

async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let form = form(&pages, &visitor)?;
    Ok(ask(&pages, &visitor, &form, None))
}

async fn take(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    let form = form(&pages, &posted.visitor)?;
    let intent = Intent::ask_for_one_to_one;
    let (visitor, _) = give(&pages, posted, &form, None, intent).await?;
    visitor.tell(
        &pages,
        "You have asked for one-to-one support. This page shows where it stands.",
    );
    Ok(see_other(MINE))
}

fn form(pages: &Pages, visitor: &Visitor) -> Result<Form, Instead> {
    pages.app.allow(&visitor.actor, Act::AskForOneToOne, None)?;
    let seen_by = pages.app.my_support(&visitor.actor)?.seen_by;
    let preferences = Preference::ALL.iter();
    let preferences = preferences.map(|one| choice(one, one.label())).collect();
    let preference = Kind::Choice(preferences);
    let questions = vec![
        Question::new(
            "call_me",
            "What would you like to be called?",
            Kind::Line(80),
        )
        .hint("A first name is enough."),
        reached(),
        Question::new("preference", "With whom would you rather talk?", preference)
            .given(crate::case_forms::code(&Preference::Anyone)),
        Question::new(
            "soon",
            "I would like to hear within two working days",
            Kind::Tick,
        ),
        Question::new(
            "note",
            "Is there anything they should know first?",
            Kind::Area(300),
        )
        .hint("You do not have to say what happened.")
        .optional()
        .fold(MORE),
        team(pages, visitor)?,
        Question::new(
            "not_seen_by",
            "Should anyone else not see this?",
            Kind::Area(600),
        )
        .hint("Names or addresses at work, one on each line, five at most.")
        .optional()
        .fold(MORE),
        Question::new(
            "reference",
            "Were you given something to quote?",
            Kind::Line(40),
        )
        .optional()
        .fold(MORE),
    ];
    let form = Form::new("Ask for one-to-one support for yourself", questions)
        .above(help::now(pages))
        .lead("For anyone, for any reason, at any time. It is voluntary, and you can stop whenever you like.")
        .lead(seen_by)
        .button("Ask for support")
        .reshape(reshape);
    let proved = help::proved(pages, visitor);
    Ok(proved.into_iter().fold(form, Form::lead))
}

fn reached() -> Question {
    let phone = Question::new("phone", "Your number", Kind::Line(40))
        .hint("A private one, if you would rather not be rung at work.");
    let address = Question::new("letters_to", "Your private e-mail address", Kind::Line(200))
        .hint("Letters never say what they are about.");
    let ways = vec![
        Choice::new("phone", "Ring me").reveals(vec![phone]),
        Choice::new("letters", "Write to me").reveals(vec![address]),
        Choice::new("here", "I will look here myself"),
    ];
    Question::new("reached", "How can you be reached?", Kind::Several(ways))
}

/// So that whoever manages it, or belongs to it, can never see this.
fn team(pages: &Pages, visitor: &Visitor) -> Result<Question, Instead> {
    let teams = pages.app.teams(&visitor.actor)?.teams.into_iter();
    let mut teams: Vec<_> = teams.filter(|unit| unit.level == UnitLevel::Team).collect();
    teams.sort_by(|one, other| one.name.cmp(&other.name));
    let teams = teams.into_iter();
    let teams = teams.map(|team| Choice::new(team.team.to_string(), team.name));
    Ok(Question::new("team", "Which is your team?", Kind::Select(teams.collect()))
        .hint("Nobody who manages it or belongs to it will be asked to support you, or can see this.")
        .optional()
        .fold(MORE))
}

/// How one is reached is what was written for it; a line for each person.
fn reshape(body: &mut Map<String, Value>) {
    body.remove("reached");
    if let Some(Value::String(people)) = body.remove("not_seen_by") {
        let people = people
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        body.insert("not_seen_by".into(), people.map(Value::from).collect());
    }
}

#[derive(Serialize)]
struct MySupportPage {
    seen_by: &'static str,
    proved: Option<String>,
    help: String,
    one_to_ones: Vec<ShownOne>,
}

impl View for MySupportPage {
    const TEMPLATE: &'static str = "people/my_support.html";

    fn title(&self) -> String {
        "My support".into()
    }
}

#[derive(Serialize)]
struct ShownOne {
    asked: String,
    stands: String,
    since: String,
    next: Option<String>,
    place: Option<String>,
    link: Option<String>,
    who_can_see: Vec<String>,
    /// Who broke the glass, a line for each.
    broken: Vec<String>,
    /// Who has looked, a line for each; absent where that cannot be read just now.
    who_looked: Option<Vec<String>>,
    actions: Vec<(&'static str, String)>,
}

async fn read_mine(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let mine = pages.app.my_support(&visitor.actor)?;
    let now = pages.app.clock().now();
    let view = MySupportPage {
        seen_by: mine.seen_by,
        proved: help::proved(&pages, &visitor),
        help: help::now(&pages),
        one_to_ones: mine.one_to_ones.iter().map(|one| shown(one, now)).collect(),
    };
    Ok(pages.page(&visitor, &view))
}

fn shown(one: &OneToOneAnswer, now: DateTime<Utc>) -> ShownOne {
    let appointment = one.appointment.as_ref();
    ShownOne {
        asked: london::moment(one.asked_at),
        stands: stands(one),
        since: london::moment(one.since),
        next: appointment.map(|next| {
            let when = london::moment(next.starts_at);
            let meet = if next.starts_at > now {
                "You meet on"
            } else {
                "You were to meet on"
            };
            format!("{meet} {when}, {} minutes", next.minutes)
        }),
        place: appointment.and_then(|next| next.site.clone()),
        link: appointment.and_then(|next| next.link.clone()),
        who_can_see: who_can_see(one),
        broken: one.broken_glass.iter().map(broken).collect(),
        who_looked: one
            .who_looked
            .as_ref()
            .map(|looked| looked.iter().map(look).collect()),
        actions: actions(one),
    }
}

fn provider(one: &OneToOneAnswer) -> Option<&str> {
    let provider = one.provider.as_ref()?;
    Some(provider.name.as_deref().unwrap_or("Someone"))
}

fn stands(one: &OneToOneAnswer) -> String {
    let who = provider(one).unwrap_or("Someone");
    match one.state {
        StateCode::Asked => {
            "Nobody has been asked to support you yet. The lead sees that someone waits.".into()
        }
        StateCode::Offered => format!("{who} was asked to get in touch with you."),
        StateCode::TakenUp => format!("You and {who} have spoken, and it goes on."),
        StateCode::Declined => {
            "You said that you do not want it now. You can ask again at any time.".into()
        }
        StateCode::Ended => "It has ended. You can ask again at any time.".into(),
    }
}

fn who_can_see(one: &OneToOneAnswer) -> Vec<String> {
    let provider =
        provider(one).map(|who| format!("{who} can see what you asked, and when you meet."));
    let always = [
        "You can see all of it.",
        "The PIPSS lead can see that someone asked, and when, how soon and with whom they would rather talk, where it \
         stands, and who was asked to support; not who asked, and not what was said.",
        "Nobody who manages your team or belongs to it can see anything.",
    ];
    provider
        .into_iter()
        .chain(always.map(str::to_owned))
        .collect()
}

fn broken(broken: &BrokenAnswer) -> String {
    let name = broken.by.as_ref().and_then(|who| who.name.as_deref());
    let why = match broken.life_at_risk {
        true => "because they thought that a life was at risk",
        false => "with the leave of an auditor",
    };
    let from = london::moment(broken.opened_at);
    let who = name.unwrap_or("Someone");
    format!("{who} could open what you asked for one hour from {from}, {why}.")
}

fn look(look: &LookAnswer) -> String {
    let reader = look.reader.as_ref();
    let who = reader.map(|reader| reader.name.as_deref().unwrap_or("Someone"));
    format!(
        "{}, {}: in the hour from {}",
        who.unwrap_or("Someone whose name is no longer kept"),
        look.read_as.label(),
        london::moment(look.hour)
    )
}

fn actions(one: &OneToOneAnswer) -> Vec<(&'static str, String)> {
    let path = |name| format!("/one-to-ones/{}/{name}", one.one_to_one);
    let words = |name: &&'static str| match *name {
        "take-up" => Some(("We have spoken, and it goes on", path("take-up"))),
        "decline" => Some(("I do not want this any more", path("decline"))),
        _ => None,
    };
    one.next.iter().filter_map(words).collect()
}
