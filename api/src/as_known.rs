//! Looking back: what was known at an instant, seen with the rights of today.

use chrono::{DateTime, Utc};
use pipss_domain::case::Case;
use pipss_domain::history::Fact;
use pipss_domain::ids::CaseId;
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::{LogId, Stream};
use pipss_domain::text::Moment;
use pipss_projections::cases::Cases;
use pipss_store::{EventStore, StoreError};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::actor::Actor;
use crate::app::App;
use crate::problem::Refused;

const REFOLD_AT_ONCE: usize = 1000;

/// As it was known at an instant; rights are today's.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AsOfAsked {
    /// Show what was known at this instant (RFC 3339), not in the future. Rights are today's.
    #[serde(default)]
    #[param(value_type = Option<String>, format = "date-time")]
    pub as_of: Option<Moment>,
}

impl App {
    /// A case as it was known at an instant.
    ///
    /// # Errors
    /// `NotFound` if it was not there yet; or that the log cannot be read.
    pub(crate) fn case_then(
        &self,
        actor: &Actor,
        id: CaseId,
        instant: DateTime<Utc>,
    ) -> Result<(Case, DateTime<Utc>), Refused> {
        let facts = self.known_at(actor, id, Some(instant))?;
        let mut facts = facts.iter();
        let mut case = facts
            .next()
            .and_then(Case::begin)
            .ok_or(Refusal::NotFound)?;
        facts.for_each(|fact| case.evolve(fact));
        Ok((case, instant))
    }

    /// The facts of a case's stream that were recorded by an instant, or all.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(crate) fn known_at(
        &self,
        actor: &Actor,
        case: CaseId,
        instant: Option<DateTime<Utc>>,
    ) -> Result<Vec<Fact>, StoreError> {
        let log = LogId::main(actor.organisation);
        let mut facts = self.store.stream(log, &Stream::Case(case))?;
        facts.retain(|fact| instant.is_none_or(|instant| fact.recorded_at <= instant));
        Ok(facts)
    }

    /// The instant that was asked for, which must not be in the future.
    ///
    /// # Errors
    /// `Invalid`.
    pub(crate) fn instant(&self, asked: Option<Moment>) -> Result<Option<DateTime<Utc>>, Refusal> {
        let now = self.clock().now();
        match asked {
            Some(moment) if moment.0 > now => {
                Err(Refusal::invalid("", "`as_of` must not be in the future."))
            }
            asked => Ok(asked.map(|moment| moment.0)),
        }
    }

    /// All cases as they were known at an instant: the log is folded again up to there.
    ///
    /// # Errors
    /// When the log cannot be read, or too many look back at once.
    pub(crate) fn cases_then(
        &self,
        actor: &Actor,
        instant: DateTime<Utc>,
    ) -> Result<Cases, Refused> {
        let _one_of_two = self
            .refolds
            .try_acquire()
            .map_err(|_| Refused::TooMany(5))?;
        let log = LogId::main(actor.organisation);
        let mut cases = Cases::default();
        let mut position = 0;
        loop {
            let facts = self.store.log(log, position, REFOLD_AT_ONCE)?;
            let known = facts.iter().take_while(|fact| fact.recorded_at <= instant);
            let taken = known.map(|fact| cases.evolve(fact)).count();
            if taken < REFOLD_AT_ONCE {
                return Ok(cases);
            }
            position += taken as u64;
        }
    }
}
