//! What is recorded where two cases belong together: one incident in both, or one merged into the other.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{CaseId, IncidentId, SharedIncidentId};

/// `IncidentLinked`: an incident of this case is also what another case is about. Stands in both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IncidentLinked {
    /// Which incident of this case, if it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// The same in every case that is about it, so that reports count it once.
    pub shared: SharedIncidentId,
    /// The other case. Only whoever may see that case is told.
    pub with: CaseId,
}

/// `IncidentUnlinked`: it turned out not to be the same. Stands in both cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IncidentUnlinked {
    /// What the link said was shared.
    pub shared: SharedIncidentId,
    /// The other case.
    pub with: CaseId,
}

/// `CaseMerged`: this case goes on in another one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CaseMerged {
    /// The other one.
    pub into: CaseId,
}

/// `CaseTookIn`: another case goes on in this one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CaseTookIn {
    /// The other one.
    pub case: CaseId,
}

/// `CaseUnmerged`: this case stands by itself again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CaseUnmerged {
    /// What it had been merged into.
    pub from: CaseId,
}

/// `CaseGaveBack`: a case that had been merged into this one stands by itself again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CaseGaveBack {
    /// The other one.
    pub case: CaseId,
}
