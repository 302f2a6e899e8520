//! Who is signed in at a browser: 15 minutes without a page, or 8 hours, and it ends.
//!
//! Kept in one small file, which is rewritten whole. A session is sealed under its own id, which only the
//! browser's cookie has: the file alone says how many there are, and confirms a guess at who signed in. It
//! holds no facts; if it is lost, people sign in again.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use pipss_api::identity::Named;
use pipss_api::token::{JUST_NOW_SECONDS, SignedIn};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::chance::Chance;
use crate::seal::Seal;

/// Without a page for so long, a session ends.
pub const IDLE: Duration = Duration::minutes(15);
/// However busy, it ends after so long.
pub const ABSOLUTE: Duration = Duration::hours(8);
/// More are not kept: the one that was idle longest ends.
const SESSIONS_MAX: usize = 10_000;
/// When someone last asked for a page is written no more often than this.
const WRITTEN_EVERY: Duration = Duration::minutes(1);
const JUST_NOW: Duration = Duration::seconds(JUST_NOW_SECONDS as i64);
const PURPOSE: &str = "session";

/// Everyone who is signed in.
pub struct Sessions {
    file: Option<PathBuf>,
    chance: Chance,
    kept: Mutex<Kept>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    /// Under which drafts are sealed: they outlive a session, and a restart.
    draft_key: [u8; 32],
    sessions: HashMap<String, Session>,
    #[serde(skip, default = "never")]
    written_at: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
struct Session {
    /// Who, sealed under the id that only the browser has.
    sealed: String,
    started_at: DateTime<Utc>,
    /// When they last proved who they are.
    proved_at: Option<DateTime<Utc>>,
    seen_at: DateTime<Utc>,
    /// What their issuer calls it, and them, when it says that they signed out there.
    #[serde(default)]
    named: Handles,
    /// Something to tell on the next page.
    #[serde(skip)]
    told: Option<String>,
    /// Drafts that the next page goes on from, sealed.
    #[serde(skip)]
    drafts: HashMap<String, String>,
}

/// Names under a key of the file.
#[derive(Default, Serialize, Deserialize)]
struct Handles {
    session: Option<String>,
    person: Option<String>,
}

/// Someone who signed in.
pub struct Began<'a> {
    /// Who.
    pub signed_in: &'a SignedIn,
    /// When they last proved it, if that is known.
    pub proved_at: Option<DateTime<Utc>>,
    /// What their issuer calls them.
    pub named: Option<&'a Named>,
    /// The session at the same browser, which ends: if it is theirs, its drafts go on.
    pub before: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
struct Who {
    organisation: Uuid,
    issuer: String,
    subject: String,
    name: Option<String>,
    email: Option<String>,
}

/// A session, found by its cookie.
pub struct Found {
    /// Who.
    pub signed_in: SignedIn,
    /// What forms of this session carry.
    pub csrf: String,
}

const fn never() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

impl Sessions {
    /// Reads the file, if there is one that can be read.
    pub fn open(file: Option<PathBuf>, chance: Chance) -> Self {
        let read = file.as_deref().and_then(read);
        let kept = read.unwrap_or_else(|| Kept {
            draft_key: chance.bytes(),
            sessions: HashMap::new(),
            written_at: never(),
        });
        Self {
            file,
            chance,
            kept: Mutex::new(kept),
        }
    }

    /// Under which drafts are sealed.
    pub fn draft_key(&self) -> [u8; 32] {
        self.kept().draft_key
    }

    /// Someone signed in: the id for their cookie, always a fresh one.
    pub fn begin(&self, began: Began, now: DateTime<Utc>) -> String {
        let id = self.chance.token();
        let signed_in = began.signed_in;
        let who = Who {
            organisation: signed_in.organisation,
            issuer: signed_in.issuer.clone(),
            subject: signed_in.subject.clone(),
            name: signed_in.name.clone(),
            email: signed_in.email.clone(),
        };
        let mut kept = self.kept();
        let before = began.before.and_then(|before| {
            let session = kept.sessions.remove(&name_of(before))?;
            let theirs: Who = under(before).open(PURPOSE, &session.sealed)?;
            theirs.is_same(&who).then_some(session)
        });
        let session = Session {
            sealed: under(&id).seal(self.chance, PURPOSE, &who),
            started_at: now,
            proved_at: began.proved_at.map(|at| at.min(now)),
            seen_at: now,
            named: handles(&kept.draft_key, began.named),
            told: None,
            drafts: before.map_or_else(HashMap::new, |session| session.drafts),
        };
        kept.sessions.retain(|_, session| session.is_live(now));
        if kept.sessions.len() >= SESSIONS_MAX {
            let idlest = kept.sessions.iter().min_by_key(|(_, s)| s.seen_at);
            let idlest = idlest.map(|(name, _)| name.clone());
            idlest.and_then(|name| kept.sessions.remove(&name));
        }
        kept.sessions.insert(name_of(&id), session);
        self.write(&mut kept, now);
        id
    }

