//! The receipt of a request: its reference, who reads it and when, what is seen by whom, and whom to ring until then.

use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_api::reading::Reader;
use pipss_domain::ids::CaseId;
use pipss_domain::refusal::Refusal;
use serde::Serialize;

use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::routes::Routes;
use crate::urgent::{self, Ring};
use crate::visitor::Visitor;

/// The page of a receipt.
pub fn routes(routes: Routes) -> Routes {
    routes.page("/cases/{case}/receipt", &[], read)
}

#[derive(Serialize)]
struct ReceiptPage {
    reference: String,
    team: String,
    raised: String,
    /// When a person answered.
    answered: Option<String>,
    /// When a person reads it.
    read_by: Option<String>,
    /// Nobody reads it for a while: whom to ring until then.
    nobody_yet: bool,
    /// The defusion that was logged was held outside its window.
    outside_window: bool,
    /// They manage the team.
    manages: bool,
    case: String,
    urgent_help: Vec<Ring>,
    telephone: Option<Ring>,
}

impl View for ReceiptPage {
    const TEMPLATE: &'static str = "receipt.html";

    fn title(&self) -> String {
        format!("Your request has arrived: {}", self.reference)
    }
}

async fn read(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(case): Path<String>,
) -> Answer {
    let case: CaseId = case.parse().map_err(|_| Refusal::NotFound)?;
    let receipt = pages.app.receipt(&visitor.actor, case)?;
    let mut managed = visitor.me.manages.iter();
    let read_by = receipt.read_by.as_ref();
    let view = ReceiptPage {
        raised: london::moment(receipt.raised_at),
        answered: receipt.acknowledged_at.map(london::moment),
        nobody_yet: read_by.is_some_and(|read| read.reader == Reader::StaffSupportLater),
        read_by: read_by.map(|read| read.sentence.clone()),
        outside_window: receipt.outside_window == Some(true),
        manages: managed.any(|own| own.team == receipt.team.team),
        case: format!("/cases/{case}"),
        reference: receipt.reference,
        team: receipt.team.name,
        urgent_help: urgent::now(&pages),
        telephone: urgent::staff_support(&pages),
    };
    Ok(pages.page(&visitor, &view))
}
