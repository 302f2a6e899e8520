//! What became of each letter about what a lead may see.

use std::sync::Arc;

use axum::extract::State;
use pipss_api::letters::{LetterAnswer, LetterStateCode, LettersAsked};
use serde::Serialize;

use super::asked::{Turns, link, query, turns};
use super::table::{Cell, Table};
use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::visitor::Visitor;

const COLUMNS: [&str; 5] = [
    "What it says",
    "For",
    "Case",
    "Owed since",
    "What became of it",
];
/// So many a page, so that it stays light.
const LETTERS: usize = 25;
/// A code, the words of the choice, and the state.
type Choice = (&'static str, &'static str, Option<LetterStateCode>);

/// The states one can choose, and the words of the choice.
const STATES: [Choice; 5] = [
    ("", "All", None),
    (
        "undelivered",
        "Could not be delivered",
        Some(LetterStateCode::Undelivered),
    ),
    ("owed", "Not sent yet", Some(LetterStateCode::Owed)),
    ("sent", "Sent", Some(LetterStateCode::Sent)),
    (
        "withdrawn",
        "No longer needed",
        Some(LetterStateCode::Withdrawn),
    ),
];

#[derive(Serialize)]
struct LettersPage {
    states: Vec<StateLink>,
    any: bool,
    table: Table,
    turns: Turns,
}

#[derive(Serialize)]
struct StateLink {
    href: String,
    words: &'static str,
    current: bool,
}

impl View for LettersPage {
    const TEMPLATE: &'static str = "lists/letters.html";

    fn title(&self) -> String {
        "Letters".into()
    }
}

/// The letters.
pub async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let asked = query(&visitor);
    let wanted = asked.get("state").unwrap_or_default();
    let found = STATES.iter().find(|(code, ..)| *code == wanted);
    let (code, _, state) = *found.unwrap_or(&STATES[0]);
    let letters = LettersAsked {
        state,
        after: asked.get("after").map(str::to_owned),
        limit: Some(LETTERS),
    };
    let answer = pages.app.letters(&visitor.actor, &letters)?;
    let to = |cursor: &str| link("/letters", &[("state", code), ("after", cursor)]);
    let choice = |(other, words, _): &Choice| StateLink {
        href: link("/letters", &[("state", *other)]),
        words,
        current: *other == code,
    };
    let view = LettersPage {
        states: STATES.iter().map(choice).collect(),
        any: !answer.letters.is_empty(),
        table: Table::new(&COLUMNS, answer.letters.iter().map(row).collect()),
        turns: turns(
            &asked,
            answer.next,
            to,
            ("The newest letters", "Older letters"),
        ),
    };
    Ok(pages.page(&visitor, &view))
}

fn row(letter: &LetterAnswer) -> Vec<Cell> {
    let about = letter.clock.map(|clock| format!(": {}", clock.label()));
    let about = about.unwrap_or_default();
    let case = letter.case.zip(letter.reference.as_ref());
    let became = match (letter.state, letter.at) {
        (LetterStateCode::Sent, Some(at)) => format!("Sent {}", london::moment(at)),
        (LetterStateCode::Undelivered, Some(at)) => {
            format!("Could not be delivered; given up {}", london::moment(at))
        }
        (LetterStateCode::Withdrawn, _) => "No longer needed, so not sent".into(),
        _ => "Not sent yet; it is tried again".into(),
    };
    vec![
        Cell::text(format!("{}{about}", letter.kind.label())),
        Cell::text(letter.to.name.as_deref().unwrap_or("Name not known")),
        case.map_or(Cell::text("None"), |(case, reference)| {
            Cell::link(reference.clone(), format!("/cases/{case}"))
        }),
        Cell::text(london::moment(letter.owed_at)),
        Cell::text(became),
    ]
}
