//! Serious danger: reported by whoever holds a session, seen and seen to by leads, known to nobody else.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use chrono::{DateTime, Utc};
use pipss_domain::case::Case;
use pipss_domain::escalation::{EscalateDanger, Escalation, HandleEscalation};
use pipss_domain::facts::{Danger, HandledHow, Looked, RouteTaken};
use pipss_domain::history::{Event, Who};
use pipss_domain::ids::{CaseId, EscalationId, PersonId};
use pipss_domain::policy::{Act, Relation, may};
use pipss_domain::refusal::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::app::{App, Done};
use crate::case_answer::PersonName;
use crate::cases::person_name;
use crate::door::{Caller, Named, NamedIn, Server, asked};
use crate::intent::{self, Asked, Intent, Rule, Target};
use crate::problem::{Problem, Refused};
use crate::view::View;

const SHOWN_MAX: usize = 200;

/// What whoever reported is told, always the same.
pub const RECEIVED: &str = "This is recorded for the PIPSS lead, and for nobody else to see. It takes the \
    place of no call: in danger, ring 999, and otherwise the routes for a crisis that your trust has.";

/// That a report was received.
#[derive(Serialize, ToSchema)]
pub struct EscalationReceived {
    /// Its id, to quote to the lead.
    pub escalation: EscalationId,
    /// When it was recorded.
    pub received_at: DateTime<Utc>,
    /// What becomes of it.
    pub received: &'static str,
}

/// Reports of serious danger, for leads.
#[derive(Serialize, ToSchema)]
pub struct EscalationsAnswer {
    /// Those that wait first, the longest waiting first, then the latest; at most 200.
    pub escalations: Vec<EscalationLine>,
}

/// One report.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the command")]
pub struct EscalationLine {
    pub escalation: EscalationId,
    pub case: CaseId,
    pub reference: String,
    pub danger: Danger,
    pub route: RouteTaken,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    pub reported_by: Option<PersonName>,
    pub reported_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handled_by: Option<PersonName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handled_how: Option<HandledHow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handled_at: Option<DateTime<Utc>>,
}

/// That a report was seen to.
#[derive(Serialize, ToSchema)]
pub struct EscalationDone {
    /// Which.
    pub escalation: EscalationId,
}