    /// The session of a cookie, if it has not ended; it is then not idle.
    pub fn find(&self, id: &str, now: DateTime<Utc>) -> Option<Found> {
        let mut kept = self.kept();
        let session = kept.sessions.get_mut(&name_of(id))?;
        if !session.is_live(now) {
            kept.sessions.remove(&name_of(id));
            return None;
        }
        session.seen_at = session.seen_at.max(now);
        let just_proved = session
            .proved_at
            .is_some_and(|at| (now - at).abs() <= JUST_NOW);
        let who: Who = under(id).open(PURPOSE, &session.sealed)?;
        if now - kept.written_at >= WRITTEN_EVERY {
            self.write(&mut kept, now);
        }
        Some(Found {
            signed_in: SignedIn {
                organisation: who.organisation,
                issuer: who.issuer,
                subject: who.subject,
                name: who.name,
                email: who.email,
                just_proved,
                // A browser is used by a person.
                program: false,
            },
            csrf: hash("csrf", id),
        })
    }

    /// Someone signed out.
    pub fn end(&self, id: &str, now: DateTime<Utc>) {
        let mut kept = self.kept();
        kept.sessions.remove(&name_of(id));
        self.write(&mut kept, now);
    }

    /// Someone signed out at their issuer: every session that it means ends. One that it did not name when
    /// it began ends with the person's.
    pub fn end_named(&self, named: &Named, now: DateTime<Utc>) {
        let mut kept = self.kept();
        let meant = handles(&kept.draft_key, Some(named));
        kept.sessions.retain(|_, session| {
            let (of_session, of_person) = (&session.named.session, &session.named.person);
            let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
            let whole = meant.session.is_none() || of_session.is_none();
            !(same(of_session, &meant.session) || whole && same(of_person, &meant.person))
        });
        self.write(&mut kept, now);
    }

    /// Something to tell on the next page.
    pub fn tell(&self, id: &str, what: impl Into<String>) {
        if let Some(session) = self.kept().sessions.get_mut(&name_of(id)) {
            session.told = Some(what.into());
        }
    }

    /// What was to be told, once.
    pub fn told(&self, id: &str) -> Option<String> {
        self.kept().sessions.get_mut(&name_of(id))?.told.take()
    }

    /// Keeps a sealed draft for the next page; none forgets it.
    pub fn keep(&self, id: &str, name: &str, draft: Option<String>) {
        if let Some(session) = self.kept().sessions.get_mut(&name_of(id)) {
            match draft {
                Some(draft) => session.drafts.insert(name.to_owned(), draft),
                None => session.drafts.remove(name),
            };
        }
    }

    /// The draft that was kept.
    pub fn kept_draft(&self, id: &str, name: &str) -> Option<String> {
        self.kept()
            .sessions
            .get(&name_of(id))?
            .drafts
            .get(name)
            .cloned()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rewrites the file. If it cannot be written, people sign in again after a restart.
    fn write(&self, kept: &mut Kept, now: DateTime<Utc>) {
        kept.written_at = now;
        let Some(file) = &self.file else {
            return;
        };
        if let Err(error) = rewritten(file, kept) {
            tracing::warn!(%error, "who is signed in could not be written: {error}");
        }
    }
}

impl Who {
    fn is_same(&self, other: &Self) -> bool {
        (self.organisation, &self.issuer, &self.subject)
            == (other.organisation, &other.issuer, &other.subject)
    }
}

fn handles(key: &[u8; 32], named: Option<&Named>) -> Handles {
    let keyed = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, key),
        b"names of sessions",
    );
    let key = hmac::Key::new(hmac::HMAC_SHA256, keyed.as_ref());
    let handle = |what: &str, name: &Option<String>| {
        let (named, name) = (named?, name.as_ref()?);
        let text = serde_json::json!([what, named.issuer, name]).to_string();
        Some(URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes())))
    };
    Handles {
        session: handle("session", &named.and_then(|named| named.sid.clone())),
        person: handle("person", &named.and_then(|named| named.sub.clone())),
    }
}

impl Session {
    /// A clock that went back ends nothing early, and a session that began in the future has ended.
    fn is_live(&self, now: DateTime<Utc>) -> bool {
        let busy = now - self.seen_at < IDLE;
        busy && now - self.started_at < ABSOLUTE && self.started_at - now < IDLE
    }
}

fn read(file: &Path) -> Option<Kept> {
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

fn rewritten(file: &Path, kept: &Kept) -> std::io::Result<()> {
    let fresh = file.with_extension("new");
    let mut options = fs::OpenOptions::new();
    let mut written = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)?;
    written.write_all(&serde_json::to_vec(kept)?)?;
    written.sync_all()?;
    fs::rename(fresh, file)
}

/// By what a session is found: its id cannot be told from it.
fn name_of(id: &str) -> String {
    hash("name", id)
}

fn under(id: &str) -> Seal {
    let key = digest(&SHA256, format!("key {id}").as_bytes());
    Seal::new(key.as_ref().try_into().expect("SHA-256 has 32 bytes"))
}

fn hash(what: &str, id: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, format!("{what} {id}").as_bytes()))
}

#[cfg(test)]
mod tests {
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

    fn begin_as(
        sessions: &Sessions,
        sid: &str,
        before: Option<&str>,
        now: DateTime<Utc>,
    ) -> String {
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
}
