//! What is recorded about how long things are kept, what the law holds, and what was erased.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use super::{See, see_one};
use crate::ids::{CaseId, DisclosureId, ErasureId, HoldId, OneToOneId, PersonId, SupervisionId};
use crate::personal::Personal;
use crate::stream::Log;

/// What is erased together. In text: `case/0b6e…`, `feedback/2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// A person in one capacity: name, address, sign-in.
    Person(PersonId),
    /// Every text of a case, what was reported of danger in it included.
    Case(CaseId),
    /// What was reported of danger in a case, alone.
    Escalations(CaseId),
    /// What one person did about one-to-one support.
    OneToOne(OneToOneId),
    /// A request for supervision.
    Supervision(SupervisionId),
    /// A request from outside.
    Disclosure(DisclosureId),
    /// Everything that a log took in within one month.
    Month(Log, Month),
}

impl Subject {
    /// How long it is kept.
    pub const fn class(self) -> RetentionClass {
        match self {
            Self::Person(_) => RetentionClass::Person,
            Self::Case(_) | Self::Escalations(_) => RetentionClass::TeamCase,
            Self::OneToOne(_) | Self::Supervision(_) | Self::Disclosure(_) => {
                RetentionClass::OneToOne
            }
            Self::Month(Log::Feedback, _) => RetentionClass::Feedback,
            Self::Month(_, _) => RetentionClass::Access,
        }
    }

    /// Is a part of the one also a part of the other?
    pub fn overlaps(self, other: Self) -> bool {
        self == other
            || matches!(
                (self, other),
                (Self::Case(a), Self::Escalations(b)) | (Self::Escalations(a), Self::Case(b)) if a == b
            )
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => write!(f, "person/{id}"),
            Self::Case(id) => write!(f, "case/{id}"),
            Self::Escalations(id) => write!(f, "escalations/{id}"),
            Self::OneToOne(id) => write!(f, "one-to-one/{id}"),
            Self::Supervision(id) => write!(f, "supervision/{id}"),
            Self::Disclosure(id) => write!(f, "disclosure/{id}"),
            Self::Month(Log::Feedback, month) => write!(f, "feedback/{month}"),
            Self::Month(_, month) => write!(f, "access/{month}"),
        }
    }
}

