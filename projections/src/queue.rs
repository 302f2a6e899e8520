//! What waits for the PIPSS lead: the most urgent first, then the longest waiting.

use std::collections::BTreeMap;

use pipss_domain::case::Case;
use pipss_domain::facts::Urgency;

use crate::known::Known;

/// The open cases in the order in which they need someone.
pub fn in_order<'c>(known: &Known<'c>) -> impl Iterator<Item = &'c Case> {
    known.queue().filter_map(|(_, id)| known.get(id))
}

/// How many wait, by whether they were triaged and how urgent they are.
pub fn counts(known: &Known<'_>) -> BTreeMap<(bool, Urgency), usize> {
    let mut counts = BTreeMap::new();
    for ((urgency, triaged, _), _) in known.queue() {
        *counts.entry((triaged, urgency)).or_default() += 1;
    }
    counts
}
