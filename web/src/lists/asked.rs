//! What stands in the address of a list: which part of it, and how to come to the next.

use serde::Serialize;

use crate::fields::Fields;
use crate::visitor::Visitor;

/// What stands after the question mark of the address.
pub fn query(visitor: &Visitor) -> Fields {
    let query = visitor.path.split_once('?').map_or("", |(_, query)| query);
    // An address has no room for more fields than a form.
    Fields::read(query.as_bytes()).unwrap_or_default()
}

/// An address with a query; what is empty is left out.
pub fn link(path: &str, query: &[(&str, &str)]) -> String {
    let mut written = form_urlencoded::Serializer::new(String::new());
    let given = query.iter().filter(|(_, value)| !value.is_empty());
    written.extend_pairs(given);
    match written.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// What is before and after, in words.
pub type Around = (&'static str, &'static str);

/// The ways to the pages before and after this one.
#[derive(Serialize)]
pub struct Turns {
    around: Around,
    /// Where the page before is.
    pub previous: Option<String>,
    /// Where the page after is.
    pub next: Option<String>,
}

/// One page of what is all there, and the ways to the others; pages are counted from 1.
pub fn page<T>(
    all: Vec<T>,
    size: usize,
    asked: &Fields,
    to: impl Fn(&str) -> String,
    around: Around,
) -> (Vec<T>, Turns) {
    let last = all.len().div_ceil(size).max(1);
    let number = asked.get("page").and_then(|page| page.parse().ok());
    let number: usize = number.unwrap_or(1).clamp(1, last);
    let turns = Turns {
        around,
        previous: (number > 1).then(|| to(&(number - 1).to_string())),
        next: (number < last).then(|| to(&(number + 1).to_string())),
    };
    let shown = all.into_iter().skip((number - 1) * size).take(size);
    (shown.collect(), turns)
}

/// The ways on and back to the beginning, in a list whose window gives cursors.
pub fn turns(
    asked: &Fields,
    next: Option<String>,
    to: impl Fn(&str) -> String,
    around: Around,
) -> Turns {
    Turns {
        around,
        previous: asked.get("after").map(|_| to("")),
        next: next.map(|cursor| to(&cursor)),
    }
}
