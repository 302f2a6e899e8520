//! What must never stand in a letter to a mailbox that may be shared.

use chrono::{DateTime, Utc};

use super::ward::{Ward, text};

/// Everything that must not stand in a shared mailbox.
pub async fn forbidden(ward: &Ward) -> Vec<String> {
    let people = ward.demo.get(&ward.robin, "/demo/people").await.expect(200);
    let teams = ward
        .demo
        .get(&ward.robin, "/api/v1/teams")
        .await
        .expect(200);
    let people = people["people"].as_array().unwrap().iter();
    let teams = teams["teams"].as_array().unwrap().iter();
    let mut words: Vec<String> = people
        .flat_map(|person| {
            text(&person["name"])
                .split(' ')
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .chain(teams.map(|team| text(&team["name"])))
        .collect();
    let coded = "trust hospital ward stroke harbour willow garden W-20417 U1 PETR debrief defusion \
        one-to-one liaison training counsellor counselling bereavement incident assault assaulted \
        attack attacked threat threats violence abuse patient died death unsafe security session \
        facilitator night psychological trauma";
    words.extend(coded.split_whitespace().map(str::to_owned));
    words.extend([ward.at(-3, -6), ward.at(-1, -5)].map(days).concat());
    words
}

/// A day as anyone might write it.
fn days(at: DateTime<Utc>) -> Vec<String> {
    [
        "%Y-%m-%d", "%d/%m/%Y", "%-d %B", "%-d %b", "%d %b", "%B %-d",
    ]
    .map(|form| at.format(form).to_string())
    .into()
}

/// Does it say this, as a word or words by themselves, in whatever case?
pub fn says(text: &str, phrase: &str) -> bool {
    let (text, phrase) = (text.to_lowercase(), phrase.to_lowercase());
    let alone = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(&phrase).any(|(at, _)| {
        let after = text[at + phrase.len()..].chars().next();
        alone(text[..at].chars().next_back()) && alone(after)
    })
}
