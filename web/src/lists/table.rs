//! A table of the official kind: at a desk in columns, on a phone one row beneath the other.

use serde::Serialize;

/// A table.
#[derive(Serialize)]
pub struct Table {
    /// What it shows, above it.
    pub caption: Option<Caption>,
    /// The names of its columns.
    pub head: Vec<Cell>,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
    responsive: bool,
}

/// What a table shows.
#[derive(Serialize)]
pub struct Caption {
    text: String,
    size: &'static str,
}

/// What stands in one place.
#[derive(Clone, Serialize)]
pub struct Cell {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    href: Option<String>,
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            href: None,
        }
    }

    /// Words that lead somewhere.
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            href: Some(href.into()),
        }
    }
}

impl Table {
    /// With these columns and rows.
    pub fn new(head: &[&str], rows: Vec<Vec<Cell>>) -> Self {
        Self {
            caption: None,
            head: head.iter().map(|name| Cell::text(*name)).collect(),
            rows,
            responsive: true,
        }
    }

    /// With this above it.
    #[must_use]
    pub fn caption(mut self, text: impl Into<String>) -> Self {
        self.caption = Some(Caption {
            text: text.into(),
            size: "m",
        });
        self
    }
}