impl View<'_> {
    /// May they, in this case? Whoever may not is told that there is nothing here.
    pub fn allow_apart(&self, act: Act, case: CaseId) -> Result<&Case, Refusal> {
        let hidden = |_| Refusal::NotFound;
        self.allow(act, Some(case)).map_err(hidden)?;
        self.views.cases.get(case).ok_or(Refusal::NotFound)
    }

    /// How they stand to a report: whoever manages or belongs to the team may not know of it, unless
    /// it is their own.
    fn to_escalation(&self, case: &Case, escalation: &Escalation) -> Relation {
        let own = escalation.reported_by == self.actor.who;
        Relation {
            own,
            barred: !own && self.of_the_team(case),
            ..Relation::default()
        }
    }

    /// One report, as a lead would see it.
    pub fn report(&self, id: EscalationId) -> Option<EscalationLine> {
        let (case, found) = self.reported(id)?;
        Some(line(self, case, found))
    }

    /// Do they see this report anyway?
    pub fn sees_escalation(&self, id: EscalationId) -> bool {
        let seen = self.escalations(|one| one.reported.escalation == id);
        may(Act::SeeEscalations, &self.hats, Relation::default()) && !seen.escalations.is_empty()
    }

    /// Is there no such report, or is it about the team that someone manages or belongs to, or about a
    /// case that they are barred from?
    pub fn kept_from_report(&self, id: EscalationId, person: PersonId) -> bool {
        let directory = &self.views.directory;
        self.reported(id).is_none_or(|(case, _)| {
            directory.barred(person, case) || !directory.neutral_to(person, case.team())
        })
    }

    fn reported(&self, id: EscalationId) -> Option<(&Case, &Escalation)> {
        let mut all = self.views.escalations.iter();
        let found = all.find(|one| one.reported.escalation == id)?;
        Some((self.views.cases.get(found.case)?, found))
    }

    /// Is this the name of a report that is kept from them?
    pub fn may_not_know_of_report(&self, object: &str) -> bool {
        let id = object.strip_prefix("escalation/");
        let id: Option<EscalationId> = id.and_then(|id| id.parse().ok());
        let of_case = id.and_then(|id| self.reported(id));
        of_case
            .is_some_and(|(case, one)| self.to_escalation(case, one).barred || self.bars_from(case))
    }

    fn of_the_team(&self, case: &Case) -> bool {
        let directory = &self.views.directory;
        matches!(self.actor.who, Who::Person(person) if !directory.neutral_to(person, case.team()))
    }

    /// A report that they may see to. Nobody sees to one about their own team.
    fn allow_handling(&self, case: CaseId, id: EscalationId) -> Result<&Escalation, Refusal> {
        let case = self.allow_apart(Act::HandleEscalation, case)?;
        let found = self.views.escalations.get(case.case, id);
        let escalation = found.ok_or(Refusal::NotFound)?;
        let relation = self.to_escalation(case, escalation);
        if !may(Act::SeeEscalations, &self.hats, relation) {
            return Err(Refusal::NotFound);
        }
        if self.of_the_team(case) {
            return Err(Refusal::NotAllowed);
        }
        Ok(escalation)
    }

    /// The reports in a case that they may see, by id.
    pub fn escalations_of(&self, case: CaseId) -> Vec<String> {
        let seen = self.escalations(|one| one.case == case).escalations;
        seen.iter()
            .map(|line| line.escalation.to_string())
            .collect()
    }

    fn escalations(&self, seen: impl Fn(&Escalation) -> bool) -> EscalationsAnswer {
        let all = self.views.escalations.iter().filter(|one| seen(one));
        let mut lines: Vec<_> = all
            .filter_map(|one| Some((self.views.cases.get(one.case)?, one)))
            .filter(|(case, one)| {
                may(
                    Act::SeeEscalations,
                    &self.hats,
                    self.to_escalation(case, one),
                ) && self.allow(Act::SeeCase, Some(case.case)).is_ok()
            })
            .collect();
        lines.sort_by_key(|(_, one)| {
            let at = one.reported_at.timestamp_micros();
            let handled = one.handled.is_some();
            let order = if handled { -at } else { at };
            (handled, order, one.reported.escalation)
        });
        lines.truncate(SHOWN_MAX);
        EscalationsAnswer {
            escalations: lines
                .iter()
                .map(|(case, one)| line(self, case, one))
                .collect(),
        }
    }
}

fn line(view: &View<'_>, case: &Case, escalation: &Escalation) -> EscalationLine {
    let reported = &escalation.reported;
    let named = |who| match who {
        Who::Person(person) => Some(person_name(view, person)),
        Who::Operator | Who::Program => None,
    };
    EscalationLine {
        escalation: reported.escalation,
        case: case.case,
        reference: case.request.reference.clone(),
        danger: reported.danger,
        route: reported.route,
        line: reported
            .line
            .as_ref()
            .and_then(|line| view.app.open_text(line)),
        reported_by: named(escalation.reported_by),
        reported_at: escalation.reported_at,
        handled_by: escalation.handled.and_then(|(who, ..)| named(who)),
        handled_how: escalation.handled.map(|(_, how, _)| how),
        handled_at: escalation.handled.map(|(.., at)| at),
    }
}

impl App {
    /// What was reported in one case, or in all; of teams that are not this lead's own.
    ///
    /// # Errors
    /// `NotFound` in a case, `NotAllowed` else, for all but leads.
    pub fn escalations(
        &self,
        actor: &Actor,
        case: Option<CaseId>,
    ) -> Result<EscalationsAnswer, Refusal> {
        self.view(actor, |view| {
            match case {
                Some(case) => view.allow_apart(Act::SeeEscalations, case).map(|_| ())?,
                None => view.allow(Act::SeeEscalations, None).map(|_| ())?,
            }
            let seen = view.escalations(|one| case.is_none_or(|case| one.case == case));
            for line in &seen.escalations {
                view.looked(
                    Looked::Escalation,
                    format!("escalation/{}", line.escalation),
                );
            }
            Ok(seen)
        })
    }
}

/// To write to what is kept apart from a case: no version is asked for, since the case's own does not
/// move; the append guards the case and what is apart from it.
fn apart(
    act: Act,
    case: CaseId,
    route: String,
    asked: Asked,
    decide: Rule<'static>,
) -> Intent<'static> {
    Intent {
        act,
        route,
        target: Target::Apart(case),
        named: intent::Named::Key(asked.key),
        if_match: None,
        body: asked.body,
        decide,
    }
}

