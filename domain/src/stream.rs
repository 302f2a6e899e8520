//! Where a fact belongs: the log of an organisation, and the stream within it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::{
    CaseId, DisclosureId, FactId, FeedbackId, GlassId, GroupId, OneToOneId, OrganisationId,
    PersonId, ReadingId, SupervisionId, UnitId,
};

/// The three logs of an organisation; each has its own positions, chain and keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Log {
    /// What happened on the pathway.
    Main,
    /// Who read what.
    Access,
    /// Anonymous answers, stamped by the week, with nobody's name.
    Feedback,
}

impl Log {
    /// Every log, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::Main, Self::Access, Self::Feedback];
}

/// One log of one organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogId {
    /// Whose log.
    pub organisation: OrganisationId,
    /// Which of the three.
    pub log: Log,
}

impl LogId {
    /// The main log of an organisation.
    pub const fn main(organisation: OrganisationId) -> Self {
        Self {
            organisation,
            log: Log::Main,
        }
    }
}

/// A stream: facts about one thing, numbered from 1. In text: `case/0b6e…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stream {
    /// The organisation's name and the versions of what it decides by.
    Policy,
    /// A directorate, service or team, and who manages it.
    Unit(UnitId),
    /// A person in one capacity.
    Person(PersonId),
    /// What that person was granted.
    Grants(PersonId),
    /// A facilitator's bookings.
    Diary(PersonId),
    /// One case: everything but what is private.
    Case(CaseId),
    /// Who may not know of a case, whatever their rights.
    Bars(CaseId),
    /// What was reported of serious danger in a case.
    Restricted(CaseId),
    /// What one person does about one-to-one support.
    Support(OneToOneId),
    /// One request for supervision.
    Supervision(SupervisionId),
    /// One request from outside to be shown what is recorded.
    Disclosure(DisclosureId),
    /// How long things are kept, what the law holds, and what was erased.
    Retention,
    /// One anonymous answer; stands in the feedback log.
    Feedback(FeedbackId),
    /// That someone asked to see what they otherwise could not.
    Glass(GlassId),
    /// That one person looked at one thing in one hour; stands in the access log.
    Reading(ReadingId),
    /// A standing reflective group.
    Group(GroupId),
    /// A letter that a fact caused for one person.
    Letter(FactId, PersonId),
}

impl LogId {
    /// Who read what in an organisation.
    pub const fn access(organisation: OrganisationId) -> Self {
        Self {
            organisation,
            log: Log::Access,
        }
    }
}

impl Stream {
    /// Is it about what one person did for themselves, or about danger? For a manager it might as well
    /// not exist, unless they are part of it (product: "Non-interference").
    pub const fn is_private(&self) -> bool {
        matches!(
            self,
            Self::Support(_) | Self::Restricted(_) | Self::Supervision(_) | Self::Glass(_)
        )
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy => f.write_str("policy"),
            Self::Unit(id) => write!(f, "unit/{id}"),
            Self::Person(id) => write!(f, "person/{id}"),
            Self::Grants(id) => write!(f, "grants/{id}"),
            Self::Diary(id) => write!(f, "diary/{id}"),
            Self::Case(id) => write!(f, "case/{id}"),
            Self::Bars(id) => write!(f, "bars/{id}"),
            Self::Restricted(id) => write!(f, "restricted/{id}"),
            Self::Support(id) => write!(f, "support/{id}"),
            Self::Supervision(id) => write!(f, "supervision/{id}"),
            Self::Disclosure(id) => write!(f, "disclosure/{id}"),
            Self::Retention => f.write_str("retention"),
            Self::Feedback(id) => write!(f, "feedback/{id}"),
            Self::Glass(id) => write!(f, "glass/{id}"),
            Self::Reading(id) => write!(f, "reading/{id}"),
            Self::Group(id) => write!(f, "group/{id}"),
            Self::Letter(cause, to) => write!(f, "letter/{cause}/{to}"),
        }
    }
}

impl FromStr for Stream {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, rest) = text.split_once('/').unwrap_or((text, ""));
        Ok(match name {
            "policy" if rest.is_empty() && text == "policy" => Self::Policy,
            "retention" if text == "retention" => Self::Retention,
            "unit" => Self::Unit(rest.parse()?),
            "person" => Self::Person(rest.parse()?),
            "grants" => Self::Grants(rest.parse()?),
            "diary" => Self::Diary(rest.parse()?),
            "case" => Self::Case(rest.parse()?),
            "bars" => Self::Bars(rest.parse()?),
            "restricted" => Self::Restricted(rest.parse()?),
            "support" => Self::Support(rest.parse()?),
            "supervision" => Self::Supervision(rest.parse()?),
            "disclosure" => Self::Disclosure(rest.parse()?),
            "feedback" => Self::Feedback(rest.parse()?),
            "glass" => Self::Glass(rest.parse()?),
            "reading" => Self::Reading(rest.parse()?),
            "group" => Self::Group(rest.parse()?),
            "letter" => {
                let (cause, to) = rest.split_once('/').ok_or("not a stream")?;
                Self::Letter(cause.parse()?, to.parse()?)
            }
            _ => return Err("not a stream"),
        })
    }
}

impl Serialize for Stream {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Stream {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::ids::spelled(deserializer)
    }
}
