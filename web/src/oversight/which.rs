//! Which thing someone means, said as people say it: a case's reference, an address at work, or the address
//! of a page.

use pipss_domain::policy::Act;
use uuid::Uuid;

use crate::fields::Fields;
use crate::pages::Pages;
use crate::visitor::Visitor;

/// How pages name things in their addresses, and how commands do.
const PLACES: [(&str, &str); 5] = [
    ("cases", "case"),
    ("escalations", "escalations"),
    ("one-to-ones", "one-to-one"),
    ("supervision", "supervision"),
    ("disclosures", "disclosure"),
];

/// Puts what is meant, kind and id, where someone said it in their own words: one thing a line.
pub(super) fn meant(pages: &Pages, visitor: &Visitor, act: Act, name: &str, fields: &mut Fields) {
    let Some(said) = fields.get(name).map(str::to_owned) else {
        return;
    };
    let each = said.split_whitespace();
    let each: Vec<_> = each.map(|one| thing(pages, visitor, act, one)).collect();
    fields.set(name, each.join("\n"));
}

/// The same where the kind is said elsewhere: the id alone.
pub(super) fn meant_id(
    pages: &Pages,
    visitor: &Visitor,
    act: Act,
    name: &str,
    fields: &mut Fields,
) {
    meant(pages, visitor, act, name, fields);
    let said = fields.get(name).unwrap_or_default();
    let id = said.rsplit('/').find(|part| part.parse::<Uuid>().is_ok());
    if let Some(id) = id.map(str::to_owned) {
        fields.set(name, id);
    }
}

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
