//! What people type: checked once at the edge, never shown by accident.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};

use crate::personal::Personal;

/// Free text of 1 to `MAX` characters after trimming. `Debug` never shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Text<const MAX: usize>(String);

/// As [`Text`], on one line.
#[derive(Clone, PartialEq, Eq)]
pub struct Line<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// Checks the length. The refusal never repeats the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        measured::<MAX>(text).map(Self)
    }
}

impl<const MAX: usize> Line<MAX> {
    /// What was typed, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Checks the length, and that it is one line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        if text.trim().chars().any(breaks) {
            return Err("expected one line of text".into());
        }
        measured::<MAX>(text).map(Self)
    }
}

fn measured<const MAX: usize>(text: &str) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err("expected some text".into()),
        n if n > MAX => Err(format!("expected at most {MAX} characters")),
        _ => Ok(text.to_owned()),
    }
}

impl<const MAX: usize> From<Text<MAX>> for Personal<String> {
    fn from(text: Text<MAX>) -> Self {
        Self::Known(text.0)
    }
}

impl<const MAX: usize> From<Line<MAX>> for Personal<String> {
    fn from(text: Line<MAX>) -> Self {
        Self::Known(text.0)
    }
}

impl<const MAX: usize> From<Line<MAX>> for String {
    fn from(text: Line<MAX>) -> Self {
        text.0
    }
}

impl<const MAX: usize> fmt::Debug for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<const MAX: usize> fmt::Debug for Line<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Line<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

fn text_schema(max: usize) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(max))
        .into()
}

impl<const MAX: usize> utoipa::PartialSchema for Text<MAX> {
    fn schema() -> RefOr<Schema> {
        text_schema(MAX)
    }
}
impl<const MAX: usize> utoipa::ToSchema for Text<MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Text{MAX}").into()
    }
}
impl<const MAX: usize> utoipa::PartialSchema for Line<MAX> {
    fn schema() -> RefOr<Schema> {
        text_schema(MAX)
    }
}
impl<const MAX: usize> utoipa::ToSchema for Line<MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Line{MAX}").into()
    }
}

/// A point in time as a person gave it: RFC 3339 with its offset, so that the two hours of a clock
/// change are never confused; years 1900 to 2199; no leap second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub DateTime<Utc>);

/// A calendar day as a person gave it: `2026-03-29`, years 1900 to 2199.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub NaiveDate);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse_moment(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

fn parse_moment(text: &str) -> Result<Moment, &'static str> {
    const EXPECTED: &str =
        "expected a date and time that exist, with an offset, such as 2026-03-02T09:30:00Z";
    if text.len() > 40 || !century_known(text) || text.get(17..19) == Some("60") {
        return Err(EXPECTED);
    }
    DateTime::parse_from_rfc3339(text)
        .map(|at| Moment(at.to_utc()))
        .map_err(|_| EXPECTED)
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "expected a date that exists, such as 2026-03-02";
        let text = String::deserialize(deserializer)?;
        if text.len() != 10 || !century_known(&text) {
            return Err(serde::de::Error::custom(EXPECTED));
        }
        text.parse()
            .map(Self)
            .map_err(|_| serde::de::Error::custom(EXPECTED))
    }
}

fn century_known(text: &str) -> bool {
    ["19", "20", "21"].iter().any(|c| text.starts_with(c))
}

fn time_schema(format: KnownFormat) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(format)))
        .into()
}

impl utoipa::PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        time_schema(KnownFormat::DateTime)
    }
}
impl utoipa::ToSchema for Moment {}
impl utoipa::PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        time_schema(KnownFormat::Date)
    }
}
impl utoipa::ToSchema for Day {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_is_counted_in_characters_after_trimming() {
        assert!(Text::<5>::parse("  żółć!  ").is_ok());
        assert!(Text::<5>::parse("żółć!?").is_err());
        assert!(Text::<5>::parse(" \t\n ").is_err());
    }

    #[test]
    fn a_text_may_have_lines_and_a_line_may_not() {
        for text in [
            "a\nb",
            "a\rb",
            "a\tb",
            "a\u{85}b",
            "a\u{2028}b",
            "a\u{2029}b",
        ] {
            assert!(Text::<9>::parse(text).is_ok(), "{text:?}");
            assert!(Line::<9>::parse(text).is_err(), "{text:?}");
        }
        assert!(
            Line::<9>::parse(" a b \n").is_ok(),
            "what is around it is trimmed"
        );
    }

    #[test]
    fn neither_shows_what_was_typed() {
        let text = Text::<9>::parse("secret").unwrap();
        let line = Line::<9>::parse("secret").unwrap();
        assert_eq!(format!("{text:?} {line:?}"), "*** ***");
        let said =
            Text::<2>::parse("secret").unwrap_err() + &Line::<9>::parse("se\ncret").unwrap_err();
        assert!(!said.contains("secret"), "{said}");
    }

    fn moment(text: &str) -> Option<String> {
        let moment = serde_json::from_value::<Moment>(json!(text)).ok()?;
        Some(moment.0.to_rfc3339())
    }

    #[test]
    fn a_moment_has_an_offset_so_that_both_hours_of_a_clock_change_can_be_told() {
        assert_eq!(
            moment("2026-10-25T01:30:00+01:00").unwrap(),
            "2026-10-25T00:30:00+00:00"
        );
        assert_eq!(
            moment("2026-10-25T01:30:00Z").unwrap(),
            "2026-10-25T01:30:00+00:00"
        );
        assert_eq!(moment("2026-10-25T01:30:00"), None);
    }

    #[test]
    fn a_moment_exists_lies_within_three_centuries_and_is_no_leap_second() {
        for text in [
            "2026-02-29T00:00:00Z",
            "2026-06-30T23:59:60Z",
            "1899-12-31T23:59:59Z",
            "2200-01-01T00:00:00Z",
            "é026-01-01T00:00:00Z",
            "",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
        assert!(
            moment("1900-01-01T00:00:00Z").is_some() && moment("2199-12-31T23:59:59Z").is_some()
        );
    }

    #[test]
    fn a_day_exists_and_is_written_one_way() {
        let day = |text: &str| serde_json::from_value::<Day>(json!(text)).is_ok();
        assert!(day("2028-02-29"));
        for text in [
            "2027-02-29",
            "2027-2-28",
            "20270228",
            "2027-02-28Z",
            "28/02/2027",
            "2027-02-2é",
        ] {
            assert!(!day(text), "{text}");
        }
    }
}
