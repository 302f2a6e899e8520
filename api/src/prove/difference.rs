//! Where two answers differ: the first place, named without showing what stands there.

use pipss_domain::ids::PersonId;
use serde_json::Value;

use super::world::Answer;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The manager who could tell.
    pub manager: PersonId,
    /// The route, as it is described, or the letter.
    pub route: String,
    /// The first place that differs.
    pub place: String,
}

/// How many bytes differ, and where the first does; nothing if the two are the same.
pub(crate) fn between(a: &Answer, b: &Answer) -> Option<(u64, String)> {
    if a == b {
        return None;
    }
    let mut bytes = apart(a.status.as_str().as_bytes(), b.status.as_str().as_bytes());
    bytes += apart(&a.body, &b.body) + apart(a.decided.as_bytes(), b.decided.as_bytes());
    bytes += apart(headers(a).as_bytes(), headers(b).as_bytes());
    let place = if a.status != b.status {
        "the status".into()
    } else if let Some(name) = header(a, b) {
        format!("the header {name}")
    } else if a.body != b.body {
        body(&a.body, &b.body)
    } else {
        "what it would record".into()
    };
    Some((bytes.max(1), place))
}

fn apart(a: &[u8], b: &[u8]) -> u64 {
    let differing = a.iter().zip(b).filter(|(a, b)| a != b).count();
    (differing + a.len().abs_diff(b.len())) as u64
}

fn headers(answer: &Answer) -> String {
    format!("{:?}", answer.headers)
}

fn header(a: &Answer, b: &Answer) -> Option<String> {
    let mut names: Vec<_> = a.headers.keys().chain(b.headers.keys()).collect();
    names.sort_by_key(|name| name.as_str());
    let all = |answer: &Answer, name| -> Vec<_> {
        answer.headers.get_all(name).iter().cloned().collect()
    };
    let mut names = names.into_iter();
    names
        .find(|name| all(a, *name) != all(b, *name))
        .map(ToString::to_string)
}

fn body(a: &[u8], b: &[u8]) -> String {
    let at = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let json = |bytes| serde_json::from_slice::<Value>(bytes).ok();
    let pointer = json(a).zip(json(b)).and_then(|(a, b)| first(&a, &b));
    match pointer {
        Some(pointer) => format!("the body at {pointer:?} (byte {at})"),
        None => format!("the body at byte {at}"),
    }
}

/// A pointer holds names of fields and places in lists, never a value.
fn first(a: &Value, b: &Value) -> Option<String> {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let names = a
                .keys()
                .chain(b.keys().filter(|name| !a.contains_key(*name)));
            let mut inner = names.filter_map(|name| {
                let (a, b) = (a.get(name), b.get(name));
                let inner = match (a, b) {
                    (Some(a), Some(b)) => first(a, b)?,
                    _ => String::new(),
                };
                Some(format!("/{name}{inner}"))
            });
            inner.next()
        }
        (Value::Array(a), Value::Array(b)) => {
            let mut each = a.iter().zip(b).enumerate();
            let inner = each.find_map(|(n, (a, b))| Some(format!("/{n}{}", first(a, b)?)));
            inner.or_else(|| {
                let shorter = a.len().min(b.len());
                (a.len() != b.len()).then(|| format!("/{shorter}"))
            })
        }
        (a, b) => (a != b).then(String::new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderMap, StatusCode};

    fn answer(body: &str) -> Answer {
        Answer {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: body.into(),
            decided: String::new(),
        }
    }

    fn place(a: &str, b: &str) -> String {
        between(&answer(a), &answer(b)).unwrap().1
    }

    #[test]
    fn the_same_answer_does_not_differ() {
        assert_eq!(between(&answer("{}"), &answer("{}")), None);
    }

    #[test]
    fn a_place_is_named_and_its_content_is_not_shown() {
        let place = place(r#"{"a":[{"b":"secret"}]}"#, r#"{"a":[{"b":"other"}]}"#);
        assert_eq!(place, r#"the body at "/a/0/b" (byte 12)"#);
    }

    #[test]
    fn a_field_or_an_element_more_is_a_difference() {
        assert!(place(r#"{"a":1}"#, r#"{"a":1,"c":2}"#).contains("\"/c\""));
        assert!(place("[1]", "[1,2]").contains("\"/1\""));
    }

    #[test]
    fn the_same_json_in_other_bytes_is_a_difference() {
        assert_eq!(place(r#"{"a":1}"#, r#"{"a":1} "#), "the body at byte 7");
    }

    #[test]
    fn a_status_a_header_and_what_would_be_recorded_are_differences() {
        let mut status = answer("");
        status.status = StatusCode::FORBIDDEN;
        assert_eq!(between(&answer(""), &status).unwrap().1, "the status");
        let mut header = answer("");
        header.headers.insert("etag", "1".parse().unwrap());
        assert_eq!(between(&answer(""), &header).unwrap().1, "the header etag");
        let mut decided = answer("");
        decided.decided = "case/… 1".into();
        let between = between(&answer(""), &decided).unwrap().1;
        assert_eq!(between, "what it would record");
    }
}
