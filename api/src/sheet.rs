//! A list from a file: refused unless every row and cell of it means one thing only.

use csv::{ReaderBuilder, StringRecord, Trim};
use pipss_domain::sheet::{Row, SheetFault};

use crate::body::is_safe;

/// Longer files are not read (4 MiB).
pub const FILE_MAX: usize = 4 << 20;
const ROWS_MAX: usize = 10_000;
const CELL_CHARS_MAX: usize = 2_000;
/// After so many the list is not what it was meant to be; more would not help anyone.
const FAULTS_MAX: usize = 100;

/// Reads a file as text.
///
/// # Errors
/// When it is too long or not UTF-8.
pub fn text(bytes: &[u8]) -> Result<&str, SheetFault> {
    if bytes.len() > FILE_MAX {
        return Err(SheetFault::whole("the file is longer than 4 MiB"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let lines = before.iter().filter(|byte| **byte == b'\n').count() as u64;
        SheetFault {
            row: lines + 1,
            column: None,
            detail: "this is not UTF-8; save the file as \"CSV UTF-8\"".into(),
        }
    })?;
    // What spreadsheets write in front of UTF-8.
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Reads the rows, their cells in the order of `columns`, in whatever order they stand in the file.
///
/// # Errors
/// Everything that is wrong, with its row and column.
pub fn rows(text: &str, columns: &'static [&'static str]) -> Result<Vec<Row>, Vec<SheetFault>> {
    if text.len() > FILE_MAX {
        return Err(vec![SheetFault::whole("the file is longer than 4 MiB")]);
    }
    let mut reader = ReaderBuilder::new()
        .trim(Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map_err(|_| vec![SheetFault::whole("the first row cannot be read")])?;
    let order = order(header, columns)?;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let Ok(record) = record else {
            return Err(vec![SheetFault::whole("the file is not CSV")]);
        };
        let number = record.position().map_or(0, csv::Position::line);
        if rows.len() == ROWS_MAX {
            let detail = "a list has at most 10,000 rows";
            return Err(vec![SheetFault {
                row: number,
                column: None,
                detail: detail.into(),
            }]);
        }
        rows.push(row(number, &record, &order, columns, &mut faults));
        if faults.len() >= FAULTS_MAX {
            break;
        }
    }
    if rows.is_empty() {
        faults.push(SheetFault::whole("the list has no rows"));
    }
    if faults.is_empty() {
        Ok(rows)
    } else {
        Err(faults)
    }
}

/// Where each column stands in the file.
fn order(
    header: &StringRecord,
    columns: &'static [&'static str],
) -> Result<Vec<usize>, Vec<SheetFault>> {
    let mut faults = Vec::new();
    let in_header = |column, detail: String| SheetFault {
        row: 1,
        column,
        detail,
    };
    for (at, name) in header.iter().enumerate() {
        if !columns.contains(&name) {
            let detail = format!(
                "column {} is not known; the columns are {}",
                at + 1,
                columns.join(", ")
            );
            faults.push(in_header(None, detail));
        }
    }
    let mut order = Vec::new();
    for column in columns {
        let mut places = (0..header.len()).filter(|at| header.get(*at) == Some(*column));
        match (places.next(), places.next()) {
            (Some(at), None) => order.push(at),
            (None, _) => faults.push(in_header(Some(*column), "this column is missing".into())),
            _ => faults.push(in_header(Some(*column), "this column stands twice".into())),
        }
    }
    if faults.is_empty() {
        Ok(order)
    } else {
        Err(faults)
    }
}

fn row(
    number: u64,
    record: &StringRecord,
    order: &[usize],
    columns: &'static [&'static str],
    faults: &mut Vec<SheetFault>,
) -> Row {
    let mut fault = |column, detail: &str| {
        faults.push(SheetFault {
            row: number,
            column,
            detail: detail.into(),
        });
    };
    if record.len() != order.len() {
        fault(None, "this row has more or fewer cells than the first");
    }
    let mut cells = Vec::with_capacity(order.len());
    for (column, at) in columns.iter().zip(order) {
        let cell = record.get(*at).unwrap_or("");
        if !is_safe(cell) || cell.chars().any(char::is_control) {
            let detail = "a control character, or one that reorders text";
            fault(Some(*column), detail);
        } else if cell.starts_with(['=', '+', '-', '@']) {
            let detail = "this begins as a formula does; begin with a letter or a digit";
            fault(Some(*column), detail);
        } else if cell.chars().count() > CELL_CHARS_MAX {
            fault(Some(*column), "expected at most 2,000 characters");
        }
        cells.push(cell.to_owned());
    }
    Row { number, cells }
}
