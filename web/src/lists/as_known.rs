//! Looking back: a page as it was known at the end of a day, or at an instant.

use chrono::{DateTime, NaiveTime, Utc};
use pipss_domain::calendar::{day_in_london, in_london};
use pipss_domain::text::Moment;
use serde::Serialize;

use crate::fields::Fields;
use crate::lists::asked::link;
use crate::london;
use crate::pages::Pages;

const WRITE: &str =
    "Write a day such as 2 March 2026, with a time if you like: 2 March 2026, 14:30.";
const FUTURE: &str = "Give a day that has come.";

/// Back to when.
#[derive(Serialize)]
pub struct AsKnown {
    /// As it was typed, or as it stands in the address.
    pub typed: String,
    /// In words, if one looks back.
    pub at: Option<String>,
    /// What is wrong with what was typed.
    pub error: Option<&'static str>,
    /// The page as it is today.
    pub today: String,
    #[serde(skip)]
    moment: Option<Moment>,
}

impl AsKnown {
    /// What was asked for; `path` is the page's own.
    pub fn asked(pages: &Pages, fields: &Fields, path: &str) -> Self {
        let now = pages.app.clock().now();
        let typed = fields.get("as_of").unwrap_or_default();
        let moment = match typed {
            "" => Ok(None),
            typed => past_moment(typed, now, LAST).map(Some),
        };
        Self {
            at: moment.ok().flatten().map(london::moment),
            error: moment.err(),
            today: path.to_owned(),
            moment: moment.ok().flatten().map(Moment),
            typed: typed.to_owned(),
        }
    }

    /// The instant.
    pub const fn moment(&self) -> Option<Moment> {
        self.moment
    }

    /// As it stands in the address of the next page.
    pub fn in_address(&self) -> String {
        let at = self.moment.map(|moment| moment.0.to_rfc3339());
        at.unwrap_or_default()
    }

    /// The page of this instant, with more in its address.
    pub fn link(&self, name: &str, value: &str) -> String {
        link(&self.today, &[("as_of", &self.in_address()), (name, value)])
    }
}

/// The end of a day.
pub(crate) const LAST: NaiveTime =
    NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).expect("there is such a time");

/// An instant that someone typed and that has come. A day alone stands for that time of it; today's end
/// is now.
///
/// # Errors
/// What would be right.
pub fn past_moment(
    typed: &str,
    now: DateTime<Utc>,
    alone: NaiveTime,
) -> Result<DateTime<Utc>, &'static str> {
    let at = moment(typed, alone)?;
    let today = day_in_london(at) == day_in_london(now);
    match at > now {
        false => Ok(at),
        true if today && alone == LAST && !typed.contains(':') => Ok(now),
        true => Err(FUTURE),
    }
}

fn moment(typed: &str, alone: NaiveTime) -> Result<DateTime<Utc>, &'static str> {
    // A plus sign of an address is read as a space.
    if let Ok(at) = DateTime::parse_from_rfc3339(&typed.replace(' ', "+")) {
        return Ok(at.to_utc());
    }
    let (day, time) = match typed.rsplit_once([',', ' ']) {
        Some((day, time)) if time.contains(':') => (day, Some(time)),
        _ => (typed, None),
    };
    let parts = day.split([' ', ',', '/', '-', '.']);
    let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    let day = match parts[..] {
        [year, month, day] if year.len() == 4 => london::typed_day(day, month, year),
        [day, month, year] => london::typed_day(day, month, year),
        _ => None,
    };
    let day = day.ok_or(WRITE)?;
    let Some(time) = time else {
        return in_london(day, alone).ok_or(WRITE);
    };
    let at = london::typed_moment(day, time)?;
    let at = DateTime::parse_from_rfc3339(&at).map_err(|_| WRITE)?;
    Ok(at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_read_as_people_write_it() {
        let now: DateTime<Utc> = "2026-07-10T12:00:00Z".parse().unwrap();
        let read = |typed| past_moment(typed, now, LAST).map(|at| at.to_rfc3339());
        for (typed, at) in [
            ("2 March 2026", "2026-03-02T23:59:59.999999+00:00"),
            ("02/03/2026", "2026-03-02T23:59:59.999999+00:00"),
            ("1 July 2026", "2026-07-01T22:59:59.999999+00:00"),
            ("10 July 2026", "2026-07-10T12:00:00+00:00"),
            ("2 March 2026, 14:30", "2026-03-02T14:30:00+00:00"),
            ("2026-03-02 14:30", "2026-03-02T14:30:00+00:00"),
            ("2026-03-02", "2026-03-02T23:59:59.999999+00:00"),
            ("2026-03-02T14:30:00Z", "2026-03-02T14:30:00+00:00"),
            ("2026-07-01T00:00:00 01:00", "2026-06-30T23:00:00+00:00"),
        ] {
            assert_eq!(read(typed).as_deref(), Ok(at), "{typed}");
        }
        assert_eq!(read("11 July 2026"), Err(FUTURE));
        assert_eq!(read("2026-07-10T12:00:01Z"), Err(FUTURE));
        for typed in ["yesterday", "2026", "31 February 2026", "1/2"] {
            assert_eq!(read(typed), Err(WRITE), "{typed}");
        }
    }
}
