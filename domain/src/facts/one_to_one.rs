//! What is recorded of one person's one-to-one support: who asked, sealed; who offers it; how it went on.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{See, see_each, see_one};
use crate::directory_facts::SignIn;
use crate::ids::{OneToOneId, PersonId, UnitId};
use crate::personal::{Personal, Place};

/// With whom someone would rather talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Preference {
    Anyone,
    FromTheTrust,
    FromOutside,
}

impl Preference {
    /// Every code.
    pub const ALL: [Self; 3] = [Self::Anyone, Self::FromTheTrust, Self::FromOutside];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::FromTheTrust => "someone from the trust",
            Self::FromOutside => "someone from outside the trust",
        }
    }
}

/// `OneToOneAsked`: someone asked for one-to-one support for themselves. The fact's `who` is an id
/// drawn for this one request: only `sign_in`, sealed, says whose it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OneToOneAsked {
    /// How they sign in: the only link to a person.
    pub sign_in: Personal<SignIn>,
    /// What they want to be called.
    pub call_me: Personal<String>,
    /// Their team: whoever manages or belongs to it can never see this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Personal<UnitId>>,
    /// What they were told to quote, if it is about something a team was offered support for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Personal<String>>,
    /// What they want whoever gets in touch to know first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Personal<String>>,
    /// A private address for letters; none are sent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letters_to: Option<Personal<String>>,
    /// Where to ring.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Personal<String>>,
    /// Who must not see this, as they wrote it.
    pub not_seen_by: Vec<NotSeenBy>,
    /// With whom they would rather talk.
    pub preference: Preference,
    /// Would they like to hear within two working days?
    pub soon: bool,
}

/// Someone who must not see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NotSeenBy {
    /// A name, or an address at work.
    pub person: Personal<String>,
}

impl OneToOneAsked {
    pub(crate) fn personals(&mut self, see: See<'_>) {
        see(Place::of("sign_in"), &mut self.sign_in);
        see(Place::of("call_me"), &mut self.call_me);
        if let Some(team) = &mut self.team {
            see(Place::of("team"), team);
        }
        see_one(self.reference.as_mut(), "reference", see);
        see_one(self.note.as_mut(), "note", see);
        see_one(self.letters_to.as_mut(), "letters_to", see);
        see_one(self.phone.as_mut(), "phone", see);
        see_each(&mut self.not_seen_by, "not_seen_by[].person", see, |n| {
            Some(&mut n.person)
        });
    }
}

/// `OneToOneOffered`: a lead asked someone to get in touch; they take the place of whoever was asked before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OneToOneOffered {
    /// Who provides it.
    pub provider: PersonId,
}

/// `OneToOneArranged`: when they meet next; takes the place of what was arranged before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OneToOneArranged {
    /// Start.
    pub starts_at: DateTime<Utc>,
    /// Length in minutes.
    pub minutes: u16,
    /// Where, if they meet somewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<Personal<String>>,
    /// The link, if they meet online.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Personal<String>>,
}

impl OneToOneArranged {
    pub(crate) fn personals(&mut self, see: See<'_>) {
        see_one(self.site.as_mut(), "site", see);
        see_one(self.link.as_mut(), "link", see);
    }
}

/// `OneToOneTakenUp`: they spoke, and it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OneToOneTakenUp {}

/// Why someone does not want it, if they said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum DeclineReason {
    NotNow,
    OtherSupport,
    AnotherProvider,
    NotSaid,
}

impl DeclineReason {
    /// Every code.
    pub const ALL: [Self; 4] = [
        Self::NotNow,
        Self::OtherSupport,
        Self::AnotherProvider,
        Self::NotSaid,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotNow => "not now",
            Self::OtherSupport => "other support was found",
            Self::AnotherProvider => "someone else would be better",
            Self::NotSaid => "no reason was given",
        }
    }
}

/// `OneToOneDeclined`: whoever asked does not want it, or not any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OneToOneDeclined {
    /// Why.
    pub reason: DeclineReason,
}

/// How one-to-one support ended. A code, and no clinical note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum OneToOneOutcome {
    Completed,
    Signposted,
    ReferredOn,
    NoContact,
}

impl OneToOneOutcome {
    /// Every code.
    pub const ALL: [Self; 4] = [
        Self::Completed,
        Self::Signposted,
        Self::ReferredOn,
        Self::NoContact,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Signposted => "pointed to other support",
            Self::ReferredOn => "referred on to another service",
            Self::NoContact => "no contact was made",
        }
    }
}

/// `OneToOneEnded`: the provider ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OneToOneEnded {
    /// How.
    pub outcome: OneToOneOutcome,
}

/// `RiskFlagged`: the provider is, or is no longer, worried that someone is in danger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RiskFlagged {
    /// Are they?
    pub at_risk: bool,
}

/// `AppointmentBooked` (in `diary/`): the provider is taken at that time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AppointmentBooked {
    /// For which one-to-one.
    pub one_to_one: OneToOneId,
    /// Start.
    pub starts_at: DateTime<Utc>,
    /// Length in minutes.
    pub minutes: u16,
}

/// `AppointmentReleased` (in `diary/`): the provider is free again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AppointmentReleased {
    /// For which one-to-one.
    pub one_to_one: OneToOneId,
}
