//! The parts of a quarter's report: each a chart with its table and what it does and does not say.

use pipss_api::reports::{QuarterAnswer, WaitAnswer, WaitsAnswer};
use pipss_domain::clocks::ClockCode;
use pipss_domain::theme::parent_label;
use serde::Serialize;

use crate::chart::{Bar, Chart, Row};
use crate::render::Renderer;
use crate::tables::{Cell, Table};

use super::shown;

/// A part of a report.
#[derive(Serialize)]
pub struct Section {
    pub(super) id: String,
    pub(super) heading: String,
    pub(super) lead: Vec<String>,
    pub(super) chart: Option<Chart>,
    pub(super) table: Option<String>,
    /// The table needs the whole width.
    pub(super) wide: bool,
}

/// A chart and a table with the same numbers, one in each row.
fn section(
    renderer: &Renderer,
    (id, heading): (&str, &str),
    head: [&str; 2],
    numbers: &[(String, Option<usize>)],
) -> Section {
    let rows: Vec<_> = numbers
        .iter()
        .map(|(label, number)| Row::one(label.as_str(), *number))
        .collect();
    let cells = numbers.iter();
    let cells = cells.map(|(label, number)| vec![label.as_str().into(), shown(*number).into()]);
    let table = Table {
        caption: heading,
        headed: true,
        head: &head,
        rows: cells.collect(),
        numbers: true,
    };
    Section {
        id: id.into(),
        heading: heading.into(),
        lead: Vec::new(),
        chart: (!rows.is_empty()).then(|| Chart::new(id, heading, &rows)),
        table: (!rows.is_empty()).then(|| table.drawn(renderer)),
        wide: false,
    }
}

/// How much was asked for, by directorate.
pub fn demand(renderer: &Renderer, counts: &QuarterAnswer) -> Section {
    let each = counts.directorates.iter();
    let each: Vec<_> = each
        .map(|row| (row.directorate.name.clone(), row.referrals))
        .collect();
    let heading = ("demand", "Requests for support");
    let mut section = section(renderer, heading, ["Directorate", "Requests"], &each);
    section.lead.push(match counts.referrals {
        Some(0) => "Nobody asked for support in this quarter.".into(),
        Some(1) => "There was one request in this quarter.".into(),
        Some(number) => format!("There were {number} requests in this quarter."),
        None => "How many requests there were in all is not shown: they were too few, or nearly all from one team.".into(),
    });
    if !each.is_empty() && each.iter().all(|(_, number)| number.is_none()) {
        (section.chart, section.table) = (None, None);
        section.lead.push(
            "Requests by directorate: too few to show. At least one directorate has so few that none is shown, or its \
             number could be found by taking the others from the total."
                .into(),
        );
    }
    section
}

/// What the requests were about.
pub fn incidents(renderer: &Renderer, counts: &QuarterAnswer) -> Section {
    let each = counts.incident_groups.iter();
    let each: Vec<_> = each
        .map(|row| (row.group.title().to_owned(), row.cases))
        .collect();
    let heading = ("incidents", "What had happened");
    let mut section = section(renderer, heading, ["Kind of incident", "Cases"], &each);
    section.lead.push(if each.is_empty() {
        "No request of this quarter names an incident.".into()
    } else {
        "A case counts once for each kind of incident that it names. An incident that several teams asked about \
         counts once."
            .into()
    });
    section
}

/// Which themes came up in sessions.
pub fn themes(renderer: &Renderer, counts: &QuarterAnswer) -> Section {
    let each = counts.themes.iter();
    let each: Vec<_> = each
        .map(|row| (parent_label(row.theme).to_owned(), row.any))
        .collect();
    let heading = ("themes", "Themes of sessions");
    let mut section = section(renderer, heading, ["Theme", "Cases"], &each);
    if !any_theme(counts) {
        (section.chart, section.table) = (None, None);
        section
            .lead
            .push("No session of this quarter has a theme on record.".into());
        return section;
    }
    section.lead.push(
        "In how many cases each theme came up, in sessions held in this quarter. Facilitators choose one to five \
         themes for a session; nothing that anyone said is recorded."
            .into(),
    );
    section
}

/// Did any theme come up? What is too few to show did.
pub fn any_theme(counts: &QuarterAnswer) -> bool {
    counts.themes.iter().any(|theme| theme.any != Some(0))
}

