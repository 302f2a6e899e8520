//! Who looked at what: every window that opens what is sealed says so, and no answer leaves before that is
//! kept on the disk.
//!
//! A window calls [`View::looked`]. Every request runs within a reading ([`App::reading`], around all routes
//! and all pages), which keeps what its windows said, durably, and only then lets the answer go. A window
//! that is looked through by a person outside of a reading stops the program there and then, so that no new
//! caller can forget.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use pipss_domain::facts::{Looked, ReadAs, RecordRead};
use pipss_domain::history::{Event, Who};
use pipss_domain::ids::{CommandId, OrganisationId, ReadingId};
use pipss_domain::offer::POLICY_VERSION;
use pipss_domain::personal::Personal;
use pipss_domain::stream::{LogId, Stream};
use pipss_store::{Append, Backend, EventStore, StoreError, Write};

use crate::actor::Actor;
use crate::app::App;
use crate::door::Server;
use crate::problem::Refused;
use crate::view::View;

/// So many readings of the present hour are recognised without asking the store; a bound, not a rule.
const RECENT_MAX: usize = 200_000;

tokio::task_local! {
    static LOOKS: RefCell<BTreeSet<Look>>;
}

/// Someone looked at something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Look {
    pub organisation: OrganisationId,
    pub reader: Who,
    pub what: Looked,
    pub read_as: ReadAs,
    /// Which: a stream's name, or that of a list.
    pub object: String,
    /// When what lets them was opened: all reading through it is one record.
    pub since: Option<DateTime<Utc>>,
}

/// The readings of the present hour that are on the disk.
#[derive(Default)]
pub(crate) struct Recent(Mutex<(DateTime<Utc>, HashSet<CommandId>)>);

impl Recent {
    fn knows(&self, hour: DateTime<Utc>, id: CommandId) -> bool {
        let recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recent.0 == hour && recent.1.contains(&id)
    }

    fn add(&self, hour: DateTime<Utc>, ids: impl IntoIterator<Item = CommandId>) {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.0 != hour {
            *recent = (hour, HashSet::new());
        }
        let room = RECENT_MAX.saturating_sub(recent.1.len());
        recent.1.extend(ids.into_iter().take(room));
    }
}

impl View<'_> {
    /// Says that whoever asks is about to see this, as what they are here.
    pub fn looked(&self, what: Looked, object: impl Display) {
        self.looked_as(what, object, ReadAs::of(&self.hats));
    }

    /// The same, where something else than a role lets them.
    pub fn looked_as(&self, what: Looked, object: impl Display, read_as: ReadAs) {
        self.looked_through(what, object, read_as, None);
    }

    /// The same, where what lets them was opened for a time.
    ///
    /// # Panics
    /// Outside of a reading: nothing may be shown that is not kept first.
    pub fn looked_through(
        &self,
        what: Looked,
        object: impl Display,
        read_as: ReadAs,
        since: Option<DateTime<Utc>>,
    ) {
        // A copy is only compared with another. Who has no place in the directory sees nothing but what
        // is their own; and the program itself looks at nothing for anyone.
        let on_disk = matches!(self.app.store, Backend::Sled(_));
        let person = matches!(self.actor.who, Who::Person(_)) && self.actor.unmet.is_none();
        if !on_disk || !person {
            return;
        }
        let look = Look {
            organisation: self.actor.organisation,
            reader: self.actor.who,
            what,
            read_as,
            object: object.to_string(),
            since,
        };
        LOOKS
            .try_with(|looks| looks.borrow_mut().insert(look))
            .expect("people look through windows only within a reading");
    }
}

impl App {
    /// Looks through windows, and gives what was seen only once it is on the disk who saw it.
    ///
    /// # Errors
    /// When that cannot be kept: then nothing is shown.
    pub async fn reading<T>(&self, looking: impl Future<Output = T>) -> Result<T, Refused> {
        let (seen, looks) = LOOKS
            .scope(RefCell::default(), async {
                let seen = looking.await;
                (seen, LOOKS.with(RefCell::take))
            })
            .await;
        self.keep_looks(looks).await?;
        Ok(seen)
    }

