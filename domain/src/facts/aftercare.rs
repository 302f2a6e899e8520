//! What is recorded beside the support plan: a defusion logged after the fact, on whose behalf was asked.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Band, DefusionLedBy, See, ThemeSeen, see_one};
use crate::ids::ActionId;
use crate::personal::Personal;

/// `DefusionLogged`: a defusion was held, told afterwards. No attendee, no name, no account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DefusionLogged {
    /// When it was held.
    pub held_at: DateTime<Utc>,
    /// How long it took, in minutes, if anyone said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u16>,
    /// Led by which role.
    pub led_by: DefusionLedBy,
    /// How many were present, as a band.
    pub headcount: Band,
    /// At most five themes.
    pub themes: Vec<ThemeSeen>,
    /// Was it held outside the window of its kind? Only marked, never refused.
    pub outside_window: bool,
}

/// Who asked the lead to raise this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum AskedThrough {
    Phone,
    PartnerAgency,
    FreedomToSpeakUp,
    Safeguarding,
    StaffSide,
    Other,
}

impl AskedThrough {
    /// Every code.
    pub const ALL: [Self; 6] = [
        Self::Phone,
        Self::PartnerAgency,
        Self::FreedomToSpeakUp,
        Self::Safeguarding,
        Self::StaffSide,
        Self::Other,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Phone => "by telephone",
            Self::PartnerAgency => "through a partner agency",
            Self::FreedomToSpeakUp => "through the Freedom to Speak Up Guardian",
            Self::Safeguarding => "through safeguarding",
            Self::StaffSide => "through staff side",
            Self::Other => "in another way",
        }
    }
}

/// That the lead raised it for someone else. The team's managers never see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OnBehalf {
    /// How it reached the lead.
    pub source: AskedThrough,
    /// The lead's note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Personal<String>>,
}

impl OnBehalf {
    pub(crate) fn personals(&mut self, see: See<'_>) {
        see_one(self.note.as_mut(), "on_behalf.note", see);
    }
}

/// `ActionCompleted`: what a session asked for was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ActionCompleted {
    /// Which action.
    pub action: ActionId,
    /// What changed; the team's managers can read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what_changed: Option<Personal<String>>,
}
