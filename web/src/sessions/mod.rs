//! Who is signed in at a browser: 15 minutes without a page, or 8 hours, and it ends.
//!
//! Kept in one small file, which is rewritten whole. A session is sealed under its own id, which only the
//! browser's cookie has: the file alone says how many there are, and confirms a guess at who signed in. It
//! holds no facts; if it is lost, people sign in again.

mod named;

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use pipss_api::identity::Named;
use pipss_api::token::{JUST_NOW_SECONDS, SignedIn};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::named::Handles;
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
            named: Handles::of(&kept.draft_key, began.named),
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
        let meant = Handles::of(&kept.draft_key, Some(named));
        kept.sessions
            .retain(|_, session| !session.named.is_meant_by(&meant));
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
mod tests;
