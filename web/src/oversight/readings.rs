//! Who looked at what, for auditors, and the reading that they should ask about.

use std::sync::Arc;

use axum::extract::State;
use chrono::{Days, NaiveDate};
use pipss_api::access_log::{AccessLogAsked, ReadingAnswer};
use pipss_api::case_answer::PersonName;
use pipss_api::meant::Called;
use pipss_api::unusual::{FindingAnswer, UnusualAsked};
use pipss_domain::calendar::{day_in_london, day_in_words};
use pipss_domain::facts::{Looked, Subject};
use pipss_domain::policy::Act;
use pipss_domain::text::{Day, Line};
use serde::Serialize;

use crate::fields::Fields;
use crate::lists::asked::{Turns, link, query, turns};
use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::routes::Routes;
use crate::tables::{Cell, Link, Table};
use crate::visitor::Visitor;

const HOME: &str = "/oversight/access-log";
/// So many a page, so that it stays light.
const READINGS: usize = 50;

/// This page.
pub fn routes(routes: Routes) -> Routes {
    routes.page(HOME, &["person", "object", "day", "after"], read)
}

#[derive(Serialize)]
struct ReadingsPage {
    day: String,
    before: String,
    after: Option<String>,
    findings: Vec<Finding>,
    /// What the list is kept to, if to anything.
    only: Option<&'static str>,
    all: &'static str,
    table: Option<String>,
    turns: Turns,
}

#[derive(Serialize)]
struct Finding {
    who: String,
    what: String,
    because: String,
    href: String,
}

impl View for ReadingsPage {
    const TEMPLATE: &'static str = "oversight/readings.html";

    fn title(&self) -> String {
        "Who looked at what".into()
    }
}

async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let given = query(&visitor);
    let today = day_in_london(pages.app.clock().now());
    let asked = asked(&given);
    let day = asked.day.map_or(today, |day| day.0);
    let app = &pages.app;
    let unusual = app.unusual_reading(
        &visitor.actor,
        UnusualAsked {
            day: Some(Day(day)),
        },
    )?;
    let log = app.access_log(&visitor.actor, &asked)?;
    let [person, object, on] = ["person", "object", "day"].map(|name| given.get(name));
    let kept = [("person", person), ("object", object), ("day", on)];
    let kept = kept.map(|(name, value)| (name, value.unwrap_or_default()));
    let to = |cursor: &str| link(HOME, &[&kept[..], &[("after", cursor)]].concat());
    let rows = log.readings.iter();
    let rows: Vec<_> = rows.map(|one| row(&pages, &visitor, one)).collect();
    let table = Table {
        caption: "The latest first, one line for each person, thing and hour",
        headed: false,
        head: &["From", "Who", "As what", "What"],
        rows,
        numbers: false,
    };
    let view = ReadingsPage {
        day: day_in_words(day),
        before: on_day(day - Days::new(1)),
        after: (day < today).then(|| on_day(day + Days::new(1))),
        findings: unusual.findings.iter().map(finding).collect(),
        only: match (person, object, on) {
            (Some(_), ..) => Some("by one person"),
            (_, Some(_), _) => Some("of one thing"),
            (_, _, Some(_)) => Some("of this day"),
            _ => None,
        },
        all: HOME,
        table: (!table.rows.is_empty()).then(|| table.drawn(pages.renderer)),
        turns: turns(&given, log.next, to, ("The latest", "Earlier")),
    };
    Ok(pages.page(&visitor, &view))
}

/// What cannot be meant is not asked for.
fn asked(given: &Fields) -> AccessLogAsked {
    let object = given.get("object").map(Line::parse);
    AccessLogAsked {
        person: given.get("person").and_then(|id| id.parse().ok()),
        object: object.and_then(Result::ok),
        day: given.get("day").and_then(|day| day.parse().ok()).map(Day),
        after: given.get("after").map(str::to_owned),
        limit: Some(READINGS),
    }
}

fn on_day(day: NaiveDate) -> String {
    link(HOME, &[("day", &day.to_string())])
}

fn named(reader: &PersonName) -> String {
    let name = reader.name.as_deref();
    name.unwrap_or("Name not known").into()
}

fn row(pages: &Pages, visitor: &Visitor, reading: &ReadingAnswer) -> Vec<Cell> {
    let who = reading.reader.as_ref().map(|reader| {
        let href = link(HOME, &[("person", &reader.person.to_string())]);
        Cell::Link(Link::new(href, named(reader)).about("and what else they looked at"))
    });
    let what = looked_at(pages, visitor, reading);
    let of = reading.object.as_ref().map(|object| {
        let href = link(HOME, &[("object", object)]);
        Cell::Link(Link::new(href, what.as_str()).about("and who else looked at it"))
    });
    vec![
        Cell::from(london::moment(reading.hour)),
        who.unwrap_or_else(|| Cell::from("Not a person, or no longer readable")),
        reading.read_as.label().into(),
        of.unwrap_or_else(|| what.as_str().into()),
    ]
}

/// What it was: a case by its reference, where no bar keeps whoever reads this from it.
fn looked_at(pages: &Pages, visitor: &Visitor, reading: &ReadingAnswer) -> String {
    let object = reading.object.as_deref();
    let thing = object.and_then(|object| object.parse::<Subject>().ok());
    let called = thing.and_then(|thing| {
        let case = reading.what == Looked::Case;
        let app = &pages.app;
        case.then(|| app.called(&visitor.actor, Act::SeeAccessLog, thing))?
    });
    match (reading.what, object, called) {
        (_, _, Some(Called::By(reference))) => format!("Case {reference}"),
        (Looked::People, Some("grants"), _) => "Who holds which role".into(),
        (Looked::People, Some("bars"), _) => "Who may not see what".into(),
        (what, ..) => what.label().into(),
    }
}

fn finding(finding: &FindingAnswer) -> Finding {
    let from = london::moment(finding.hour);
    let what = match (finding.number, finding.usual) {
        (number, Some(usual)) => format!("{number} in one day; usually {usual}. From {from}."),
        _ => format!("From {from}."),
    };
    let (name, value) = match &finding.object {
        Some(object) => ("object", object.clone()),
        None => ("person", finding.reader.person.to_string()),
    };
    Finding {
        who: named(&finding.reader),
        what,
        because: finding.because.clone(),
        href: link(HOME, &[(name, &value)]),
    }
}
