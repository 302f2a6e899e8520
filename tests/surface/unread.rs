//! A refusal that leaves the body of its request unread loses neither its own words nor the next request.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use crate::raw::{QUICK, connected, served};
use crate::support::program::Trust;

/// More than arrives at once, and less than is too long.
const LONG: usize = 60_000;

/// One answer, its head in small letters; nothing if the connection ended without any.
fn answer(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.to_lowercase();
    let (_, length) = head.split_once("content-length: ").unwrap();
    let length = length.split("\r\n").next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(head)
}

fn asked(stream: &mut BufReader<TcpStream>, line: &str, promised: usize, sent: usize) {
    let head = format!(
        "{line} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {promised}\r\n\r\n"
    );
    stream.get_mut().write_all(head.as_bytes()).unwrap();
    stream.get_mut().write_all(&vec![b' '; sent]).unwrap();
}

#[test]
fn whoever_asks_too_much_at_once_hears_it_and_can_go_on() {
    let trust = Trust::new();
    let served = served(&trust, "");
    let mut stream = BufReader::new(connected(&served));
    let mut too_many = 0;
    for n in 0..120 {
        asked(&mut stream, "POST /api/v1/feedback", LONG, LONG);
        let head = answer(&mut stream).unwrap_or_else(|| panic!("request {n} was not answered"));
        assert!(!head.contains("connection: close"), "{head}");
        too_many += usize::from(head.starts_with("http/1.1 429 "));
    }
    assert!(too_many > 30, "{too_many}");
}

#[test]
fn an_answer_before_the_end_of_a_body_says_that_the_connection_ends() {
    let trust = Trust::new();
    let served = served(&trust, QUICK);
    for (line, promised, sent) in [
        // Not even looked at; far too long; not in time.
        ("TRACE /api/v1/feedback", LONG, 0),
        ("POST /api/v1/feedback", 5_000_000, 1_200_000),
        ("POST /api/v1/feedback", LONG, 10),
    ] {
        let mut stream = BufReader::new(connected(&served));
        asked(&mut stream, line, promised, sent);
        let head = answer(&mut stream).unwrap_or_else(|| panic!("{line} was not answered"));
        assert!(head.contains("connection: close\r\n"), "{line}: {head}");
        assert!(answer(&mut stream).is_none(), "{line}: it did not end");
    }
}
