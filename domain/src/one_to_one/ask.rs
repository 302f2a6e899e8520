//! Asking for one-to-one support for oneself: anyone who signs in may, and no manager can tell.

use serde::Deserialize;
use utoipa::ToSchema;

use super::to_support;
use crate::directory_facts::SignIn;
use crate::facts::{NotSeenBy, OneToOneAsked, Preference};
use crate::history::Event;
use crate::ids::{OneToOneId, UnitId};
use crate::pathway::{Context, Decision};
use crate::personal::Personal;
use crate::refusal::Faults;
use crate::sheet;
use crate::text::{Line, Text};

const NOT_SEEN_BY_MAX: usize = 5;

/// Asks for one-to-one support for oneself. Only the name is required.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskForOneToOne {
    /// What you want to be called.
    pub call_me: Line<80>,
    /// Your team: whoever manages it or belongs to it, or stands in its line of management, cannot see
    /// this. The id of a unit of level `team`.
    #[serde(default)]
    pub team: Option<UnitId>,
    /// What you were told to quote, if you were; never compared with anything.
    #[serde(default)]
    pub reference: Option<Line<40>>,
    /// What whoever gets in touch should know first; at most 300 characters.
    #[serde(default)]
    pub note: Option<Text<300>>,
    /// A private e-mail address for letters. Without one none are sent: look here again.
    #[serde(default)]
    pub letters_to: Option<Line<200>>,
    /// Where to ring.
    #[serde(default)]
    pub phone: Option<Line<40>>,
    /// Should anyone not see this? Names or addresses at work, at most five.
    #[serde(default)]
    pub not_seen_by: Vec<Line<200>>,
    /// With whom you would rather talk; `anyone` if absent.
    #[serde(default)]
    pub preference: Option<Preference>,
    /// Would you like to hear within two working days?
    #[serde(default)]
    pub soon: bool,
}

impl AskForOneToOne {
    /// The rule. `sign_in` is how whoever asks signs in; the stream is all that is written to.
    ///
    /// # Errors
    /// `Invalid` with every fault.
    pub fn decide(self, sign_in: SignIn, context: &Context<'_>) -> Decision {
        let mut faults = Faults::default();
        let known = |team| context.directory.team(team).is_some();
        faults.require(
            self.team.is_none_or(known),
            "/team",
            "Choose a team from the list of teams, or leave this out.",
        );
        let letters_to = self.letters_to.clone().map(String::from);
        let address = letters_to.as_deref().map(sheet::email);
        faults.require(
            !matches!(address, Some(None)),
            "/letters_to",
            "Give an e-mail address, or leave this out.",
        );
        faults.require(
            self.not_seen_by.len() <= NOT_SEEN_BY_MAX,
            "/not_seen_by",
            format!("Name at most {NOT_SEEN_BY_MAX} people."),
        );
        faults.settle()?;
        let person = |line: Line<200>| NotSeenBy {
            person: line.into(),
        };
        let asked = OneToOneAsked {
            sign_in: Personal::Known(sign_in),
            call_me: self.call_me.into(),
            team: self.team.map(Personal::Known),
            reference: self.reference.map(Into::into),
            note: self.note.map(Into::into),
            letters_to: address.flatten().map(Personal::Known),
            phone: self.phone.map(Into::into),
            not_seen_by: self.not_seen_by.into_iter().map(person).collect(),
            preference: self.preference.unwrap_or(Preference::Anyone),
            soon: self.soon,
        };
        let id = OneToOneId::new((context.fresh)());
        let event = Event::OneToOneAsked(Box::new(asked));
        Ok(vec![to_support(id, context.now, event)])
    }
}
