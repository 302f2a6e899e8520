//! What is answered about what is kept, held and erased.

use chrono::{DateTime, NaiveDate, Utc};
use pipss_domain::facts::{ErasedCount, ErasureGround, HoldGround, RetentionClass, Subject};
use pipss_domain::ids::{ErasureId, HoldId, PersonId};
use serde::Serialize;
use utoipa::ToSchema;

/// How long things are kept, what is due, what is held, and every erasure.
#[derive(Serialize, ToSchema)]
pub struct RetentionAnswer {
    /// Every class, with what is due in it.
    pub classes: Vec<ClassAnswer>,
    /// Legal holds, the newest first.
    pub holds: Vec<HoldAnswer>,
    /// Erasures, the newest first.
    pub erasures: Vec<ErasureAnswer>,
    /// What was written out for whom, the newest first.
    pub subject_access: Vec<GivenAnswer>,
}

/// One class.
#[derive(Serialize, ToSchema)]
pub struct ClassAnswer {
    /// The class.
    pub class: RetentionClass,
    /// For how many years it is kept; absent where nothing is erased by time alone.
    pub years: Option<u8>,
    /// How many things have been kept as long as they are to be kept.
    pub due: usize,
    /// How many of these the law holds.
    pub held: usize,
    /// The first 200 that can be proposed now.
    pub subjects: Vec<DueAnswer>,
}

/// Something that is due.
#[derive(Serialize, ToSchema)]
pub struct DueAnswer {
    /// What.
    #[schema(value_type = String)]
    pub subject: Subject,
    /// Since when.
    pub since: NaiveDate,
}

/// A legal hold.
#[derive(Serialize, ToSchema)]
pub struct HoldAnswer {
    /// Its id.
    pub hold: HoldId,
    /// Of what.
    #[schema(value_type = String)]
    pub subject: Subject,
    /// Why.
    pub ground: HoldGround,
    /// In words.
    pub reason: Option<String>,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it was lifted.
    pub lifted_at: Option<DateTime<Utc>>,
    /// Why it was lifted.
    pub lifted_because: Option<String>,
    /// May whoever asks lift it? Not whoever set it.
    pub may_lift: bool,
}

/// An erasure; once it is done, its certificate.
#[derive(Serialize, ToSchema)]
pub struct ErasureAnswer {
    /// Its id.
    pub erasure: ErasureId,
    /// Where it stands: `proposed`, `refused`, `withdrawn`, `approved`, `begun` or `erased`.
    pub state: &'static str,
    /// Of what.
    #[schema(value_type = Vec<String>)]
    pub subjects: Vec<Subject>,
    /// Why.
    pub ground: ErasureGround,
    /// When it was asked for.
    pub proposed_at: DateTime<Utc>,
    /// From when on it is carried out, if it was approved.
    pub from: Option<DateTime<Utc>>,
    /// Does the law hold a part of it?
    pub held: bool,
    /// May whoever asks decide it? Not whoever proposed it.
    pub may_decide: bool,
    /// Can it still be withdrawn?
    pub may_withdraw: bool,
    /// What was destroyed and what remains.
    pub certificate: Option<Certificate>,
}

/// What an erasure did.
#[derive(Serialize, ToSchema)]
pub struct Certificate {
    /// When.
    pub erased_at: DateTime<Utc>,
    /// How many keys of each class were destroyed.
    pub destroyed: Vec<ErasedCount>,
    /// Until when a copy of the keys may still exist in a backup.
    pub in_backups_until: DateTime<Utc>,
    /// What remains, in plain sentences.
    pub remains: Vec<&'static str>,
}

/// That something was written out for a person.
#[derive(Serialize, ToSchema)]
pub struct GivenAnswer {
    /// The person.
    pub person: PersonId,
    /// When.
    pub at: DateTime<Utc>,
}

/// A command that says nothing more than its name.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoMore {}
