//! The first lead and the first auditor: the only grants that whoever runs the machine can give.

use crate::directory_facts::{GrantGiven, PersonRecorded, Role, SignIn};
use crate::history::Event;
use crate::ids::PersonId;
use crate::personal::Personal;
use crate::refusal::Refusal;
use crate::sheet::{Around, Faces};
use crate::stream::Stream;

/// Who is to be the first lead or auditor.
#[derive(Clone, Debug)]
pub struct FirstGrant {
    /// `Lead` or `Auditor`.
    pub role: Role,
    /// Their address, in lower case.
    pub email: String,
    /// How they sign in, if that is known already.
    pub sign_in: Option<SignIn>,
}

impl FirstGrant {
    /// What follows, or why not.
    ///
    /// # Errors
    /// `OutOfStep` once the organisation has had someone in that role, or if one person would be both.
    pub fn decide(&self, around: &Around<'_>) -> Result<Vec<(Stream, Event)>, Refusal> {
        let other = match self.role {
            Role::Lead => Role::Auditor,
            Role::Auditor => Role::Lead,
            _ => return Err(Refusal::NotAllowed),
        };
        if around.directory.was_given(self.role) {
            return Err(refused(
                "There has been one already; later only --emergency.",
            ));
        }
        let face = Faces::new(around).of(&self.email).map_err(refused)?;
        if around.directory.granted(face.person, other).is_some() {
            return Err(refused("The lead and the auditor must be two people."));
        }
        let mut facts = self.person(face.person, face.recorded)?;
        let given = GrantGiven {
            role: self.role,
            until: None,
        };
        facts.push((Stream::Grants(face.person), Event::GrantGiven(given)));
        Ok(facts)
    }

    /// Records who they are, as far as that is new.
    pub(crate) fn person(
        &self,
        person: PersonId,
        recorded: Option<PersonRecorded>,
    ) -> Result<Vec<(Stream, Event)>, Refusal> {
        let sign_in = self.sign_in.clone().map(Personal::Known);
        let wanted = match recorded {
            None => PersonRecorded {
                name: None,
                email: Some(Personal::Known(self.email.clone())),
                sign_in,
                home_unit: None,
                external: false,
            },
            Some(recorded) if sign_in.is_none() || recorded.sign_in == sign_in => {
                return Ok(vec![]);
            }
            Some(recorded) if recorded.sign_in.is_none() => PersonRecorded {
                sign_in,
                ..recorded
            },
            Some(_) => return Err(refused("This address belongs to another sign-in.")),
        };
        let event = Event::PersonRecorded(wanted);
        Ok(vec![(Stream::Person(person), event)])
    }
}

fn refused(sentence: &str) -> Refusal {
    Refusal::OutOfStep {
        code: "first_grants_only",
        sentence: sentence.into(),
        next: Vec::new(),
        faults: Vec::new(),
    }
}
