//! A trust with a lead, a deputy and requests, told in facts, whose letters can be looked at and sent.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use pipss_domain::directory_facts::{GrantGiven, PersonRecorded, Role};
use pipss_domain::facts::{CaseTriaged, ReferralRaised, Urgency};
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::{CaseId, CommandId, Id, OrganisationId, PersonId};
use pipss_domain::letter::LetterSent;
use pipss_domain::personal::Personal;
use pipss_domain::stream::{LogId, Stream};
use pipss_projections::Views;
use pipss_projections::letters::Letter;
use uuid::Uuid;

pub const fn id<K>(n: u128) -> Id<K> {
    Id::new(Uuid::from_u128(n))
}

const ORGANISATION: OrganisationId = id(1);
pub const LEAD: PersonId = id(11);
pub const DEPUTY: PersonId = id(12);
pub const OTHER: PersonId = id(13);
pub const NURSE: PersonId = id(14);

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Tuesday 3 March 2026, nine in the morning: working time is the clock's time for eight hours.
pub fn tuesday() -> DateTime<Utc> {
    at("2026-03-03T09:00:00Z")
}

/// A trust with a lead and a deputy, at an instant.
pub struct Trust {
    pub views: Views,
    pub now: DateTime<Utc>,
    position: u64,
    versions: HashMap<Stream, u64>,
}

impl Trust {
    pub fn on(now: DateTime<Utc>) -> Self {
        let mut trust = Self {
            views: Views::default(),
            now: now - Duration::days(30),
            position: 0,
            versions: HashMap::new(),
        };
        for person in [LEAD, DEPUTY, OTHER, NURSE] {
            let recorded = PersonRecorded {
                name: None,
                email: Some(Personal::Known("someone@example.test".into())),
                sign_in: None,
                home_unit: None,
                external: false,
            };
            trust.told(Stream::Person(person), Event::PersonRecorded(recorded));
        }
        trust.leads(LEAD, None);
        trust.leads(DEPUTY, NaiveDate::from_ymd_opt(2030, 1, 1));
        trust.now = now;
        trust
    }

    pub fn told(&mut self, stream: Stream, event: Event) {
        self.position += 1;
        let version = self.versions.entry(stream).or_default();
        *version += 1;
        let fact = Fact {
            log: LogId::main(ORGANISATION),
            position: self.position,
            stream,
            version: *version,
            command: CommandId::new(Uuid::from_u128(1000 + u128::from(self.position))),
            number: 0,
            occurred_at: self.now,
            recorded_at: self.now,
            who: Who::Person(NURSE),
            policy: 1,
            event,
        };
        self.views.evolve(&fact);
    }

    pub fn leads(&mut self, person: PersonId, until: Option<NaiveDate>) {
        let role = Role::Lead;
        self.told(
            Stream::Grants(person),
            Event::GrantGiven(GrantGiven { role, until }),
        );
    }

    /// Someone asks for support now.
    pub fn raised(&mut self, n: u128, suggested: Urgency) -> CaseId {
        let golden = include_str!("../../../domain/tests/golden/ReferralRaised.1.json");
        let mut raised: ReferralRaised = serde_json::from_str(golden).unwrap();
        raised.suggested = suggested;
        raised.defusion_held = None;
        raised.on_behalf = None;
        let case = id(100 + n);
        self.told(Stream::Case(case), Event::ReferralRaised(Box::new(raised)));
        case
    }

    pub fn acknowledged(&mut self, case: CaseId) {
        let golden = include_str!("../../../domain/tests/golden/ReferralAcknowledged.1.json");
        let event = Event::ReferralAcknowledged(serde_json::from_str(golden).unwrap());
        self.told(Stream::Case(case), event);
    }

    pub fn triaged(&mut self, case: CaseId, decided: Urgency) {
        let golden = include_str!("../../../domain/tests/golden/CaseTriaged.1.json");
        let mut triaged: CaseTriaged = serde_json::from_str(golden).unwrap();
        triaged.decided = decided;
        self.told(Stream::Case(case), Event::CaseTriaged(triaged));
    }

    /// What goes now that the time called for; not recorded as sent.
    pub fn owed(&self) -> Vec<Vec<Letter>> {
        let owed = self
            .views
            .letters
            .owed_by_time(self.views.around(), self.now);
        let mut mails = owed.mails;
        mails.sort_by_key(|mail| (mail[0].owed_at, mail[0].id));
        mails
    }

    /// What goes now, in words: to whom, what kind, about which clock.
    pub fn said(&self) -> BTreeSet<String> {
        self.owed()
            .into_iter()
            .flatten()
            .map(|letter| said(&letter))
            .collect()
    }

    pub fn recorded(&mut self, letter: &Letter, event: Event) {
        self.told(Stream::Letter(letter.id.0, letter.id.2), event);
    }

    /// Sends what is due, also what facts called for; answers the mails that the time called for.
    pub fn sends(&mut self) -> Vec<Vec<Letter>> {
        let by_time = self.owed();
        for mail in self.views.letters.due(self.views.around(), self.now) {
            for letter in &mail {
                let sent = LetterSent {
                    letter: letter.id.1,
                    message_id: mail[0].message_id().to_string(),
                    sequence: None,
                };
                self.recorded(letter, Event::LetterSent(sent));
            }
        }
        by_time
    }

    /// Lets time pass, sending every five minutes; answers how many mails each person got.
    pub fn passes(&mut self, time: Duration) -> Vec<Vec<Letter>> {
        let until = self.now + time;
        let mut mails = Vec::new();
        while self.now < until {
            self.now += Duration::minutes(5);
            mails.extend(self.sends());
        }
        mails
    }
}

pub fn said(letter: &Letter) -> String {
    let (_, kind, to) = letter.id;
    let who = [(LEAD, "lead"), (DEPUTY, "deputy"), (OTHER, "other")];
    let who = who.iter().find(|(person, _)| *person == to).unwrap().1;
    let clock = letter
        .clock
        .map_or(String::new(), |code| format!(" {code:?}"));
    format!("{who} {kind:?}{clock}")
}

pub fn set(of: &[&str]) -> BTreeSet<String> {
    of.iter().map(|text| (*text).to_owned()).collect()
}

pub fn minutes(n: i64) -> Duration {
    Duration::minutes(n)
}
