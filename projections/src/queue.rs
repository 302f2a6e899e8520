//! What waits for the PIPSS lead: the most urgent first, then the longest waiting.

use std::collections::BTreeMap;

use pipss_domain::case::{Case, Stage};
use pipss_domain::facts::Urgency;

use crate::cases::Cases;

/// The open cases in the order in which they need someone.
pub fn in_order(cases: &Cases) -> Vec<&Case> {
    let mut open: Vec<_> = cases.open().collect();
    open.sort_by_cached_key(|case| {
        let waiting_for_triage = case.stage() == Stage::Raised;
        (
            case.urgency(),
            !waiting_for_triage,
            case.raised_at,
            case.case,
        )
    });
    open
}

/// How many wait, by where they stand and how urgent they are.
pub fn counts(open: &[&Case]) -> BTreeMap<(bool, Urgency), usize> {
    let mut counts = BTreeMap::new();
    for case in open {
        let triaged = case.stage() != Stage::Raised;
        *counts.entry((triaged, case.urgency())).or_default() += 1;
    }
    counts
}
