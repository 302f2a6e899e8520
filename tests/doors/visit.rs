//! What someone tries at the door, and what they are answered.

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::Value;

/// Where nothing is.
pub const NOWHERE: &str = "00000000-0000-4000-8000-000000000000";

/// What someone tries at the door.
pub struct Visit {
    pub method: Method,
    pub path: String,
}

/// An answer; two are equal if nobody could tell them apart but by the time.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", self.text))
    }
}

impl Visit {
    /// The thing stands for the first that the path names; one of another kind after a slash for the
    /// second.
    pub fn of(method: &str, path: &str, thing: &str) -> Self {
        let mut things = thing.split('/');
        let mut full = String::new();
        for part in path.split('/').skip(1) {
            full.push('/');
            if part.starts_with('{') {
                full.push_str(things.next().unwrap_or(NOWHERE));
            } else {
                full.push_str(part);
            }
        }
        Self {
            method: method.parse().unwrap(),
            path: full,
        }
    }
}
