//! Letters leave through a real mail server, or say why they did not.

#![allow(clippy::unwrap_used)]

mod support;

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::DateTime;
use pipss::mail::{Mail, NotAccepted, Postbox, SmtpSettings, What};
use serde_json::{Value, json};
use support::smtp::SmtpPeer;

fn mail() -> Mail {
    Mail {
        to: "Asha Example <asha@trust.example>".into(),
        subject: "Your request K7QM-2F".into(),
        text: "Your request has been received.\n\n.\nhttps://pipss.trust.example/r/K7QM-2F\n"
            .into(),
        message_id: "9b2f.1@pipss.trust.example".into(),
        date: DateTime::from_timestamp(1_767_225_600, 0).unwrap(),
        calendar: None,
    }
}

fn settings(port: u16, changes: Value) -> SmtpSettings {
    let mut settings = json!({
        "host": "localhost", "port": port, "security": "plain",
        "from": "Staff support <staff-support@trust.example>",
    });
    settings
        .as_object_mut()
        .unwrap()
        .extend(changes.as_object().unwrap().clone());
    serde_json::from_value(settings).unwrap()
}

fn postbox(port: u16, changes: Value) -> Postbox {
    Postbox::new(&settings(port, changes)).unwrap()
}

fn plain(peer: &SmtpPeer) -> Postbox {
    postbox(peer.port, json!({}))
}

fn refusal(permanent: bool, code: Option<u16>, what: What) -> Result<(), NotAccepted> {
    Err(NotAccepted {
        permanent,
        code,
        what,
    })
}

/// A fresh certificate for this machine in a folder that lasts as long as the test.
struct Certificate(tempfile::TempDir);

impl Certificate {
    fn new() -> Certificate {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("cert.pem"), made.cert.pem()).unwrap();
        std::fs::write(
            folder.path().join("key.pem"),
            made.signing_key.serialize_pem(),
        )
        .unwrap();
        Certificate(folder)
    }

    fn path(&self, name: &str) -> String {
        let path: &Path = self.0.path();
        path.join(name).to_str().unwrap().to_owned()
    }

    fn peer(&self, option: &str, more: &[&str]) -> SmtpPeer {
        let (certificate, key) = (self.path("cert.pem"), self.path("key.pem"));
        SmtpPeer::start_with("ok", &[&[option, &*certificate, &*key], more].concat())
    }

    fn settings(&self, security: &str) -> Value {
        json!({ "security": security, "ca_file": self.path("cert.pem") })
    }
}

#[tokio::test]
async fn a_letter_arrives_as_it_was_written() {
    let peer = SmtpPeer::start("ok");
    plain(&peer).post(&mail()).await.unwrap();
    let received = &peer.wait_for(1)[0];
    assert_eq!(received.envelope_from, "staff-support@trust.example");
    assert_eq!(received.envelope_to, ["asha@trust.example"]);
    for (name, value) in [
        ("From", "Staff support <staff-support@trust.example>"),
        ("To", "Asha Example <asha@trust.example>"),
        ("Subject", "Your request K7QM-2F"),
        ("Date", "Thu, 01 Jan 2026 00:00:00 +0000"),
        ("Message-ID", "<9b2f.1@pipss.trust.example>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("Content-Type", "text/plain; charset=\"utf-8\""),
    ] {
        assert_eq!(received.header(name), [value], "{name}");
    }
    assert_eq!(received.text, mail().text);
}

#[tokio::test]
async fn letters_of_any_language_survive() {
    let peer = SmtpPeer::start("ok");
    let subject = "Cymorth i staff – 支持 – naïve ✓ "
        .repeat(5)
        .trim_end()
        .to_owned();
    let text = format!("{}\nDiolch – 谢谢\n", "ŵ".repeat(2000));
    let letter = Mail {
        subject: subject.clone(),
        text: text.clone(),
        ..mail()
    };
    plain(&peer).post(&letter).await.unwrap();
    let received = &peer.wait_for(1)[0];
    assert_eq!(received.header("Subject"), [subject]);
    assert_eq!(received.text, text);
    assert!(peer.raw_messages()[0].is_ascii());
}

