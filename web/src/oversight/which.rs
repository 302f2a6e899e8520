//! Which thing someone means, said as people say it: a case's reference, an address at work, or the address
//! of a page.

use pipss_api::app::Done;
use pipss_api::intent::{Asked, Intent};
use pipss_api::problem::Refused;
use pipss_domain::facts::Subject;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use uuid::Uuid;

use crate::ask::{Failed, again, attempt};
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

/// What a form asks to be named in people's own words.
#[derive(Clone, Copy)]
pub(super) struct Meant {
    /// The field.
    pub name: &'static str,
    /// What is to be done to it: only whoever may do this is understood.
    pub act: Act,
    /// Its kind is said elsewhere: the command takes the id alone.
    pub id_only: bool,
}

/// Gives a command with what someone named: as people say it in the form, by kind and id in the command. Shown
/// again, the form says what they said.
pub(super) async fn give_meant(
    pages: &Pages,
    mut posted: Posted,
    form: &Form,
    meant: Meant,
    intent: impl FnOnce(Asked) -> Intent<'static>,
) -> Result<(Visitor, Done), Instead> {
    let said = posted.fields.get(meant.name).map(str::to_owned);
    let understood = said
        .as_deref()
        .map(|said| understood(pages, &posted.visitor, meant, said));
    match understood {
        Some(None) => return Err(unknown(pages, posted, form, meant.name)),
        Some(Some(understood)) => posted.fields.set(meant.name, understood),
        None => {}
    }
    match attempt(pages, posted, form, None, intent).await {
        Ok(done) => Ok(done),
        Err(Failed::Elsewhere(instead)) => Err(instead),
        Err(Failed::Here(here)) => {
            let mut fields = here.fields;
            if let Some(said) = said {
                fields.set(meant.name, said);
            }
            Err(again(
                pages,
                &here.visitor,
                form,
                &here.draft,
                (&fields, &here.refused),
            )
            .into())
        }
    }
}

/// Kind and id of each thing that was named, one a line; or the id alone. None if one of them is nothing.
fn understood(pages: &Pages, visitor: &Visitor, meant: Meant, said: &str) -> Option<String> {
    let each = said.split_whitespace();
    let mut each = each.map(|one| thing(pages, visitor, meant.act, one));
    if meant.id_only {
        let one = each.next()?;
        let id = one.rsplit('/').find(|part| part.parse::<Uuid>().is_ok());
        return id.map(str::to_owned);
    }
    let each: Vec<_> = each.collect();
    let all = each.iter().all(|one| one.parse::<Subject>().is_ok());
    all.then(|| each.join("\n"))
}

/// The form again: what was said at this place is nothing that is recorded.
fn unknown(pages: &Pages, posted: Posted, form: &Form, name: &str) -> Instead {
    let (by, fields) = (&posted.visitor, &posted.fields);
    let draft = posted.draft.unwrap_or_else(|| by.begin_draft(pages, None));
    let refused = Refused::from(Refusal::invalid(format!("/{name}"), UNKNOWN));
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
