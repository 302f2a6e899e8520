//! Who asks: a token says who someone is, the directory says what they may do.

use chrono::{DateTime, Utc};
use pipss_domain::directory_facts::{PersonRecorded, SignIn};
use pipss_domain::history::{Event, Who};
use pipss_domain::ids::{OrganisationId, PersonId};
use pipss_domain::pathway::Happened;
use pipss_domain::personal::Personal;
use pipss_domain::stream::Stream;
use pipss_store::EventStore;
use uuid::Uuid;

use crate::app::App;
use crate::body::is_safe;
use crate::token::SignedIn;

/// Someone, or the program itself, acting in one organisation. Carries no rights.
#[derive(Clone)]
pub struct Actor {
    pub(crate) organisation: OrganisationId,
    pub(crate) who: Who,
    /// Set for someone the directory has not met: recorded together with their first act.
    pub(crate) unmet: Option<Unmet>,
}

/// What the issuer says of someone the directory has not met.
#[derive(Clone)]
pub(crate) struct Unmet {
    pub sign_in: SignIn,
    name: Option<String>,
    email: Option<String>,
}

impl Actor {
    /// Whoever runs the machine, at its console.
    pub const fn operator(organisation: OrganisationId) -> Self {
        Self {
            organisation,
            who: Who::Operator,
            unmet: None,
        }
    }

    /// The program, doing what a fact owes.
    pub const fn program(organisation: OrganisationId) -> Self {
        Self {
            organisation,
            who: Who::Program,
            unmet: None,
        }
    }

    /// A person of the directory.
    pub const fn person(organisation: OrganisationId, person: PersonId) -> Self {
        Self {
            organisation,
            who: Who::Person(person),
            unmet: None,
        }
    }

    /// The fact that this person was met, if the directory does not know them yet.
    pub(crate) fn first_met(&self, now: DateTime<Utc>) -> Option<Happened> {
        let (Who::Person(person), Some(unmet)) = (self.who, &self.unmet) else {
            return None;
        };
        Some(Happened {
            stream: Stream::Person(person),
            occurred_at: now,
            event: Event::PersonRecorded(PersonRecorded {
                name: unmet.name.clone().map(Personal::Known),
                email: unmet.email.clone().map(Personal::Known),
                sign_in: Some(Personal::Known(unmet.sign_in.clone())),
                home_unit: None,
                external: false,
            }),
        })
    }
}

impl App {
    /// Finds whoever signed in; someone unknown gets a fresh id that lasts for this request.
    pub fn recognise(&self, signed_in: SignedIn) -> Actor {
        let organisation = OrganisationId::new(signed_in.organisation);
        let sign_in = SignIn {
            issuer: signed_in.issuer,
            subject: signed_in.subject,
        };
        if let Some(person) = self.met(organisation, &sign_in) {
            return Actor::person(organisation, person);
        }
        let fits = |text: &String| is_safe(text) && text.chars().count() <= 200;
        Actor {
            organisation,
            who: Who::Person(PersonId::new(Uuid::new_v4())),
            unmet: Some(Unmet {
                sign_in,
                name: signed_in.name.filter(fits),
                email: signed_in.email.filter(fits),
            }),
        }
    }

    /// The person who signs in like this now. The index also knows how they used to sign in.
    pub(crate) fn met(&self, organisation: OrganisationId, sign_in: &SignIn) -> Option<PersonId> {
        let program = Actor::program(organisation);
        let streams = self.store.find(organisation, &sign_in.lookup());
        streams.into_iter().find_map(|stream| {
            let Stream::Person(person) = stream else {
                return None;
            };
            let sealed = self.view(&program, |view| {
                view.views.directory.people.get(&person)?.sign_in.clone()
            })?;
            (self.store.open(&sealed).known() == Some(sign_in)).then_some(person)
        })
    }
}
