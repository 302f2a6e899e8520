//! Anonymous feedback: codes that a facilitator hands out, answers that nobody signs in for, what they add
//! up to.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use pipss_domain::case::SessionOutcome;
use pipss_domain::facts::{FeedbackAnswers, Looked};
use pipss_domain::feedback::{CODES_MAX, Code, GiveFeedback, given, good_weeks, kinds, week_of};
use pipss_domain::ids::{CaseId, CommandId, FeedbackId, OrganisationId, SessionId};
use pipss_domain::offer::OfferKind;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use pipss_projections::cases::About;
use pipss_projections::feedback::{FeedbackRow, rows};
use pipss_projections::quarter::Quarter;
use pipss_store::EventStore;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::body::Body;
use crate::door::{Asking, Caller, NamedIn, Server, body_of};
use crate::intent::{Intent, Named, Target};
use crate::problem::{Problem, Refused};

/// How many codes are wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodesAsked {
    /// One for each person present: 1 to 40.
    pub how_many: u8,
}

/// Fresh codes. They are shown once and kept nowhere.
#[derive(Serialize, ToSchema)]
pub struct CodesAnswer {
    /// The codes; each works once, within thirteen weeks.
    pub codes: Vec<String>,
}

/// An answer was kept.
#[derive(Serialize, ToSchema)]
pub struct FeedbackKept {
    /// Always true.
    pub kept: bool,
}

/// Which quarter.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FeedbackAsked {
    /// A quarter that is over, such as 2026-Q3.
    pub quarter: String,
}

/// The feedback of a closed quarter, by kind of session. What is absent is hidden: fewer than eight
/// answers, or one to four of the same answer to a question.
#[derive(Serialize, ToSchema)]
pub struct FeedbackAnswer {
    /// The quarter in which the weeks of the answers begin.
    pub quarter: String,
    /// Every kind of session.
    pub kinds: Vec<FeedbackOfKind>,
}

/// The feedback on one kind of session.
#[derive(Serialize, ToSchema)]
pub struct FeedbackOfKind {
    /// The kind.
    pub kind: OfferKind,
    /// How many answered, from eight on.
    pub answers: Option<usize>,
    /// How helpful: how many gave 1, 2, 3, 4 and 5.
    pub helpful: Option<[usize; 5]>,
    /// How safe to speak: how many gave 1, 2, 3, 4 and 5.
    pub safe_to_speak: Option<[usize; 5]>,
    /// Who knows where to get more help.
    pub know_where_to_get_help: Option<YesNo>,
    /// Whether it came at the right time.
    pub timing: Option<TimingCounts>,
    /// Who would recommend it.
    pub would_recommend: Option<YesNo>,
}

/// How many said yes and no.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct YesNo {
    pub yes: usize,
    pub no: usize,
}

/// How many said what of the time.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct TimingCounts {
    pub too_soon: usize,
    pub right: usize,
    pub too_late: usize,
}

impl App {
    /// The kind of a session for which this actor may hand out codes, and whether it was held or goes on.
    ///
    /// # Errors
    /// `NotFound` for a session that is not theirs, `NotAllowed` for a case that they only see.
    pub fn handed_out(
        &self,
        actor: &Actor,
        (case, session): (CaseId, SessionId),
    ) -> Result<(OfferKind, bool), Refusal> {
        self.view(actor, |view| {
            view.allow(Act::IssueFeedbackCodes, Some(case))?;
            let case = view.views.cases.get(case).ok_or(Refusal::NotFound)?;
            let mine = view.sees(Act::IssueFeedbackCodes, case, About::Session(session));
            let found = case.session(session).filter(|_| mine);
            let (offer, session) = found.ok_or(Refusal::NotFound)?;
            let going_on = match session.outcome {
                None => session.arranged.starts_at <= view.now,
                Some(SessionOutcome::Held { .. }) => true,
                Some(_) => false,
            };
            Ok((offer.planned.kind, going_on))
        })
    }

