//! What happened in a case, in plain words and in order.

use chrono::{DateTime, Duration, Utc};
use pipss_api::timelines::{EntryAnswer, TimelineAsked};
use pipss_domain::ids::CaseId;
use pipss_domain::text::Moment;
use serde::Serialize;

use crate::london;
use crate::pages::{Instead, Pages};
use crate::visitor::Visitor;

const PAGE: usize = 200;
/// No case is as long as that; a bound, not a rule.
const PAGES_MAX: usize = 10;
/// What was recorded so much later says so.
const LATER: Duration = Duration::hours(1);

/// One thing that happened.
#[derive(Serialize)]
pub struct Entry {
    when: String,
    machine: String,
    what: String,
    recorded: Option<String>,
    texts: Vec<Text>,
}

#[derive(Serialize)]
struct Text {
    label: String,
    text: String,
}

/// Everything that happened, as it was known at an instant or as it is.
pub fn of(
    pages: &Pages,
    visitor: &Visitor,
    case: CaseId,
    instant: Option<DateTime<Utc>>,
) -> Result<Vec<Entry>, Instead> {
    let (mut all, mut after) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let asked = TimelineAsked {
            after,
            limit: Some(PAGE),
            as_of: instant.map(Moment),
        };
        let page = pages.app.case_timeline(&visitor.actor, case, &asked)?;
        all.extend(page.entries.into_iter().map(entry));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(all)
}

/// The last few things that happened, a line each.
pub fn latest(pages: &Pages, visitor: &Visitor, case: CaseId, count: usize) -> Vec<String> {
    let all = of(pages, visitor, case, None).unwrap_or_default();
    let last = all.into_iter().rev().take(count);
    last.map(|entry| format!("{}: {}", entry.when, entry.what))
        .collect()
}

fn entry(entry: EntryAnswer) -> Entry {
    let late = entry.recorded_at - entry.at > LATER;
    let texts = entry.texts.into_iter().map(|text| Text {
        label: super::capital(text.label),
        text: text.text,
    });
    Entry {
        when: london::moment(entry.at),
        machine: london::machine(entry.at),
        what: entry.headline,
        recorded: late.then(|| london::moment(entry.recorded_at)),
        texts: texts.collect(),
    }
}