#[tokio::test]
async fn a_letter_sent_again_is_the_same_letter() {
    let peer = SmtpPeer::start("greylist");
    let postbox = plain(&peer);
    assert_eq!(
        postbox.post(&mail()).await,
        refusal(false, Some(451), What::Later)
    );
    postbox.post(&mail()).await.unwrap();
    postbox.post(&mail()).await.unwrap();
    peer.wait_for(2);
    let raw = peer.raw_messages();
    assert_eq!(raw[0], raw[1]);
}

#[tokio::test]
async fn a_letter_leaves_encrypted_and_signed_in() {
    let certificate = Certificate::new();
    for (option, security) in [("--starttls", "starttls"), ("--tls", "tls")] {
        let peer = certificate.peer(option, &["--login", "pipss:s3cret"]);
        let mut changes = certificate.settings(security);
        changes["username"] = json!("pipss");
        changes["password"] = json!("s3cret");
        postbox(peer.port, changes.clone())
            .post(&mail())
            .await
            .unwrap();
        peer.wait_for(1);
        changes["password"] = json!("wrong");
        let turned_away = postbox(peer.port, changes).post(&mail()).await;
        assert_eq!(turned_away, refusal(false, Some(535), What::TurnedAway));
        let anonymous = postbox(peer.port, certificate.settings(security))
            .post(&mail())
            .await;
        assert_eq!(anonymous, refusal(false, Some(530), What::TurnedAway));
        assert_eq!(peer.messages().len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_does_not_encrypt_gets_nothing() {
    let certificate = Certificate::new();
    let peer = SmtpPeer::start("ok");
    let strict = postbox(peer.port, certificate.settings("starttls"));
    assert_eq!(
        strict.post(&mail()).await,
        refusal(false, None, What::NoEncryption)
    );
    let stricter = postbox(peer.port, certificate.settings("tls"));
    assert_eq!(
        stricter.post(&mail()).await,
        refusal(false, None, What::TlsFailed)
    );
    assert_eq!(peer.seen(), "EHLO\n");
}

#[tokio::test]
async fn a_server_that_is_not_the_right_one_gets_nothing() {
    let (right, wrong) = (Certificate::new(), Certificate::new());
    for (option, security) in [("--starttls", "starttls"), ("--tls", "tls")] {
        let peer = wrong.peer(option, &[]);
        let failed = refusal(false, None, What::TlsFailed);
        let stranger = postbox(peer.port, right.settings(security));
        assert_eq!(
            stranger.post(&mail()).await,
            failed,
            "{security}, a certificate we do not know"
        );
        let mut elsewhere = wrong.settings(security);
        elsewhere["host"] = json!("127.0.0.1");
        let misnamed = postbox(peer.port, elsewhere);
        assert_eq!(
            misnamed.post(&mail()).await,
            failed,
            "{security}, a name it does not carry"
        );
        assert!(!peer.seen().contains("MAIL"));
    }
}

#[tokio::test]
async fn an_answer_given_in_the_clear_is_not_believed_once_encrypted() {
    let certificate = Certificate::new();
    let peer = certificate.peer("--starttls", &[]);
    let postbox = postbox(peer.port, certificate.settings("starttls"));
    postbox.post(&mail()).await.unwrap();
    peer.set_mode("inject");
    assert_eq!(
        postbox.post(&mail()).await,
        refusal(false, None, What::TlsFailed)
    );
}

#[tokio::test]
async fn each_failure_says_what_it_is() {
    for (mode, expected) in [
        ("450", refusal(false, Some(450), What::Later)),
        ("550", refusal(true, Some(550), What::Refused)),
        ("drop-after-data", refusal(false, None, What::BrokenOff)),
    ] {
        let peer = SmtpPeer::start(mode);
        let postbox = plain(&peer);
        let outcome = postbox.post(&mail()).await;
        assert_eq!(outcome, expected, "{mode}");
        let said = format!("{outcome:?} {}", outcome.unwrap_err());
        assert!(!said.contains("asha"), "an address in {said}");
        peer.set_mode("ok");
        postbox.post(&mail()).await.unwrap();
        assert_eq!(peer.wait_for(1).len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_apart() {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let nobody = postbox(free, json!({ "host": "127.0.0.1" }));
    assert_eq!(
        nobody.post(&mail()).await,
        refusal(false, None, What::ConnectionRefused)
    );
    let nowhere = postbox(25, json!({ "host": "no-such-host.invalid" }));
    assert_eq!(
        nowhere.post(&mail()).await,
        refusal(false, None, What::Unreachable)
    );
}

#[tokio::test]
async fn a_slow_or_silent_server_cannot_hold_a_letter() {
    let peer = SmtpPeer::start("slow");
    // It takes connections, as the system does for it, and never says a word.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let silent_port = silent.local_addr().unwrap().port();
    for (port, security) in [
        (peer.port, "plain"),
        (silent_port, "plain"),
        (silent_port, "tls"),
    ] {
        let begun = Instant::now();
        let hasty = postbox(port, json!({ "timeout_seconds": 1, "security": security }));
        assert_eq!(
            hasty.post(&mail()).await,
            refusal(false, None, What::TimedOut)
        );
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}

/// Every letter is refused for good, and the server never hears of one.
async fn assert_all_malformed(letters: Vec<(&str, Mail)>) {
    let peer = SmtpPeer::start("ok");
    let postbox = plain(&peer);
    for (what, letter) in letters {
        let outcome = postbox.post(&letter).await;
        assert_eq!(outcome, refusal(true, None, What::Malformed), "{what}");
    }
    assert_eq!(peer.seen(), "");
}

#[tokio::test]
async fn an_address_that_would_break_the_format_is_refused_before_connecting() {
    let letters = [
        ("CR LF", "asha@trust.example\r\nBcc: eve@evil.example"),
        (
            "CR LF in the name",
            "Asha\r\nBcc: eve@evil.example <asha@trust.example>",
        ),
        (
            "CR LF between quotes",
            "\"a\r\nRCPT TO:<eve@evil.example>\"@trust.example",
        ),
        ("two", "asha@trust.example, eve@evil.example"),
        ("a command", "asha@trust.example> NOTIFY=NEVER"),
        ("none", ""),
        ("no domain", "asha"),
    ];
    let to = |to: &str| Mail {
        to: to.into(),
        ..mail()
    };
    assert_all_malformed(letters.map(|(what, address)| (what, to(address))).into()).await;
}

#[tokio::test]
async fn a_letter_that_would_break_the_format_is_refused_before_connecting() {
    let subject = |subject: &str| Mail {
        subject: subject.into(),
        ..mail()
    };
    let text = |text: &str| Mail {
        text: text.into(),
        ..mail()
    };
    let message_id = |id: &str| Mail {
        message_id: id.into(),
        ..mail()
    };
    assert_all_malformed(vec![
        (
            "CR LF in the subject",
            subject("Hello\r\nBcc: eve@evil.example"),
        ),
        ("LF in the subject", subject("Hello\nBcc: eve@evil.example")),
        ("NUL in the subject", subject("Hello\0")),
        ("a long subject", subject(&"a".repeat(301))),
        (
            "an end mark in the text",
            text("Hello\r.\rMAIL FROM:<eve@evil.example>"),
        ),
        ("NUL in the text", text("Hello\0")),
        ("a long text", text(&"a".repeat(64 * 1024 + 1))),
        (
            "CR LF in the message id",
            message_id("a@b\r\nBcc: eve@evil.example"),
        ),
        ("brackets in the message id", message_id("<a@b>")),
        ("no domain in the message id", message_id("a")),
        (
            "before 1970",
            Mail {
                date: DateTime::from_timestamp(-1, 0).unwrap(),
                ..mail()
            },
        ),
        (
            "past 9999",
            Mail {
                date: DateTime::<chrono::Utc>::MAX_UTC,
                ..mail()
            },
        ),
    ])
    .await;
}

#[test]
fn settings_that_would_fail_later_are_refused_at_start() {
    for (changes, expected) in [
        (
            json!({ "username": "u", "password": "p" }),
            "plain connection",
        ),
        (
            json!({ "security": "tls", "username": "u" }),
            "belong together",
        ),
        (json!({ "from": "nobody" }), "from is not an e-mail address"),
        (
            json!({ "security": "tls", "ca_file": "/no/such/file" }),
            "cannot be read",
        ),
        (json!({ "timeout_seconds": 0 }), "timeout_seconds"),
        (json!({ "hello_name": "a\r\nMAIL" }), "hello_name"),
    ] {
        let error = Postbox::new(&settings(25, changes)).err().expect(expected);
        assert!(format!("{error:#}").contains(expected), "{error:#}");
    }
}

#[test]
fn settings_do_not_print_the_password() {
    let settings = settings(25, json!({ "username": "u", "password": "s3cret" }));
    assert!(!format!("{settings:?}").contains("s3cret"));
}
