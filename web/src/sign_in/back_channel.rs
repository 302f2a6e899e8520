//! What a sign-in service tells without a browser: that someone signed out there.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;

use crate::pages::{Instead, Pages};
use crate::visitor::sent;

/// Someone signed out at their sign-in service: their sessions here end at once.
pub async fn signed_out(
    State(pages): State<Arc<Pages>>,
    request: Request,
) -> Result<StatusCode, Instead> {
    let (_, fields) = sent(&pages, request).await?;
    let token = fields.get("logout_token").unwrap_or_default();
    let Some(verifier) = pages.server.verifier() else {
        return Ok(StatusCode::BAD_REQUEST);
    };
    match verifier.signed_out(token).await {
        Ok(named) => {
            pages.sessions.end_named(&named, pages.machine_time());
            Ok(StatusCode::OK)
        }
        Err(_) => Ok(StatusCode::BAD_REQUEST),
    }
}
