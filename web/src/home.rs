//! The first page: for everyone, what this is and whom to ring; for whoever is signed in, what they can do.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use pipss_api::reading::HelpLine;
use serde::Serialize;

use crate::pages::Pages;
use crate::render::View;
use crate::visitor::{Nonce, Perhaps};

#[derive(Serialize)]
struct HomePage {
    urgent_help: Vec<HelpLine>,
}

impl View for HomePage {
    const TEMPLATE: &'static str = "home.html";

    fn title(&self) -> String {
        "Support for staff after an incident".into()
    }
}

/// The first page.
pub async fn read(
    State(pages): State<Arc<Pages>>,
    nonce: Nonce,
    Perhaps(visitor): Perhaps,
) -> Response {
    let view = HomePage {
        urgent_help: pages.app.urgent_help().to_vec(),
    };
    match visitor {
        Some(visitor) => pages.page(&visitor, &view),
        None => pages.open_page(&nonce.0, &view),
    }
}