impl FromStr for Subject {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, rest) = text.split_once('/').ok_or("expected a subject")?;
        let wrong = |_| "expected a subject";
        Ok(match name {
            "person" => Self::Person(rest.parse().map_err(wrong)?),
            "case" => Self::Case(rest.parse().map_err(wrong)?),
            "escalations" => Self::Escalations(rest.parse().map_err(wrong)?),
            "one-to-one" => Self::OneToOne(rest.parse().map_err(wrong)?),
            "supervision" => Self::Supervision(rest.parse().map_err(wrong)?),
            "disclosure" => Self::Disclosure(rest.parse().map_err(wrong)?),
            "feedback" => Self::Month(Log::Feedback, rest.parse()?),
            "access" => Self::Month(Log::Access, rest.parse()?),
            _ => return Err("expected a subject"),
        })
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A month of the calendar in England. In text: `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month(NaiveDate);

impl Month {
    /// The month of a day.
    pub fn of(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    /// The first day after it.
    pub fn end(self) -> NaiveDate {
        self.0 + chrono::Months::new(1)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

impl FromStr for Month {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "expected a month such as 2026-11";
        if text.len() != 7 {
            return Err(wrong);
        }
        NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d")
            .map(Self)
            .map_err(|_| wrong)
    }
}

/// What has a time of its own to be kept.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the labels say it")]
pub enum RetentionClass {
    TeamCase,
    OneToOne,
    Feedback,
    Access,
    Person,
}

impl RetentionClass {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::TeamCase,
        Self::OneToOne,
        Self::Feedback,
        Self::Access,
        Self::Person,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::TeamCase => "Texts of team cases, from when the case was closed",
            Self::OneToOne => "One-to-ones, supervision and requests from outside, from their end",
            Self::Feedback => "Anonymous feedback, from the end of its month",
            Self::Access => "Who read what, from the end of its month",
            Self::Person => "Names, addresses and sign-ins of people",
        }
    }

    /// The years it is kept where nobody said otherwise (product: "Log and time"). People have none: they
    /// are erased when they ask for it, or when somebody proposes it.
    pub const fn years(self) -> Option<u8> {
        match self {
            Self::TeamCase | Self::OneToOne | Self::Access => Some(6),
            Self::Feedback => Some(1),
            Self::Person => None,
        }
    }
}

/// `RetentionSet`: something is kept for so many years from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RetentionSet {
    /// What.
    pub class: RetentionClass,
    /// 1 to 30.
    pub years: u8,
}

/// Why the law wants something kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the labels say it")]
pub enum HoldGround {
    Inquest,
    Claim,
    Investigation,
    CourtOrder,
    RequestUnderWay,
    Other,
}

impl HoldGround {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Inquest,
        Self::Claim,
        Self::Investigation,
        Self::CourtOrder,
        Self::RequestUnderWay,
        Self::Other,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Inquest => "An inquest",
            Self::Claim => "A claim in court",
            Self::Investigation => "An investigation",
            Self::CourtOrder => "An order of a court",
            Self::RequestUnderWay => "A request for information that is not answered yet",
            Self::Other => "Another ground in law",
        }
    }
}

/// `HoldSet`: nothing of this may be erased.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HoldSet {
    /// The hold.
    pub hold: HoldId,
    /// Of what.
    #[schema(value_type = String)]
    pub subject: Subject,
    /// Why.
    pub ground: HoldGround,
    /// In words.
    pub reason: Personal<String>,
}

/// `HoldLifted`: it may be erased again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HoldLifted {
    /// The hold.
    pub hold: HoldId,
    /// Why.
    pub reason: Personal<String>,
}

impl HoldSet {
    pub(crate) fn personals(&mut self, see: See<'_>) {
        see_one(Some(&mut self.reason), "reason", see);
    }
}

/// Why something is to be erased. A code and no text: what is erased must not live on here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the labels say it")]
pub enum ErasureGround {
    RetentionOver,
    PersonAsked,
    RecordedByMistake,
    NotNeeded,
}

impl ErasureGround {
    /// Every one.
    pub const ALL: [Self; 4] = [
        Self::RetentionOver,
        Self::PersonAsked,
        Self::RecordedByMistake,
        Self::NotNeeded,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::RetentionOver => "It has been kept as long as it is to be kept",
            Self::PersonAsked => "The person concerned asked for it",
            Self::RecordedByMistake => "It was recorded by mistake",
            Self::NotNeeded => "It is not needed any more",
        }
    }

    /// So many days pass between the approval and the erasure, in which it can be withdrawn.
    pub const fn cooling_off_days(self) -> i64 {
        match self {
            Self::RetentionOver => 0,
            Self::PersonAsked | Self::RecordedByMistake | Self::NotNeeded => 7,
        }
    }
}

/// `ErasureProposed`: somebody asks that this be erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErasureProposed {
    /// The erasure.
    pub erasure: ErasureId,
    /// Of what; each once.
    #[schema(value_type = Vec<String>)]
    pub subjects: Vec<Subject>,
    /// Why.
    pub ground: ErasureGround,
}

/// `ErasureDecided`: somebody else approved or refused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErasureDecided {
    /// The erasure.
    pub erasure: ErasureId,
    /// From when on it is carried out; absent if it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
}

/// `ErasureWithdrawn`: it is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErasureWithdrawn {
    /// The erasure.
    pub erasure: ErasureId,
}

/// `ErasureBegun`: from here on it is finished, whatever happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErasureBegun {
    /// The erasure.
    pub erasure: ErasureId,
}

/// How many sealed things of one class were made unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErasedCount {
    /// The class.
    pub class: RetentionClass,
    /// How many keys.
    pub keys: u32,
}

/// `Erased`: the keys are destroyed. With what was proposed it is the certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Erased {
    /// The erasure.
    pub erasure: ErasureId,
    /// What was destroyed; nothing of a class that is not named.
    pub destroyed: Vec<ErasedCount>,
}

/// `SubjectAccessGiven`: what is kept about a person was written out for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubjectAccessGiven {
    /// The person.
    pub person: PersonId,
}
