//! When a session ends, and what the file says.

#![allow(clippy::unwrap_used)]

use super::*;

fn sam() -> SignedIn {
    SignedIn {
        organisation: Uuid::nil(),
        issuer: "https://issuer.example".into(),
        subject: "sam-subject".into(),
        name: Some("Sam Heron".into()),
        email: None,
        just_proved: true,
        program: false,
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn begin(sessions: &Sessions, now: DateTime<Utc>) -> String {
    begin_as(sessions, "session-1", None, now)
}

fn begin_as(sessions: &Sessions, sid: &str, before: Option<&str>, now: DateTime<Utc>) -> String {
    let began = Began {
        signed_in: &sam(),
        proved_at: None,
        named: Some(&named(Some(sid))),
        before,
    };
    sessions.begin(began, now)
}

fn named(sid: Option<&str>) -> Named {
    Named {
        issuer: "https://issuer.example".into(),
        sub: Some("sam-subject".into()),
        sid: sid.map(str::to_owned),
    }
}

fn none() -> Sessions {
    Sessions::open(None, Chance::Machine)
}

#[test]
fn a_session_ends_after_fifteen_minutes_without_a_page() {
    let sessions = none();
    let began = at("2026-06-01T03:00:00Z");
    let id = begin(&sessions, began);
    assert!(sessions.find(&id, began + Duration::minutes(14)).is_some());
    assert!(sessions.find(&id, began + Duration::minutes(28)).is_some());
    assert!(sessions.find(&id, began + Duration::minutes(43)).is_none());
    assert!(
        sessions.find(&id, began + Duration::minutes(29)).is_none(),
        "it stays ended"
    );
}

#[test]
fn a_session_ends_after_eight_hours_however_busy() {
    let sessions = none();
    let began = at("2026-06-01T03:00:00Z");
    let id = begin(&sessions, began);
    for minutes in (0..480).step_by(10) {
        assert!(
            sessions
                .find(&id, began + Duration::minutes(minutes))
                .is_some()
        );
    }
    assert!(sessions.find(&id, began + Duration::minutes(480)).is_none());
}

#[test]
fn the_file_survives_a_restart_and_says_nothing_of_anyone() {
    let folder = std::env::temp_dir().join(format!("pipss-sessions-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("sessions.json");
    let now = at("2026-06-01T03:00:00Z");
    let sessions = Sessions::open(Some(file.clone()), Chance::Machine);
    let (id, other) = (begin(&sessions, now), begin(&sessions, now));
    let written = fs::read_to_string(&file).unwrap();
    for word in [
        "sam-subject",
        "session-1",
        "Heron",
        "issuer.example",
        &id,
        &other,
    ] {
        assert!(!written.contains(word), "{word} is in the file");
    }
    let again = Sessions::open(Some(file.clone()), Chance::Machine);
    assert_eq!(
        again.find(&id, now).unwrap().signed_in.subject,
        "sam-subject"
    );
    assert_eq!(again.draft_key(), sessions.draft_key());
    assert!(again.find("guessed", now).is_none());
    again.end(&id, now);
    assert!(again.find(&id, now).is_none() && again.find(&other, now).is_some());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_is_told_is_told_once() {
    let sessions = none();
    let id = begin(&sessions, at("2026-06-01T03:00:00Z"));
    sessions.tell(&id, "Saved.");
    assert_eq!(sessions.told(&id).as_deref(), Some("Saved."));
    assert_eq!(sessions.told(&id), None);
}

#[test]
fn an_issuer_ends_the_session_it_names_or_all_of_a_person() {
    let now = at("2026-06-01T03:00:00Z");
    let sessions = none();
    let ids = ["a", "b", "c"].map(|sid| begin_as(&sessions, sid, None, now));
    let live = || ids.clone().map(|id| sessions.find(&id, now).is_some());
    sessions.end_named(&named(Some("b")), now);
    assert_eq!(live(), [true, false, true]);
    let stranger = Named {
        sub: Some("jo-subject".into()),
        ..named(None)
    };
    sessions.end_named(&stranger, now);
    let elsewhere = Named {
        issuer: "https://other.example".into(),
        ..named(None)
    };
    sessions.end_named(&elsewhere, now);
    assert_eq!(live(), [true, false, true]);
    sessions.end_named(&named(None), now);
    assert_eq!(live(), [false; 3]);
}

#[test]
fn signing_in_again_ends_the_session_before_and_keeps_its_drafts() {
    let now = at("2026-06-01T03:00:00Z");
    let sessions = none();
    let first = begin(&sessions, now);
    sessions.keep(&first, "asked", Some("sealed".into()));
    let second = begin_as(&sessions, "session-2", Some(&first), now);
    assert!(sessions.find(&first, now).is_none() && first != second);
    assert_eq!(
        sessions.kept_draft(&second, "asked").as_deref(),
        Some("sealed")
    );
}
