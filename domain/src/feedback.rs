//! Anonymous feedback: a code for each person present, the five answers it is good for, and their week.
//!
//! A code proves itself: half of it is random, half says that this organisation made it, for which kind of
//! session and in which week. So nothing about issuing it has to be kept, and nothing can link an answer
//! with a session, a facilitator, a team or another answer.

use chrono::{DateTime, Datelike, Duration, NaiveTime, TimeZone, Utc};
use chrono_tz::Europe::London;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::calendar::day_in_london;
use crate::facts::{FeedbackAnswers, FeedbackGiven, Timing, YesOrNo};
use crate::history::Event;
use crate::ids::FeedbackId;
use crate::offer::{OFFERS, OfferKind};
use crate::pathway::{Decision, Happened};
use crate::personal::Personal;
use crate::refusal::{Faults, Refusal};
use crate::stream::Stream;

/// At most so many codes at once: more people than are in any session.
pub const CODES_MAX: u8 = 40;
/// A code can be used in the week it was made in and in the twelve after it.
pub const WEEKS: i64 = 13;

const RANDOM_BITS: u32 = 30;
const PROOF_BITS: u32 = 40;
/// Crockford's base 32: no letter is taken for a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SYMBOLS: u32 = (RANDOM_BITS + PROOF_BITS) / 5;

/// A code as it stands on a slip of paper, understood but not yet proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// 30 random bits.
    pub random: u32,
    /// 40 bits that only this organisation can make.
    pub proof: u64,
}

impl Code {
    /// A code of random bits and of their proof; what is beyond their bits is cut off.
    pub const fn new(random: u32, proof: u64) -> Self {
        Self {
            random: random & ((1 << RANDOM_BITS) - 1),
            proof: proof & ((1 << PROOF_BITS) - 1),
        }
    }

    /// In groups that can be read aloud: `4F7KQ-0ZD1M-X9CT`.
    pub fn in_words(self) -> String {
        let bits = (u128::from(self.random) << PROOF_BITS) | u128::from(self.proof);
        let mut text = String::new();
        for n in 0..SYMBOLS {
            if n > 0 && n % 5 == 0 {
                text.push('-');
            }
            let symbol = (bits >> (5 * (SYMBOLS - 1 - n))) & 31;
            text.push(char::from(ALPHABET[usize::try_from(symbol).unwrap_or(0)]));
        }
        text
    }

    /// Reads what someone typed: in either case, with or without the hyphens, an O for a 0 and an I or
    /// an L for a 1. `None` if it cannot be a code.
    pub fn read(text: &str) -> Option<Self> {
        let plain = |c: &char| !matches!(c, '-' | ' ');
        let (mut bits, mut symbols) = (0_u128, 0);
        for typed in text.chars().filter(plain) {
            let letter = match typed.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = ALPHABET.iter().position(|a| char::from(*a) == letter)?;
            bits = (bits << 5) | value as u128;
            symbols += 1;
            if symbols > SYMBOLS {
                return None;
            }
        }
        let random = u32::try_from(bits >> PROOF_BITS).ok()?;
        let proof = u64::try_from(bits & ((1 << PROOF_BITS) - 1)).ok()?;
        (symbols == SYMBOLS).then_some(Self { random, proof })
    }
}

/// The kinds of session that there are codes for.
pub fn kinds() -> impl Iterator<Item = OfferKind> {
    let rows = OFFERS.iter().filter(|row| row.has_sessions());
    rows.map(|row| row.kind)
}

/// The start of a week in England: Monday, midnight. All that is kept of when someone answered.
pub fn week_of(at: DateTime<Utc>) -> DateTime<Utc> {
    let day = day_in_london(at);
    let monday = day - Duration::days(day.weekday().num_days_from_monday().into());
    // The clocks change at one in the morning or later: there is one midnight.
    let midnight = London.from_local_datetime(&monday.and_time(NaiveTime::MIN));
    midnight.earliest().map_or(at, |midnight| midnight.to_utc())
}

/// The weeks whose codes are good at an instant, this week's first.
pub fn good_weeks(now: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
    // A Monday noon lies in its week whatever the clocks do.
    let noon = week_of(now) + Duration::hours(12);
    (0..WEEKS).map(move |weeks| week_of(noon - Duration::weeks(weeks)))
}

/// Answers, with a code from the session. Nobody signs in for it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveFeedback {
    /// The code on the slip.
    pub code: String,
    /// How helpful was it? 1 (not at all) to 5 (very).
    pub helpful: u8,
    /// How safe was it to speak? 1 (not at all) to 5 (very).
    pub safe_to_speak: u8,
    /// Do you know where to get more help?
    pub know_where_to_get_help: YesOrNo,
    /// Did it come at the right time?
    pub timing: Timing,
    /// Would you recommend it?
    pub would_recommend: YesOrNo,
}

