//! Whoever connects and then says little or nothing keeps nobody out for long.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::raw::{QUICK, connected, rest, served};
use crate::support::program::Trust;

const HEALTHY: &[u8] = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

#[test]
fn a_head_that_does_not_end_is_given_up() {
    let trust = Trust::new();
    let served = served(&trust, QUICK);
    let began = Instant::now();
    for said in ["", "GET /api/v1/me HTTP/1.1\r\nHost: x\r\nX-A: ", "GET"] {
        let mut stream = connected(&served);
        stream.write_all(said.as_bytes()).unwrap();
        let answer = rest(&mut stream);
        assert!(!answer.contains(" 200 "), "{answer}");
    }
    assert!(began.elapsed() < Duration::from_secs(15));
}

#[test]
fn a_body_that_does_not_end_is_given_up() {
    let trust = Trust::new();
    let served = served(&trust, QUICK);
    let mut stream = connected(&served);
    let head = "POST /api/v1/feedback HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
        Content-Length: 100\r\nConnection: close\r\n\r\n{\"code\":";
    stream.write_all(head.as_bytes()).unwrap();
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("not in time"), "{answer}");
}

#[test]
fn more_connections_than_there_is_room_for_wait_and_are_served() {
    let trust = Trust::new();
    let served = served(&trust, QUICK);
    let silent: Vec<_> = (0..12).map(|_| connected(&served)).collect();
    let mut stream = connected(&served);
    stream.write_all(HEALTHY).unwrap();
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    drop(silent);
}
