//! Having it proved that no manager can see who asked: begun by an auditor from a page, without seeing content.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use pipss_api::actor::Actor;
use pipss_domain::refusal::Refusal;
use serde::Serialize;

use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor, see_other};

const PATH: &str = "/oversight/proof";

/// Does something for whoever asks.
pub type ForActor<T> = Box<dyn Fn(&Actor) -> T + Send + Sync>;

/// How a proof is begun, and how it stands; the program that runs knows.
pub struct Proving {
    /// Begins one, unless one runs.
    pub begin: ForActor<()>,
    /// How the last one stands, as far as it is for whoever asks.
    pub stands: ForActor<Stands>,
    /// The key that results are signed with, once there is one.
    pub public_key: Box<dyn Fn() -> Option<String> + Send + Sync>,
}

/// How a proof stands.
pub enum Stands {
    /// None was begun by them since the program started.
    Nothing,
    /// Someone else's is running.
    ForAnother,
    /// So many of so many managers were compared.
    Running(usize, usize),
    /// It ended.
    Ended {
        /// What was found, a line each.
        lines: Vec<String>,
        /// Each leak that was planted, and where it was found.
        planted: Vec<String>,
        /// The signed result.
        result: Option<String>,
    },
    /// It did not end: why.
    Not(String),
}

impl Proving {
    /// Where two worlds are compared no proof runs.
    pub fn none() -> Self {
        Self {
            begin: Box::new(|_| ()),
            stands: Box::new(|_| Stands::Nothing),
            public_key: Box::new(|| None),
        }
    }
}

/// The page, and the result as a file.
pub fn routes(routes: Routes) -> Routes {
    routes
        .form(PATH, read, begin)
        .page("/oversight/proof/result", &[], result)
}

#[derive(Serialize)]
struct ProofPage {
    last: Option<String>,
    running: Option<String>,
    for_another: bool,
    not: Option<String>,
    lines: Vec<String>,
    planted: Vec<String>,
    signed: bool,
    public_key: Option<String>,
}

impl View for ProofPage {
    const TEMPLATE: &'static str = "oversight/proof.html";

    fn title(&self) -> String {
        "Privacy proof".into()
    }
}

async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages.app.may_prove(&visitor.actor)?;
    let last = pages.app.last_proof(&visitor.actor)?;
    let mut view = ProofPage {
        last: last.map(|last| {
            let passed = if last.holds { "passed" } else { "did not pass" };
            format!("The last one {passed}, on {}.", london::moment(last.at))
        }),
        running: None,
        for_another: false,
        not: None,
        lines: Vec::new(),
        planted: Vec::new(),
        signed: false,
        public_key: (pages.proving.public_key)(),
    };
    match (pages.proving.stands)(&visitor.actor) {
        Stands::Nothing => {}
        Stands::ForAnother => view.for_another = true,
        Stands::Running(_, 0) => view.running = Some("It has begun.".into()),
        Stands::Running(done, of) => {
            view.running = Some(format!("{done} of {of} managers are compared."));
        }
        Stands::Ended {
            lines,
            planted,
            result,
        } => {
            view.signed = result.is_some();
            (view.lines, view.planted) = (lines, planted);
        }
        Stands::Not(why) => view.not = Some(why),
    }
    Ok(pages.page(&visitor, &view))
}

async fn begin(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    pages.app.may_prove(&posted.visitor.actor)?;
    (pages.proving.begin)(&posted.visitor.actor);
    Ok(see_other(PATH))
}

async fn result(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages.app.may_prove(&visitor.actor)?;
    match (pages.proving.stands)(&visitor.actor) {
        Stands::Ended {
            result: Some(result),
            ..
        } => {
            let as_file = [
                (
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("application/json"),
                ),
                (
                    header::CONTENT_DISPOSITION,
                    HeaderValue::from_static("attachment; filename=\"privacy-proof.json\""),
                ),
            ];
            Ok((as_file, result).into_response())
        }
        _ => Err(Refusal::NotFound.into()),
    }
}
