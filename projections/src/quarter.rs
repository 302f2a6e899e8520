//! A quarter of the calendar year in England: what reports are counted by.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use pipss_domain::calendar::{day_in_london, in_london};

/// A quarter. In text: `2026-Q3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter {
    year: i32,
    /// 1 to 4.
    number: u32,
}

impl Quarter {
    /// The quarter of an instant.
    pub fn of(at: DateTime<Utc>) -> Self {
        let day = day_in_london(at);
        Self {
            year: day.year(),
            number: day.month0() / 3 + 1,
        }
    }

    /// Is it over? Only closed quarters are counted.
    pub fn closed(self, now: DateTime<Utc>) -> bool {
        self < Self::of(now)
    }

    /// The instants that lie in it: to compare with two of them is much less than to ask for the day of each.
    pub fn span(self) -> Range<DateTime<Utc>> {
        let begins = |quarter: Self| {
            in_london(quarter.first_day(), NaiveTime::MIN)
                .expect("no clock in England is changed at a midnight")
        };
        begins(self)..begins(self.after())
    }

    const fn after(self) -> Self {
        match self.number {
            4 => Self {
                year: self.year + 1,
                number: 1,
            },
            number => Self {
                year: self.year,
                number: number + 1,
            },
        }
    }

    /// The quarter before it.
    #[must_use]
    pub const fn before(self) -> Self {
        match self.number {
            1 => Self {
                year: self.year - 1,
                number: 4,
            },
            number => Self {
                year: self.year,
                number: number - 1,
            },
        }
    }

    /// In words: `July to September 2026`.
    pub fn in_words(self) -> String {
        let months = match self.number {
            1 => "January to March",
            2 => "April to June",
            3 => "July to September",
            _ => "October to December",
        };
        format!("{months} {}", self.year)
    }

    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, (self.number - 1) * 3 + 1, 1)
            .expect("every quarter begins on the first of a month")
    }
}

impl FromStr for Quarter {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected a quarter, such as 2026-Q3";
        let (year, number) = text.split_once("-Q").ok_or(EXPECTED)?;
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if year.len() != 4 || number.len() != 1 || !plain(year) || !plain(number) {
            return Err(EXPECTED);
        }
        let year = year.parse().map_err(|_| EXPECTED)?;
        let number = number.parse().map_err(|_| EXPECTED)?;
        let known = (1900..2200).contains(&year) && (1..=4).contains(&number);
        known.then_some(Self { year, number }).ok_or(EXPECTED)
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-Q{}", self.year, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_instants_of_a_quarter_are_those_of_its_days() {
        let mut at: DateTime<Utc> = "2023-12-31T21:30:00Z".parse().unwrap();
        while Quarter::of(at).year < 2028 {
            let quarter = Quarter::of(at);
            assert!(quarter.span().contains(&at), "{at}");
            assert!(!quarter.before().span().contains(&at), "{at}");
            assert!(!quarter.after().span().contains(&at), "{at}");
            at += chrono::Duration::minutes(30);
        }
    }

    #[test]
    fn a_quarter_is_of_the_calendar_in_england() {
        // Half past eleven at night in UTC is already the next day in summer time.
        let at = |text: &str| Quarter::of(text.parse().unwrap()).to_string();
        assert_eq!(at("2026-06-30T23:30:00Z"), "2026-Q3");
        assert_eq!(at("2026-12-31T23:30:00Z"), "2026-Q4");
    }

    #[test]
    fn before_the_first_quarter_of_a_year_is_the_last_of_the_year_before() {
        let first: Quarter = "2026-Q1".parse().unwrap();
        assert_eq!(first.before().to_string(), "2025-Q4");
        assert_eq!(first.before().before().in_words(), "July to September 2025");
    }

    #[test]
    fn a_quarter_reads_back_as_it_is_written() {
        for text in ["1999-Q1", "2026-Q4"] {
            assert_eq!(text.parse::<Quarter>().unwrap().to_string(), text);
        }
        for text in [
            "2026", "2026-Q0", "2026-Q5", "26-Q1", "2026-Q+1", "2026-q1", "",
        ] {
            assert!(text.parse::<Quarter>().is_err(), "{text}");
        }
    }
}
