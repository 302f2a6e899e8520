//! Telling a script: every step goes through the one door, on a clock that moves along with it.

use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use chrono::{DateTime, Duration, Utc};
use pipss_api::actor::Actor;
use pipss_api::app::App;
use pipss_api::as_known::AsOfAsked;
use pipss_api::body::Body;
use pipss_api::door::CommandAnswer;
use pipss_api::intent::{Asked, Intent};
use pipss_domain::action::CompleteAction;
use pipss_domain::arrange::ArrangeSession;
use pipss_domain::calendar::day_in_london;
use pipss_domain::change_session::{CancelSession, MoveSession};
use pipss_domain::close::{CloseCase, ReopenCase};
use pipss_domain::defusion::LogDefusion;
use pipss_domain::follow_up::{AnswerFollowUp, ConfirmFollowUp};
use pipss_domain::hand_over::HandOverSession;
use pipss_domain::ids::{CaseId, OneToOneId};
use pipss_domain::invitation::AnswerInvitation;
use pipss_domain::link::LinkIncident;
use pipss_domain::merge::MergeCase;
use pipss_domain::one_to_one::{
    ArrangeOneToOne, EndOneToOne, OfferOneToOne, OneToOneCommand, TakeUpOneToOne,
};
use pipss_domain::pathway::CaseCommand;
use pipss_domain::plan::{CompleteHandover, EndOffer, PlanOffer};
use pipss_domain::scope::RecordScoping;
use pipss_domain::session::{RecordSession, RecordSessionNotHeld};
use pipss_domain::triage::{AcknowledgeReferral, TriageCase};
use serde_json::{Value, json};

use super::people::{organisation, person};
use super::progress::Progress;
use super::script::{Step, What, at_hour};
use crate::post::PostRoom;

/// A case that has begun.
#[derive(Default)]
struct Begun {
    case: Option<CaseId>,
    /// Or what someone asked for themselves.
    one_to_one: Option<OneToOneId>,
    version: u64,
    /// Ids that the program gave, in order.
    offers: Vec<Value>,
    sessions: Vec<Value>,
}

struct Teller<'a> {
    app: &'a App,
    post: &'a Arc<PostRoom>,
    cases: Vec<Begun>,
}

/// Tells every step. Each morning at nine what is owed by then is posted, as it would have been.
pub async fn tell(
    app: &App,
    post: &Arc<PostRoom>,
    steps: &[Step],
    until: DateTime<Utc>,
) -> anyhow::Result<()> {
    let number = steps.iter().map(|step| step.case + 1).max().unwrap_or(0);
    let mut teller = Teller {
        app,
        post,
        cases: (0..number).map(|_| Begun::default()).collect(),
    };
    let progress = Progress::over(steps.len());
    for (n, step) in steps.iter().enumerate() {
        teller.mornings_until(step.at).await;
        teller.step(n, step).await.with_context(|| {
            format!(
                "the story stops at step {n}, {:?} in case {} on {}",
                step.what, step.case, step.at
            )
        })?;
        progress.at(n + 1, step.at);
    }
    teller.mornings_until(until).await;
    progress.done();
    Ok(())
}

