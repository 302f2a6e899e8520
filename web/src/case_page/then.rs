//! The case as it was known on a day: which instant that means, and what stands there then.

use chrono::{DateTime, Utc};
use pipss_api::as_known::AsOfAsked;
use pipss_api::case_answer::CaseAnswer;
use pipss_api::problem::Refused;
use pipss_domain::refusal::Refusal;
use pipss_domain::text::Moment;
use serde::Serialize;

use crate::lists::as_known::{LAST, past_moment};
use crate::london;
use crate::pages::{Instead, Pages};
use crate::visitor::Visitor;

const BEFORE: &str = "Nothing was known of this case then. Give a later date.";

/// When one looks at.
#[derive(Default, Serialize)]
pub struct Then {
    #[serde(skip)]
    pub instant: Option<DateTime<Utc>>,
    /// In words, if it is not today.
    pub at: Option<String>,
    /// What was asked for.
    pub typed: String,
    /// Why that cannot be shown.
    pub error: Option<&'static str>,
}

/// The case as it was known then; or why not.
pub fn known(
    pages: &Pages,
    visitor: &Visitor,
    today: &CaseAnswer,
    typed: &str,
) -> Result<Result<(CaseAnswer, Then), Then>, Instead> {
    let not = |error| Then {
        typed: typed.to_owned(),
        error: Some(error),
        ..Then::default()
    };
    let now = pages.app.clock().now();
    let instant = match past_moment(typed, now, LAST) {
        Ok(instant) => instant,
        Err(error) => return Ok(Err(not(error))),
    };
    let asked = AsOfAsked {
        as_of: Some(Moment(instant)),
    };
    match pages.app.case(&visitor.actor, today.case, &asked) {
        Ok(case) => Ok(Ok((
            case,
            Then {
                instant: Some(instant),
                at: Some(london::moment(instant)),
                typed: typed.to_owned(),
                error: None,
            },
        ))),
        Err(Refused::Rule(Refusal::NotFound)) => Ok(Err(not(BEFORE))),
        Err(refused) => Err(refused.into()),
    }
}
