//! One form, asked and answered: shown, sent, and either done or shown again with what is in the way.

use axum::http::StatusCode;
use axum::response::Response;
use pipss_api::app::Done;
use pipss_api::body::Body;
use pipss_api::intent::{Asked, Intent};
use pipss_api::problem::Refused;
use pipss_domain::refusal::{Fault, Refusal};
use serde::Serialize;

use crate::draft::Draft;
use crate::fields::Fields;
use crate::form::{self, Form, Shown};
use crate::kindly;
use crate::pages::{Instead, Pages};
use crate::render::View;
use crate::shell::Shell;
use crate::visitor::{Posted, Visitor};

const TOO_OLD: &str = "This form was open for more than a day. Look at it once more, then send it. Nothing was saved.";

/// A form and the draft that it carries.
#[derive(Serialize)]
pub struct FormPage {
    form: Shown,
    /// Where it is sent.
    action: String,
    /// Sealed: whose it is, the key under which it happens once, the answers so far. None where nobody
    /// signs in.
    draft: Option<String>,
}

impl View for FormPage {
    const TEMPLATE: &'static str = "form.html";

    fn title(&self) -> String {
        match &self.form.errors {
            Some(said) if said.title == kindly::TITLE => {
                format!("Look once more: {}", self.form.title)
            }
            Some(_) => format!("Error: {}", self.form.title),
            None => self.form.title.clone(),
        }
    }
}

/// What is said above a form that is shown again.
struct Said {
    status: StatusCode,
    title: &'static str,
    detail: String,
    faults: Vec<Fault>,
}

impl Said {
    fn refused(refused: &Refused) -> Self {
        let problem = refused.problem();
        let each = problem.errors.iter();
        let each = each.map(|error| Fault::at(error.pointer.clone(), error.detail.clone()));
        Self {
            status: StatusCode::from_u16(problem.status).unwrap_or(StatusCode::OK),
            title: form::PROBLEM,
            faults: each.collect(),
            detail: problem.detail,
        }
    }

    fn kindly(faults: Vec<Fault>) -> Self {
        Self {
            status: StatusCode::OK,
            title: kindly::TITLE,
            detail: kindly::DETAIL.into(),
            faults,
        }
    }

    fn too_old() -> Self {
        Self {
            status: StatusCode::CONFLICT,
            title: form::PROBLEM,
            detail: TOO_OLD.into(),
            faults: Vec::new(),
        }
    }
}

/// Shows a form for the first time; `version` is that of what it changes.
pub fn ask(pages: &Pages, visitor: &Visitor, form: &Form, version: Option<u64>) -> Response {
    let draft = visitor.begin_draft(pages, version);
    show(pages, visitor, form, &draft, (None, None))
}

/// Shows a form with the answers of a draft.
pub fn go_on(pages: &Pages, visitor: &Visitor, form: &Form, draft: &Draft) -> Response {
    let answered = Some(&draft.answers).filter(|answers| answers.iter().next().is_some());
    show(pages, visitor, form, draft, (answered, None))
}

/// Shows a form again, with what is in the way.
pub fn again(
    pages: &Pages,
    visitor: &Visitor,
    form: &Form,
    draft: &Draft,
    (fields, refused): (&Fields, &Refused),
) -> Response {
    let said = Said::refused(refused);
    show(pages, visitor, form, draft, (Some(fields), Some(said)))
}

/// Shows a form to whoever is not signed in, and need not be; `again` with what is in the way.
pub(crate) fn open(
    pages: &Pages,
    (nonce, action): (&str, &str),
    form: &Form,
    again: Option<(&Fields, &Refused)>,
) -> Response {
    let shell = Shell::open(&pages.brand, nonce, pages.is_demo());
    let (answered, refused) = again.unzip();
    let said = refused.map(Said::refused);
    draw(pages, &shell, form, (action, None), (answered, said))
}

fn show(
    pages: &Pages,
    visitor: &Visitor,
    form: &Form,
    draft: &Draft,
    answered: (Option<&Fields>, Option<Said>),
) -> Response {
    let sealed = Some(pages.drafts.sealed(draft));
    let shell = visitor.shell(pages);
    draw(pages, &shell, form, (&visitor.path, sealed), answered)
}

fn draw(
    pages: &Pages,
    shell: &Shell,
    form: &Form,
    (action, draft): (&str, Option<String>),
    (answered, said): (Option<&Fields>, Option<Said>),
) -> Response {
    let faults = said.as_ref();
    let faults = faults.map(|said| (said.title, said.detail.as_str(), &said.faults[..]));
    let view = FormPage {
        form: form::shown(pages.renderer, form, answered, faults),
        action: action.to_owned(),
        draft,
    };
    let status = said.map_or(StatusCode::OK, |said| said.status);
    pages.draw(status, shell, &view)
}

