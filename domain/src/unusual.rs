//! Reading that an auditor should look at: a few rules, each with its numbers and the sentence why it is
//! shown. Nobody is accused by them: they say what to ask about.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use serde::Serialize;
use utoipa::ToSchema;

use crate::calendar::{day_in_london, hour_in_london};
use crate::facts::{Looked, ReadAs};
use crate::ids::PersonId;

/// The numbers that the rules go by.
#[derive(Clone, Copy, Debug)]
pub struct Thresholds {
    /// Fewer different one-to-ones than this in a day are never many.
    pub one_to_ones_a_day: usize,
    /// Fewer different cases than this in a day are never many.
    pub cases_a_day: usize,
    /// Many is more than so many times what the same person usually reads on a day.
    pub times_their_usual: usize,
    /// So many days before are looked at for what is usual.
    pub usual_days: u64,
    /// Night begins at this hour in England …
    pub night_from: u32,
    /// … and ends at this one.
    pub night_until: u32,
}

/// As they are.
pub const THRESHOLDS: Thresholds = Thresholds {
    one_to_ones_a_day: 5,
    cases_a_day: 20,
    times_their_usual: 3,
    usual_days: 28,
    night_from: 20,
    night_until: 7,
};

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the sentences say it")]
pub enum Rule {
    BreakGlass,
    ManyOneToOnes,
    ManyCases,
    OwnTeam,
    OutOfHours,
}

impl Rule {
    /// Why it is shown.
    pub fn sentence(self) -> String {
        let Thresholds {
            one_to_ones_a_day,
            cases_a_day,
            times_their_usual,
            usual_days,
            night_from,
            night_until,
        } = THRESHOLDS;
        match self {
            Self::BreakGlass => {
                "Someone broke the glass: each time is shown, whatever it was for.".into()
            }
            Self::ManyOneToOnes => format!(
                "In one day they read {one_to_ones_a_day} or more one-to-ones, and over {times_their_usual} times as \
                 many as they usually do (the middle of their days in the {usual_days} days before)."
            ),
            Self::ManyCases => format!(
                "In one day they read {cases_a_day} or more cases, and over {times_their_usual} times as many as they \
                 usually do (the middle of their days in the {usual_days} days before)."
            ),
            Self::OwnTeam => {
                "They read a case of the team they work in themselves, which they neither \
                manage, nor raised, nor were asked to help with."
                    .into()
            }
            Self::OutOfHours => format!(
                "Between {night_from}:00 and 0{night_until}:00, or at a weekend, they read a case or a one-to-one \
                 in which they have recorded nothing and were asked nothing."
            ),
        }
    }
}

/// Someone looked at something.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Who.
    pub reader: PersonId,
    /// What kind of thing.
    pub what: Looked,
    /// As what.
    pub read_as: ReadAs,
    /// Which.
    pub object: String,
    /// In this hour.
    pub hour: DateTime<Utc>,
}

/// How readers stand to what they read. Asked only where a rule goes by it.
pub struct Around<'a> {
    /// Is it about the team that they work in, and do not manage?
    pub own_team: &'a dyn Fn(&Seen) -> bool,
    /// Did they record something in it, were they asked to, or do they manage the team?
    pub works_on_it: &'a dyn Fn(&Seen) -> bool,
}

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Which rule shows it.
    pub rule: Rule,
    /// Who read.
    pub reader: PersonId,
    /// What, if it is about one thing.
    pub object: Option<String>,
    /// How many things.
    pub number: usize,
    /// How many they usually read on a day, where the rule goes by that.
    pub usual: Option<usize>,
    /// The first hour.
    pub hour: DateTime<Utc>,
}

/// What is unusual about the readings of a day; `seen` holds those of the days before as well.
pub fn of_day(day: NaiveDate, seen: &[Seen], around: &Around<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let kinds = [
        (
            Looked::OneToOne,
            Rule::ManyOneToOnes,
            THRESHOLDS.one_to_ones_a_day,
        ),
        (Looked::Case, Rule::ManyCases, THRESHOLDS.cases_a_day),
    ];
    for (what, rule, least) in kinds {
        findings.extend(many(day, seen, what, (rule, least)));
    }
    let mut told = BTreeSet::new();
    let mut today: Vec<_> = seen
        .iter()
        .filter(|one| day_in_london(one.hour) == day)
        .collect();
    today.sort_by_key(|one| one.hour);
    for one in today {
        for rule in [Rule::BreakGlass, Rule::OwnTeam, Rule::OutOfHours] {
            let met = concerns(rule, one);
            if met && told.insert((rule, one.reader, &one.object)) && holds(rule, one, around) {
                findings.push(alone(rule, one));
            }
        }
    }
    findings.sort();
    findings
}

/// Can a rule be about this reading at all?
fn concerns(rule: Rule, one: &Seen) -> bool {
    let broken = one.read_as == ReadAs::BreakGlass;
    let content = matches!(one.what, Looked::Case | Looked::OneToOne);
    let asked_of = content && !broken && one.read_as != ReadAs::DutyContact;
    match rule {
        Rule::BreakGlass => broken,
        Rule::OwnTeam => asked_of,
        Rule::OutOfHours => asked_of && out_of_hours(one.hour),
        Rule::ManyOneToOnes | Rule::ManyCases => false,
    }
}

