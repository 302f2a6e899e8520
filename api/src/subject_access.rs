//! What is kept about one person, written out for them; the words of others are left out, and named.

use chrono::{DateTime, NaiveDate, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::directory_facts::{Role, SignIn};
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::{CaseId, PersonId};
use pipss_domain::letter::LetterKind;
use pipss_domain::personal::Personal;
use pipss_domain::private::Private;
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::{LogId, Stream};
use pipss_store::EventStore;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::app::{App, Done};
use crate::cases::team_name;
use crate::problem::Refused;
use crate::view::View;

/// The log is read in parts of this many facts.
const PART: usize = 4096;

/// Everything that is kept about a person and may be shown to whoever prepares it.
#[derive(Serialize, ToSchema)]
pub struct SubjectAccess {
    /// The person.
    pub person: PersonId,
    /// When it was written out.
    pub made_at: DateTime<Utc>,
    /// Their name.
    pub name: Option<String>,
    /// Their address at work.
    pub email: Option<String>,
    /// How they sign in.
    pub sign_in: Option<SignInAnswer>,
    /// The unit they work in.
    pub works_in: Option<String>,
    /// The units they manage.
    pub manages: Vec<String>,
    /// The roles they hold.
    pub roles: Vec<RoleAnswer>,
    /// What they asked for on behalf of a team, in their own words.
    pub requests: Vec<RequestWords>,
    /// What they recorded: that, and when.
    pub recorded: Vec<Recorded>,
    /// Letters to them.
    pub letters: Vec<LetterTo>,
    /// What is not in here, and why.
    pub left_out: Vec<LeftOut>,
}

/// How they sign in.
#[derive(Serialize, ToSchema)]
pub struct SignInAnswer {
    /// The sign-in service.
    pub issuer: String,
    /// How it names them.
    pub subject: String,
}

/// A role.
#[derive(Serialize, ToSchema)]
pub struct RoleAnswer {
    /// Which.
    pub role: Role,
    /// The last day, if there is one.
    pub until: Option<NaiveDate>,
}

/// A request, in their own words.
#[derive(Serialize, ToSchema)]
pub struct RequestWords {
    /// The case it opened.
    pub case: CaseId,
    /// What people quote of it.
    pub reference: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The team.
    pub team: String,
    /// What they typed.
    pub words: Vec<Words>,
}

/// What they typed in one place.
#[derive(Serialize, ToSchema)]
pub struct Words {
    /// The field.
    pub field: &'static str,
    /// What stands there.
    pub text: String,
}

/// Something they recorded.
#[derive(Serialize, ToSchema)]
pub struct Recorded {
    /// When.
    pub at: DateTime<Utc>,
    /// The kind of fact.
    pub what: &'static str,
}

/// A letter to them.
#[derive(Serialize, ToSchema)]
pub struct LetterTo {
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// Which.
    pub letter: LetterKind,
}

/// Something that is not in here.
#[derive(Serialize, ToSchema)]
pub struct LeftOut {
    /// What.
    pub what: &'static str,
    /// Why.
    pub why: &'static str,
}

/// The same for everybody, whether or not there is any: what is left out must not tell.
const LEFT_OUT: [LeftOut; 6] = [
    LeftOut {
        what: "One-to-one support that you asked for",
        why: "Nobody but you and whoever supports you may read it, those who prepare this included. You read and print it yourself under \"My support\".",
    },
    LeftOut {
        what: "Requests for supervision",
        why: "Only you and the supervision lead may read them. Ask the supervision lead for a copy.",
    },
    LeftOut {
        what: "Reports of serious danger",
        why: "They are about somebody's safety, and only the PIPSS lead may read them. Ask the lead.",
    },
    LeftOut {
        what: "What you wrote in your work on a case after the request",
        why: "It is about a team and its needs, not about you. That you recorded it, and when, is listed.",
    },
    LeftOut {
        what: "What others wrote",
        why: "These are the words of other people.",
    },
    LeftOut {
        what: "Anonymous feedback",
        why: "Nobody can tell who gave it, this program included.",
    },
];

impl App {
    /// What is kept about the person for whom it was just recorded that it is written out.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn subject_access(&self, actor: &Actor, done: &Done) -> Result<SubjectAccess, Refused> {
        let given = done.facts.iter().find_map(|fact| match &fact.event {
            Event::SubjectAccessGiven(given) => Some((given.person, fact.occurred_at)),
            _ => None,
        });
        let (person, made_at) = given.ok_or(Refused::Rule(Refusal::NotFound))?;
        let mut answer = self.view(actor, |view| of_directory(view, person, made_at));
        let log = LogId::main(actor.organisation);
        let (mut after, mut private) = (0, Private::default());
        loop {
            let facts = self.store.log(log, after, PART)?;
            let Some(last) = facts.last() else {
                return Ok(answer);
            };
            after = last.position;
            self.view(actor, |view| {
                for fact in facts {
                    let is_private = private.stream_of(&fact).is_some();
                    private.evolve(&fact);
                    if is_private {
                        continue;
                    }
                    take_in(view, person, fact, &mut answer);
                }
            });
        }
    }
}

