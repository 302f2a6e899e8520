//! Which thing someone means, said as people say it: a case's reference, an address at work, or the address
//! of a page.

use pipss_api::problem::Refused;
use pipss_domain::facts::Subject;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use uuid::Uuid;

use crate::ask::again;
use crate::fields::Fields;
use crate::form::Form;
use crate::pages::{Instead, Pages};
use crate::visitor::{Posted, Visitor};

/// How pages name things in their addresses, and how commands do.
const PLACES: [(&str, &str); 5] = [
    ("cases", "case"),
    ("escalations", "escalations"),
    ("one-to-ones", "one-to-one"),
    ("supervision", "supervision"),
    ("disclosures", "disclosure"),
];

/// Puts what is meant, kind and id, where someone said it in their own words: one thing a line. Was all of
/// it understood?
pub(super) fn meant(
    pages: &Pages,
    visitor: &Visitor,
    act: Act,
    (name, fields): (&str, &mut Fields),
) -> bool {
    let Some(said) = fields.get(name).map(str::to_owned) else {
        return true;
    };
    let each = said.split_whitespace();
    let each: Vec<_> = each.map(|one| thing(pages, visitor, act, one)).collect();
    fields.set(name, each.join("\n"));
    each.iter().all(|one| one.parse::<Subject>().is_ok())
}

/// The same where the kind is said elsewhere: the id alone.
pub(super) fn meant_id(
    pages: &Pages,
    visitor: &Visitor,
    act: Act,
    (name, fields): (&str, &mut Fields),
) -> bool {
    meant(pages, visitor, act, (name, fields));
    let Some(said) = fields.get(name) else {
        return true;
    };
    let id = said.rsplit('/').find(|part| part.parse::<Uuid>().is_ok());
    let id = id.map(str::to_owned);
    if let Some(id) = &id {
        fields.set(name, id);
    }
    id.is_some()
}

/// The form again: what was said at this place is nothing that is recorded.
pub(super) fn unknown(pages: &Pages, posted: Posted, form: &Form, place: &str) -> Instead {
    let (by, fields) = (&posted.visitor, &posted.fields);
    let draft = posted.draft.unwrap_or_else(|| by.begin_draft(pages, None));
    let refused = Refused::from(Refusal::invalid(place, UNKNOWN));
    again(pages, by, form, &draft, (fields, &refused)).into()
}

const UNKNOWN: &str = "Nothing is recorded that is called so. Look once more at how it is written.";

/// What cannot be understood stays as it was said: the rule of the command answers it.
fn thing(pages: &Pages, visitor: &Visitor, act: Act, said: &str) -> String {
    let (app, actor) = (&pages.app, &visitor.actor);
    let (kind, last) = said.rsplit_once('/').unwrap_or(("case", said));
    let found = place(said).or_else(|| {
        if last.contains('@') {
            let person = app.person_meant(actor, act, last);
            return person.map(|person| format!("person/{person}"));
        }
        let case = app.case_meant(actor, act, last);
        case.map(|case| format!("{kind}/{case}"))
    });
    found.unwrap_or_else(|| said.to_owned())
}

/// What a page is of, from its address.
pub(super) fn place(said: &str) -> Option<String> {
    let parts: Vec<_> = said.split('/').collect();
    parts.windows(2).find_map(|pair| {
        let (_, kind) = PLACES.iter().find(|(place, _)| *place == pair[0])?;
        let id = pair[1].parse::<Uuid>().ok()?;
        Some(format!("{kind}/{id}"))
    })
}
