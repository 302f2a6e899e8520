//! What waits for the PIPSS lead: the most urgent first, then the longest waiting.

use pipss_domain::case::Case;

use crate::case_sets::Counts;
use crate::known::Known;

/// The open cases in the order in which they need someone.
pub fn in_order<'c>(known: &Known<'c>) -> impl Iterator<Item = &'c Case> {
    known.queue().filter_map(|(_, id)| known.get(id))
}

/// How many wait, by whether they were triaged and how urgent they are.
pub fn counts(known: &Known<'_>) -> Counts {
    known.counts()
}
