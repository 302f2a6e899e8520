//! Requests written by hand, byte by byte: what two programs could read in two ways is refused.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::program::{Trust, serve};
use crate::support::served::Served;

/// Few connections, and hardly any time for any.
pub const QUICK: &str = "connections = { at_once = 3, head_seconds = 1, body_seconds = 1 }";

/// A served trust.
pub fn served(trust: &Trust, more: &str) -> Served {
    Served::start(serve(&trust.config(more)).env("RUST_LOG", "error"))
}

/// A connection that is not waited on for ever.
pub fn connected(served: &Served) -> TcpStream {
    let stream = TcpStream::connect(served.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream
}

/// Everything that comes back until the other side closes.
pub fn rest(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

/// Sends bytes; whatever comes back until the program closes.
fn answer(served: &Served, sent: &[u8]) -> String {
    let mut stream = connected(served);
    let _ = stream.write_all(sent);
    rest(&mut stream)
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("")
}

#[test]
fn methods_and_forms_that_only_proxies_need_are_refused() {
    let trust = Trust::new();
    let served = served(&trust, QUICK);
    for (line, wanted) in [
        ("TRACE /api/v1/me HTTP/1.1\r\nHost: x\r\n", "405"),
        ("TRACE / HTTP/1.1\r\nHost: x\r\n", "405"),
        (
            "CONNECT example.test:443 HTTP/1.1\r\nHost: example.test:443\r\n",
            "405",
        ),
        (
            "GET http://other.example.test/api/v1/me HTTP/1.1\r\nHost: x\r\n",
            "400",
        ),
        ("OPTIONS * HTTP/1.1\r\nHost: x\r\n", "400"),
        ("GET /api/v1/me HTTP/1.1\r\n", "400"),
        ("GET /api/v1/me HTTP/1.1\r\nHost: x\r\nHost: y\r\n", "400"),
        ("GET /api/v1/me HTTP/1.1\r\nHost: x\r\nHost: x\r\n", "400"),
        ("GET /api/v1/me HTTP/2.0\r\nHost: x\r\n", ""),
        ("GET /%ff HTTP/1.1\r\nHost: x\r\n", "404"),
        ("GET /cases/%00 HTTP/1.1\r\nHost: x\r\n", "404"),
        ("PUT /api/v1/me HTTP/1.1\r\nHost: x\r\n", "405"),
        ("DELETE /api/v1/cases HTTP/1.1\r\nHost: x\r\n", "405"),
    ] {
        let answer = answer(
            &served,
            format!("{line}Connection: close\r\n\r\n").as_bytes(),
        );
        let refused = status(&answer) == wanted || (wanted.is_empty() && !answer.contains(" 200 "));
        assert!(refused, "{line}: {answer}");
    }
}

#[test]
fn a_body_whose_end_can_be_read_in_two_ways_brings_no_second_request_in() {
    let trust = Trust::new();
    let served = served(&trust, QUICK);
    let smuggled = "GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n";
    let length = smuggled.len();
    for head in [
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {length}\r\n\r\n0\r\n\r\n"),
        "Content-Length: 0\r\nContent-Length: 5\r\n\r\n".into(),
        "Content-Length: 0, 5\r\n\r\n".into(),
        "Content-Length: +0\r\n\r\n".into(),
        "Content-Length: 0x0\r\n\r\n".into(),
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n".into(),
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n".into(),
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n".into(),
        " Folded: line\r\nContent-Length: 0\r\n\r\n".into(),
        "Name with blanks: x\r\nContent-Length: 0\r\n\r\n".into(),
    ] {
        let sent = format!("POST /api/v1/referrals HTTP/1.1\r\nHost: x\r\n{head}{smuggled}");
        let answer = answer(&served, sent.as_bytes());
        assert!(!answer.contains("\"openapi\""), "{head:?}: {answer}");
    }
}

#[test]
fn a_head_that_is_too_long_is_not_read_to_its_end() {
    let trust = Trust::new();
    let served = served(&trust, QUICK);
    let long = "a".repeat(100_000);
    let many = "X: y\r\n".repeat(2_000);
    for sent in [
        format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET /api/v1/me HTTP/1.1\r\nHost: x\r\nX: {long}\r\n\r\n"),
        format!("GET /api/v1/me HTTP/1.1\r\nHost: x\r\n{many}\r\n"),
    ] {
        let answer = answer(&served, sent.as_bytes());
        assert!(
            ["", "414", "431", "400"].contains(&status(&answer)),
            "{answer}"
        );
    }
}