/// Why what was sent was not done.
pub enum Failed {
    /// It has nothing to do with the answers, and a page of its own.
    Elsewhere(Instead),
    /// The form is to be shown again.
    Here(Box<Here>),
}

/// What a form is shown again with.
pub struct Here {
    /// Who sent it.
    pub visitor: Visitor,
    /// What stood in it.
    pub fields: Fields,
    /// The draft that it goes on from.
    pub draft: Draft,
    /// What is in the way.
    pub refused: Refused,
}

/// Takes what was sent, and does it; else shows the form again. `version` is that of what it changes, as
/// it is now: sent again, it is meant for that.
///
/// # Errors
/// The form with what is in the way; or the page that says no.
pub async fn give(
    pages: &Pages,
    posted: Posted,
    form: &Form,
    version: Option<u64>,
    intent: impl FnOnce(Asked) -> Intent<'static>,
) -> Result<(Visitor, Done), Instead> {
    match attempt(pages, posted, form, version, intent).await {
        Ok(done) => Ok(done),
        Err(Failed::Elsewhere(instead)) => Err(instead),
        Err(Failed::Here(here)) => {
            let Here {
                visitor,
                fields,
                mut draft,
                refused,
            } = *here;
            if matches!(refused, Refused::Rule(Refusal::Stale)) {
                draft.version = version;
            }
            Err(again(pages, &visitor, form, &draft, (&fields, &refused)).into())
        }
    }
}

/// Takes what was sent, and does it.
///
/// # Errors
/// What is in the way, for whoever shows the form again.
pub async fn attempt(
    pages: &Pages,
    posted: Posted,
    form: &Form,
    version: Option<u64>,
    intent: impl FnOnce(Asked) -> Intent<'static>,
) -> Result<(Visitor, Done), Failed> {
    let Posted {
        visitor,
        fields,
        draft,
    } = posted;
    let Some(mut draft) = draft else {
        let draft = visitor.begin_draft(pages, version);
        let answered = (Some(&fields), Some(Said::too_old()));
        let shown = show(pages, &visitor, form, &draft, answered);
        return Err(Failed::Elsewhere(shown.into()));
    };
    let done = match body(form, &fields) {
        Ok(_) if let Some(faults) = asked_kindly(form, &fields, &mut draft) => {
            let answered = (Some(&fields), Some(Said::kindly(faults)));
            let shown = show(pages, &visitor, form, &draft, answered);
            return Err(Failed::Elsewhere(shown.into()));
        }
        Ok(body) => {
            let asked = Asked {
                key: draft.key.clone(),
                if_match: draft.version,
                body,
            };
            pages.app.execute(&visitor.actor, intent(asked)).await
        }
        Err(refused) => Err(refused),
    };
    match done {
        Ok(done) => Ok((visitor, done)),
        Err(refused) if shown_elsewhere(&refused) => Err(Failed::Elsewhere(refused.into())),
        Err(refused) => Err(Failed::Here(Box::new(Here {
            visitor,
            fields,
            draft,
            refused,
        }))),
    }
}

/// The body of the command that a form means.
///
/// # Errors
/// Every question that was not answered, or not so that it can be understood.
pub fn body(form: &Form, fields: &Fields) -> Result<Body, Refused> {
    let body = form.body(fields).map_err(Refusal::Invalid)?;
    let bytes = serde_json::to_vec(&body).expect("a body is plain JSON");
    Body::read(&bytes).map_err(Refused::Malformed)
}

/// What has nothing to do with the answers has a page of its own.
pub(crate) const fn shown_elsewhere(refused: &Refused) -> bool {
    matches!(
        refused,
        Refused::Rule(Refusal::NotFound | Refusal::NotAllowed)
            | Refused::Unauthorised
            | Refused::ProveAgain
            | Refused::TooMany(_)
    )
}

/// What looks as if it named someone: asked once, then taken as it is.
fn asked_kindly(form: &Form, fields: &Fields, draft: &mut Draft) -> Option<Vec<Fault>> {
    const ASKED: &str = "asked kindly";
    if !form.kindly || draft.answers.get(ASKED).is_some() {
        return None;
    }
    let faults = Some(kindly::faults(form, fields)).filter(|faults| !faults.is_empty())?;
    draft.answers.set(ASKED, "yes");
    Some(faults)
}