fn of_directory(view: &View<'_>, person: PersonId, made_at: DateTime<Utc>) -> SubjectAccess {
    let directory = &view.views.directory;
    let recorded = directory.people.get(&person);
    let text = |value: Option<&Personal<String>>| value.and_then(|v| view.app.open_text(v));
    let sign_in = recorded.and_then(|recorded| recorded.sign_in.as_ref());
    let sign_in = sign_in.and_then(|sealed| view.app.store.open(sealed).known().cloned());
    let units = directory.units.keys().copied();
    let manages = units.filter(|unit| directory.manages(person, *unit));
    let today = day_in_london(view.now);
    let grants = directory.grants_on(today).into_iter();
    SubjectAccess {
        person,
        made_at,
        name: text(recorded.and_then(|recorded| recorded.name.as_ref())),
        email: text(recorded.and_then(|recorded| recorded.email.as_ref())),
        sign_in: sign_in.map(|SignIn { issuer, subject }| SignInAnswer { issuer, subject }),
        works_in: recorded
            .and_then(|r| r.home_unit)
            .map(|unit| team_name(view, unit).name),
        manages: manages.map(|unit| team_name(view, unit).name).collect(),
        roles: grants
            .filter(|(holder, ..)| *holder == person)
            .map(|(_, role, until)| RoleAnswer { role, until })
            .collect(),
        requests: Vec::new(),
        recorded: Vec::new(),
        letters: Vec::new(),
        left_out: LEFT_OUT.into(),
    }
}

fn take_in(view: &View<'_>, person: PersonId, fact: Fact, answer: &mut SubjectAccess) {
    let at = fact.occurred_at;
    match (&fact.event, fact.stream) {
        (Event::LetterSent(sent), Stream::Letter(_, to)) if to == person => {
            answer.letters.push(LetterTo {
                at,
                letter: sent.letter,
            });
        }
        _ if fact.who != Who::Person(person) => {}
        (_, Stream::Case(id) | Stream::Bars(id)) if is_barred(view, id) => {}
        (Event::ReferralRaised(_), Stream::Case(id)) => {
            if let Some(words) = request(view, id, fact) {
                answer.requests.push(words);
            }
        }
        (event, _) => answer.recorded.push(Recorded {
            at,
            what: event.kind(),
        }),
    }
}

fn is_barred(view: &View<'_>, case: CaseId) -> bool {
    let case = view.views.cases.get(case);
    case.is_some_and(|case| view.bars_from(case))
}

fn request(view: &View<'_>, id: CaseId, mut fact: Fact) -> Option<RequestWords> {
    let case = view.views.cases.get(id)?;
    let mut words = Vec::new();
    fact.event.personals(&mut |place, value| {
        let sealed = value
            .sealed_mut()
            .map(|sealed| Personal::Sealed(Box::new(sealed.clone())));
        if let Some(text) = sealed.and_then(|sealed| view.app.open_text(&sealed)) {
            words.push(Words {
                field: place.path,
                text,
            });
        }
    });
    Some(RequestWords {
        case: id,
        reference: case.request.reference.clone(),
        at: fact.occurred_at,
        team: team_name(view, case.team()).name,
        words,
    })
}