    /// Codes for the people present in a session that has begun. Nothing is recorded: what is not kept
    /// cannot link a code, or an answer, with a session.
    ///
    /// # Errors
    /// As [`App::handed_out`]; `Invalid` for a number out of bounds; `OutOfStep` for a session that has not
    /// begun or was not held.
    pub fn feedback_codes(
        &self,
        actor: &Actor,
        of: (CaseId, SessionId),
        asked: &CodesAsked,
    ) -> Result<CodesAnswer, Refused> {
        let (kind, going_on) = self.handed_out(actor, of)?;
        if !(1..=CODES_MAX).contains(&asked.how_many) {
            let detail = format!("Give 1 to {CODES_MAX}.");
            return Err(Refusal::invalid("/how_many", detail).into());
        }
        if !going_on {
            let sentence = "There are codes once a session has begun, and if it was held.";
            return Err(out_of_step("session_not_begun", sentence).into());
        }
        let week = week_of(self.clock().now());
        let roll = self.dice.roll(b"feedback codes");
        let fresh = |_| {
            let random = roll.uuid().as_u128() as u32;
            let random = Code::new(random, 0).random;
            let proof = self.proof(actor.organisation, random, kind, week)?;
            Ok(Code::new(random, proof).in_words())
        };
        let codes: Result<_, Refused> = (0..asked.how_many).map(fresh).collect();
        Ok(CodesAnswer { codes: codes? })
    }

    /// Keeps an answer, by the program's own right: whoever answers is nobody.
    ///
    /// # Errors
    /// `Invalid` for answers out of bounds and, alike, for every code that is not good here; `OutOfStep`
    /// for one that was used with other answers.
    pub async fn give_feedback(&self, body: &Body) -> Result<(), Refused> {
        let command: GiveFeedback = body.parse()?;
        let answers = command.answers()?;
        let proved = Code::read(&command.code)
            .map(|code| self.proved(code))
            .transpose()?;
        let (organisation, kind, command) = proved.flatten().ok_or_else(|| {
            let detail = "This code is not good, or no longer. Check it, or ask for another.";
            Refusal::invalid("/code", detail)
        })?;
        let program = Actor::program(organisation);
        let kept = self
            .execute(&program, Intent::feedback(command, kind, answers))
            .await;
        match kept {
            Err(Refused::KeyReused) => {
                let sentence = "This code was used already. Each works once.";
                Err(out_of_step("code_used", sentence).into())
            }
            other => other.map(|_| ()),
        }
    }

    /// The feedback of a closed quarter.
    ///
    /// # Errors
    /// `NotAllowed` for all but governance and leads; `NotFound` for a quarter that is not over.
    pub fn feedback(&self, actor: &Actor, quarter: Quarter) -> Result<FeedbackAnswer, Refusal> {
        self.view(actor, |view| {
            view.allow(Act::SeeFeedback, None)?;
            if !quarter.closed(view.now) {
                return Err(Refusal::NotFound);
            }
            let sealed = view.views.feedback.of_quarter(quarter);
            let opened = sealed.map(|given| {
                let answers = self.store.open(&given.answers);
                answers.known().map(|answers| (given.offer_kind, *answers))
            });
            // Once a month of it is erased, the rest is not shown either: what is missing could be found by
            // comparing.
            let opened: Option<Vec<_>> = opened.collect();
            let rows = rows(&opened.unwrap_or_default());
            view.looked(Looked::Report, format!("feedback/{quarter}"));
            Ok(FeedbackAnswer {
                quarter: quarter.to_string(),
                kinds: rows.into_iter().map(of_kind).collect(),
            })
        })
    }

    /// Which organisation made a code, for which kind of session; and the command that using it is.
    fn proved(
        &self,
        code: Code,
    ) -> Result<Option<(OrganisationId, OfferKind, CommandId)>, Refused> {
        let now = self.clock().now();
        for organisation in self.every_organisation() {
            for kind in kinds() {
                for week in good_weeks(now) {
                    if self.proof(organisation, code.random, kind, week)? == code.proof {
                        let text = code.in_words();
                        let parts: [&[u8]; 2] = [b"feedback", text.as_bytes()];
                        let command = self.store.command_id(organisation, &parts)?;
                        return Ok(Some((organisation, kind, command)));
                    }
                }
            }
        }
        Ok(None)
    }

