//! Every refusal as `application/problem+json` (RFC 9457): a stable code and a sentence, never the value.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pipss_domain::refusal::{Fault, Refusal};
use pipss_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

/// Everything that can be answered instead of what was asked for.
#[derive(Clone, Debug)]
pub enum Refused {
    /// 401: no token, or one that does not hold; always the same text.
    Unauthorised,
    /// 401: this needs a sign-in of the last five minutes (RFC 9470).
    ProveAgain,
    /// 429: too much at once; the seconds to wait.
    TooMany(u64),
    /// 403, 404, 409, 412 or 422: the four shapes of the domain.
    Rule(Refusal),
    /// 400: malformed.
    Malformed(&'static str),
    /// 405: the path exists, the method does not.
    Method,
    /// 413: a body over 64 KiB.
    TooLarge,
    /// 415: not JSON.
    MediaType,
    /// 422: the Idempotency-Key was used before, with another body.
    KeyReused,
    /// 428: a command to an existing thing without `If-Match`.
    IfMatchMissing,
    /// 507: nothing was saved; the disk is full.
    Full,
    /// 503: it may or may not have been saved.
    Uncertain,
    /// 503: nothing was saved.
    Unavailable,
    /// 503: too many others changed the same things; nothing was saved.
    Busy,
}

/// RFC 9470 §3; `max_age` is [`crate::token::JUST_NOW_SECONDS`].
const PROVE_AGAIN: &str = r#"Bearer error="insufficient_user_authentication", max_age="300""#;

/// A refusal on the wire.
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the code says which.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// A stable code for programs.
    pub code: &'static str,
    /// A sentence for people.
    pub detail: String,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// The commands that can be given now (409 only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<&'static str>,
}

/// What is wrong with one field.
#[derive(Serialize, ToSchema)]
pub struct FieldProblem {
    /// RFC 6901 pointer into the body.
    pub pointer: String,
    /// What would be right.
    pub detail: String,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Rule(refusal)
    }
}

/// What is erased takes no more words; what is in danger must still be said.
const ERASED: &str = "What was written here was erased, so no words can be added. Send it without words, or ask for support anew.";

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        if error == StoreError::Erased {
            return Self::Rule(Refusal::OutOfStep {
                code: "erased",
                sentence: ERASED.into(),
                next: Vec::new(),
                faults: Vec::new(),
            });
        }
        tracing::error!(%error, "the store refused");
        match error {
            StoreError::Full => Self::Full,
            StoreError::Indeterminate => Self::Uncertain,
            StoreError::TooLarge => Self::TooLarge,
            _ => Self::Unavailable,
        }
    }
}

impl Refused {
    /// The problem as it stands in an answer and, later, in the error summary of a page.
    pub fn problem(&self) -> Problem {
        let (status, code, detail) = self.words();
        let (errors, next) = match self {
            Self::Rule(Refusal::Invalid(faults)) => (faults.iter().map(field).collect(), vec![]),
            Self::Rule(Refusal::OutOfStep { next, faults, .. }) => {
                (faults.iter().map(field).collect(), next.clone())
            }
            _ => (vec![], vec![]),
        };
        Problem {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Refused"),
            status: status.as_u16(),
            code,
            detail,
            errors,
            next,
        }
    }

    fn words(&self) -> (StatusCode, &'static str, String) {
        use StatusCode as S;
        let (status, code, detail) = match self {
            Self::Rule(refusal) => return of_rule(refusal),
            Self::Malformed(what) => {
                return (
                    S::BAD_REQUEST,
                    "malformed",
                    format!("The request cannot be read: {what}."),
                );
            }
            Self::Unauthorised => (S::UNAUTHORIZED, "unauthorised", "Sign in first."),
            Self::ProveAgain => (
                S::UNAUTHORIZED,
                "sign_in_again",
                "This needs a sign-in of the last five minutes. Sign in again, then send the same.",
            ),
            Self::TooMany(_) => (
                S::TOO_MANY_REQUESTS,
                "too_many",
                "That was too much at once. Wait a moment.",
            ),
            Self::Method => (
                S::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This cannot be done here.",
            ),
            Self::TooLarge => (
                S::PAYLOAD_TOO_LARGE,
                "too_large",
                "The body is longer than 64 KiB. Nothing was saved.",
            ),
            Self::MediaType => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "media_type",
                "Send application/json.",
            ),
            Self::KeyReused => (
                S::UNPROCESSABLE_ENTITY,
                "key_reused",
                "This Idempotency-Key was used before with another body. Nothing was saved.",
            ),
            Self::IfMatchMissing => (
                S::PRECONDITION_REQUIRED,
                "if_match_missing",
                "Say with If-Match which version this is meant for. Nothing was saved.",
            ),
            Self::Full => (
                S::INSUFFICIENT_STORAGE,
                "full",
                "The disk is full. Nothing was saved.",
            ),
            Self::Uncertain => (
                S::SERVICE_UNAVAILABLE,
                "uncertain",
                "We cannot tell whether this was saved. Send the same again later.",
            ),
            Self::Unavailable => (
                S::SERVICE_UNAVAILABLE,
                "unavailable",
                "This cannot be done right now. Nothing was saved.",
            ),
            Self::Busy => (
                S::SERVICE_UNAVAILABLE,
                "busy",
                "Others were quicker, several times. Nothing was saved. Try again.",
            ),
        };
        (status, code, detail.to_owned())
    }
}

fn of_rule(refusal: &Refusal) -> (StatusCode, &'static str, String) {
    use StatusCode as S;
    let (status, code, detail) = match refusal {
        Refusal::OutOfStep { code, sentence, .. } => (S::CONFLICT, *code, sentence.as_str()),
        Refusal::NotAllowed => (S::FORBIDDEN, "not_allowed", "You cannot do this."),
        Refusal::NotFound => (S::NOT_FOUND, "not_found", "There is nothing here."),
        Refusal::Invalid(_) => (
            S::UNPROCESSABLE_ENTITY,
            "invalid",
            "Something in the request cannot be right. Nothing was saved.",
        ),
        Refusal::Stale => (
            S::PRECONDITION_FAILED,
            "stale",
            "Someone changed this in the meantime. Look at it again. Nothing was saved.",
        ),
    };
    (status, code, detail.to_owned())
}

fn field(fault: &Fault) -> FieldProblem {
    FieldProblem {
        pointer: fault.pointer.clone(),
        detail: fault.detail.clone(),
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let problem = self.problem();
        let status = StatusCode::from_u16(problem.status).expect("every status here is one");
        let body = serde_json::to_vec(&problem).expect("a problem is plain JSON");
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        match self {
            Self::Unauthorised => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::ProveAgain => {
                headers.insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static(PROVE_AGAIN),
                );
            }
            Self::TooMany(seconds) => {
                headers.insert(header::RETRY_AFTER, seconds.into());
            }
            Self::Uncertain | Self::Unavailable | Self::Busy => {
                headers.insert(header::RETRY_AFTER, 5.into());
            }
            _ => {}
        }
        response
    }
}
