//! Tables of numbers: words in the first column, numbers in the others; on a phone each row reads by itself.

use serde_json::{Value, json};

use crate::render::Renderer;

/// A table as it is drawn.
pub struct Table<'t> {
    /// What it shows.
    pub caption: &'t str,
    /// The words above its columns.
    pub head: &'t [&'t str],
    /// Its rows; each as long as the head.
    pub rows: Vec<Vec<String>>,
    /// Where the first cell of each row leads; none leads nowhere.
    pub links: Vec<String>,
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
        let rows = self.rows.iter().enumerate();
        let row = |(n, row): (usize, &Vec<String>)| {
            let cell = |(column, text): (usize, &String)| {
                let link = self.links.get(n).filter(|_| column == 0);
                json!({
                    "header": self.head.get(column), "format": format(column), "text": text,
                    "html": link.map(|href| renderer.link(href, text)),
                })
            };
            Value::Array(row.iter().enumerate().map(cell).collect())
        };
        let params = json!({
            "caption": { "text": self.caption, "size": "s" }, "head": head, "firstCellIsHeader": true,
            "responsive": true, "rows": rows.map(row).collect::<Vec<_>>(),
        });
        renderer.component("table", params)
    }
}