impl GiveFeedback {
    /// The answers.
    ///
    /// # Errors
    /// `Invalid`, for numbers that are not 1 to 5.
    pub fn answers(&self) -> Result<FeedbackAnswers, Refusal> {
        let mut faults = Faults::default();
        for (number, pointer) in [
            (self.helpful, "/helpful"),
            (self.safe_to_speak, "/safe_to_speak"),
        ] {
            faults.require((1..=5).contains(&number), pointer, "Give 1 to 5.");
        }
        faults.settle()?;
        Ok(FeedbackAnswers {
            helpful: self.helpful,
            safe_to_speak: self.safe_to_speak,
            know_where_to_get_help: self.know_where_to_get_help,
            timing: self.timing,
            would_recommend: self.would_recommend,
        })
    }
}

/// The rule: what an answer leaves behind once its code was proved.
pub fn given(
    id: FeedbackId,
    offer_kind: OfferKind,
    answers: FeedbackAnswers,
    now: DateTime<Utc>,
) -> Decision {
    let answers = Personal::Known(answers);
    Ok(vec![Happened {
        stream: Stream::Feedback(id),
        occurred_at: week_of(now),
        event: Event::FeedbackGiven(FeedbackGiven {
            offer_kind,
            answers,
        }),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_code_reads_back_however_it_is_typed() {
        let code = Code::new(0x2a5f_1234, 0xab_cdef_0123);
        let text = code.in_words();
        assert_eq!(text.len(), 16);
        let typed = [
            text.clone(),
            text.to_lowercase(),
            text.replace('-', ""),
            text.replace('-', " "),
            text.replace('0', "O").replace('1', "l"),
        ];
        for typed in typed {
            assert_eq!(Code::read(&typed), Some(code), "{typed}");
        }
        for (random, proof) in [(0, 0), (u32::MAX, u64::MAX)] {
            let code = Code::new(random, proof);
            assert_eq!(Code::read(&code.in_words()), Some(code));
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_none() {
        let code = Code::new(1, 2).in_words();
        let long = code.clone() + "0";
        for text in [
            "",
            "0",
            "UUUUU-UUUUU-UUUU",
            &code[1..],
            &long,
            "éééééééééééééé",
        ] {
            assert_eq!(Code::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_week_begins_on_monday_at_midnight_in_england_whatever_the_clocks_do() {
        let monday = at("2026-11-16T00:00:00Z");
        for text in ["2026-11-16T00:00:00Z", "2026-11-22T23:59:59Z"] {
            assert_eq!(week_of(at(text)), monday);
        }
        assert_eq!(
            week_of(at("2026-07-01T12:00:00Z")),
            at("2026-06-28T23:00:00Z")
        );
        assert_eq!(
            week_of(at("2026-03-30T12:00:00Z")),
            at("2026-03-29T23:00:00Z")
        );
    }

    #[test]
    fn a_code_is_good_for_thirteen_weeks() {
        let weeks: Vec<_> = good_weeks(at("2026-11-22T12:00:00Z")).collect();
        assert_eq!(weeks.len(), 13);
        assert_eq!(weeks[0], at("2026-11-16T00:00:00Z"));
        assert_eq!(weeks[12], at("2026-08-23T23:00:00Z"));
    }

    #[test]
    fn all_answers_are_kept_in_the_same_number_of_digits() {
        let answers = |helpful, timing, yes| FeedbackAnswers {
            helpful,
            safe_to_speak: 6 - helpful,
            know_where_to_get_help: yes,
            timing,
            would_recommend: yes,
        };
        for answers in [
            answers(1, Timing::TooSoon, YesOrNo::No),
            answers(5, Timing::Right, YesOrNo::Yes),
            answers(3, Timing::TooLate, YesOrNo::Yes),
        ] {
            let kept = serde_json::to_string(&answers).unwrap();
            assert_eq!(kept.len(), 7);
            assert_eq!(
                serde_json::from_str::<FeedbackAnswers>(&kept).unwrap(),
                answers
            );
        }
        for wrong in [
            "\"\"",
            "\"54121\u{31}\"",
            "\"04121\"",
            "\"54321\"",
            "\"54131\"",
        ] {
            assert!(
                serde_json::from_str::<FeedbackAnswers>(wrong).is_err(),
                "{wrong}"
            );
        }
    }
}