    /// What only this organisation can say of 30 random bits, a kind of session and a week.
    fn proof(
        &self,
        organisation: OrganisationId,
        random: u32,
        kind: OfferKind,
        week: chrono::DateTime<chrono::Utc>,
    ) -> Result<u64, Refused> {
        let kind = format!("{kind:?}");
        let (random, week) = (random.to_be_bytes(), week.timestamp().to_be_bytes());
        let parts: [&[u8]; 4] = [b"feedback code", &random, kind.as_bytes(), &week];
        let mac = self.store.command_id(organisation, &parts)?.uuid();
        // The first 48 bits of such an id are all of the HMAC; a code has room for 40.
        Ok(Code::new(0, (mac.as_u128() >> 88) as u64).proof)
    }
}

impl Intent<'static> {
    /// To answer with a code: the code names the act, so that it works once.
    fn feedback(command: CommandId, kind: OfferKind, answers: FeedbackAnswers) -> Self {
        let body = json!({ "answers": String::from(answers) }).to_string();
        Self {
            act: Act::GiveFeedback,
            route: "feedback".into(),
            target: Target::Nothing,
            named: Named::Code(command),
            if_match: None,
            body: Body::read(body.as_bytes()).expect("five digits are plain JSON"),
            decide: Box::new(move |_, situation| {
                let id = FeedbackId::new(Uuid::new_v5(&command.uuid(), b"feedback"));
                given(id, kind, answers, situation.context.now)
            }),
        }
    }
}

fn out_of_step(code: &'static str, sentence: &str) -> Refusal {
    Refusal::OutOfStep {
        code,
        sentence: sentence.into(),
        next: Vec::new(),
        faults: Vec::new(),
    }
}

fn of_kind(row: FeedbackRow) -> FeedbackOfKind {
    let yes_no = |[yes, no]: [usize; 2]| YesNo { yes, no };
    FeedbackOfKind {
        kind: row.kind,
        answers: row.answers,
        helpful: row.helpful,
        safe_to_speak: row.safe_to_speak,
        know_where_to_get_help: row.know_where_to_get_help.map(yes_no),
        timing: row.timing.map(|[too_soon, right, too_late]| TimingCounts {
            too_soon,
            right,
            too_late,
        }),
        would_recommend: row.would_recommend.map(yes_no),
    }
}

/// Codes to show or print, one for each person present. Asking again gives fresh ones.
#[utoipa::path(post, path = "/api/v1/cases/{case}/sessions/{session}/feedback-codes", tag = "feedback",
    params(("case" = CaseId, Path, description = "The case"),
           ("session" = SessionId, Path, description = "The session")),
    request_body = CodesAsked,
    responses((status = 200, body = CodesAnswer), (status = 404, body = Problem),
              (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn issue(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    NamedIn(case, session): NamedIn<CaseId, SessionId>,
    request: Request,
) -> Result<Json<CodesAnswer>, Refused> {
    server.app.handed_out(&actor, (case, session))?;
    let (_, body) = body_of(request).await?;
    let asked = body.parse()?;
    server
        .app
        .feedback_codes(&actor, (case, session), &asked)
        .map(Json)
}

/// Answers with a code. Nobody signs in; there is no Idempotency-Key, because the code is one: the same
/// again gives the same answer.
#[utoipa::path(post, path = "/api/v1/feedback", tag = "feedback", security(()),
    request_body = GiveFeedback,
    responses((status = 200, body = FeedbackKept), (status = 409, body = Problem),
              (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn give(
    State(server): State<Arc<Server>>,
    request: Request,
) -> Result<Json<FeedbackKept>, Refused> {
    let (_, body) = body_of(request).await?;
    server.app.give_feedback(&body).await?;
    Ok(Json(FeedbackKept { kept: true }))
}

/// The feedback of a closed quarter, by kind of session.
#[utoipa::path(get, path = "/api/v1/reports/feedback", tag = "reports", params(FeedbackAsked),
    responses((status = 200, body = FeedbackAnswer), (status = 403, body = Problem),
              (status = 404, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Asking(asked): Asking<FeedbackAsked>,
) -> Result<Json<FeedbackAnswer>, Refused> {
    server.app.allow(&actor, Act::SeeFeedback, None)?;
    let quarter = asked?.quarter.parse().map_err(|_| Refusal::NotFound)?;
    Ok(Json(server.app.feedback(&actor, quarter)?))
}
