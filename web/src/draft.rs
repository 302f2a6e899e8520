//! What someone has answered so far, sealed for them in the form itself: a lost session, a restart or a
//! second click loses nothing.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Duration, Utc};
use pipss_api::token::SignedIn;
use serde::{Deserialize, Serialize};

use crate::chance::Chance;
use crate::fields::Fields;
use crate::seal::Seal;

/// A draft can be gone on with for so long.
pub const LIFE: Duration = Duration::hours(24);
const PURPOSE: &str = "draft";

/// A form that was begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Draft {
    /// Whose it is.
    owner: String,
    begun_at: DateTime<Utc>,
    /// The Idempotency-Key of what comes of it: sent twice, it happens once.
    pub key: String,
    /// The version that it was begun at.
    pub version: Option<u64>,
    /// The answers so far.
    pub answers: Fields,
}

/// Seals and opens drafts.
pub struct Drafts {
    seal: Seal,
    chance: Chance,
}

impl Drafts {
    /// Under a key that outlives sessions.
    pub fn new(key: &[u8; 32], chance: Chance) -> Self {
        Self {
            seal: Seal::new(key),
            chance,
        }
    }

    /// What else is handed out and taken back is sealed under the same key.
    pub(crate) const fn seal(&self) -> &Seal {
        &self.seal
    }

    /// A new one.
    pub fn begun(&self, owner: &str, version: Option<u64>, now: DateTime<Utc>) -> Draft {
        Draft {
            owner: owner.to_owned(),
            begun_at: now,
            key: self.chance.token(),
            version,
            answers: Fields::default(),
        }
    }

    /// As it stands in a form.
    pub fn sealed(&self, draft: &Draft) -> String {
        self.seal.seal(self.chance, PURPOSE, draft)
    }

    /// A draft of this person that is not too old.
    pub fn open(&self, owner: &str, sealed: &str, now: DateTime<Utc>) -> Option<Draft> {
        self.open_anyones(sealed, now)
            .filter(|draft| draft.owner == owner)
    }

    /// A draft of whoever signs in next: they are asked before it is opened for them.
    pub fn open_anyones(&self, sealed: &str, now: DateTime<Utc>) -> Option<Draft> {
        let draft: Draft = self.seal.open(PURPOSE, sealed)?;
        (now - draft.begun_at < LIFE).then_some(draft)
    }
}

/// Whose a draft is: how they sign in, not to be read from it.
pub fn owner(signed_in: &SignedIn) -> String {
    let SignedIn {
        organisation,
        issuer,
        subject,
        ..
    } = signed_in;
    let who = serde_json::json!([organisation, issuer, subject]).to_string();
    let hash = digest(&SHA256, who.as_bytes());
    hash.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_opened_for_whoever_began_it_and_for_a_day() {
        let drafts = Drafts::new(&[1; 32], Chance::Machine);
        let now: DateTime<Utc> = "2026-06-01T03:00:00Z".parse().unwrap();
        let mut draft = drafts.begun("sam", Some(3), now);
        draft.answers.set("line", "A long night.");
        let sealed = drafts.sealed(&draft);
        assert!(!sealed.contains("night"));
        let later = now + Duration::hours(23);
        let opened = drafts.open("sam", &sealed, later).unwrap();
        assert_eq!(opened.answers.get("line"), Some("A long night."));
        assert_eq!((opened.key, opened.version), (draft.key, Some(3)));
        assert!(drafts.open("jo", &sealed, later).is_none());
        assert!(drafts.open("sam", &sealed, now + LIFE).is_none());
        let other = Drafts::new(&[2; 32], Chance::Machine);
        assert!(other.open("sam", &sealed, later).is_none());
    }
}
