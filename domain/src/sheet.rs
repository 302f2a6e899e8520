//! A list as a trust keeps it in a spreadsheet: its rows, and where in it something is wrong.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use uuid::Uuid;

use crate::directory::Directory;
use crate::directory_facts::PersonRecorded;
use crate::history::Event;
use crate::ids::PersonId;
use crate::stream::Stream;

/// One row: its number as a spreadsheet shows it, and a cell for each column of its list.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The header is row 1.
    pub number: u64,
    /// The cells, trimmed, in the order of the list's columns.
    pub cells: Vec<String>,
}

/// One thing that is wrong. Never repeats the value.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetFault {
    /// The row; 0 for the list as a whole.
    pub row: u64,
    /// The column, where it is one.
    pub column: Option<&'static str>,
    /// What would be right.
    pub detail: String,
}

impl SheetFault {
    /// A fault of the list as a whole.
    pub fn whole(detail: impl Into<String>) -> Self {
        Self {
            row: 0,
            column: None,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for SheetFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.row, self.column) {
            (0, None) => f.write_str(&self.detail),
            (row, None) => write!(f, "row {row}: {}", self.detail),
            (0, Some(column)) => write!(f, "column {column}: {}", self.detail),
            (row, Some(column)) => write!(f, "row {row}, column {column}: {}", self.detail),
        }
    }
}

/// What a list would change: the facts, and the same in plain words without anyone's name or address.
#[derive(Debug, Default, PartialEq)]
pub struct Difference {
    /// What would be recorded, in order.
    pub facts: Vec<(Stream, Event)>,
    /// What that means, a line each.
    pub lines: Vec<String>,
    /// How many it would end, of how many there are.
    pub ending: (usize, usize),
}

impl Difference {
    /// Would it end more than a fifth of what there is? Then it is more likely half a file than a decision.
    pub const fn ends_many(&self) -> bool {
        self.ending.0 * 5 > self.ending.1
    }

    pub(crate) fn add(&mut self, stream: Stream, event: Event) {
        self.facts.push((stream, event));
    }
}

/// What a list is compared with.
pub struct Around<'a> {
    /// The organisation as it stands.
    pub directory: &'a Directory,
    /// Everyone recorded with this address (in lower case), their values in the clear.
    pub find: &'a dyn Fn(&str) -> Vec<(PersonId, PersonRecorded)>,
    /// Random ids.
    pub fresh: &'a dyn Fn() -> Uuid,
    /// The day in London.
    pub today: NaiveDate,
}

/// The people of a list, each met once however often their address stands in it.
pub(crate) struct Faces<'a> {
    around: &'a Around<'a>,
    met: BTreeMap<String, Result<Face, &'static str>>,
}

/// Someone of a list.
#[derive(Clone)]
pub(crate) struct Face {
    pub person: PersonId,
    /// As recorded; nothing if the list is the first to name them.
    pub recorded: Option<PersonRecorded>,
}

impl<'a> Faces<'a> {
    pub fn new(around: &'a Around<'a>) -> Self {
        Self {
            around,
            met: BTreeMap::new(),
        }
    }

    /// Who has this address: always the same answer within one list.
    pub fn of(&mut self, email: &str) -> Result<Face, &'static str> {
        if let Some(met) = self.met.get(email) {
            return met.clone();
        }
        let mut found = (self.around.find)(email);
        let met = match (found.pop(), found.is_empty()) {
            (None, _) => Ok(Face {
                person: PersonId::new((self.around.fresh)()),
                recorded: None,
            }),
            (Some((person, recorded)), true) => Ok(Face {
                person,
                recorded: Some(recorded),
            }),
            (Some(_), false) => Err("two people are recorded with this address"),
        };
        self.met.insert(email.into(), met.clone());
        met
    }
}

/// Reads the cells of one row by the names of their columns and notes what is wrong with them.
pub(crate) struct Cells<'a> {
    pub row: &'a Row,
    pub columns: &'static [&'static str],
    pub faults: &'a mut Vec<SheetFault>,
}

impl<'a> Cells<'a> {
    pub fn text(&self, column: &'static str) -> &'a str {
        let at = self.columns.iter().position(|known| *known == column);
        let cell = at.and_then(|at| self.row.cells.get(at));
        cell.map_or("", String::as_str)
    }

    pub fn fault(&mut self, column: &'static str, detail: impl Into<String>) {
        self.faults.push(SheetFault {
            row: self.row.number,
            column: Some(column),
            detail: detail.into(),
        });
    }

    /// A text of 1 to `max` characters; too long or absent is a fault.
    pub fn required(&mut self, column: &'static str, max: usize) -> String {
        let text = self.text(column);
        match text.chars().count() {
            0 => self.fault(column, "expected some text"),
            n if n > max => self.fault(column, format!("expected at most {max} characters")),
            _ => {}
        }
        text.to_owned()
    }

    /// The short name that stays when a unit is renamed.
    pub fn code(&mut self, column: &'static str) -> String {
        let text = self.text(column);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
        if text.is_empty() || text.len() > 40 || !text.chars().all(plain) {
            self.fault(column, "expected 1 to 40 letters, digits or - _ . /");
        }
        text.to_owned()
    }

    pub fn yes_no(&mut self, column: &'static str) -> bool {
        match self.text(column).to_ascii_lowercase().as_str() {
            "yes" => true,
            "no" | "" => false,
            _ => {
                self.fault(column, "expected yes or no");
                false
            }
        }
    }

    pub fn number(&mut self, column: &'static str, max: u32) -> Option<u32> {
        let text = self.text(column);
        let digits = (1..=9).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse().ok().filter(|n| digits && *n <= max);
        if number.is_none() && !text.is_empty() {
            self.fault(column, format!("expected a whole number from 0 to {max}"));
        }
        number
    }

    pub fn day(&mut self, column: &'static str, text: &str) -> Option<NaiveDate> {
        let day = (text.len() == 10 && text.starts_with("20"))
            .then(|| text.parse().ok())
            .flatten();
        if day.is_none() {
            self.fault(column, "expected a date that exists, such as 2027-03-31");
        }
        day
    }

    /// An address in lower case, which is how people are found by it.
    pub fn email(&mut self, column: &'static str, text: &str) -> Option<String> {
        let address = email(text);
        if address.is_none() {
            self.fault(column, "expected an e-mail address");
        }
        address
    }
}

/// An address as it is recorded and looked for: lower case, one @, nothing that separates addresses.
pub fn email(text: &str) -> Option<String> {
    let text = text.trim();
    let (name, domain) = text.split_once('@')?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c);
    let sound = !name.is_empty()
        && !domain.is_empty()
        && text.chars().count() <= 200
        && name.chars().chain(domain.chars()).all(plain);
    sound.then(|| text.to_lowercase())
}

/// The bytes by which a person is found, the same as those that are sealed.
pub fn email_lookup(email: &str) -> Vec<u8> {
    serde_json::to_vec(email).expect("a string is plain JSON")
}