impl Teller<'_> {
    async fn mornings_until(&self, until: DateTime<Utc>) {
        loop {
            let now = self.app.clock().now();
            let today = day_in_london(now);
            let nine = at_hour(today, 9, 0);
            let next = if now < nine {
                nine
            } else {
                at_hour(today + Duration::days(1), 9, 0)
            };
            if next >= until {
                return;
            }
            self.app.clock().move_to(next);
            self.post.clone().round().await;
        }
    }

    async fn step(&mut self, n: usize, step: &Step) -> anyhow::Result<()> {
        self.app.clock().move_to(step.at);
        let actor = Actor::person(organisation(), person(step.who));
        let filled = async { self.filled(step.case, &step.body) };
        let body = self.app.reading(filled).await;
        let body = body.map_err(|refused| anyhow!("{}", refused.problem().detail))??;
        let begun = &self.cases[step.case];
        let asked = Asked {
            key: format!("step {n}"),
            if_match: (begun.case.is_some() || begun.one_to_one.is_some()).then_some(begun.version),
            body: Body::read(body.to_string().as_bytes()).map_err(|error| anyhow!(error))?,
        };
        let intent = match step.what {
            What::Raise => Intent::raise(asked),
            What::OpenWithDefusion => Intent::open_with_defusion(asked),
            What::Command(name) => {
                let case = begun.case.context("the case has not begun")?;
                given(name, case, asked)?
            }
            What::AskOneToOne => Intent::ask_for_one_to_one(asked),
            What::OneToOne(name) => {
                let one = begun.one_to_one.context("nobody has asked yet")?;
                helped(name, one, asked)?
            }
        };
        let done = self.app.execute(&actor, intent).await.map_err(|refused| {
            let problem = serde_json::to_string(&refused.problem()).unwrap_or_default();
            anyhow!("{problem} for {body}")
        })?;
        match done.one_to_one() {
            Some((one, version)) => {
                let begun = &mut self.cases[step.case];
                begun.one_to_one = Some(one);
                begun.version = version;
            }
            None => self.keep(step, &done.answer()),
        }
        self.post.clone().round().await;
        Ok(())
    }

    fn keep(&mut self, step: &Step, answer: &CommandAnswer) {
        let begun = &mut self.cases[step.case];
        begun.case = begun.case.or(answer.case);
        begun.version = answer.version;
        begun.offers.extend(answer.offer.map(|offer| json!(offer)));
        begun
            .sessions
            .extend(answer.session.map(|session| json!(session)));
        // These two record something in the other case too.
        let other = match step.what {
            What::Command("link") => step.body["case"].as_str(),
            What::Command("merge") => step.body["into"].as_str(),
            _ => None,
        };
        if let Some(other) = other.and_then(|id| id.rsplit('/').next()?.parse::<usize>().ok()) {
            self.cases[other].version += 1;
        }
    }

    /// The body with the ids that the program gave.
    fn filled(&self, case: usize, body: &Value) -> anyhow::Result<Value> {
        Ok(match body {
            Value::String(text) if text.starts_with('$') => self.given_id(case, text)?,
            Value::Array(all) => {
                let all: anyhow::Result<_> = all.iter().map(|one| self.filled(case, one)).collect();
                Value::Array(all?)
            }
            Value::Object(fields) => {
                let field = |(name, value): (&String, &Value)| {
                    anyhow::Ok((name.clone(), self.filled(case, value)?))
                };
                Value::Object(fields.iter().map(field).collect::<anyhow::Result<_>>()?)
            }
            other => other.clone(),
        })
    }

    fn given_id(&self, case: usize, text: &str) -> anyhow::Result<Value> {
        let (what, number) = text.split_once('/').context("an id has a number")?;
        let number: usize = number.parse()?;
        let begun = &self.cases[case];
        let found = match what {
            "$offer" => begun.offers.get(number).cloned(),
            "$session" => begun.sessions.get(number).cloned(),
            "$case" => self.cases[number].case.map(|case| json!(case)),
            "$incident" => Some(self.seen(number)?["request"]["incidents"][0]["incident"].clone()),
            "$action" => {
                let seen = self.seen(case)?;
                let parts =
                    |of: &Value, name: &str| of[name].as_array().cloned().unwrap_or_default();
                let sessions = parts(&seen, "offers")
                    .into_iter()
                    .flat_map(|o| parts(&o, "sessions"));
                let mut actions = sessions.flat_map(|session| parts(&session, "actions"));
                actions.nth(number).map(|action| action["action"].clone())
            }
            _ => None,
        };
        found.with_context(|| format!("there is no {text} yet"))
    }

    /// A case as the lead sees it.
    fn seen(&self, case: usize) -> anyhow::Result<Value> {
        let case = self.cases[case].case.context("the case has not begun")?;
        let lead = Actor::person(organisation(), person("alex"));
        let seen = self.app.case(&lead, case, &AsOfAsked { as_of: None });
        let seen = seen.map_err(|refused| anyhow!("{}", refused.problem().detail))?;
        Ok(serde_json::to_value(seen)?)
    }
}

/// The same for a one-to-one.
fn helped(name: &str, one: OneToOneId, asked: Asked) -> anyhow::Result<Intent<'static>> {
    Ok(match name {
        OfferOneToOne::NAME => Intent::to_one_to_one::<OfferOneToOne>(one, asked),
        ArrangeOneToOne::NAME => Intent::to_one_to_one::<ArrangeOneToOne>(one, asked),
        TakeUpOneToOne::NAME => Intent::to_one_to_one::<TakeUpOneToOne>(one, asked),
        EndOneToOne::NAME => Intent::to_one_to_one::<EndOneToOne>(one, asked),
        _ => bail!("there is no command {name}"),
    })
}

/// The command by its name in the URL.
fn given(name: &str, case: CaseId, asked: Asked) -> anyhow::Result<Intent<'static>> {
    type Make = fn(CaseId, Asked) -> Intent<'static>;
    const fn of<C: CaseCommand>() -> (&'static str, Make) {
        (C::NAME, Intent::to_case::<C>)
    }
    let commands = [
        of::<AcknowledgeReferral>(),
        of::<TriageCase>(),
        of::<RecordScoping>(),
        of::<PlanOffer>(),
        of::<ArrangeSession>(),
        of::<AnswerInvitation>(),
        of::<HandOverSession>(),
        of::<MoveSession>(),
        of::<CancelSession>(),
        of::<RecordSession>(),
        of::<RecordSessionNotHeld>(),
        of::<EndOffer>(),
        of::<CompleteHandover>(),
        of::<CompleteAction>(),
        of::<ConfirmFollowUp>(),
        of::<AnswerFollowUp>(),
        of::<LogDefusion>(),
        of::<LinkIncident>(),
        of::<MergeCase>(),
        of::<CloseCase>(),
        of::<ReopenCase>(),
    ];
    let found = commands.iter().find(|(known, _)| *known == name);
    let (_, make) = found.with_context(|| format!("there is no command {name}"))?;
    Ok(make(case, asked))
}
