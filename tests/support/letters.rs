//! Letters as the lead sees what became of them, and as they were found in the mails that arrived.

use super::demo::{Demo, Person};
use super::smtp::Received;
use super::ward::text;

/// One letter, whether in a mail of its own or in one with others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Carried {
    pub kind: String,
    pub to: String,
    pub reference: String,
}

/// What became of a letter.
#[derive(Clone, Debug)]
pub struct Shown {
    pub carried: Carried,
    pub state: String,
}

/// Every letter as the lead sees it, the latest first.
pub async fn letters(demo: &Demo, lead: &Person) -> Vec<Shown> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/letters?limit=200{after}");
        let page = demo.get(lead, &path).await.expect(200);
        all.extend(page["letters"].as_array().unwrap().iter().map(|letter| {
            let name = text(&letter["to"]["name"]).to_lowercase();
            Shown {
                carried: Carried {
                    kind: text(&letter["kind"]),
                    to: format!("{}@example.test", name.replace(' ', ".")),
                    reference: text(&letter["reference"]),
                },
                state: text(&letter["state"]),
            }
        }));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return all,
        }
    }
}

/// The letters in a mail, told by their first words.
pub fn carried(mail: &Received) -> Vec<Carried> {
    let mut kind = "";
    let mut found = Vec::new();
    for line in mail.text.lines() {
        kind = match line {
            _ if line.starts_with("Thank you. Your request has reached us.") => "received",
            _ if line.starts_with("A new request needs someone") => "urgent",
            _ if line.starts_with("You are asked to help") => "assigned",
            _ if line.starts_with("Something has been arranged") => "scheduled",
            _ if line.starts_with("Nothing more is planned") => "closed",
            _ => kind,
        };
        if let Some(reference) = line.strip_prefix("Reference: ") {
            found.push(Carried {
                kind: kind.into(),
                to: mail.envelope_to[0].clone(),
                reference: reference.into(),
            });
        }
    }
    found
}
