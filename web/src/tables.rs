//! Tables and cards as the official components draw them; on a phone each row reads by itself.

use minijinja::HtmlEscape;
use serde_json::{Value, json};

use crate::render::Renderer;

/// So many columns stand beside each other on a phone; with more, each cell says what it is.
const COLUMNS_ON_A_PHONE: usize = 3;

/// What stands in a cell.
pub enum Cell {
    /// Words or a number.
    Text(String),
    /// A way to somewhere.
    Link(Link),
}

/// A way to somewhere.
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// Its words.
    pub text: String,
    /// More words for whoever hears it without what stands beside it.
    pub about: String,
}

impl Link {
    /// A link whose words say everything.
    pub fn new(href: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            href: href.into(),
            text: text.into(),
            about: String::new(),
        }
    }

    /// With more words for whoever hears it by itself.
    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }

    fn html(&self) -> String {
        let [href, text, about] =
            [&self.href, &self.text, &self.about].map(|text| HtmlEscape(text));
        match self.about.is_empty() {
            true => format!("<a href=\"{href}\">{text}</a>"),
            false => format!(
                "<a href=\"{href}\">{text}<span class=\"nhsuk-u-visually-hidden\"> {about}</span></a>"
            ),
        }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

/// A table as it is drawn.
pub struct Table<'t> {
    /// What it shows.
    pub caption: &'t str,
    /// Does a heading above it say the same? Then only those hear it who hear the page.
    pub headed: bool,
    /// The words above its columns.
    pub head: &'t [&'t str],
    /// Its rows; each as long as the head.
    pub rows: Vec<Vec<Cell>>,
    /// Are all columns but the first numbers?
    pub numbers: bool,
}

impl Table<'_> {
    /// Draws it.
    pub fn drawn(&self, renderer: &Renderer) -> String {
        let format = |column: usize| (self.numbers && column > 0).then_some("numeric");
        let head = self.head.iter().enumerate();
        let head: Vec<_> = head
            .map(|(n, text)| json!({ "text": text, "format": format(n) }))
            .collect();
        let cell = |(column, cell): (usize, &Cell)| {
            let (text, html) = match cell {
                Cell::Text(text) => (Some(text), None),
                Cell::Link(link) => (None, Some(link.html())),
            };
            json!({
                "header": self.head.get(column), "format": format(column), "text": text, "html": html,
            })
        };
        let row = |row: &Vec<Cell>| Value::Array(row.iter().enumerate().map(cell).collect());
        let params = json!({
            "caption": {
                "text": self.caption, "size": "s", "classes": self.headed.then_some("nhsuk-u-visually-hidden"),
            }, "head": head, "firstCellIsHeader": true,
            "responsive": self.head.len() > COLUMNS_ON_A_PHONE, "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
        });
        renderer.component("table", params)
    }
}

/// One thing of a list: its heading, what is known of it, and what can be done.
pub struct Card {
    /// Its heading.
    pub heading: String,
    /// What is known of it.
    pub rows: Vec<(&'static str, String)>,
    /// What can be done.
    pub actions: Vec<Link>,
}

impl Card {
    /// Draws it, its heading below those of the page's parts.
    pub fn drawn(&self, renderer: &Renderer) -> String {
        let row = |(key, value): &(&str, String)| json!({ "key": { "text": key }, "value": { "text": value } });
        let action = |link: &Link| json!({ "href": link.href, "text": link.text });
        let actions: Vec<_> = self.actions.iter().map(action).collect();
        let params = json!({
            "card": {
                "heading": { "text": self.heading, "size": "s", "level": 3 },
                "actions": (!actions.is_empty()).then(|| json!({ "items": actions })),
            },
            "lastRowBorder": false,
            "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
        });
        renderer.component("summaryList", params)
    }
}
