//! What is recorded when someone looks at what is sealed: who, at what, as what. Never what they saw.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::See;
use crate::ids::PersonId;
use crate::personal::{Personal, Place};
use crate::policy::Hat;

/// What kind of thing was looked at.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the labels say it")]
pub enum Looked {
    Case,
    Team,
    Cases,
    Queue,
    Tasks,
    Week,
    Diary,
    OneToOne,
    OneToOnes,
    Escalation,
    Supervision,
    Disclosure,
    Letters,
    People,
    Groups,
    Report,
    BreakGlass,
    AccessLog,
    PrivacyProof,
    Export,
}

impl Looked {
    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Case => "A case",
            Self::Team => "The story of a team",
            Self::Cases => "A list of cases",
            Self::Queue => "The queue",
            Self::Tasks => "A list of tasks",
            Self::Week => "The sessions of a week",
            Self::Diary => "A facilitator's diary",
            Self::OneToOne => "A one-to-one",
            Self::OneToOnes => "The list of one-to-ones",
            Self::Escalation => "A report of danger",
            Self::Supervision => "A request for supervision",
            Self::Disclosure => "A request from outside",
            Self::Letters => "The list of letters",
            Self::People => "Who holds which role, or may not see what",
            Self::Groups => "The list of reflective groups",
            Self::Report => "A report of figures",
            Self::BreakGlass => "That someone asked to break the glass",
            Self::AccessLog => "The access log",
            Self::PrivacyProof => "A run of the proof of privacy",
            Self::Export => "Everything, written out in the clear",
        }
    }

    /// Does it name, or could it be, what is private to someone? Then no manager may learn of it here.
    pub const fn is_private(self) -> bool {
        matches!(
            self,
            Self::OneToOne
                | Self::OneToOnes
                | Self::Escalation
                | Self::Supervision
                | Self::BreakGlass
        )
    }
}

/// As what someone looked: what it was that let them.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the labels say it")]
pub enum ReadAs {
    Lead,
    Auditor,
    SupervisionLead,
    Governance,
    Facilitator,
    Provider,
    Manager,
    DutyContact,
    Staff,
    Integration,
    Operator,
    BreakGlass,
}

impl ReadAs {
    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Lead => "PIPSS lead",
            Self::Auditor => "auditor",
            Self::SupervisionLead => "supervision lead",
            Self::Governance => "governance",
            Self::Facilitator => "facilitator",
            Self::Provider => "whoever provides the support",
            Self::Manager => "manager",
            Self::DutyContact => "duty contact",
            Self::Staff => "member of staff",
            Self::Integration => "program",
            Self::Operator => "whoever runs the machine",
            Self::BreakGlass => "someone who broke the glass",
        }
    }

    /// What someone with these hats looks as: the one that reaches furthest.
    pub fn of(hats: &[Hat]) -> Self {
        const ORDER: [(Hat, ReadAs); 10] = [
            (Hat::Lead, ReadAs::Lead),
            (Hat::Auditor, ReadAs::Auditor),
            (Hat::SupervisionLead, ReadAs::SupervisionLead),
            (Hat::Governance, ReadAs::Governance),
            (Hat::Manager, ReadAs::Manager),
            (Hat::Facilitator, ReadAs::Facilitator),
            (Hat::DutyContact, ReadAs::DutyContact),
            (Hat::Operator, ReadAs::Operator),
            (Hat::Program, ReadAs::Operator),
            (Hat::Administrator, ReadAs::Staff),
        ];
        if hats.iter().any(|hat| matches!(hat, Hat::Integration(_))) {
            return Self::Integration;
        }
        let mut order = ORDER.iter();
        let found = order.find(|(hat, _)| hats.contains(hat));
        found.map_or(Self::Staff, |(_, read_as)| *read_as)
    }
}

/// `RecordRead`: someone looked at something within an hour. Stands in the access log; the fact itself
/// carries the program as who recorded it, so that the reader can be read only while the month's key is
/// there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RecordRead {
    /// What kind of thing.
    pub what: Looked,
    /// As what.
    pub read_as: ReadAs,
    /// Which one, as in `case/0b6e…`; for a list its name.
    pub object: Personal<String>,
    /// Who; absent for whoever runs the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reader: Option<Personal<PersonId>>,
}

impl RecordRead {
    pub(crate) fn personals(&mut self, see: See<'_>) {
        see(Place::of("object"), &mut self.object);
        if let Some(reader) = &mut self.reader {
            see(Place::of("reader"), reader);
        }
    }
}
