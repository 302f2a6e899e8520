//! Facilitators who can be asked.

use chrono::NaiveDate;

use crate::directory_facts::{FacilitatorProfiled, Training};
use crate::history::Event;
use crate::offer::OFFERS;

/// A facilitator who can be asked for any kind of session, for as long as a test lasts.
pub fn in_all() -> Event {
    let kinds = OFFERS.iter().map(|row| row.kind);
    let training = |model| Training {
        model,
        until: NaiveDate::MAX,
    };
    Event::FacilitatorProfiled(FacilitatorProfiled {
        trained: kinds.map(training).collect(),
        sessions_max: None,
    })
}
