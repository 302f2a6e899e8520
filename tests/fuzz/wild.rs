//! What nobody should send: values of the wrong kind, far too long, from another age, or not text at all.

use serde_json::{Value, json};

use crate::support::random::Random;

/// What no refusal may repeat. Long and strange enough not to stand anywhere by chance.
pub const CANARY: &str = "zqFUZZ8x";

/// A value that is hardly ever right.
pub fn value(random: &mut Random) -> Value {
    match random.below(9) {
        0 => Value::Null,
        1 => json!([CANARY, { CANARY: CANARY }]),
        2 => json!({ CANARY: { CANARY: [] } }),
        3 => random
            .one_of(&[
                json!(-1),
                json!(0),
                json!(u64::MAX),
                json!(i64::MIN),
                json!(1e308),
                json!(0.1),
            ])
            .clone(),
        4 => json!(random.below(2) == 0),
        5 | 6 => (*random.one_of(&TIMES)).into(),
        _ => text(random).into(),
    }
}

const TIMES: [&str; 14] = [
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "+262142-12-31T23:59:59Z",
    "-262143-01-01T00:00:00Z",
    "2026-02-30T10:00:00Z",
    "2026-03-29T01:30:00",
    "2016-12-31T23:59:60Z",
    "2026-10-25T01:30:00+99:99",
    "1899-12-31T23:59:59Z",
    "2199-12-31T23:59:59Z",
    "2200-01-01",
    "2024-02-29",
    "2026-00-00",
    "2026-11-22T24:00:00.999999999999999999999Z",
];

/// A text that is hard to keep, to draw or to compare.
pub fn text(random: &mut Random) -> String {
    match random.below(10) {
        0 => String::new(),
        1 => CANARY.repeat(2000),
        2 => format!("{CANARY}\u{0}{CANARY}"),
        3 => format!("{CANARY}\u{202e}{CANARY}"),
        4 => format!("{CANARY}\r\nBcc: {CANARY}@example.test\r\n"),
        5 => format!("=HYPERLINK(\"{CANARY}\")"),
        6 => format!("<script>{CANARY}</script>' OR 1=1 --"),
        7 => format!("{CANARY}{}", "e\u{301}\u{200d}🏳️‍🌈\u{fdd0}".repeat(9)),
        8 => "\u{a0}\u{2003}\u{3000}\t\n".into(),
        _ => format!("../../{CANARY}%00%2e%2e{{{{7*7}}}}${{jndi:{CANARY}}}"),
    }
}

/// Spoils a body in one place: another value, a member too many or one too few, far too many items.
pub fn spoil(body: &mut Value, random: &mut Random) {
    let deeper = random.below(3) > 0;
    match body {
        Value::Object(members) if deeper && !members.is_empty() => {
            let place = random.below(members.len() as u64);
            let mut values = members.values_mut();
            spoil(values.nth(usize::try_from(place).unwrap()).unwrap(), random);
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let place = random.below(items.len() as u64);
            spoil(&mut items[usize::try_from(place).unwrap()], random);
        }
        Value::Object(members) if random.below(2) == 0 => {
            match members.keys().next().cloned() {
                Some(first) if random.below(2) == 0 => members.remove(&first),
                _ => members.insert(text(random), value(random)),
            };
        }
        Value::Array(items) if random.below(2) == 0 => {
            let again = items.iter().cycle().take(items.len() * 60);
            *items = again.cloned().collect();
        }
        other => *other = value(random),
    }
}

/// The bytes of a body that is not one.
pub fn bytes(right: &str, random: &mut Random) -> Vec<u8> {
    let at = usize::try_from(random.below(right.len() as u64 + 1)).unwrap();
    let mut bytes = right.as_bytes().to_vec();
    match random.below(7) {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, 0xff),
        2 => bytes.insert(at, b'\\'),
        3 => bytes = "[".repeat(30_000).into_bytes(),
        4 => bytes.extend_from_slice(right.as_bytes()),
        5 => bytes.resize(70_000, b' '),
        _ => bytes.clear(),
    }
    bytes
}

const NOWHERE: [&str; 11] = [
    "00000000-0000-4000-8000-000000000000",
    "%00",
    "%ff%fe",
    "..%2f..%2fkeys",
    "zqFUZZ8x",
    "%F0%9F%92%A9",
    "-1",
    "%E2%80%AE",
    "2026-q5",
    "NULL;--",
    "%25%32%65",
];

/// Part of a path or a query that names nothing.
pub fn segment(random: &mut Random) -> &'static str {
    let segment: &&str = random.one_of(&NOWHERE);
    segment
}

/// A header that says something else than it should.
pub fn header(random: &mut Random) -> (&'static str, Vec<u8>) {
    let long = CANARY.repeat(900);
    let pairs: [(&str, &[u8]); 22] = [
        ("If-Match", b"*"),
        ("If-Match", b"W/\"1\""),
        ("If-Match", b"\"18446744073709551616\""),
        ("If-Match", b"\"-1\""),
        ("If-Match", b"\xff\xfe"),
        ("Idempotency-Key", b""),
        ("Idempotency-Key", b"\xc3\xa9"),
        ("Idempotency-Key", long.as_bytes()),
        ("Content-Type", b"text/plain"),
        ("Content-Type", b"application/json; charset=utf-16"),
        ("Content-Type", b"application/x-www-form-urlencoded"),
        ("Pipss-After", b"case/zqFUZZ8x@1"),
        ("Pipss-After", b"\xff"),
        ("Pipss-Organisation", b"zqFUZZ8x"),
        ("Authorization", b"Basic enFGVVpaOHg6"),
        ("Authorization", b"Bearer zqFUZZ8x.zqFUZZ8x.zqFUZZ8x"),
        ("X-Forwarded-For", b"zqFUZZ8x, 127.0.0.1"),
        ("Cookie", b"pipss=zqFUZZ8x"),
        ("Accept", b"text/zqFUZZ8x;q=0"),
        ("Range", b"bytes=0-0"),
        ("Expect", b"100-continue"),
        ("Content-Encoding", b"gzip"),
    ];
    let (name, value) = *random.one_of(&pairs);
    (name, value.to_vec())
}
