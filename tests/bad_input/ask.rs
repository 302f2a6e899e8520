//! A request written by hand, with anything in it that a client could send.

use std::io::{Read, Write};
use std::net::TcpStream;

use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::Value;

use crate::support::demo::{Answer, Person, fresh_key};

/// What no answer may repeat. Long and strange enough not to stand anywhere by chance.
pub const CANARY: &str = "zqCANARY7x";

/// A request.
#[derive(Clone)]
pub struct Ask {
    pub method: Method,
    pub path: String,
    pub headers: Vec<(&'static str, HeaderValue)>,
    pub body: Option<Vec<u8>>,
}

impl Ask {
    /// To read, as someone.
    pub fn get(who: &Person, path: &str) -> Self {
        let ask = Self {
            method: Method::GET,
            path: path.into(),
            headers: Vec::new(),
            body: None,
        };
        ask.with("Authorization", &format!("Bearer {}", who.token))
    }

    /// To raise a referral, under a fresh key.
    pub fn raise(who: &Person, body: &Value) -> Self {
        Self::post(who, "/api/v1/referrals").saying(&body.to_string())
    }

    /// To give a command to a case at a version, under a fresh key.
    pub fn command(who: &Person, case: &Place, name: &str, body: &Value) -> Self {
        let path = format!("/api/v1/cases/{}/{name}", case.id);
        Self::post(who, &path)
            .with("If-Match", &case.etag)
            .saying(&body.to_string())
    }

    /// To post anywhere, under a fresh key, with no body yet.
    pub fn post(who: &Person, path: &str) -> Self {
        let mut ask = Self::get(who, path);
        ask.method = Method::POST;
        ask.with("Content-Type", "application/json")
            .with("Idempotency-Key", &fresh_key())
    }

    /// With a header instead of the one it had.
    pub fn with(self, name: &'static str, value: &str) -> Self {
        self.without(name).also(name, value)
    }

    /// With one more header.
    pub fn also(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        self.headers.push((name, value));
        self
    }

    /// Without a header.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(n, _)| *n != name);
        self
    }

    /// With other bytes as its body.
    pub fn saying(mut self, body: &str) -> Self {
        self.body = Some(body.as_bytes().to_vec());
        self
    }

    /// With another method.
    pub fn by(mut self, method: Method) -> Self {
        self.method = method;
        self
    }
}

/// A case, and the version a command to it is meant for.
#[derive(Clone, Debug)]
pub struct Place {
    pub id: String,
    pub etag: String,
}

/// A refusal by the book: status, code, media type, nothing of what was sent, nothing to be kept.
#[track_caller]
pub fn assert_refused(answer: &Answer, status: u16, code: &str, what: &str) {
    let problem = answer.json();
    assert_eq!(answer.status, status, "{what}: {}", answer.text);
    assert_eq!(problem["code"], code, "{what}: {}", answer.text);
    assert_eq!(problem["status"], status, "{what}: {}", answer.text);
    let media_type = answer.header("content-type");
    assert_eq!(media_type, "application/problem+json", "{what}");
    assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    let headers = format!("{:?}", answer.headers);
    for said in [&answer.text, &headers] {
        let repeated = said.to_lowercase().contains(&CANARY.to_lowercase());
        assert!(!repeated, "{what}: it repeats what was sent: {said}");
    }
}

/// The same to whoever asks: status, headers but the date, and every byte of the body.
#[track_caller]
pub fn assert_identical(one: &Answer, other: &Answer, what: &str) {
    let but_date = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("date");
        headers
    };
    assert_eq!(one.status, other.status, "{what}");
    assert_eq!(one.text, other.text, "{what}");
    assert_eq!(but_date(one), but_date(other), "{what}");
}

/// Sends a request as bytes, of a length told before or in chunks, and goes on to the answer even
/// where the other side stops listening before we stop talking.
pub fn by_hand(base: &str, ask: Ask, in_chunks: bool) -> Answer {
    let host = base.strip_prefix("http://").unwrap();
    let body = ask.body.unwrap();
    let mut request = format!("{} {} HTTP/1.1\r\nHost: {host}\r\n", ask.method, ask.path);
    for (name, value) in &ask.headers {
        request += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    request += "Connection: close\r\n";
    let mut stream = TcpStream::connect(host).unwrap();
    if in_chunks {
        request += "Transfer-Encoding: chunked\r\n\r\n";
        let _ = stream.write_all(request.as_bytes());
        for chunk in body.chunks(8 * 1024) {
            let _ = write!(stream, "{:x}\r\n", chunk.len());
            let _ = stream.write_all(chunk);
            let _ = stream.write_all(b"\r\n");
        }
        let _ = stream.write_all(b"0\r\n\r\n");
    } else {
        request += &format!("Content-Length: {}\r\n\r\n", body.len());
        let _ = stream.write_all(request.as_bytes());
        let _ = stream.write_all(&body);
    }
    read_answer(stream)
}

fn read_answer(mut stream: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let whole = String::from_utf8(bytes).unwrap();
    let (head, text) = whole
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("{whole:?}"));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let header = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        (name, HeaderValue::from_str(value).unwrap())
    };
    Answer {
        status: status.parse().unwrap(),
        headers: lines.map(header).collect(),
        text: text.into(),
    }
}
