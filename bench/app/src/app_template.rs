//! A recorded text with its ids and times taken out, so that it can be told again of others and later.

use std::fmt::Write;

use chrono::{DateTime, Duration, NaiveDate, SecondsFormat, Utc};
use uuid::Uuid;

/// A JSON text in pieces.
pub struct Template(Vec<Piece>);

enum Piece {
    Text(String),
    Id(Uuid),
    Instant(DateTime<Utc>),
    Day(NaiveDate),
}

impl Template {
    /// Takes the ids, instants and days out of a JSON text: all of them stand in it as whole strings.
    pub fn of(json: &str) -> Self {
        let (mut pieces, mut text) = (Vec::new(), String::new());
        // Texts that people typed are sealed and stand here as base64, so no string holds a quotation mark.
        for (n, part) in json.split('"').enumerate() {
            if n > 0 {
                text.push('"');
            }
            match piece(part).filter(|_| n % 2 == 1) {
                Some(piece) => {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                    pieces.push(piece);
                }
                None => text.push_str(part),
            }
        }
        pieces.push(Piece::Text(text));
        Self(pieces)
    }

    /// The text with other ids, and so much later.
    pub fn told(&self, id: &dyn Fn(Uuid) -> Uuid, later: Duration) -> String {
        let mut out = String::with_capacity(512);
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Id(old) => {
                    let _ = write!(out, "{}", id(*old));
                }
                Piece::Instant(at) => {
                    let at = *at + later;
                    out.push_str(&at.to_rfc3339_opts(SecondsFormat::AutoSi, true));
                }
                Piece::Day(day) => {
                    let _ = write!(out, "{}", *day + later);
                }
            }
        }
        out
    }
}

fn piece(part: &str) -> Option<Piece> {
    match part.len() {
        36 => Uuid::try_parse(part).ok().map(Piece::Id),
        10 => part.parse().ok().map(Piece::Day),
        20.. if part.as_bytes()[4] == b'-' && part.ends_with('Z') => {
            let at = DateTime::parse_from_rfc3339(part).ok()?;
            Some(Piece::Instant(at.to_utc()))
        }
        _ => None,
    }
}
