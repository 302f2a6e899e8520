//! Keeping the directory: the trust's lists, compared before they are recorded, and the first grants.

use std::collections::BTreeMap;

use pipss_domain::calendar::day_in_london;
use pipss_domain::directory::Directory;
use pipss_domain::directory_facts::{PersonRecorded, SignIn};
use pipss_domain::emergency::EmergencyGrant;
use pipss_domain::first_grants::FirstGrant;
use pipss_domain::history::Event;
use pipss_domain::ids::{OrganisationId, PersonId};
use pipss_domain::pathway::{Context, Happened};
use pipss_domain::personal::Personal;
use pipss_domain::policy::Act;
use pipss_domain::refusal::{Fault, Refusal};
use pipss_domain::sheet::{Around, Difference, Row, SheetFault, email_lookup};
use pipss_domain::stream::Stream;
use pipss_domain::{facilitator_roster, roster};
use pipss_store::EventStore;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::body::Body;
use crate::intent::{Intent, Named, Target};
use crate::problem::Refused;
use crate::sheet;

/// What the store takes in one append: 1 MiB, at some 550 bytes a fact with long names and addresses.
const FACTS_MAX: usize = 1_800;

/// Which of the trust's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// Units, with their managers.
    Units,
    /// Facilitators.
    Facilitators,
}

/// A list as it was handed in.
pub struct HandedIn {
    list: List,
    rows: Vec<Row>,
    end_many: bool,
}

impl HandedIn {
    /// Reads a list; `end_many` says that ending more than a fifth is meant.
    ///
    /// # Errors
    /// `Invalid`, naming rows and columns.
    pub fn read(list: List, csv: &str, end_many: bool) -> Result<Self, Refusal> {
        let columns: &'static [&'static str] = match list {
            List::Units => &roster::COLUMNS,
            List::Facilitators => &facilitator_roster::COLUMNS,
        };
        let rows = sheet::rows(csv, columns).map_err(invalid)?;
        Ok(Self {
            list,
            rows,
            end_many,
        })
    }

    fn compare(&self, around: &Around<'_>) -> Result<Difference, Refusal> {
        let compared = match self.list {
            List::Units => roster::difference(&self.rows, around),
            List::Facilitators => facilitator_roster::difference(&self.rows, around),
        };
        let difference = compared.map_err(invalid)?;
        if difference.ends_many() && !self.end_many {
            let (ending, of) = difference.ending;
            return Err(whole(format!(
                "this would end {ending} of {of}; if that is meant, say --yes-close-many"
            )));
        }
        if difference.facts.len() > FACTS_MAX {
            return Err(whole(format!(
                "this changes more than can be recorded at once ({} facts, at most {FACTS_MAX}); \
                 record a shorter list first, then the longer one",
                difference.facts.len()
            )));
        }
        Ok(difference)
    }
}

fn whole(detail: String) -> Refusal {
    invalid(vec![SheetFault::whole(detail)])
}

fn invalid(faults: Vec<SheetFault>) -> Refusal {
    let fault = |fault: SheetFault| {
        let pointer = format!("/{}/{}", fault.row, fault.column.unwrap_or(""));
        Fault::at(pointer, fault.to_string())
    };
    Refusal::Invalid(faults.into_iter().map(fault).collect())
}

impl App {
    /// What a list would change, in plain words; nothing is recorded.
    ///
    /// # Errors
    /// `NotAllowed` for all but the operator and administrators; `Invalid`, naming rows and columns.
    pub fn compare(&self, actor: &Actor, list: &HandedIn) -> Result<Vec<String>, Refusal> {
        self.view(actor, |view| {
            view.allow(Act::CompareDirectory, None)?;
            let find =
                |email: &str| self.recorded_with(actor.organisation, &view.views.directory, email);
            let around = Around {
                directory: &view.views.directory,
                find: &find,
                fresh: &Uuid::new_v4,
                today: day_in_london(view.now),
            };
            list.compare(&around).map(|difference| difference.lines)
        })
    }

    /// Records what a list changes, all of it or nothing, if that is still what was shown.
    ///
    /// # Errors
    /// As [`App::compare`]; `OutOfStep` if the directory changed since; or that the store could not say.
    pub async fn apply(
        &self,
        actor: &Actor,
        list: &HandedIn,
        shown: &[String],
    ) -> Result<(), Refused> {
        let organisation = actor.organisation;
        let intent = keep(move |context| {
            let find = |email: &str| self.recorded_with(organisation, context.directory, email);
            let difference = list.compare(&around(context, &find))?;
            if difference.lines != shown {
                return Err(Refusal::OutOfStep {
                    code: "changed_since",
                    sentence: "The directory has changed since. Look at the difference again."
                        .into(),
                    next: Vec::new(),
                    faults: Vec::new(),
                });
            }
            if difference.facts.is_empty() {
                return Err(whole("there is nothing to change".into()));
            }
            Ok(difference.facts)
        });
        self.execute(actor, intent).await.map(|_| ())
    }

