//! Logging a defusion that was held, where there is no case yet.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use pipss_domain::pathway::open_with_defusion;
use pipss_domain::policy::Act;

use crate::door::{Caller, Server, asked, opened};
use crate::intent::{Asked, Intent, Named, Target};
use crate::problem::Refused;

impl Intent<'static> {
    /// To open a case by logging a defusion.
    pub fn open_with_defusion(asked: Asked) -> Self {
        Self {
            act: Act::OpenWithDefusion,
            route: "defusions".into(),
            target: Target::Nothing,
            named: Named::Key(asked.key),
            if_match: None,
            body: asked.body,
            decide: Box::new(|body, situation| {
                open_with_defusion(body.parse()?, &situation.context)
            }),
        }
    }
}

/// Logs a defusion and opens a case with it.
pub async fn log(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    request: Request,
) -> Result<Response, Refused> {
    server.app.allow(&actor, Act::OpenWithDefusion, None)?;
    let intent = Intent::open_with_defusion(asked(request).await?);
    let done = server.app.execute(&actor, intent).await?;
    Ok(opened(&server.app, &actor, &done))
}
