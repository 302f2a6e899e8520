//! How the parts of a record are spelled, so that they are read and written without a detour.

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Timelike, Utc};

/// What is left of a line that is read from its beginning.
pub struct Rest<'a>(pub &'a str);

impl<'a> Rest<'a> {
    /// Steps over what must stand here.
    pub fn over(&mut self, literal: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(literal)?;
        Some(())
    }

    /// A name or an id, up to its closing quote: none of ours holds a quote or a backslash.
    pub fn text(&mut self) -> Option<&'a str> {
        let (text, rest) = self.0.split_at(stop(self.0.as_bytes())?);
        self.0 = rest.strip_prefix('"')?;
        Some(text)
    }

    /// A whole number in its shortest spelling, and the comma after it.
    pub fn number(&mut self) -> Option<u64> {
        let end = self.0.bytes().position(|byte| !byte.is_ascii_digit())?;
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest.strip_prefix(',')?;
        let shortest = digits == "0" || !digits.starts_with('0');
        shortest.then(|| digits.parse().ok()).flatten()
    }
}

/// Where the first quote or backslash stands. Names and ids are short and every record has a dozen of them: eight
/// bytes are looked at together, by whether taking one from each borrows from a byte that was nought.
fn stop(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    let nought = |word: u64| word.wrapping_sub(ONES) & !word & (ONES << 7);
    let (quotes, backslashes) = (ONES * u64::from(b'"'), ONES * u64::from(b'\\'));
    let (words, rest) = bytes.as_chunks::<8>();
    for (n, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // The lowest bit of each is exact; higher ones may follow from it, and do not count.
        let found = nought(word ^ quotes) | nought(word ^ backslashes);
        if found != 0 {
            return Some(8 * n + found.trailing_zeros() as usize / 8);
        }
    }
    let more = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    Some(8 * words.len() + more)
}

/// Adds a number.
pub fn put_number(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Adds a time, its fraction in as many threes of digits as it needs: `2026-11-22T09:30:00.123456Z`.
pub fn put_time(out: &mut Vec<u8>, time: DateTime<Utc>) {
    let (year, nanos) = (time.year(), time.nanosecond());
    if !(0..=9999).contains(&year) || nanos >= 1_000_000_000 || nanos % 1000 != 0 {
        // A leap second, or what is no time of ours: rare enough for the long way.
        out.extend_from_slice(time.to_rfc3339_opts(SecondsFormat::AutoSi, true).as_bytes());
        return;
    }
    put_digits(out, year.unsigned_abs(), 4);
    let parts = [
        (b'-', time.month()),
        (b'-', time.day()),
        (b'T', time.hour()),
        (b':', time.minute()),
        (b':', time.second()),
    ];
    for (before, part) in parts {
        out.push(before);
        put_digits(out, part, 2);
    }
    let micros = nanos / 1000;
    if micros > 0 {
        out.push(b'.');
        let whole = micros % 1000 == 0;
        let (fraction, digits) = if whole {
            (micros / 1000, 3)
        } else {
            (micros, 6)
        };
        put_digits(out, fraction, digits);
    }
    out.push(b'Z');
}

/// Reads a time.
pub fn time(text: &str) -> Option<DateTime<Utc>> {
    // Another spelling of a time, as for a leap second, takes the long way.
    usual_time(text).or_else(|| text.parse().ok())
}

fn usual_time(text: &str) -> Option<DateTime<Utc>> {
    let (whole, fraction) = text.strip_suffix('Z')?.split_at_checked(19)?;
    let bytes = whole.as_bytes();
    let places = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    places
        .iter()
        .all(|(at, byte)| bytes[*at] == *byte)
        .then_some(())?;
    let year = i32::try_from(digits(&bytes[..4])?).ok()?;
    let part = |from: usize| digits(&bytes[from..from + 2]);
    let nanos = match (fraction.strip_prefix('.'), fraction.len()) {
        (Some(three), 4) => digits(three.as_bytes())? * 1_000_000,
        (Some(six), 7) => digits(six.as_bytes())? * 1000,
        (None, 0) => 0,
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year, part(5)?, part(8)?)?
        .and_hms_nano_opt(part(11)?, part(14)?, part(17)?, nanos)
        .map(|time| time.and_utc())
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + u32::from(byte - b'0'))
    })
}

fn put_digits(out: &mut Vec<u8>, number: u32, digits: u32) {
    for power in (0..digits).rev() {
        out.push(b'0' + (number / 10u32.pow(power) % 10) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;

    #[test]
    fn a_time_is_spelled_as_everybody_else_spells_it_and_read_back() {
        let seed = crate::seal::random::<8>().unwrap();
        let seed =
            std::env::var("PIPSS_SEED").map_or(u64::from_be_bytes(*seed), |s| s.parse().unwrap());
        println!("PIPSS_SEED={seed}");
        let mut dice = seed | 1;
        let first = "0000-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap();
        for n in 0..20_000u32 {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            let step = [1, 1000, 1_000_000][n as usize % 3];
            let micros = dice % (9999 * 365 * 86_400 * 1_000_000) / step * step;
            let time = first + Duration::microseconds(micros as i64);
            let mut out = Vec::new();
            put_time(&mut out, time);
            let text = String::from_utf8(out).unwrap();
            assert_eq!(text, time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
            assert_eq!(super::time(&text), Some(time));
        }
    }

    #[test]
    fn a_leap_second_is_kept_as_one() {
        let leap: DateTime<Utc> = "2016-12-31T23:59:60.5Z".parse().unwrap();
        let mut out = Vec::new();
        put_time(&mut out, leap);
        assert_eq!(out, b"2016-12-31T23:59:60.500Z");
        assert_eq!(time("2016-12-31T23:59:60.500Z"), Some(leap));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:0éZ",
            "2026-01-01 00:00",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn a_text_ends_at_the_first_quote_and_holds_no_backslash() {
        let fills = ["x", "!", "#", "[", "]", "\u{7f}", "\u{1}", "é", "\u{162}"];
        for fill in fills {
            for length in 0..40 {
                let text = fill.repeat(length);
                let line = format!("{text}\" and \"more\\");
                let mut rest = Rest(&line);
                assert_eq!(rest.text(), Some(text.as_str()), "{line}");
                assert_eq!(rest.0, " and \"more\\");
                assert_eq!(Rest(&format!("{text}\\\"")).text(), None);
                assert_eq!(Rest(&text).text(), None);
            }
        }
    }

    #[test]
    fn a_number_has_one_spelling() {
        for (number, text) in [(0, "0"), (7, "7"), (u64::MAX, "18446744073709551615")] {
            let mut out = Vec::new();
            put_number(&mut out, number);
            assert_eq!(out, text.as_bytes());
            assert_eq!(Rest(&format!("{text},")).number(), Some(number));
        }
        for text in ["", "+1,", "01,", "-1,", " 1,", "1", "18446744073709551616,"] {
            assert_eq!(Rest(text).number(), None, "{text}");
        }
    }
}
