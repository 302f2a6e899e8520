//! An emergency: whoever runs the machine names a lead or an auditor for 24 hours, and everyone concerned is told.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::directory_facts::{Role, SignIn};
use crate::first_grants::FirstGrant;
use crate::history::Event;
use crate::refusal::Refusal;
use crate::sheet::{Around, Faces};
use crate::stream::Stream;

/// How long it lasts (product: "Who may do and see what").
const LASTS: Duration = Duration::hours(24);

/// `EmergencyGranted` (in `grants/`): for 24 hours this person has this role. Every lead and auditor is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EmergencyGranted {
    /// `lead` or `auditor`.
    pub role: Role,
    /// When it ends by itself.
    pub ends_at: DateTime<Utc>,
}

/// Who is to act as lead or auditor for 24 hours.
#[derive(Clone, Debug)]
pub struct EmergencyGrant {
    /// `Lead` or `Auditor`.
    pub role: Role,
    /// Their address, in lower case.
    pub email: String,
    /// How they sign in, if that is known already.
    pub sign_in: Option<SignIn>,
}

impl EmergencyGrant {
    /// What follows, or why not.
    ///
    /// # Errors
    /// `OutOfStep` before there ever was someone in that role, if they have it, or if one person would be
    /// lead and auditor.
    pub fn decide(
        &self,
        around: &Around<'_>,
        now: DateTime<Utc>,
    ) -> Result<Vec<(Stream, Event)>, Refusal> {
        let other = match self.role {
            Role::Lead => Role::Auditor,
            Role::Auditor => Role::Lead,
            _ => return Err(Refusal::NotAllowed),
        };
        let directory = around.directory;
        if !directory.was_given(self.role) {
            return Err(refused(
                "There has been nobody yet: name the first one without --emergency.",
            ));
        }
        let face = Faces::new(around).of(&self.email).map_err(refused)?;
        if directory.holds(face.person, self.role, around.today)
            || directory.in_emergency(face.person, self.role, now)
        {
            return Err(refused("They have this role."));
        }
        if directory.granted(face.person, other).is_some()
            || directory.in_emergency(face.person, other, now)
        {
            return Err(refused("The lead and the auditor must be two people."));
        }
        let first = FirstGrant {
            role: self.role,
            email: self.email.clone(),
            sign_in: self.sign_in.clone(),
        };
        let mut facts = first.person(face.person, face.recorded)?;
        let granted = EmergencyGranted {
            role: self.role,
            ends_at: now + LASTS,
        };
        facts.push((
            Stream::Grants(face.person),
            Event::EmergencyGranted(granted),
        ));
        Ok(facts)
    }
}

fn refused(sentence: &str) -> Refusal {
    Refusal::OutOfStep {
        code: "no_emergency",
        sentence: sentence.into(),
        next: Vec::new(),
        faults: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{Given, STAFF, monday};
    use crate::history::Who;
    use crate::policy::Hat;

    #[test]
    fn it_ends_by_itself_to_the_second() {
        let mut given = Given::a_trust();
        let granted = EmergencyGranted {
            role: Role::Lead,
            ends_at: monday() + LASTS,
        };
        given.record(Stream::Grants(STAFF), Event::EmergencyGranted(granted));
        let leads = |after: Duration| {
            let hats = given.directory.hats(Who::Person(STAFF), monday() + after);
            hats.contains(&Hat::Lead)
        };
        assert!(leads(Duration::zero()) && leads(LASTS - Duration::seconds(1)));
        assert!(!leads(LASTS));
    }
}
