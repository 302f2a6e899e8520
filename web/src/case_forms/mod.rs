//! Commands to a case, each with its form: one row a command.

mod after;
mod arrange;
mod bars;
mod close;
mod facilitators;
mod plan;
mod session;
mod together;
mod triage;

pub(crate) use together::unlink_query;

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_api::as_known::AsOfAsked;
use pipss_api::case_answer::{CaseAnswer, OfferAnswer, SessionAnswer};
use pipss_api::intent::{Asked, Intent};
use pipss_api::problem::Refused;
use pipss_domain::ids::CaseId;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use serde::Serialize;

use crate::ask::{Failed, Here, again, ask, attempt, go_on};
use crate::case_page::{steps, timeline};
use crate::fields::Fields;
use crate::form::{Choice, Form};
use crate::pages::{Answer, Instead, Pages};
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor, see_other};

/// So much of what happened is told to whoever comes second.
const NEWS: usize = 3;

/// What a form is asked about.
pub(crate) struct About<'a> {
    pub pages: &'a Pages,
    pub visitor: &'a Visitor,
    pub case: &'a CaseAnswer,
    /// The session that the path names, with its offer.
    pub session: Option<(&'a OfferAnswer, &'a SessionAnswer)>,
    /// What was sent, if it was.
    pub sent: Option<&'a Fields>,
}

