//! A script: every step of every case, by whom and when, before any of it is told.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Europe::London;
use pipss_domain::working_time::stretches;
use serde_json::Value;

/// How far a case has come. A case that is to stand somewhere on the last day stops after that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Stage {
    Raised,
    Acknowledged,
    Triaged,
    Scoped,
    Planned,
    Arranged,
    Answered,
    NotHeld,
    Recorded,
    Confirmed,
    Ended,
    Whole,
}

/// What is asked of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// To raise a referral.
    Raise,
    /// To log a defusion where there is no case yet.
    OpenWithDefusion,
    /// To give a case this command, as it is named in the URL.
    Command(&'static str),
    /// To ask for one-to-one support for oneself.
    AskOneToOne,
    /// To give a one-to-one this command.
    OneToOne(&'static str),
}

/// One step: the body is what HTTP would take, but that ids which only the program can give stand in it
/// as `$offer/0`, `$session/1`, `$action/0` (the first of this case), `$case/7` or `$incident/7` (of the
/// eighth case of the script).
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// When.
    pub at: DateTime<Utc>,
    /// In which case, counted from 0.
    pub case: usize,
    /// Who, by their short name.
    pub who: &'static str,
    /// What.
    pub what: What,
    /// With what.
    pub body: Value,
}

/// Every step so far.
#[derive(Default)]
pub struct Script {
    steps: Vec<Step>,
    cases: usize,
}

impl Script {
    /// Begins a case.
    pub fn case(&mut self) -> usize {
        self.cases += 1;
        self.cases - 1
    }

    /// Adds a step.
    pub fn add(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// The steps that lie before an instant, in order of time.
    pub fn until(mut self, end: DateTime<Utc>) -> Vec<Step> {
        self.steps.retain(|step| step.at < end);
        self.steps.sort_by_key(|step| step.at);
        self.steps
    }
}

/// An hour of a day in England.
pub fn at_hour(day: NaiveDate, hour: u32, minute: u32) -> DateTime<Utc> {
    let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    let local = London.from_local_datetime(&day.and_time(time));
    // An hour that the clock change leaves out is told as if it were UTC.
    local.earliest().map_or_else(
        || Utc.from_utc_datetime(&day.and_time(time)),
        |at| at.to_utc(),
    )
}

/// So much working time later, which is always within office hours.
pub fn worked(from: DateTime<Utc>, minutes: i64) -> DateTime<Utc> {
    stretches(from, minutes.max(1))
        .last()
        .map_or(from, |stretch| stretch.to)
}
