//! What several cases are about counts once: in the case that was raised first.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use pipss_domain::case::Case;
use pipss_domain::ids::{CaseId, IncidentId, SharedIncidentId};
use pipss_domain::link::shared;

use crate::known::Known;

/// The case in which each shared incident counts. A later referral never changes what an earlier
/// quarter counted.
pub(crate) struct Once(HashMap<SharedIncidentId, (DateTime<Utc>, CaseId)>);

impl Once {
    /// Looks through all cases that share anything, whenever they were raised.
    pub fn of(cases: &Known<'_>) -> Self {
        let mut first = HashMap::new();
        for case in cases.linked() {
            for incident in &case.request.incidents {
                if let Some(shared) = shared(case, Some(incident.incident)) {
                    let own = (case.raised_at, case.case);
                    let earliest = first.entry(shared).or_insert(own);
                    *earliest = own.min(*earliest);
                }
            }
        }
        Self(first)
    }

    /// Does an incident count in this case?
    pub fn counts(&self, case: &Case, incident: IncidentId) -> bool {
        let shared = shared(case, Some(incident));
        let first = shared.and_then(|shared| self.0.get(&shared));
        first.is_none_or(|(_, first)| *first == case.case)
    }
}