impl Intent<'static> {
    /// To report serious danger.
    pub fn escalate(case: CaseId, asked: Asked) -> Self {
        let act = Act::EscalateDanger;
        let route = format!("cases/{case}/escalate");
        let rule: Rule<'static> = Box::new(move |body, situation| {
            situation.view.allow_apart(act, case)?;
            let command: EscalateDanger = body.parse()?;
            command.decide(case, &situation.context)
        });
        apart(act, case, route, asked, rule)
    }

    /// To say that a report was seen to.
    pub fn handle_escalation(case: CaseId, escalation: EscalationId, asked: Asked) -> Self {
        let route = format!("cases/{case}/escalations/{escalation}/handled");
        let rule: Rule<'static> = Box::new(move |body, situation| {
            let found = situation.view.allow_handling(case, escalation)?;
            let command: HandleEscalation = body.parse()?;
            command.decide(escalation, found, &situation.context)
        });
        apart(Act::HandleEscalation, case, route, asked, rule)
    }
}

fn received(done: &Done) -> EscalationReceived {
    let mut facts = done.facts.iter();
    let received = facts.find_map(|fact| match &fact.event {
        Event::DangerEscalated(escalated) => Some((escalated.escalation, fact.recorded_at)),
        _ => None,
    });
    let (escalation, received_at) = received.expect("a report leaves a fact");
    EscalationReceived {
        escalation,
        received_at,
        received: RECEIVED,
    }
}

/// Reports serious danger. The case shows nothing of it; only leads see it.
#[utoipa::path(post, path = "/api/v1/cases/{case}/escalate", tag = "escalations",
    request_body = EscalateDanger,
    params(("case" = CaseId, Path, description = "The case"),
           ("Idempotency-Key" = String, Header, description = "The same for a repeat of the same act")),
    responses((status = 200, body = EscalationReceived), (status = 404, body = Problem)))]
pub async fn escalate(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(case): Named<CaseId>,
    request: Request,
) -> Result<Json<EscalationReceived>, Refused> {
    let act = Act::EscalateDanger;
    let allowed = server
        .app
        .view(&actor, |view| view.allow_apart(act, case).map(|_| ()));
    allowed?;
    let intent = Intent::escalate(case, asked(request).await?);
    Ok(Json(received(&server.app.execute(&actor, intent).await?)))
}

/// What was reported in a case.
#[utoipa::path(get, path = "/api/v1/cases/{case}/escalations", tag = "escalations",
    params(("case" = CaseId, Path, description = "The case")),
    responses((status = 200, body = EscalationsAnswer), (status = 404, body = Problem)))]
pub async fn of_case(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(case): Named<CaseId>,
) -> Result<Json<EscalationsAnswer>, Refused> {
    Ok(Json(server.app.escalations(&actor, Some(case))?))
}

/// What was reported anywhere: nothing else tells a lead of it.
#[utoipa::path(get, path = "/api/v1/escalations", tag = "escalations",
    responses((status = 200, body = EscalationsAnswer), (status = 403, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
) -> Result<Json<EscalationsAnswer>, Refused> {
    Ok(Json(server.app.escalations(&actor, None)?))
}

/// Says that a report was seen to. Only leads ever learn that it was.
#[utoipa::path(post, path = "/api/v1/cases/{case}/escalations/{escalation}/handled",
    tag = "escalations", request_body = HandleEscalation,
    params(("case" = CaseId, Path, description = "The case"),
           ("escalation" = EscalationId, Path, description = "The report"),
           ("Idempotency-Key" = String, Header, description = "The same for a repeat of the same act")),
    responses((status = 200, body = EscalationDone), (status = 404, body = Problem)))]
pub async fn handled(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    NamedIn(case, escalation): NamedIn<CaseId, EscalationId>,
    request: Request,
) -> Result<Json<EscalationDone>, Refused> {
    let allowed = server.app.view(&actor, |view| {
        view.allow_handling(case, escalation).map(|_| ())
    });
    allowed?;
    let intent = Intent::handle_escalation(case, escalation, asked(request).await?);
    server.app.execute(&actor, intent).await?;
    Ok(Json(EscalationDone { escalation }))
}
