//! Who asks: a token says who someone is, the directory says what they may do.

use chrono::{DateTime, Utc};
use pipss_domain::directory::Directory;
use pipss_domain::directory_facts::{PersonRecorded, SignIn};
use pipss_domain::history::{Event, Who};
use pipss_domain::ids::{CommandId, OrganisationId, PersonId};
use pipss_domain::pathway::Happened;
use pipss_domain::personal::Personal;
use pipss_domain::policy::Hat;
use pipss_domain::sheet;
use pipss_domain::stream::Stream;
use pipss_store::EventStore;
use uuid::Uuid;

use crate::app::App;
use crate::body::is_safe;
use crate::intent::Intent;
use crate::problem::Refused;
use crate::token::SignedIn;
use crate::view::View;

/// Someone, or the program itself, acting in one organisation. Carries no rights.
#[derive(Clone)]
pub struct Actor {
    pub(crate) organisation: OrganisationId,
    pub(crate) who: Who,
    /// Set for someone who has not acted here before: recorded together with their first act.
    pub(crate) unmet: Option<Unmet>,
    /// Did they prove who they are just now? Whom this process names itself needs no further proof.
    pub(crate) just_proved: bool,
    /// Does the issuer say that no person is behind it?
    pub(crate) program: bool,
}

/// What the issuer says of someone who has not acted here before.
#[derive(Clone)]
pub(crate) struct Unmet {
    pub sign_in: SignIn,
    name: Option<String>,
    email: Option<String>,
}

impl Actor {
    /// What they are at this moment. A program that nobody was granted anything for is nobody: what anyone
    /// who signs in may do is for people.
    pub(crate) fn hats(&self, directory: &Directory, now: DateTime<Utc>) -> Vec<Hat> {
        let mut hats = directory.hats(self.who, now);
        if self.program {
            hats.retain(|hat| matches!(hat, Hat::Integration(_)));
        }
        hats
    }

    /// Did they prove who they are just now?
    pub const fn has_just_proved(&self) -> bool {
        self.just_proved
    }

    /// Who.
    pub const fn who(&self) -> Who {
        self.who
    }

    /// The organisation that they act in.
    pub const fn organisation(&self) -> OrganisationId {
        self.organisation
    }

    /// Whoever runs the machine, at its console.
    pub const fn operator(organisation: OrganisationId) -> Self {
        Self {
            organisation,
            who: Who::Operator,
            unmet: None,
            just_proved: true,
            program: false,
        }
    }

    /// The program, doing what a fact owes.
    pub const fn program(organisation: OrganisationId) -> Self {
        Self {
            organisation,
            who: Who::Program,
            unmet: None,
            just_proved: true,
            program: false,
        }
    }

    /// A person of the directory.
    pub const fn person(organisation: OrganisationId, person: PersonId) -> Self {
        Self {
            organisation,
            who: Who::Person(person),
            unmet: None,
            just_proved: true,
            program: false,
        }
    }

    /// The fact that this person was met, if this is their first act. Whoever the directory expected
    /// by their address stays who they are.
    pub(crate) fn first_met(&self, view: &View<'_>) -> Option<Happened> {
        let (Who::Person(person), Some(unmet)) = (self.who, &self.unmet) else {
            return None;
        };
        let name = unmet.name.clone().map(Personal::Known);
        let sign_in = Some(Personal::Known(unmet.sign_in.clone()));
        let recorded = match view.views.directory.people.get(&person) {
            Some(expected) => {
                let expected = view.app.opened(expected);
                PersonRecorded {
                    name: expected.name.or(name),
                    sign_in,
                    ..expected
                }
            }
            None => PersonRecorded {
                name,
                email: unmet.email.clone().map(Personal::Known),
                sign_in,
                home_unit: None,
                external: false,
            },
        };
        Some(Happened {
            stream: Stream::Person(person),
            occurred_at: view.now,
            event: Event::PersonRecorded(recorded),
        })
    }
}

impl App {
    /// Finds whoever signed in: by how they sign in; else whom the directory expects by the address
    /// that the issuer verified; else someone unknown, who gets a fresh id that lasts for this request.
    pub fn recognise(&self, signed_in: SignedIn) -> Actor {
        let fits = |text: &String| is_safe(text) && text.chars().count() <= 200;
        let unmet = Unmet {
            sign_in: SignIn {
                issuer: signed_in.issuer,
                subject: signed_in.subject,
            },
            name: signed_in.name.filter(fits),
            email: signed_in.email.filter(fits).and_then(|e| sheet::email(&e)),
        };
        Actor {
            just_proved: signed_in.just_proved,
            program: signed_in.program,
            ..self.placed(OrganisationId::new(signed_in.organisation), unmet)
        }
    }

    /// Records how someone signs in whom the directory expected by their address, before anything is
    /// answered: from then on nobody else who comes with that address is taken for them. A stranger
    /// stays one until their first act.
    ///
    /// # Errors
    /// When it cannot be recorded.
    pub async fn settled(&self, actor: Actor) -> Result<Actor, Refused> {
        let expected = |actor: &Actor| {
            let known = |person| {
                self.view(actor, |view| {
                    view.views.directory.people.contains_key(&person)
                })
            };
            actor.unmet.is_some() && matches!(actor.who, Who::Person(person) if known(person))
        };
        if !expected(&actor) {
            return Ok(actor);
        }
        let _one_at_a_time = self.meeting.lock().await;
        let unmet = actor.unmet.expect("it was just looked at");
        let actor = Actor {
            just_proved: actor.just_proved,
            program: actor.program,
            ..self.placed(actor.organisation, unmet)
        };
        if !expected(&actor) {
            return Ok(actor);
        }
        let command = CommandId::new(Uuid::new_v4());
        self.execute_as(&actor, Intent::sign_in(command)).await?;
        Ok(Actor {
            unmet: None,
            ..actor
        })
    }

    /// Who this is in the directory as it stands.
    pub(crate) fn placed(&self, organisation: OrganisationId, mut unmet: Unmet) -> Actor {
        let program = Actor::program(organisation);
        self.view(&program, |view| {
            let directory = &view.views.directory;
            if let Some(person) = self.met(organisation, directory, &unmet.sign_in) {
                return Actor::person(organisation, person);
            }
            let mut who = PersonId::new(Uuid::new_v4());
            let same = unmet.email.as_deref().map_or_else(Vec::new, |email| {
                self.recorded_with(organisation, directory, email)
            });
            match &same[..] {
                [] => {}
                // Erased or not, a sign-in that was once recorded keeps others out.
                [(person, _)] if !bound(directory, *person) => who = *person,
                // An address means one person: whoever else comes with it is a stranger without one.
                _ => unmet.email = None,
            }
            Actor {
                organisation,
                who: Who::Person(who),
                unmet: Some(unmet),
                just_proved: false,
                program: false,
            }
        })
    }

    /// The person who signs in like this now. The index also knows how they used to sign in.
    pub(crate) fn met(
        &self,
        organisation: OrganisationId,
        directory: &Directory,
        sign_in: &SignIn,
    ) -> Option<PersonId> {
        let streams = self.store.find(organisation, &sign_in.lookup());
        streams.into_iter().find_map(|stream| {
            let Stream::Person(person) = stream else {
                return None;
            };
            let sealed = directory.people.get(&person)?.sign_in.as_ref()?;
            (self.store.open(sealed).known() == Some(sign_in)).then_some(person)
        })
    }
}

fn bound(directory: &Directory, person: PersonId) -> bool {
    let recorded = directory.people.get(&person);
    recorded.is_some_and(|recorded| recorded.sign_in.is_some())
}
