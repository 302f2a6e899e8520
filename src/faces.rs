//! The faces of the running system: its JSON interface, and, unless it was built without, its pages.

#[cfg(feature = "pages")]
pub use with_pages::{Brand, Way, demonstrated, every_page, pages_to_be_proved, served, way};
#[cfg(not(feature = "pages"))]
pub use without_pages::{Brand, Way, demonstrated, every_page, pages_to_be_proved, served, way};

/// Beside the data: who is signed in at a browser.
#[cfg(feature = "pages")]
const SESSIONS: &str = "sessions.json";

#[cfg(feature = "pages")]
mod with_pages {
    use std::path::Path;
    use std::sync::Arc;

    use axum::Router;
    use pipss_api::app::App;
    use pipss_api::door::Server;
    use pipss_api::prove::PageRoute;
    pub use pipss_web::brand::Brand;
    pub use pipss_web::pages::SignInWay as Way;
    use pipss_web::pages::{Pages, Settings};
    use pipss_web::proving::{Proving, Stands};
    use pipss_web::sign_in::provider::Provider;

    use super::SESSIONS;
    use crate::config::Config;
    use crate::demo::people;
    use crate::prove::runs::{Run, Runs};
    use crate::prove::signed;

    /// How a trust's people sign in at the pages.
    ///
    /// # Errors
    /// What is wrong with the configuration, in a sentence.
    pub fn way(config: &Config) -> anyhow::Result<Way> {
        let mut providers = Vec::new();
        for issuer in &config.issuers {
            let provider = Provider::of(issuer, &config.base_url);
            let named = |why| anyhow::anyhow!("issuer {:?}: {why}", issuer.issuer);
            providers.extend(provider.map_err(named)?);
        }
        Ok(match providers.is_empty() {
            true => Way::Closed,
            false => Way::Elsewhere(providers),
        })
    }

    /// Everything that a trust is served.
    pub fn served(server: Arc<Server>, config: &Config, way: Way) -> Router {
        let settings = Settings {
            brand: config.brand.clone(),
            way,
            base_url: config.base_url.clone(),
            sessions: Some(config.data.join(SESSIONS)),
            proving: proving(&server.app, &config.data),
        };
        beside(server, settings)
    }

    /// Everything that the demonstration serves.
    pub fn demonstrated(server: Arc<Server>, base: &str, folder: &Path) -> Router {
        let app = Arc::clone(&server.app);
        let settings = Settings {
            brand: people::brand(),
            way: Way::Choose(Box::new(move || people::to_choose(&app))),
            base_url: base.to_owned(),
            sessions: Some(folder.join(SESSIONS)),
            proving: proving(&server.app, folder),
        };
        beside(server, settings)
    }

    /// A proof of privacy as an auditor begins it from a page.
    fn proving(app: &Arc<App>, folder: &Path) -> Proving {
        let runs = Runs::default();
        let (app, begin_in, key_in) = (Arc::clone(app), folder.to_owned(), folder.to_owned());
        let begun = runs.clone();
        Proving {
            begin: Box::new(move |actor| begun.begin(&app, begin_in.clone(), actor)),
            stands: Box::new(move |actor| match runs.last(actor.organisation()) {
                None => Stands::Nothing,
                Some((who, Run::Running(..))) if who != actor.who() => Stands::ForAnother,
                Some((who, _)) if who != actor.who() => Stands::Nothing,
                Some((_, Run::Running(done, of))) => Stands::Running(done, of),
                Some((_, Run::Not(why))) => Stands::Not(why),
                Some((_, Run::Ended(ended))) => Stands::Ended {
                    lines: ended.lines,
                    planted: ended.planted,
                    result: ended.result,
                },
            }),
            public_key: Box::new(move || signed::public_key(&key_in)),
        }
    }

    fn beside(server: Arc<Server>, settings: Settings) -> Router {
        let pages = Pages::new(Arc::clone(&server), settings);
        pipss_api::routes(server).merge(pipss_web::routes(Arc::new(pages)))
    }

    /// The pages over a copy of the running system.
    pub fn pages_to_be_proved(app: Arc<App>) -> Router {
        pipss_web::to_be_proved(app)
    }

    /// Every page, as it is to be asked.
    pub fn every_page() -> Vec<PageRoute> {
        let pages = pipss_web::asked_when_proved().into_iter();
        pages
            .map(|page| PageRoute {
                path: page.path,
                query: page.query,
                sent: page.sent,
            })
            .collect()
    }
}

#[cfg(not(feature = "pages"))]
mod without_pages {
    use std::path::Path;
    use std::sync::Arc;

    use axum::Router;
    use pipss_api::app::App;
    use pipss_api::door::Server;
    use pipss_api::prove::PageRoute;

    use crate::config::Config;

    /// How pages would look: read, and not used.
    pub type Brand = toml::Table;

    /// How people sign in at pages: there are none.
    pub type Way = ();

    /// Nobody signs in at pages.
    ///
    /// # Errors
    /// None.
    pub fn way(_: &Config) -> anyhow::Result<Way> {
        Ok(())
    }

    /// Everything that a trust is served.
    pub fn served(server: Arc<Server>, _: &Config, (): Way) -> Router {
        pipss_api::routes(server)
    }

    /// Everything that the demonstration serves.
    pub fn demonstrated(server: Arc<Server>, _: &str, _: &Path) -> Router {
        pipss_api::routes(server)
    }

    /// None.
    pub fn pages_to_be_proved(_: Arc<App>) -> Router {
        Router::new()
    }

    /// None.
    pub fn every_page() -> Vec<PageRoute> {
        Vec::new()
    }
}