    pub(crate) async fn keep_looks(&self, looks: BTreeSet<Look>) -> Result<(), StoreError> {
        let hour = hour_of(self.clock().now());
        let mut fresh = Vec::new();
        for look in looks {
            let id = self.reading_id(&look, hour)?;
            if !self.recent.knows(hour, id) {
                fresh.push((id, look));
            }
        }
        let Some((first, _)) = fresh.first() else {
            return Ok(());
        };
        let together = match &fresh[..] {
            [_] => *first,
            several => self.together(several)?,
        };
        match self.kept(together, hour, &fresh).await {
            // Some of them were there already, from before a restart or from another request.
            Err(StoreError::Conflict { .. }) => {
                for one in &fresh {
                    match self.kept(one.0, hour, std::slice::from_ref(one)).await {
                        Ok(()) | Err(StoreError::Conflict { .. }) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            kept => kept?,
        }
        self.recent.add(hour, fresh.into_iter().map(|(id, _)| id));
        Ok(())
    }

    /// One append, for these readings. A conflict means that one of them is kept.
    async fn kept(
        &self,
        command: CommandId,
        hour: DateTime<Utc>,
        looks: &[(CommandId, Look)],
    ) -> Result<(), StoreError> {
        let Some((_, first)) = looks.first() else {
            return Ok(());
        };
        let append = Append {
            log: LogId::access(first.organisation),
            command,
            // Who looked is sealed with the month.
            who: Who::Program,
            policy: POLICY_VERSION,
            now: hour,
            body: None,
            writes: looks
                .iter()
                .map(|(id, look)| look.write(*id, hour))
                .collect(),
            guards: Vec::new(),
        };
        self.store.append(append).await.map(|_| ())
    }

    /// The same for the same person, object and hour, also after a restart; it tells nobody which.
    fn reading_id(&self, look: &Look, hour: DateTime<Utc>) -> Result<CommandId, StoreError> {
        let since = look.since.unwrap_or(hour);
        let (reader, since) = (
            look.reader.to_string(),
            since.timestamp_micros().to_be_bytes(),
        );
        let what = format!("{:?} {:?}", look.what, look.read_as);
        let parts = [
            b"reading",
            reader.as_bytes(),
            what.as_bytes(),
            look.object.as_bytes(),
            &since,
        ];
        self.store.command_id(look.organisation, &parts)
    }

    fn together(&self, looks: &[(CommandId, Look)]) -> Result<CommandId, StoreError> {
        let ids: Vec<_> = looks.iter().map(|(id, _)| id.uuid()).collect();
        let ids = ids.iter().map(|id| &id.as_bytes()[..]);
        let parts: Vec<_> = std::iter::once(&b"readings"[..]).chain(ids).collect();
        let organisation = looks.first().map(|(_, look)| look.organisation);
        let organisation = organisation.ok_or(StoreError::Invalid("readings of nobody"))?;
        self.store.command_id(organisation, &parts)
    }

    /// Records that the proof of privacy was run, by whoever runs the machine: each run is one record.
    ///
    /// # Errors
    /// When it cannot be kept: then it is not run.
    pub async fn proof_begins(&self, actor: &Actor) -> Result<(), Refused> {
        self.run_begins(actor, Looked::PrivacyProof, "proof").await
    }

    /// Keeps that everything is about to be written out in the clear.
    ///
    /// # Errors
    /// When it cannot be kept: then nothing is written out.
    pub(crate) async fn export_begins(&self, actor: &Actor) -> Result<(), Refused> {
        self.run_begins(actor, Looked::Export, "export").await
    }

    async fn run_begins(&self, actor: &Actor, what: Looked, name: &str) -> Result<(), Refused> {
        let now = self.clock().now();
        let look = Look {
            organisation: actor.organisation,
            reader: actor.who,
            what,
            read_as: match actor.who {
                Who::Person(_) => ReadAs::Auditor,
                Who::Operator | Who::Program => ReadAs::Operator,
            },
            object: format!("{name}/{}", now.timestamp_micros()),
            since: None,
        };
        let id = self.reading_id(&look, now)?;
        self.kept(id, hour_of(now), &[(id, look)]).await?;
        Ok(())
    }
}

impl Look {
    fn write(&self, id: CommandId, hour: DateTime<Utc>) -> Write {
        let reader = match self.reader {
            Who::Person(person) => Some(Personal::Known(person)),
            Who::Operator | Who::Program => None,
        };
        let read = Event::RecordRead(RecordRead {
            what: self.what,
            read_as: self.read_as,
            object: Personal::Known(self.object.clone()),
            reader,
        });
        Write {
            stream: Stream::Reading(ReadingId::new(id.uuid())),
            expected: 0,
            events: vec![(hour, read)],
        }
    }
}

/// The full hour of an instant: nothing finer is kept of who looked when.
pub(crate) fn hour_of(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::hours(1))
        .expect("an hour divides every instant that the log can hold")
}

/// Around all routes: no answer leaves before it is kept who looked at what for it.
pub async fn recorded(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let answer = answered(&server.app, request, next).await;
    answer.unwrap_or_else(IntoResponse::into_response)
}

/// The answer to a request, once it is kept who looked at what for it.
///
/// # Errors
/// When that cannot be kept. A command may have been done by then: that nothing was saved is said of
/// questions only.
pub async fn answered(app: &App, request: Request, next: Next) -> Result<Response, Refused> {
    let question = matches!(*request.method(), Method::GET | Method::HEAD);
    let answer = app.reading(next.run(request)).await;
    answer.map_err(|refused| {
        if question {
            refused
        } else {
            Refused::Uncertain
        }
    })
}
