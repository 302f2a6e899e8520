//! What is held, erased or opened, in the words of whoever reads: a reference, a name, a month; else its id.

use chrono::Days;
use pipss_api::meant::Called;
use pipss_domain::facts::{GlassOver, Month, Subject};
use pipss_domain::ids::{CaseId, OneToOneId, ThingId};
use pipss_domain::policy::Act;
use pipss_domain::stream::Log;

use crate::london;
use crate::pages::Pages;
use crate::visitor::Visitor;

/// For those who see what is kept and erased.
pub(super) fn words(pages: &Pages, visitor: &Visitor, subject: Subject) -> String {
    let act = Act::SeeRetention;
    let called = pages.app.called(&visitor.actor, act, subject);
    match (subject, called) {
        (Subject::Person(_), Some(Called::By(name))) => {
            format!("Name, address and sign-in of {name}")
        }
        (_, Some(called)) => format!("{} {}", kind(subject), said(&called)),
        (Subject::Month(_, month), None) => format!("{} {}", kind(subject), of_month(month)),
        (_, None) => format!("{} {}", kind(subject), short(subject)),
    }
}

/// The first five, and how many more.
pub(super) fn listed(pages: &Pages, visitor: &Visitor, subjects: &[Subject]) -> String {
    let first = subjects.iter().take(5);
    let first: Vec<_> = first
        .map(|subject| words(pages, visitor, *subject))
        .collect();
    match subjects.len().saturating_sub(first.len()) {
        0 => first.join("; "),
        more => format!("{} and {more} more", first.join("; ")),
    }
}

/// What someone asks to see, or asked, for those who may know of that.
pub(super) fn opened(
    pages: &Pages,
    visitor: &Visitor,
    (what, object): (GlassOver, ThingId),
) -> String {
    let id = object.uuid();
    let subject = match what {
        GlassOver::OneToOne => Some(Subject::OneToOne(OneToOneId::new(id))),
        GlassOver::Case => Some(Subject::Case(CaseId::new(id))),
        GlassOver::Escalation => None,
    };
    let act = Act::AskToBreakGlass;
    let called = subject.and_then(|subject| pages.app.called(&visitor.actor, act, subject));
    called.map_or_else(|| object.to_string(), |called| said(&called))
}

const fn kind(subject: Subject) -> &'static str {
    match subject {
        Subject::Person(_) => "Person",
        Subject::Case(_) => "Texts of case",
        Subject::Escalations(_) => "Danger in case",
        Subject::OneToOne(_) => "One-to-one",
        Subject::Supervision(_) => "Supervision",
        Subject::Disclosure(_) => "Request from outside",
        Subject::Month(Log::Feedback, _) => "Feedback of",
        Subject::Month(_, _) => "Who read what in",
    }
}

fn said(called: &Called) -> String {
    match called {
        Called::By(name) => name.clone(),
        Called::AskedFor(at) => format!("asked for on {}", london::moment(*at)),
    }
}

/// The beginning of its id.
fn short(subject: Subject) -> String {
    let id = subject.to_string();
    let id = id.rsplit('/').next().unwrap_or_default();
    id.chars().take(8).collect()
}

fn of_month(month: Month) -> String {
    (month.end() - Days::new(1)).format("%B %Y").to_string()
}
