//! One valid and one invalid body for every command: a committed table, filled in with what there is.

use std::collections::{BTreeMap, HashMap};

use axum::body::Bytes;
use chrono::{DateTime, Duration, Utc};
use serde_json::Value;

use super::known::NOWHERE;

/// What stands in place of a mark such as `$session`.
pub(crate) type Marks = HashMap<&'static str, String>;

/// The table: `$at+3d` and `$at-2h` are instants from now, `$day+14` a day, any other mark an id.
pub(crate) struct Samples(BTreeMap<String, [Value; 2]>);

impl Samples {
    pub fn committed() -> Self {
        let table = serde_json::from_str(include_str!("samples.json"));
        Self(table.expect("a test reads the committed table"))
    }

    /// The bodies for a route, the valid one first.
    pub fn of(&self, route: &str, marks: &Marks, now: DateTime<Utc>) -> Option<[Bytes; 2]> {
        let filled = |body: &Value| {
            let mut body = body.clone();
            fill(&mut body, marks, now);
            Bytes::from(body.to_string())
        };
        self.0
            .get(route)
            .map(|bodies| bodies.each_ref().map(filled))
    }
}

fn fill(value: &mut Value, marks: &Marks, now: DateTime<Utc>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, marks, now)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| fill(member, marks, now)),
        Value::String(text) => {
            if let Some(mark) = text.strip_prefix('$') {
                *text = meant(mark, marks, now);
            }
        }
        _ => {}
    }
}

fn meant(mark: &str, marks: &Marks, now: DateTime<Utc>) -> String {
    if let Some(ahead) = mark.strip_prefix("at") {
        let (number, unit) = ahead.split_at(ahead.len().saturating_sub(1));
        let number: i64 = number.parse().unwrap_or(0);
        let ahead = match unit {
            "d" => Duration::days(number),
            _ => Duration::hours(number),
        };
        return (now + ahead).format("%FT%T%.6fZ").to_string();
    }
    if let Some(ahead) = mark.strip_prefix("day") {
        let days = Duration::days(ahead.parse().unwrap_or(0));
        return (now + days).format("%F").to_string();
    }
    marks.get(mark).cloned().unwrap_or_else(|| NOWHERE.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_filled_with_what_there_is_and_with_nothing_where_there_is_nothing() {
        let samples = Samples::committed();
        let marks = Marks::from([("session", "s-1".to_owned())]);
        let route = "POST /api/v1/cases/{case}/cancel-session";
        let now = DateTime::UNIX_EPOCH;
        let [valid, invalid] = samples.of(route, &marks, now).unwrap();
        assert!(String::from_utf8(valid.to_vec()).unwrap().contains("s-1"));
        assert!(
            String::from_utf8(invalid.to_vec())
                .unwrap()
                .contains(NOWHERE)
        );
        assert_eq!(samples.of("POST /nowhere", &marks, now), None);
    }

    #[test]
    fn times_are_counted_from_now() {
        let meant = |mark| meant(mark, &Marks::new(), DateTime::UNIX_EPOCH);
        assert_eq!(meant("at+3d"), "1970-01-04T00:00:00.000000Z");
        assert_eq!(meant("at-2h"), "1969-12-31T22:00:00.000000Z");
        assert_eq!(meant("day+14"), "1970-01-15");
    }
}
