//! A table as people read it: in a terminal and, the same text, in a page of the documentation.

/// Rows under a heading each, in Markdown.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings and no rows yet.
    pub fn new(headings: &[&str]) -> Self {
        Self {
            rows: vec![headings.iter().map(|text| (*text).to_owned()).collect()],
        }
    }

    /// Adds a row and says it at once, because a run takes long.
    pub fn row(&mut self, cells: Vec<String>) {
        println!("{}", cells.join("  "));
        self.rows.push(cells);
    }

    /// The whole table, its columns in line.
    pub fn markdown(&self) -> String {
        let columns = self.rows[0].len();
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells
                    .map(|cell| cell.chars().count())
                    .max()
                    .unwrap_or(0)
                    .max(3)
            })
            .collect();
        let mut out = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            for (column, width) in widths.iter().enumerate() {
                let cell = row.get(column).map_or("", String::as_str);
                out.push_str(&format!("| {cell:width$} "));
            }
            out.push_str("|\n");
            if number == 0 {
                widths
                    .iter()
                    .for_each(|width| out.push_str(&format!("|{}", "-".repeat(width + 2))));
                out.push_str("|\n");
            }
        }
        out
    }
}
