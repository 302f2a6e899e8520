//! Instants as they stand in answers: RFC 3339 in UTC, written without asking for memory.
//!
//! A queue holds thousands of them. They are written as chrono writes them, to the byte.

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::{Serialize, Serializer};

/// `2026-03-02T14:30:00.123456789Z` and nothing longer.
const BYTES_MAX: usize = 30;

/// Writes an instant.
///
/// # Errors
/// Those of whatever it is written to.
pub fn instant<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
    let mut text = [0; BYTES_MAX];
    match written(*at, &mut text) {
        Some(text) => to.serialize_str(text),
        None => at.serialize(to),
    }
}

/// Writes an instant, or that there is none.
///
/// # Errors
/// Those of whatever it is written to.
pub fn maybe<S: Serializer>(at: &Option<DateTime<Utc>>, to: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => instant(at, to),
        None => to.serialize_none(),
    }
}

/// Its text, for the years of four digits and outside of leap seconds.
fn written(at: DateTime<Utc>, text: &mut [u8; BYTES_MAX]) -> Option<&str> {
    let (day, time) = (at.date_naive(), at.time());
    let year = u32::try_from(day.year())
        .ok()
        .filter(|year| *year <= 9999)?;
    let nanoseconds = time.nanosecond();
    let (part, digits) = match nanoseconds {
        0 => (0, 0),
        1_000_000_000.. => return None,
        n if n.is_multiple_of(1_000_000) => (n / 1_000_000, 3),
        n if n.is_multiple_of(1_000) => (n / 1_000, 6),
        n => (n, 9),
    };
    text[..20].copy_from_slice(b"0000-00-00T00:00:00.");
    number(&mut text[..4], year);
    number(&mut text[5..7], day.month());
    number(&mut text[8..10], day.day());
    number(&mut text[11..13], time.hour());
    number(&mut text[14..16], time.minute());
    number(&mut text[17..19], time.second());
    let ends = if digits == 0 { 19 } else { 20 + digits };
    number(&mut text[20..20 + digits], part);
    text[ends] = b'Z';
    std::str::from_utf8(&text[..=ends]).ok()
}

/// Fills a place with the digits of a number.
fn number(place: &mut [u8], mut number: u32) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).expect("a digit is less than ten");
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Both {
        #[serde(serialize_with = "instant")]
        one: DateTime<Utc>,
        #[serde(serialize_with = "maybe")]
        perhaps: Option<DateTime<Utc>>,
    }

    #[test]
    fn an_instant_is_written_as_chrono_writes_it() {
        let parts = [
            0,
            1,
            120,
            5_000,
            999_000,
            1_000_000,
            40_000_000,
            999_999_999,
        ];
        let years = [-1, 0, 1, 45, 1969, 1970, 2024, 2026, 9999, 10_000];
        let seconds = years.map(|year| (i64::from(year) - 1970) * 31_556_952 + 5_000_003);
        for (second, part) in seconds.iter().flat_map(|s| parts.map(|part| (*s, part))) {
            let at = DateTime::from_timestamp(second, part).unwrap();
            let ours = Both {
                one: at,
                perhaps: Some(at),
            };
            let theirs = serde_json::json!({"one": at, "perhaps": at});
            assert_eq!(serde_json::to_value(&ours).unwrap(), theirs, "{at}");
        }
    }

    #[test]
    fn that_there_is_none_is_written_as_well() {
        let at = DateTime::UNIX_EPOCH;
        let none = Both {
            one: at,
            perhaps: None,
        };
        let text = serde_json::to_string(&none).unwrap();
        assert_eq!(text, r#"{"one":"1970-01-01T00:00:00Z","perhaps":null}"#);
    }
}
