//! Who holds a session and what was said about it, for leads: answers, overrides, involvement.

use pipss_domain::case::{Case, Session};
use pipss_domain::facts::Obstacle;
use serde::Serialize;
use utoipa::ToSchema;

use crate::case_answer::PersonName;
use crate::cases::person_name;
use crate::view::View;

/// What leads know of those who hold a session.
#[derive(Serialize, ToSchema)]
pub struct StaffingAnswer {
    /// Who answered for its present time, and how.
    pub answers: Vec<InvitationAnswer>,
    /// Who was asked although something spoke against it.
    pub overrides: Vec<OverrideAnswer>,
}

/// A facilitator's answer.
#[derive(Serialize, ToSchema)]
pub struct InvitationAnswer {
    /// Who.
    pub facilitator: PersonName,
    /// Will they come?
    pub accept: bool,
}

/// A facilitator who was asked all the same.
#[derive(Serialize, ToSchema)]
pub struct OverrideAnswer {
    /// Who.
    pub facilitator: PersonName,
    /// What spoke against it.
    pub against: Vec<Obstacle>,
    /// Why it is right; absent if it was erased.
    pub reason: Option<String>,
}

/// What is known of those who hold a session.
pub(crate) fn of_session(view: &View<'_>, session: &Session) -> StaffingAnswer {
    let answers = session
        .answers
        .iter()
        .map(|(person, accept)| InvitationAnswer {
            facilitator: person_name(view, *person),
            accept: *accept,
        });
    let overrides = session.arranged.overrides.iter();
    let overrides = overrides.map(|overridden| OverrideAnswer {
        facilitator: person_name(view, overridden.facilitator),
        against: overridden.against.clone(),
        reason: view.app.open_text(&overridden.reason),
    });
    StaffingAnswer {
        answers: answers.collect(),
        overrides: overrides.collect(),
    }
}

/// Who is not neutral to a case.
pub(crate) fn involved(view: &View<'_>, case: &Case) -> Vec<PersonName> {
    let involved = case.involved.iter();
    involved.map(|person| person_name(view, *person)).collect()
}
