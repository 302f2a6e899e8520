//! What else waits for the lead: follow-ups to confirm and answers that are due.

use chrono::{DateTime, Duration, Utc};
use pipss_domain::facts::Milestone;
use pipss_domain::follow_up::{self, FollowUpState};
use pipss_domain::ids::CaseId;
use pipss_domain::policy::Act;
use pipss_projections::cases::{About, Cases};
use serde::Serialize;
use utoipa::ToSchema;

use crate::case_answer::TeamName;
use crate::cases::team_name;
use crate::view::View;

const TASKS_MAX: usize = 200;
/// The lead confirms whom to ask in the week before it is due.
const AHEAD: Duration = Duration::days(7);

/// Something that waits for the lead.
#[derive(Serialize, ToSchema)]
pub struct TaskLine {
    /// The case.
    pub case: CaseId,
    /// What people quote.
    pub reference: String,
    /// The team.
    pub team: TeamName,
    /// What waits: `to_confirm` or `due`.
    pub state: FollowUpState,
    /// Which follow-up.
    pub follow_up: Milestone,
    /// When it is due.
    pub due: DateTime<Utc>,
}

/// The tasks of the lead at an instant, those due first first; at most 200.
pub(crate) fn tasks(view: &View<'_>, cases: &Cases, now: DateTime<Utc>) -> Vec<TaskLine> {
    let mut tasks: Vec<_> = cases
        .iter()
        .filter(|case| view.sees(Act::SeeCase, case, About::Case))
        .flat_map(|case| follow_up::of_case(case).into_iter().map(move |f| (case, f)))
        .map(|(case, f)| (case, f.state(case, &view.views.directory, now), f))
        .filter(|(_, state, follow_up)| match state {
            FollowUpState::ToConfirm => follow_up.due <= now + AHEAD,
            FollowUpState::Due => true,
            _ => false,
        })
        .map(|(case, state, follow_up)| TaskLine {
            case: case.case,
            reference: case.request.reference.clone(),
            team: team_name(view, case.team()),
            state,
            follow_up: follow_up.milestone,
            due: follow_up.due,
        })
        .collect();
    tasks.sort_by_key(|task| (task.due, task.case));
    tasks.truncate(TASKS_MAX);
    tasks
}
