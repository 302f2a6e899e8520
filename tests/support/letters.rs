//! Letters as the lead sees what became of them, and as they were found in the mails that arrived.

use std::collections::BTreeSet;

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
            let mut kind = text(&letter["kind"]);
            if let Some(clock) = letter["clock"].as_str() {
                kind = format!("{kind} {clock}");
            }
            Shown {
                carried: Carried {
                    kind,
                    to: format!("{}@example.test", name.replace(' ', ".")),
                    reference: letter["reference"].as_str().unwrap_or("").into(),
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

/// How a letter begins, and what it is. One about no case carries no reference.
const FIRST_WORDS: [(&str, &str); 21] = [
    (
        "A new request needs someone to look at it at once, and nobody",
        "on_duty",
    ),
    ("Thank you. Your request has reached us.", "received"),
    ("A new request needs someone", "urgent"),
    ("You are asked to help on the next working day", "reminder"),
    ("You are asked to help", "assigned"),
    ("Something has been arranged", "scheduled"),
    ("Nothing more is planned", "closed"),
    ("An answer is due soon", "due_soon K2"),
    ("An answer is overdue", "overdue K2"),
    ("A decision is due soon", "due_soon K3"),
    ("A decision is overdue", "overdue K3"),
    ("A first contact is due soon", "due_soon K4"),
    ("A first contact is overdue", "overdue K4"),
    (
        "The time for something planned is running out",
        "due_soon K5",
    ),
    ("The time for something planned is over", "overdue K5"),
    (
        "The time for three short questions is running out",
        "due_soon K7",
    ),
    ("The time for three short questions is over", "overdue K7"),
    ("Three short questions are waiting", "follow_up_due"),
    ("A message about this could not be delivered", "undelivered"),
    ("More is waiting", "waiting"),
    ("This is what waits", "digest"),
];

/// The letters in a mail, told by their first words.
pub fn carried(mail: &Received) -> Vec<Carried> {
    let mut kind = "";
    let mut found = Vec::new();
    for line in mail.text.lines() {
        let known = FIRST_WORDS.iter();
        let begins = known.into_iter().find(|(words, _)| line.starts_with(words));
        kind = begins.map_or(kind, |(_, kind)| kind);
        let alone = begins.is_some() && ["waiting", "digest"].contains(&kind);
        let reference = line.strip_prefix("Reference: ");
        if let Some(reference) = reference.or(alone.then_some("")) {
            found.push(Carried {
                kind: kind.into(),
                to: mail.envelope_to[0].clone(),
                reference: reference.into(),
            });
        }
    }
    found
}

/// Every letter in some mails, in words: to whom, and what. Sorted.
pub fn said(mails: &[Received]) -> Vec<String> {
    let each = mails.iter().flat_map(carried).map(|letter| {
        let who = letter.to.split('@').next().unwrap();
        format!("{who}: {}", letter.kind)
    });
    let mut said: Vec<_> = each.collect();
    said.sort();
    said
}

/// What the time calls for depends on the day of the week on which this runs: only the lead and the
/// deputy are told, and of nothing twice but of each new week.
pub fn only_leads_are_told_and_once(by_time: &[&Received]) {
    let mut told: Vec<_> = by_time.iter().flat_map(|mail| carried(mail)).collect();
    told.retain(|letter| letter.kind != "digest");
    let leads = ["alex.kestrel@example.test", "charlie.dunnock@example.test"];
    assert!(
        told.iter()
            .all(|letter| leads.contains(&letter.to.as_str())),
        "{told:?}"
    );
    let different: BTreeSet<_> = told.iter().collect();
    assert_eq!(different.len(), told.len(), "{told:?}");
}

/// Is it the time that called for all that a mail carries?
pub fn called_by_time(mail: &Received) -> bool {
    let time = |kind: &str| kind.starts_with("due_soon") || kind.starts_with("overdue");
    carried(mail)
        .iter()
        .all(|letter| time(&letter.kind) || letter.kind == "digest")
}
