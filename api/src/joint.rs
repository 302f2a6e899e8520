//! The other cases that a session is held for, to whoever may see the session in each of them.

use pipss_domain::case::{Case, Session};
use pipss_domain::ids::CaseId;
use pipss_domain::policy::Act;
use pipss_projections::cases::About;
use serde::Serialize;
use utoipa::ToSchema;

use crate::case_answer::TeamName;
use crate::cases::team_name;
use crate::view::View;

/// Another case that a session is held for.
#[derive(Serialize, ToSchema)]
pub struct JointCase {
    /// The case.
    pub case: CaseId,
    /// What people quote.
    pub reference: String,
    /// Its team.
    pub team: TeamName,
    /// Is the session led there? Then whatever is asked of it is asked there.
    pub leads: bool,
}

/// The other cases of a session of this case. Whoever may see none of them is told of none, as if it
/// were held for this team alone.
pub(crate) fn others(view: &View<'_>, here: CaseId, session: &Session) -> Vec<JointCase> {
    let cases = &view.views.cases;
    let led_in = session.arranged.led_in.unwrap_or(here);
    let Some((_, leading)) = cases
        .get(led_in)
        .and_then(|case| case.session(session.id()))
    else {
        return Vec::new();
    };
    let all = std::iter::once(led_in).chain(leading.arranged.joined.iter().copied());
    all.filter(|id| *id != here)
        .filter_map(|id| cases.get(id))
        .filter(|case| view.sees(Act::SeeSessions, case, About::Session(session.id())))
        .map(|case| line(view, case, led_in))
        .collect()
}

fn line(view: &View<'_>, case: &Case, led_in: CaseId) -> JointCase {
    JointCase {
        case: case.case,
        reference: case.request.reference.clone(),
        team: team_name(view, case.team()),
        leads: case.case == led_in,
    }
}
