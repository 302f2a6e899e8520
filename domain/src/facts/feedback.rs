//! What is recorded of an anonymous answer: the kind of session, and five answers that are sealed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{See, YesOrNo};
use crate::offer::OfferKind;
use crate::personal::{Personal, Place};

/// Did it come at the right time?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Timing {
    TooSoon,
    Right,
    TooLate,
}

impl Timing {
    /// Every code.
    pub const ALL: [Self; 3] = [Self::TooSoon, Self::Right, Self::TooLate];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::TooSoon => "too soon",
            Self::Right => "at the right time",
            Self::TooLate => "too late",
        }
    }
}

/// The five answers. Kept as five digits, so that what is sealed is always of the same length and its
/// size tells nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(into = "String", try_from = "String")]
pub struct FeedbackAnswers {
    /// How helpful it was, 1 to 5.
    pub helpful: u8,
    /// How safe it was to speak, 1 to 5.
    pub safe_to_speak: u8,
    /// Do they know where to get more help?
    pub know_where_to_get_help: YesOrNo,
    /// Did it come at the right time?
    pub timing: Timing,
    /// Would they recommend it?
    pub would_recommend: YesOrNo,
}

/// `FeedbackGiven`: someone who was there answered. Stands in the feedback log, stamped by the week;
/// nothing says who, in which session, of which team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FeedbackGiven {
    /// The kind of session.
    pub offer_kind: OfferKind,
    /// The answers.
    pub answers: Personal<FeedbackAnswers>,
}

impl FeedbackGiven {
    pub(crate) fn personals(&mut self, see: See<'_>) {
        see(Place::of("answers"), &mut self.answers);
    }
}

impl From<FeedbackAnswers> for String {
    fn from(answers: FeedbackAnswers) -> Self {
        let yes = |answer| u8::from(answer == YesOrNo::Yes);
        let digits = [
            answers.helpful,
            answers.safe_to_speak,
            yes(answers.know_where_to_get_help),
            answers.timing as u8,
            yes(answers.would_recommend),
        ];
        digits.iter().map(u8::to_string).collect()
    }
}

impl TryFrom<String> for FeedbackAnswers {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const NOT_ANSWERS: &str = "not the five digits of an answer";
        let digits: Vec<u8> = text.bytes().map(|b| b.wrapping_sub(b'0')).collect();
        let [
            helpful @ 1..=5,
            safe_to_speak @ 1..=5,
            know,
            timing,
            recommend,
        ] = digits[..]
        else {
            return Err(NOT_ANSWERS);
        };
        let yes = |digit| match digit {
            0 => Ok(YesOrNo::No),
            1 => Ok(YesOrNo::Yes),
            _ => Err(NOT_ANSWERS),
        };
        let timings = [Timing::TooSoon, Timing::Right, Timing::TooLate];
        Ok(Self {
            helpful,
            safe_to_speak,
            know_where_to_get_help: yes(know)?,
            timing: *timings.get(usize::from(timing)).ok_or(NOT_ANSWERS)?,
            would_recommend: yes(recommend)?,
        })
    }
}
