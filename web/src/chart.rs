//! Bar charts: lengths in per cent, so that words keep their size on a phone, and readable without colour.
//!
//! What is hidden has no length: words stand in its place.

use serde::Serialize;

/// A label longer than this goes on in the next line; words are not cut.
const LINE_CHARS: usize = 30;
const LINE: usize = 22;
const BAR: usize = 16;
const BETWEEN_BARS: usize = 6;
const BETWEEN_ROWS: usize = 14;
/// The longest bar leaves room for its number and its word.
const LONGEST: usize = 60;

/// A row of a chart: what it is about, and one bar or several.
pub struct Row {
    /// What it is about.
    pub label: String,
    /// Its bars; several have a word each.
    pub bars: Vec<Bar>,
}

/// One bar.
pub struct Bar {
    /// What it is of a row with several.
    pub word: &'static str,
    /// Its number; none is hidden.
    pub number: Option<usize>,
}

impl Row {
    /// A row with one bar.
    pub fn one(label: impl Into<String>, number: Option<usize>) -> Self {
        let bar = Bar { word: "", number };
        Self {
            label: label.into(),
            bars: vec![bar],
        }
    }
}

/// What stands in a place whose number is hidden.
pub const HIDDEN: &str = "too few to show";

/// A chart as its template draws it; all lengths but widths are pixels.
#[derive(Serialize)]
pub struct Chart {
    /// Tells its parts from those of other charts of the page.
    id: String,
    title: String,
    description: String,
    height: usize,
    lines: Vec<Line>,
    bars: Vec<Drawn>,
}

#[derive(Serialize)]
struct Line {
    y: usize,
    text: String,
}

#[derive(Serialize)]
struct Drawn {
    y: usize,
    text_y: usize,
    /// In per cent; none is hidden, and has only words.
    width: Option<String>,
    text: String,
    fill: &'static str,
}

/// Dark, middle and light: they differ in grey as well, and each bar says what it is.
const FILLS: [&str; 3] = ["#003087", "#768692", "#d8dde0"];

impl Chart {
    /// Draws rows under each other. The description says in words what the picture shows.
    pub fn new(id: impl Into<String>, title: impl Into<String>, rows: &[Row]) -> Self {
        let numbers = || rows.iter().flat_map(|row| &row.bars).map(|bar| bar.number);
        let largest = numbers().flatten().max().unwrap_or(0).max(1);
        let hidden = numbers().filter(Option::is_none).count();
        let mut chart = Self {
            id: id.into(),
            title: title.into(),
            description: described(rows, hidden),
            height: 0,
            lines: Vec::new(),
            bars: Vec::new(),
        };
        for row in rows {
            chart.row(row, largest);
        }
        chart
    }

    fn row(&mut self, row: &Row, largest: usize) {
        for text in wrapped(&row.label) {
            let y = self.height + LINE - 6;
            self.lines.push(Line { y, text });
            self.height += LINE;
        }
        for (bar, fill) in row.bars.iter().zip(FILLS) {
            let words = match bar.number {
                Some(number) => format!("{number} {}", bar.word),
                None if bar.word.is_empty() => HIDDEN.to_owned(),
                None => format!("{}: {HIDDEN}", bar.word),
            };
            self.bars.push(Drawn {
                y: self.height,
                text_y: self.height + BAR - 3,
                width: bar.number.map(|number| per_cent(number, largest)),
                text: words.trim_end().to_owned(),
                fill,
            });
            self.height += BAR + BETWEEN_BARS;
        }
        self.height += BETWEEN_ROWS;
    }
}

fn per_cent(number: usize, largest: usize) -> String {
    let tenths = number * LONGEST * 10 / largest;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn described(rows: &[Row], hidden: usize) -> String {
    let (of, are) = match rows.len() {
        1 => ("one row", "is"),
        _ => ("each row", "are"),
    };
    match hidden {
        0 => format!("Bars, {of} with its number. The same numbers {are} in the table beside it."),
        _ => format!(
            "Bars, {of} with its number. Numbers that are too few to show have no bar. The same numbers {are} in \
             the table beside it."
        ),
    }
}

fn wrapped(label: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in label.split_whitespace() {
        let last = lines.last_mut().expect("there is always one");
        if last.is_empty() {
            *last = word.to_owned();
        } else if last.chars().count() + 1 + word.chars().count() <= LINE_CHARS {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_has_words_and_no_length() {
        let chart = Chart::new(
            "c",
            "Requests",
            &[
                Row::one("A", Some(10)),
                Row::one("B", None),
                Row::one("C", Some(0)),
            ],
        );
        let widths: Vec<_> = chart.bars.iter().map(|bar| bar.width.as_deref()).collect();
        assert_eq!(widths, [Some("60.0"), None, Some("0.0")]);
        assert_eq!(chart.bars[1].text, HIDDEN);
        assert!(chart.description.contains("too few to show"));
    }

    #[test]
    fn a_long_label_goes_on_in_the_next_line() {
        let label = "From the request to the first contact with the team or its manager";
        let lines = wrapped(label);
        assert_eq!(lines.join(" "), label);
        assert!(lines.len() == 3 && lines.iter().all(|line| line.len() <= LINE_CHARS));
    }
}