/// Whether themes were strengths or difficulties.
pub fn polarity(renderer: &Renderer, counts: &QuarterAnswer) -> Section {
    const HEADING: &str = "Strengths and difficulties";
    const WORDS: [&str; 3] = ["strength", "difficulty", "both"];
    let mut rows = Vec::new();
    let mut cells = Vec::new();
    for row in &counts.themes {
        let label = parent_label(row.theme).to_owned();
        let parts = [row.strength, row.difficulty, row.mixed];
        let mut cells_of_row = vec![label.as_str().into()];
        cells_of_row.extend(parts.map(|part| shown(part).into()));
        cells.push(cells_of_row);
        let bars = match parts {
            [None, None, None] => vec![Bar {
                word: "",
                number: None,
            }],
            parts => parts
                .into_iter()
                .zip(WORDS)
                .map(|(number, word)| Bar { word, number })
                .collect(),
        };
        rows.push(Row { label, bars });
    }
    let table = Table {
        caption: HEADING,
        headed: true,
        head: &["Theme", "Strength", "Difficulty", "Both"],
        rows: cells,
        numbers: true,
    };
    Section {
        id: "polarity".into(),
        heading: HEADING.into(),
        lead: vec![
            "Whether a theme came up as a strength, as a difficulty, or as both. A case can count in more than one, \
             so these do not add up to the number above. Where one of the three is too few to show, none of them is shown."
                .into(),
        ],
        chart: Some(Chart::new("polarity", HEADING, &rows)),
        table: Some(table.drawn(renderer)),
        wide: true,
    }
}

/// How long steps took, for the lead.
pub fn waits(renderer: &Renderer, waits: &WaitsAnswer) -> Section {
    const HEADING: &str = "Waits";
    let with_target = waits.clocks.iter().filter(|wait| has_target(wait.clock));
    let bars = |wait: &WaitAnswer| {
        let bar = |word, number| Bar {
            word,
            number: Some(number),
        };
        vec![
            bar("in time", wait.in_time),
            bar("late", late(wait)),
            bar("still open", wait.running),
        ]
    };
    let rows: Vec<_> = with_target
        .map(|wait| Row {
            label: wait.clock.label().into(),
            bars: bars(wait),
        })
        .collect();
    let table = Table {
        caption: HEADING,
        headed: true,
        head: &[
            "Step",
            "In time",
            "Late",
            "Still open",
            "Not counted",
            "Half took at most",
            "Nine in ten took at most",
        ],
        rows: waits.clocks.iter().map(wait_row).collect(),
        numbers: true,
    };
    Section {
        id: "waits".into(),
        heading: HEADING.into(),
        lead: if waits.clocks.is_empty() {
            vec!["For the lead only. No request of this quarter has a step to count.".into()]
        } else {
            vec![
            "For the lead only. How long the steps of this quarter's requests took, as they stand today. Steps with a \
             target in working time are counted in working hours, Monday to Friday, 9 to 5; the most urgent in hours of the day."
                .into(),
            "Half took at most: shown from 8. Nine in ten took at most: shown from 20. Not counted are requests \
             without a dated incident, and steps that came before the request."
                .into(),
            ]
        },
        chart: (!rows.is_empty()).then(|| {
            Chart::new(
                "waits",
                "Steps with a target: in time, late and still open",
                &rows,
            )
        }),
        table: (!waits.clocks.is_empty()).then(|| table.drawn(renderer)),
        wide: true,
    }
}

const fn has_target(clock: ClockCode) -> bool {
    !matches!(clock, ClockCode::K1 | ClockCode::K6)
}

const fn late(wait: &WaitAnswer) -> usize {
    wait.stopped.saturating_sub(wait.in_time)
}

fn wait_row(wait: &WaitAnswer) -> Vec<Cell> {
    let long = |minutes: Option<i64>| minutes.map_or_else(|| "too few to say".into(), how_long);
    let cells: [String; 7] = [
        wait.clock.label().into(),
        match has_target(wait.clock) {
            true => wait.in_time.to_string(),
            false => format!("{} done, no target", wait.stopped),
        },
        match has_target(wait.clock) {
            true => late(wait).to_string(),
            false => "no target".into(),
        },
        wait.running.to_string(),
        wait.excluded.to_string(),
        long(wait.median_minutes),
        long(wait.ninetieth_minutes),
    ];
    cells.map(Cell::Text).into()
}

/// Minutes as people say them; days once there are three.
fn how_long(minutes: i64) -> String {
    match (minutes / 1440, minutes / 60, minutes % 60) {
        (days @ 3.., ..) => format!("{days} days"),
        (_, 0, minutes) => format!("{minutes} min"),
        (_, hours, 0) => format!("{hours} h"),
        (_, hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_as_people_say_it() {
        for (minutes, words) in [
            (0, "0 min"),
            (45, "45 min"),
            (120, "2 h"),
            (1500, "25 h"),
            (200, "3 h 20 min"),
            (1440 * 3, "3 days"),
            (1440 * 41 + 700, "41 days"),
        ] {
            assert_eq!(how_long(minutes), words);
        }
    }
}
