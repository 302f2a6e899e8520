//! When a person reads what someone asks for, and whom to ring until then.

use chrono::{DateTime, Utc};
use pipss_domain::history::{Event, Fact};
use pipss_domain::working_time::at_work_from;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::app::App;

/// When a person reads what was raised.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReadBy {
    /// Who reads it first.
    pub reader: Reader,
    /// From when on.
    pub from: DateTime<Utc>,
    /// The same in a sentence, in the time of England.
    pub sentence: String,
}

/// Who reads it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// Staff support, who are at work.
    StaffSupport,
    /// The duty contact, because it cannot wait until they are.
    DutyContact,
    /// Staff support, when they are at work again.
    StaffSupportLater,
}

/// A number that is answered now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HelpLine {
    /// Who answers.
    pub name: String,
    /// How to reach them.
    pub number: String,
}

/// What is answered at any hour in England; a trust sets its own in its configuration.
pub fn in_england() -> Vec<HelpLine> {
    let lines = [
        ("In danger", "999"),
        ("NHS 111", "111, option 2"),
        ("Samaritans", "116 123"),
        ("Shout, by text", "SHOUT to 85258"),
    ];
    lines
        .map(|(name, number)| HelpLine {
            name: name.into(),
            number: number.into(),
        })
        .into()
}

impl App {
    /// The numbers that are answered now.
    pub fn urgent_help(&self) -> &[HelpLine] {
        &self.urgent_help
    }

    /// Takes the trust's own numbers.
    pub fn set_urgent_help(&mut self, lines: Vec<HelpLine>) {
        self.urgent_help = lines;
    }

    /// When a person reads what a fact asks for: as it was when it was recorded, so that a repeat is
    /// told the same.
    pub(crate) fn read_by(&self, actor: &Actor, fact: &Fact) -> Option<ReadBy> {
        let Event::ReferralRaised(_) = &fact.event else {
            return None;
        };
        let duty = self.view(actor, |view| view.views.letters.reaches_duty(fact.id()));
        Some(read_by(fact.recorded_at, duty))
    }
}

fn read_by(at: DateTime<Utc>, duty: bool) -> ReadBy {
    let from = at_work_from(at);
    if from == at {
        return ReadBy {
            reader: Reader::StaffSupport,
            from,
            sentence: "People are at work now and read this.".into(),
        };
    }
    if duty {
        return ReadBy {
            reader: Reader::DutyContact,
            from: at,
            sentence: "The duty contact is being told now.".into(),
        };
    }
    ReadBy {
        reader: Reader::StaffSupportLater,
        from,
        sentence: pipss_projections::wording::nobody_reads_until(from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn on_friday_night_it_says_until_when_nobody_reads_it() {
        let friday = read_by(at("2026-06-05T21:00:00Z"), false);
        assert_eq!(friday.from, at("2026-06-08T08:00:00Z"));
        assert_eq!(friday.sentence, "Nobody reads this until Monday 09:00.");
        assert_eq!(friday.reader, Reader::StaffSupportLater);
    }

    #[test]
    fn within_working_time_people_read_it_and_at_night_the_duty_contact_if_there_is_one() {
        let now = at("2026-06-05T12:00:00Z");
        assert_eq!(read_by(now, false).reader, Reader::StaffSupport);
        let night = at("2026-06-06T02:00:00Z");
        let duty = read_by(night, true);
        assert_eq!((duty.reader, duty.from), (Reader::DutyContact, night));
    }
}
