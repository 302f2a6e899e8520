//! What the parameters of a query can be.

use chrono::{DateTime, Utc};
use pipss_projections::quarter::Quarter;

use super::known::Known;

/// So many cases a page, so that there are pages to turn.
const PAGE: &str = "2";

/// What a parameter of a query can be; nothing if nobody said.
pub(crate) fn values(
    name: &str,
    listed: &[String],
    known: &Known,
    now: DateTime<Utc>,
) -> Option<Vec<String>> {
    let mut values = match name {
        "as_of" | "changed_after" => known.instants.clone(),
        "limit" => vec![PAGE.into()],
        "open" => vec!["true".into(), "false".into()],
        "page" => vec![PAGE.into()],
        "state" => vec!["open".into(), "sent".into()],
        "urgency" => vec!["U2".into()],
        "reference" => vec!["PS-00000-00000".into()],
        "day" => vec![now.date_naive().to_string()],
        "person" => known.people.clone(),
        "quarter" => quarters(now),
        "after" => vec!["forged".into()],
        "offer" | "action" => known.of_their_cases(name),
        "follow_up" | "link" => vec!["four_weeks".into()],
        "team" => known
            .teams
            .iter()
            .chain(known.private.first())
            .cloned()
            .collect(),
        "object" => objects(known),
        "incident_ref" => known.references.iter().map(|text| escaped(text)).collect(),
        _ if !listed.is_empty() => Vec::new(),
        _ => return None,
    };
    values.extend(listed.iter().cloned());
    Some(values)
}

/// What the access log can name: a case of theirs, and something that is private to them.
fn objects(known: &Known) -> Vec<String> {
    let own = known.cases.first().map(|case| format!("case/{}", case.id));
    let named = own
        .into_iter()
        .chain(known.private_streams.first().cloned());
    named.map(|name| escaped(&name)).collect()
}

/// This quarter and the two before.
pub(crate) fn quarters(now: DateTime<Utc>) -> Vec<String> {
    let mut quarters = Vec::new();
    let mut at = now;
    for _ in 0..3 {
        let quarter = Quarter::of(at);
        quarters.push(quarter.to_string());
        let first = quarter
            .first_day()
            .and_time(chrono::NaiveTime::MIN)
            .and_utc();
        at = first - chrono::Duration::days(2);
    }
    quarters
}

fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric();
    let one = |byte| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}
