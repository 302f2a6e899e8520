//! The one page of the demonstration: who there is, what was posted, and the ward's story.

use minijinja::value::Serde;
use minijinja::{Environment, context};
use pipss_api::actor::Actor;
use pipss_api::letters::LetterStateCode;
use pipss_api::problem::Refused;
use pipss_api::timelines::TimelineAsked;
use pipss_domain::calendar::in_words;
use serde::Serialize;

use super::Demo;
use super::people::{organisation, person, shown, unit};

/// So many letters are shown, the latest first.
const LETTERS_MAX: usize = 100;
const TEMPLATE: &str = include_str!("page.html");

#[derive(Serialize)]
struct ShownLetter {
    to: String,
    address: String,
    owed_at: String,
    became: String,
    subject: String,
    text: String,
}

#[derive(Serialize)]
struct ShownEntry {
    at: String,
    headline: String,
    texts: Vec<(String, String)>,
}

/// Draws the page.
pub fn drawn(demo: &Demo) -> Result<String, Refused> {
    let mut templates = Environment::new();
    templates
        .add_template("page.html", TEMPLATE)
        .expect("a test draws the page");
    let page = templates
        .get_template("page.html")
        .expect("it was just added");
    let drawn = page.render(context! {
        base => demo.base.clone(),
        now => in_words(demo.app.clock().now()),
        people => Serde(shown(&demo.app, false)),
        letters => Serde(letters(demo)?),
        timeline => Serde(timeline(demo)?),
        robin => person("robin").to_string(),
    });
    Ok(drawn.expect("a test draws the page"))
}

fn letters(demo: &Demo) -> Result<Vec<ShownLetter>, Refused> {
    let outbox = demo
        .app
        .outbox(&Actor::program(organisation()), &demo.base)?;
    let shown = outbox
        .into_iter()
        .take(LETTERS_MAX)
        .map(|(mail, letter)| ShownLetter {
            to: letter.to.name.unwrap_or_default(),
            address: mail.address,
            owed_at: in_words(mail.owed_at),
            became: format!(
                "{}{}",
                match letter.state {
                    LetterStateCode::Owed => "not sent yet",
                    LetterStateCode::Sent => "sent ",
                    LetterStateCode::Undelivered => "given up ",
                    LetterStateCode::Withdrawn => "no longer needed",
                },
                letter.at.map_or(String::new(), in_words)
            ),
            subject: mail.words.subject,
            text: mail.words.text,
        });
    Ok(shown.collect())
}

/// The stroke ward's timeline as its manager sees it.
fn timeline(demo: &Demo) -> Result<Vec<ShownEntry>, Refused> {
    let robin = Actor::person(organisation(), person("robin"));
    let asked = TimelineAsked {
        after: None,
        limit: Some(200),
        as_of: None,
    };
    let timeline = demo.app.team_timeline(&robin, unit("stroke"), &asked)?;
    let shown = timeline.entries.into_iter().map(|entry| ShownEntry {
        at: in_words(entry.at),
        headline: entry.headline,
        texts: entry
            .texts
            .into_iter()
            .map(|text| (text.label.into(), text.text))
            .collect(),
    });
    Ok(shown.collect())
}