/// A command to a case.
#[derive(Clone, Copy)]
pub(crate) struct CaseForm {
    path: &'static str,
    /// What the query can name.
    query: &'static [&'static str],
    act: Act,
    /// Its questions, asked of a case that whoever asks may see.
    form: fn(&About<'_>) -> Result<Form, Instead>,
    intent: fn(CaseId, Asked) -> Intent<'static>,
    /// What a refusal changes about it, beyond showing it.
    refused: fn(&About<'_>, &mut Form, &mut Refused),
    /// Is there more to ask, now that this was answered?
    more: fn(&About<'_>) -> bool,
    /// What is told when it is done.
    done: &'static str,
}

const fn plain(_: &About<'_>, _: &mut Form, _: &mut Refused) {}

const fn never(_: &About<'_>) -> bool {
    false
}

/// A page for each of them.
pub fn routes(routes: Routes) -> Routes {
    let all = [
        &triage::FORMS[..],
        &plan::FORMS,
        &arrange::FORMS,
        &session::FORMS,
        &after::FORMS,
        &close::FORMS,
        &together::FORMS,
        &bars::FORMS,
    ];
    let all = all.into_iter().flatten().copied();
    all.fold(routes, |routes, form| {
        let read = move |State(pages): State<Arc<Pages>>,
                         visitor: Visitor,
                         Path(named): Path<HashMap<String, String>>| {
            asked(form, pages, visitor, named)
        };
        let take = move |State(pages): State<Arc<Pages>>,
                         Path(named): Path<HashMap<String, String>>,
                         posted: Posted| { given(form, pages, named, posted) };
        routes
            .page(form.path, form.query, read)
            .sent(form.path, take)
    })
}

async fn asked(
    form: CaseForm,
    pages: Arc<Pages>,
    visitor: Visitor,
    named: HashMap<String, String>,
) -> Answer {
    let case = seen(&pages, &visitor, form.act, &named["case"])?;
    let questions = form.about(&pages, &visitor, &case, &named, None)?;
    Ok(ask(&pages, &visitor, &questions, Some(case.version)))
}

async fn given(
    form: CaseForm,
    pages: Arc<Pages>,
    named: HashMap<String, String>,
    posted: Posted,
) -> Answer {
    let case = seen(&pages, &posted.visitor, form.act, &named["case"])?;
    let sent = Some(&posted.fields);
    let questions = form.about(&pages, &posted.visitor, &case, &named, sent)?;
    if form.asks_more(&pages, &posted, &case, &named) {
        let Posted {
            visitor,
            fields,
            draft,
        } = posted;
        let mut draft = draft.unwrap_or_else(|| visitor.begin_draft(&pages, Some(case.version)));
        draft.answers = fields;
        return Ok(go_on(&pages, &visitor, &questions, &draft));
    }
    let to = |asked| (form.intent)(case.case, asked);
    match attempt(&pages, posted, &questions, Some(case.version), to).await {
        Ok((visitor, _)) => {
            visitor.tell(&pages, form.done);
            Ok(see_other(&format!("/cases/{}", case.case)))
        }
        Err(Failed::Elsewhere(instead)) => Err(instead),
        Err(Failed::Here(failed)) => form.once_more(&pages, &named, *failed),
    }
}

impl CaseForm {
    fn asks_more(
        &self,
        pages: &Pages,
        posted: &Posted,
        case: &CaseAnswer,
        named: &HashMap<String, String>,
    ) -> bool {
        (self.more)(&About {
            pages,
            visitor: &posted.visitor,
            case,
            session: named.get("session").and_then(|id| session(case, id)),
            sent: Some(&posted.fields),
        })
    }

    /// Its questions, with the case above the heading and the way back to it.
    fn about(
        &self,
        pages: &Pages,
        visitor: &Visitor,
        case: &CaseAnswer,
        named: &HashMap<String, String>,
        sent: Option<&Fields>,
    ) -> Result<Form, Instead> {
        let session = match named.get("session") {
            None => None,
            Some(id) => Some(session(case, id).ok_or(Refusal::NotFound)?),
        };
        let form = (self.form)(&About {
            pages,
            visitor,
            case,
            session,
            sent,
        })?;
        Ok(above(case, form))
    }

    /// The form again, for the case as it is now.
    fn once_more(&self, pages: &Pages, named: &HashMap<String, String>, failed: Here) -> Answer {
        let Here {
            visitor,
            fields,
            mut draft,
            mut refused,
        } = failed;
        let case = seen(pages, &visitor, self.act, &named["case"])?;
        let sent = Some(&fields);
        let mut form = self.about(pages, &visitor, &case, named, sent)?;
        let session = named.get("session").and_then(|id| session(&case, id));
        let about = About {
            pages,
            visitor: &visitor,
            case: &case,
            session,
            sent,
        };
        (self.refused)(&about, &mut form, &mut refused);
        match &refused {
            Refused::Rule(Refusal::Stale) => {
                draft.version = Some(case.version);
                form.news = timeline::latest(pages, &visitor, case.case, NEWS);
            }
            Refused::Rule(Refusal::OutOfStep { next, .. }) => {
                form.instead = steps::ways(&case, next);
            }
            _ => {}
        }
        Ok(again(pages, &visitor, &form, &draft, (&fields, &refused)))
    }
}

fn session<'c>(case: &'c CaseAnswer, id: &str) -> Option<(&'c OfferAnswer, &'c SessionAnswer)> {
    let offers = case.offers.iter().flatten();
    let mut all = offers.flat_map(|offer| offer.sessions.iter().map(move |one| (offer, one)));
    all.find(|(_, one)| one.session.to_string() == id)
}

/// The case, if they may see it and do this to it.
pub fn seen(pages: &Pages, visitor: &Visitor, act: Act, case: &str) -> Result<CaseAnswer, Instead> {
    let case: CaseId = case.parse().map_err(|_| Refusal::NotFound)?;
    pages.app.allow(&visitor.actor, act, Some(case))?;
    let today = AsOfAsked { as_of: None };
    Ok(pages.app.case(&visitor.actor, case, &today)?)
}

/// With the case above the heading, and the way back to it.
pub(crate) fn above(case: &CaseAnswer, form: Form) -> Form {
    form.caption(format!("{}, {}", case.team.name, case.reference))
        .back(format!("/cases/{}", case.case))
}

/// The code of a word of the codebook, as the interface has it.
pub fn code(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).expect("codes are plain JSON");
    value.as_str().unwrap_or_default().to_owned()
}

/// Every word of a list, to choose from.
pub fn choices<T: Serialize + Copy>(all: &[T], label: impl Fn(T) -> &'static str) -> Vec<Choice> {
    let each = all.iter();
    each.map(|word| Choice::new(code(word), crate::case_page::capital(label(*word))))
        .collect()
}

/// There is nothing here to answer.
pub(crate) fn nothing() -> Instead {
    Refusal::NotFound.into()
}

/// There is nothing in the case that this could be done to.
pub(crate) fn nothing_to_choose(sentence: &str) -> Instead {
    let refusal = Refusal::OutOfStep {
        code: "nothing_to_choose",
        sentence: sentence.into(),
        next: Vec::new(),
        faults: Vec::new(),
    };
    refusal.into()
}