    /// Gives the first lead or the first auditor their role.
    ///
    /// # Errors
    /// `OutOfStep` once there has been one; or that the store could not say.
    pub async fn grant_first(&self, actor: &Actor, grant: &FirstGrant) -> Result<(), Refused> {
        let organisation = actor.organisation;
        let intent = keep(move |context| {
            let find = |email: &str| self.recorded_with(organisation, context.directory, email);
            self.fits(organisation, context, &grant.email, grant.sign_in.as_ref())?;
            grant.decide(&around(context, &find))
        });
        self.execute(actor, intent).await.map(|_| ())
    }

    /// Gives someone the role of lead or auditor for 24 hours; every lead and auditor is told.
    ///
    /// # Errors
    /// `OutOfStep` if it cannot be; or that the store could not say.
    pub async fn grant_in_emergency(
        &self,
        actor: &Actor,
        grant: &EmergencyGrant,
    ) -> Result<(), Refused> {
        let organisation = actor.organisation;
        let intent = keep(move |context| {
            let find = |email: &str| self.recorded_with(organisation, context.directory, email);
            self.fits(organisation, context, &grant.email, grant.sign_in.as_ref())?;
            grant.decide(&around(context, &find), context.now)
        });
        self.execute(actor, intent).await.map(|_| ())
    }

    /// A sign-in that someone else was met by belongs to another address.
    fn fits(
        &self,
        organisation: OrganisationId,
        context: &Context<'_>,
        email: &str,
        sign_in: Option<&SignIn>,
    ) -> Result<(), Refusal> {
        let met = sign_in.and_then(|sign_in| self.met(organisation, context.directory, sign_in));
        let named = self.recorded_with(organisation, context.directory, email);
        if met.is_none_or(|met| named.iter().any(|(person, _)| *person == met)) {
            return Ok(());
        }
        Err(Refusal::OutOfStep {
            code: "first_grants_only",
            sentence: "This sign-in belongs to another address.".into(),
            next: Vec::new(),
            faults: Vec::new(),
        })
    }

    /// Everyone whose address this is now, in lower case. The index also knows those they had before.
    pub(crate) fn recorded_with(
        &self,
        organisation: OrganisationId,
        directory: &Directory,
        email: &str,
    ) -> Vec<(PersonId, PersonRecorded)> {
        let streams = self.store.find(organisation, &email_lookup(email));
        let recorded = streams.into_iter().filter_map(|stream| {
            let Stream::Person(person) = stream else {
                return None;
            };
            let recorded = self.opened(directory.people.get(&person)?);
            let now = recorded.email.as_ref().and_then(Personal::known);
            (now.map(String::as_str) == Some(email)).then_some((person, recorded))
        });
        let by_id: BTreeMap<_, _> = recorded.collect();
        by_id.into_iter().collect()
    }

    /// A person with what is known of them in the clear, so that it can be recorded again.
    pub(crate) fn opened(&self, person: &PersonRecorded) -> PersonRecorded {
        PersonRecorded {
            name: self.known(person.name.as_ref()),
            email: self.known(person.email.as_ref()),
            sign_in: self.known(person.sign_in.as_ref()),
            home_unit: person.home_unit,
            external: person.external,
        }
    }

    fn known<T: DeserializeOwned + Clone>(
        &self,
        value: Option<&Personal<T>>,
    ) -> Option<Personal<T>> {
        let opened = self.store.open(value?);
        opened.known().is_some().then_some(opened)
    }
}

fn around<'a>(
    context: &'a Context<'_>,
    find: &'a dyn Fn(&str) -> Vec<(PersonId, PersonRecorded)>,
) -> Around<'a> {
    Around {
        directory: context.directory,
        find,
        fresh: context.fresh,
        today: day_in_london(context.now),
    }
}

/// An act of the operator; asking twice is doing twice, because the second time there is nothing left.
fn keep<'a>(
    decide: impl Fn(&Context<'_>) -> Result<Vec<(Stream, Event)>, Refusal> + Send + Sync + 'a,
) -> Intent<'a> {
    Intent {
        act: Act::KeepDirectory,
        route: "directory".into(),
        target: Target::Nothing,
        named: Named::Key(Uuid::new_v4().to_string()),
        if_match: None,
        body: Body::empty(),
        decide: Box::new(move |_, situation| {
            let context = &situation.context;
            let happened = |(stream, event)| Happened {
                stream,
                occurred_at: context.now,
                event,
            };
            let facts = decide(context)?;
            Ok(facts.into_iter().map(happened).collect())
        }),
    }
}
