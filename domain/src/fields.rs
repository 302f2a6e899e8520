//! The committed table of every field of every fact: a code, or sealed under which key, kept how long.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The table itself, for people to read.
pub const TABLE: &str = include_str!("../fields.txt");

/// What a key covers: exactly what is erased together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyScope {
    /// A key of its own for this one value.
    Text,
    /// The key of the person whose stream the fact stands in.
    Person,
    /// The key of the one-to-one, the escalations of a case, the request … whose stream it stands in.
    Stream,
    /// The key of everything that the log the fact stands in took in within one month.
    Month,
}

/// How a field is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// A code, a date or a number: nothing that says who.
    Coded,
    /// Unreadable without its key.
    Sealed {
        /// Which key.
        key: KeyScope,
        /// Can a person be found by it? Then the vault indexes it in memory.
        found_by: bool,
    },
}

/// How long a field is kept (product: "Log and time").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// Six years after the case was closed.
    TeamCase,
    /// As long as the person works here, and six years.
    Person,
    /// Six years after a one-to-one ended; the same for supervision and what was asked from outside.
    OneToOne,
    /// One year.
    Feedback,
    /// Six years after the reading.
    Access,
    /// As long as the organisation.
    Organisation,
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// How it is kept.
    pub kept: Kept,
    /// For how long.
    pub retention: Retention,
}

static ROWS: LazyLock<HashMap<(&'static str, &'static str), Row>> = LazyLock::new(|| {
    rows()
        .map(|(kind, path, row)| ((kind, path), row))
        .collect()
});

/// The row of a field, by the kind of the fact and the path within it.
pub fn row(kind: &str, path: &str) -> Option<Row> {
    ROWS.get(&(kind, path)).copied()
}

/// Every row, in the order of the table.
pub fn rows() -> impl Iterator<Item = (&'static str, &'static str, Row)> {
    TABLE
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| parse(line).expect("a test reads every row of the committed table"))
}

fn parse(line: &'static str) -> Option<(&'static str, &'static str, Row)> {
    let mut columns = line.split_whitespace();
    let (kind, path) = (columns.next()?, columns.next()?);
    let kept = match columns.next()? {
        "coded" => Kept::Coded,
        "sealed:text" => sealed(KeyScope::Text, false),
        "sealed:text,found_by" => sealed(KeyScope::Text, true),
        "sealed:person" => sealed(KeyScope::Person, false),
        "sealed:person,found_by" => sealed(KeyScope::Person, true),
        "sealed:stream" => sealed(KeyScope::Stream, false),
        "sealed:stream,found_by" => sealed(KeyScope::Stream, true),
        "sealed:month" => sealed(KeyScope::Month, false),
        "sealed:month,found_by" => sealed(KeyScope::Month, true),
        _ => return None,
    };
    let retention = match columns.next()? {
        "team_case" => Retention::TeamCase,
        "person" => Retention::Person,
        "one_to_one" => Retention::OneToOne,
        "feedback" => Retention::Feedback,
        "access" => Retention::Access,
        "organisation" => Retention::Organisation,
        _ => return None,
    };
    columns
        .next()
        .is_none()
        .then_some((kind, path, Row { kept, retention }))
}

const fn sealed(key: KeyScope, found_by: bool) -> Kept {
    Kept::Sealed { key, found_by }
}
