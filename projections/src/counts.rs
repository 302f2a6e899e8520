//! Themes and demand of a quarter, with what is too few hidden (product: "Reports for governance").
//!
//! Until releases come this is the simple rule: one to four cases are hidden, and so is a number more
//! than four fifths of which come from one team. Where a part of a row is hidden, only the row's total
//! is shown, if that passes the rule by itself; so nothing can be found by taking one from another.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use chrono::{DateTime, Utc};
use pipss_domain::case::{Case, SessionOutcome};
use pipss_domain::directory::Directory;
use pipss_domain::ids::UnitId;
use pipss_domain::incident::IncidentGroup;
use pipss_domain::theme::{Polarity, THEMES};

use crate::known::Known;
use crate::once::Once;
use crate::quarter::Quarter;

const FEW_MAX: usize = 4;

/// Distinct cases, by team, that make up one number.
#[derive(Clone, Debug, Default)]
pub struct Cell(HashMap<UnitId, usize>);

impl Cell {
    fn add(&mut self, team: UnitId) {
        *self.0.entry(team).or_default() += 1;
    }

    /// The number, if it may be shown.
    pub fn shown(&self) -> Option<usize> {
        let all: usize = self.0.values().sum();
        let largest = self.0.values().copied().max().unwrap_or(0);
        let too_few = (1..=FEW_MAX).contains(&all);
        let one_team = all > 0 && largest * 5 > all * 4;
        (!too_few && !one_team).then_some(all)
    }
}

/// A parent theme: its total, and its parts if all of them may be shown.
#[derive(Debug, PartialEq)]
pub struct ThemeRow {
    /// The parent's code.
    pub parent: &'static str,
    /// Cases in which it was present in whatever way; `None` is hidden.
    pub any: Option<usize>,
    /// Strength, difficulty, mixed; absent where one of them had to be hidden.
    pub parts: Option<[usize; 3]>,
}

/// The themes of sessions held in a quarter: distinct cases, by parent theme. What a session for
/// several teams was about counts once, in the case that leads it.
pub fn themes(cases: &Known<'_>, quarter: Quarter) -> Vec<ThemeRow> {
    let mut any: BTreeMap<&str, Cell> = BTreeMap::new();
    let mut parts: BTreeMap<&str, [Cell; 3]> = BTreeMap::new();
    let span = quarter.span();
    for case in cases.held_in(&span) {
        let (mut seen, mut seen_so) = (Vec::new(), Vec::new());
        for (parent, polarity) in themes_of(case, &span) {
            if !seen.contains(&parent) {
                seen.push(parent);
                any.entry(parent).or_default().add(case.team());
            }
            if !seen_so.contains(&(parent, polarity)) {
                seen_so.push((parent, polarity));
                parts.entry(parent).or_default()[polarity as usize].add(case.team());
            }
        }
    }
    let mut parents: Vec<_> = THEMES.iter().map(|(_, parent, _)| *parent).collect();
    parents.dedup();
    let row = |parent: &'static str| {
        let any = any.get(parent).map_or(Some(0), Cell::shown);
        let parts = parts.get(parent).cloned().unwrap_or_default();
        ThemeRow {
            parent,
            any,
            parts: shown_together(any, &parts),
        }
    };
    parents.into_iter().map(row).collect()
}

fn shown_together(any: Option<usize>, parts: &[Cell; 3]) -> Option<[usize; 3]> {
    any?;
    Some([parts[0].shown()?, parts[1].shown()?, parts[2].shown()?])
}

fn themes_of(case: &Case, span: &Range<DateTime<Utc>>) -> Vec<(&'static str, Polarity)> {
    let held = case
        .sessions()
        .filter(|(_, session)| session.is_led_here())
        .filter_map(|(_, session)| match &session.outcome {
            Some(SessionOutcome::Held { record, .. }) => Some(record),
            _ => None,
        });
    held.filter(|record| span.contains(&record.started_at))
        .flat_map(|record| &record.themes)
        .map(|seen| (seen.theme.parent(), seen.polarity))
        .collect()
}

/// The referrals of a quarter by directorate. If any is hidden, all are: the total stands beside them.
pub fn demand(
    cases: &Known<'_>,
    directory: &Directory,
    quarter: Quarter,
) -> (Option<usize>, BTreeMap<UnitId, Option<usize>>) {
    let mut total = Cell::default();
    let mut by_directorate: BTreeMap<UnitId, Cell> = BTreeMap::new();
    for case in raised_in(cases, quarter) {
        total.add(case.team());
        if let Some(directorate) = directory.line_of(case.team()).last() {
            by_directorate
                .entry(*directorate)
                .or_default()
                .add(case.team());
        }
    }
    let all_shown = by_directorate.values().all(|cell| cell.shown().is_some());
    let shown = |cell: Cell| cell.shown().filter(|_| all_shown);
    let rows = by_directorate
        .into_iter()
        .map(|(unit, cell)| (unit, shown(cell)));
    (total.shown(), rows.collect())
}

/// The groups of incidents of a quarter's referrals, each case once in each of its groups. An incident
/// that several cases are about counts once, in the case that was raised first.
pub fn incident_groups(
    cases: &Known<'_>,
    quarter: Quarter,
) -> BTreeMap<IncidentGroup, Option<usize>> {
    let mut groups: BTreeMap<IncidentGroup, Cell> = BTreeMap::new();
    let once = Once::of(cases);
    for case in raised_in(cases, quarter) {
        let incidents = case.request.incidents.iter();
        let mut seen: Vec<_> = incidents
            .filter(|i| once.counts(case, i.incident))
            .map(|i| i.kind.group())
            .collect();
        seen.sort();
        seen.dedup();
        for group in seen {
            groups.entry(group).or_default().add(case.team());
        }
    }
    groups
        .into_iter()
        .map(|(group, cell)| (group, cell.shown()))
        .collect()
}

fn raised_in<'c>(cases: &Known<'c>, quarter: Quarter) -> impl Iterator<Item = &'c Case> {
    cases.raised_in(quarter.span())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn cell(counts: &[usize]) -> Cell {
        let team = |n: usize| UnitId::new(Uuid::from_u128(n as u128 + 1));
        Cell(
            counts
                .iter()
                .enumerate()
                .map(|(n, count)| (team(n), *count))
                .collect(),
        )
    }

    #[test]
    fn one_to_four_are_hidden_and_none_is_not() {
        assert_eq!(cell(&[]).shown(), Some(0));
        for n in 1..=4 {
            assert_eq!(cell(&[n / 2, n - n / 2]).shown(), None, "{n}");
        }
        assert_eq!(cell(&[2, 3]).shown(), Some(5));
    }

    #[test]
    fn a_number_that_is_mostly_one_teams_is_hidden() {
        assert_eq!(cell(&[9]).shown(), None);
        assert_eq!(cell(&[9, 2]).shown(), None);
        assert_eq!(cell(&[8, 2]).shown(), Some(10));
    }

    #[test]
    fn a_row_shows_its_parts_only_if_it_can_show_all_of_them() {
        let parts = [cell(&[5, 5]), cell(&[3, 3]), cell(&[])];
        assert_eq!(shown_together(Some(12), &parts), Some([10, 6, 0]));
        let one_too_few = [cell(&[5, 5]), cell(&[1, 1]), cell(&[])];
        assert_eq!(shown_together(Some(12), &one_too_few), None);
        assert_eq!(shown_together(None, &parts), None);
    }
}
