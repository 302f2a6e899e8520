//! The loop that carries out erasures whose time has come.

use std::sync::Arc;
use std::time::Duration;

use pipss_api::app::App;

/// What is due waits no longer than this.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Erases for ever. What fails stays owed and is tried again.
pub async fn run(app: Arc<App>) {
    loop {
        once(&app).await;
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Carries out everything that is due now.
pub async fn once(app: &App) {
    if let Err(refused) = app.carry_out_erasures().await {
        let why = refused.problem().detail;
        tracing::error!("an erasure that is due could not be carried out: {why}");
    }
}