fn holds(rule: Rule, one: &Seen, around: &Around<'_>) -> bool {
    match rule {
        Rule::OwnTeam => (around.own_team)(one) && !(around.works_on_it)(one),
        Rule::OutOfHours => !(around.works_on_it)(one),
        Rule::BreakGlass | Rule::ManyOneToOnes | Rule::ManyCases => true,
    }
}

fn alone(rule: Rule, one: &Seen) -> Finding {
    Finding {
        rule,
        reader: one.reader,
        object: Some(one.object.clone()),
        number: 1,
        usual: None,
        hour: one.hour,
    }
}

fn out_of_hours(hour: DateTime<Utc>) -> bool {
    let weekday = day_in_london(hour).weekday();
    let by_day = THRESHOLDS.night_until..THRESHOLDS.night_from;
    matches!(weekday, Weekday::Sat | Weekday::Sun) || !by_day.contains(&hour_in_london(hour))
}

/// Whoever read many different things of a kind in a day, against the middle of their own days before on
/// which they read any.
fn many(day: NaiveDate, seen: &[Seen], what: Looked, (rule, least): (Rule, usize)) -> Vec<Finding> {
    let mut days: BTreeMap<PersonId, BTreeMap<NaiveDate, BTreeSet<&str>>> = BTreeMap::new();
    let mut first: BTreeMap<PersonId, DateTime<Utc>> = BTreeMap::new();
    for one in seen.iter().filter(|one| one.what == what) {
        let on = day_in_london(one.hour);
        let of_person = days.entry(one.reader).or_default();
        of_person.entry(on).or_default().insert(&one.object);
        if on == day {
            let hour = first.entry(one.reader).or_insert(one.hour);
            *hour = one.hour.min(*hour);
        }
    }
    let found = first.into_iter().filter_map(|(reader, hour)| {
        let mut of_days = days.remove(&reader)?;
        let number = of_days.remove(&day)?.len();
        let mut before: Vec<_> = of_days.values().map(BTreeSet::len).collect();
        before.sort_unstable();
        let usual = before.get(before.len() / 2).copied().unwrap_or(0);
        let many = number >= least && number > usual * THRESHOLDS.times_their_usual;
        many.then_some(Finding {
            rule,
            reader,
            object: None,
            number,
            usual: Some(usual),
            hour,
        })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const READER: PersonId = PersonId::new(Uuid::from_u128(1));

    fn seen(what: Looked, n: usize, at: &str) -> Seen {
        Seen {
            reader: READER,
            what,
            read_as: ReadAs::Lead,
            object: format!("{what:?}/{n}"),
            hour: at.parse().unwrap(),
        }
    }

    /// The rules that readings of a day meet, for someone who stands so to what they read.
    fn rules(seen: &[Seen], own_team: bool, works_on_it: bool) -> Vec<Rule> {
        let around = Around {
            own_team: &|_| own_team,
            works_on_it: &|_| works_on_it,
        };
        let day = seen.last().map(|one| day_in_london(one.hour)).unwrap();
        let found = of_day(day, seen, &around);
        found.into_iter().map(|finding| finding.rule).collect()
    }

    fn many_read(n: usize, at: &str) -> Vec<Seen> {
        (0..n).map(|n| seen(Looked::OneToOne, n, at)).collect()
    }

    #[test]
    fn many_one_to_ones_are_shown_unless_that_is_what_they_usually_read() {
        let today = many_read(6, "2026-03-04T10:00:00Z");
        assert_eq!(rules(&today, false, true), [Rule::ManyOneToOnes]);
        assert_eq!(rules(&today[..4], false, true), []);
        // The same thing in two hours is one thing.
        let later = many_read(4, "2026-03-04T11:00:00Z");
        assert_eq!(rules(&[&today[..4], &later[..]].concat(), false, true), []);
        let two_before = many_read(2, "2026-03-03T10:00:00Z");
        assert_eq!(
            rules(&[two_before, today.clone()].concat(), false, true),
            []
        );
        let one_before = many_read(1, "2026-03-03T10:00:00Z");
        let found = rules(&[one_before, today].concat(), false, true);
        assert_eq!(found, [Rule::ManyOneToOnes]);
    }

    #[test]
    fn at_night_and_at_weekends_a_case_is_shown_unless_they_work_on_it() {
        let unusual = [
            "2026-03-04T20:00:00Z",
            "2026-03-04T06:00:00Z",
            "2026-03-07T12:00:00Z",
        ];
        for at in unusual {
            let night = [seen(Looked::Case, 1, at)];
            assert_eq!(rules(&night, false, false), [Rule::OutOfHours]);
            assert_eq!(rules(&night, false, true), []);
        }
        let day = [seen(Looked::Case, 1, "2026-03-04T19:00:00Z")];
        assert_eq!(rules(&day, false, false), []);
    }

    #[test]
    fn a_case_of_their_own_team_is_shown_unless_they_have_to_do_with_it() {
        let read = [seen(Looked::Case, 1, "2026-03-04T12:00:00Z")];
        assert_eq!(rules(&read, true, false), [Rule::OwnTeam]);
        assert_eq!(rules(&read, true, true), []);
        assert_eq!(rules(&read, false, false), []);
    }

    #[test]
    fn every_breaking_of_the_glass_is_shown_once() {
        let broken = Seen {
            read_as: ReadAs::BreakGlass,
            ..seen(Looked::OneToOne, 1, "2026-03-04T12:00:00Z")
        };
        assert_eq!(
            rules(&[broken.clone(), broken], true, false),
            [Rule::BreakGlass]
        );
    }
}
