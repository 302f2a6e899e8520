//! A world: the running system over a copy of the log, asked without a network.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, RwLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use chrono::{DateTime, Utc};
use http_body_util::BodyExt;
use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::{OrganisationId, PersonId};
use pipss_domain::private::Private;
use pipss_domain::stream::{Log, Stream};
use pipss_projections::Views;
use pipss_store::{Backend, EventStore, Memory, StoreError};
use tower::ServiceExt;

use super::Outside;
use super::known::id_of;
use super::leak::Leak;
use crate::actor::Actor;
use crate::app::App;
use crate::clock::Clock;
use crate::dice::Dice;
use crate::door::{Server, Within};
use crate::rehearsal;

/// Where letters' links lead: the same in both worlds, and nowhere.
const BASE: &str = "https://pipss.invalid";

/// One of the two that are compared.
pub(crate) struct World {
    pub app: Arc<App>,
    pub organisation: OrganisationId,
    router: Router,
    letters: HashMap<PersonId, Vec<Answer>>,
    /// What a planted leak gives away: private facts, their ids, and how far the log reaches.
    pub private: usize,
    private_ids: Vec<String>,
    pub facts: usize,
    leak: Option<Leak>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// The route as it is described, for naming it without anyone's data.
    pub route: Arc<str>,
    pub method: &'static str,
    pub uri: String,
    pub if_match: Option<u64>,
    /// `Pipss-After`.
    pub after: Option<String>,
    pub body: Option<Bytes>,
}

/// Every byte of an answer, and what it would have recorded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub decided: String,
}

/// The time, the letter writer and the leak that a world is made with.
#[derive(Clone, Copy)]
pub(crate) struct Making<'a> {
    pub organisation: OrganisationId,
    pub now: DateTime<Utc>,
    pub outside: Outside<'a>,
    pub leak: Option<Leak>,
}

impl App {
    /// Over a copy of one organisation's logs, for looking only: time stands still, the same act draws
    /// the same ids, and a command is decided and then left undone.
    pub(crate) fn looking(copy: Memory, now: DateTime<Utc>) -> Self {
        let mut organisations: HashMap<_, Views> = HashMap::new();
        for log in [Log::Main, Log::Feedback] {
            for fact in copy.facts(log) {
                let views = organisations.entry(fact.log.organisation).or_default();
                views.evolve(&fact);
            }
        }
        let organisations = Arc::new(RwLock::new(organisations));
        let store = Backend::Memory(Box::new(copy));
        Self::over(store, organisations, Clock::Frozen(now), Dice::Same)
    }
}

impl Answer {
    /// An answer that is not there.
    pub fn nothing() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            headers: HeaderMap::new(),
            body: Vec::new(),
            decided: String::new(),
        }
    }
}

impl World {
    pub fn of(copy: Memory, making: &Making<'_>) -> Self {
        let mut private = Private::default();
        copy.facts(Log::Main).for_each(|fact| private.evolve(&fact));
        let known = private.streams().map(|(_, part)| part.recorded.len()).sum();
        let facts = copy.facts(Log::Main).count();
        let app = Arc::new(App::looking(copy, making.now));
        let interface = crate::routes(Arc::new(Server::within(Arc::clone(&app))));
        let router = interface.merge((making.outside.pages)(Arc::clone(&app)));
        Self {
            letters: letters(&app, making),
            organisation: making.organisation,
            app,
            router,
            private: known,
            private_ids: private.streams().map(|(stream, _)| id_of(stream)).collect(),
            facts,
            leak: making.leak,
        }
    }

    /// Asks as someone.
    pub async fn ask(&self, who: PersonId, ask: &Ask) -> Answer {
        let actor = Actor::person(self.organisation, who);
        let mut request = Request::builder()
            .method(ask.method)
            .uri(&ask.uri)
            .extension(Within(actor));
        if let Some(version) = ask.if_match {
            request = request.header(header::IF_MATCH, format!("\"{version}\""));
        }
        if let Some(after) = &ask.after {
            request = request.header("pipss-after", after);
        }
        if ask.body.is_some() {
            let form = !ask.uri.starts_with("/api/");
            request = match form {
                true => request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
                false => request
                    .header(header::CONTENT_TYPE, "application/json")
                    .header("idempotency-key", "pipss prove privacy"),
            };
        }
        let body = ask.body.clone().map_or_else(Body::empty, Body::from);
        let request = request.body(body).expect("what is asked is well-formed");
        let answering = self.router.clone().oneshot(request);
        let (Ok(answer), decided) = rehearsal::heard(answering).await;
        let (mut parts, body) = answer.into_parts();
        parts.headers.remove(header::DATE);
        let body = body
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes);
        let mut answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.map(Vec::from).unwrap_or_default(),
            decided,
        };
        if let Some(leak) = self.leak {
            leak.spoil(self, ask, &mut answer);
        }
        answer
    }

    /// Every letter that is or was for someone, and every entry for their calendar.
    pub fn letters(&self, who: PersonId) -> Vec<Answer> {
        let mut letters = self.letters.get(&who).cloned().unwrap_or_default();
        if let Some(leak) = self.leak {
            leak.spoil_letters(self, &mut letters);
        }
        letters
    }

    /// Does a path name something that is private here?
    pub fn holds_private(&self, path: &str) -> bool {
        self.private_ids.iter().any(|id| path.contains(id))
    }
}

/// What belongs to a private stream that is not exempt never happened.
pub(crate) fn without(
    all: &Memory,
    private: &Private,
    exempt: &BTreeSet<Stream>,
    lead: bool,
) -> Result<Memory, StoreError> {
    let keep = |fact: &Fact| {
        // To a lead, that a facilitator is busy: said in docs/privacy.md.
        if lead && matches!(fact.stream, Stream::Diary(_)) {
            return true;
        }
        let stream = private.stream_of(fact).or_else(|| looked_at(all, fact));
        stream.is_none_or(|stream| exempt.contains(&stream))
    };
    all.only(keep)
}

/// The private stream that someone looked at, if a fact says so: in a world without it nobody did.
fn looked_at(all: &Memory, fact: &Fact) -> Option<Stream> {
    let Event::RecordRead(read) = &fact.event else {
        return None;
    };
    let object = all.open(&read.object);
    let stream: Option<Stream> = object.known().and_then(|object| object.parse().ok());
    stream.filter(Stream::is_private)
}

fn letters(app: &App, making: &Making<'_>) -> HashMap<PersonId, Vec<Answer>> {
    let program = Actor::program(making.organisation);
    let mut letters: HashMap<PersonId, Vec<Answer>> = HashMap::new();
    let due = app.mails_due(&program, BASE).unwrap_or_default();
    let shown = app.outbox(&program, BASE).unwrap_or_default();
    for mail in due.iter().chain(shown.iter().map(|(mail, _)| mail)) {
        let answer = Answer {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: (making.outside.compose)(mail, making.now),
            decided: String::new(),
        };
        letters.entry(mail.to).or_default().push(answer);
    }
    letters
}
