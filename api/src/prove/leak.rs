//! Leaks that are planted on purpose: a proof that could not catch them would prove nothing.
//!
//! Each is a mistake that a program like this could make, built around both worlds alike: what comes
//! out differs only because the worlds do.

use axum::http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use super::world::{Answer, Ask, World};

/// A kind of leak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leak {
    /// A version that also counts what is private.
    Version,
    /// A number of what is private.
    Count,
    /// A list in the order of what happened last, private or not.
    Order,
    /// A private thing is forbidden, where it should not exist.
    Existence,
    /// Another refusal of a command because of what is private.
    Refusal,
    /// A decision that rests on what is private.
    Decision,
    /// A place in the log.
    Position,
    /// An answer about the past that is longer for what was private then.
    Length,
    /// A letter to somebody whom it does not concern.
    Letter,
    /// An entry in the calendar that goes with a letter.
    Calendar,
    /// An error that says more than which question it is about.
    ErrorBody,
    /// A case that cannot be closed because someone asked for themselves.
    Closing,
}

impl Leak {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Version,
        Self::Count,
        Self::Order,
        Self::Existence,
        Self::Refusal,
        Self::Decision,
        Self::Position,
        Self::Length,
        Self::Letter,
        Self::Calendar,
        Self::ErrorBody,
        Self::Closing,
    ];

    /// What it gives away, in plain words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Version => "a version that counts private facts",
            Self::Count => "a number of private requests",
            Self::Order => "an order that private facts change",
            Self::Existence => "forbidden instead of not there",
            Self::Refusal => "a refusal because of private facts",
            Self::Decision => "a decision that rests on private facts",
            Self::Position => "a place in the log",
            Self::Length => "a past answer that is longer",
            Self::Letter => "a letter because of private facts",
            Self::Calendar => "a calendar entry because of private facts",
            Self::ErrorBody => "an error that tells of private facts",
            Self::Closing => "a case that private facts keep open",
        }
    }

    /// What it is called in a result.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Count => "count",
            Self::Order => "order",
            Self::Existence => "existence",
            Self::Refusal => "refusal",
            Self::Decision => "decision",
            Self::Position => "position",
            Self::Length => "length",
            Self::Letter => "letter",
            Self::Calendar => "calendar",
            Self::ErrorBody => "error body",
            Self::Closing => "closing",
        }
    }

    /// Makes the mistake in what someone is sent.
    pub(crate) fn spoil_letters(self, world: &World, letters: &mut Vec<Answer>) {
        let body: &[u8] = match self {
            _ if world.private == 0 => return,
            Self::Letter => b"Someone has asked for support.",
            Self::Calendar => {
                b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Busy\r\nEND:VEVENT\r\nEND:VCALENDAR"
            }
            _ => return,
        };
        letters.push(Answer {
            body: body.to_vec(),
            ..Answer::nothing()
        });
    }

    /// Makes the mistake.
    pub(crate) fn spoil(self, world: &World, ask: &Ask, answer: &mut Answer) {
        let (known, asked) = (world.private, &*ask.route);
        let held = answer.status == StatusCode::OK;
        match self {
            Self::Version if held && asked.starts_with("GET ") => {
                let version = HeaderValue::from(known as u64 + 1);
                answer.headers.insert(header::ETAG, version);
            }
            Self::Count if asked == "GET /api/v1/me" => {
                with(answer, |me| me["waiting"] = known.into());
            }
            Self::Order if asked == "GET /api/v1/teams" && known > 0 => {
                with(answer, |teams| {
                    if let Some(teams) = teams["teams"].as_array_mut() {
                        teams.reverse();
                    }
                });
            }
            Self::Existence
                if world.holds_private(ask.uri.split('?').next().unwrap_or_default()) =>
            {
                answer.status = StatusCode::FORBIDDEN;
            }
            Self::Refusal if ask.method == "POST" && known > 0 && !answer.status.is_success() => {
                answer.status = StatusCode::CONFLICT;
            }
            Self::Decision if !answer.decided.is_empty() && known > 0 => {
                answer.decided.push_str("urgent");
            }
            Self::Position if ask.method == "POST" && answer.status.is_success() => {
                let position = HeaderValue::from(world.facts);
                answer.headers.insert("pipss-after", position);
            }
            Self::ErrorBody if known > 0 && answer.status.is_client_error() => {
                with(answer, |problem| {
                    problem["detail"] = "Someone of this team asked.".into()
                });
            }
            Self::Closing if asked.ends_with("/close") && known > 0 => {
                answer.status = StatusCode::CONFLICT;
                answer.decided.clear();
            }
            Self::Length if held && ask.uri.contains("as_of=") => {
                answer.body.extend(std::iter::repeat_n(b' ', known));
            }
            _ => {}
        }
    }
}

fn with(answer: &mut Answer, change: impl FnOnce(&mut Value)) {
    if let Ok(mut json) = serde_json::from_slice(&answer.body) {
        change(&mut json);
        answer.body = json.to_string().into_bytes();
    }
}
