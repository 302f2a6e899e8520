//! Serving a trust: the store, the door, the mail loop, and an orderly end.

use std::io::Write;
use std::sync::Arc;

use anyhow::Context;
use pipss_api::actor::Actor;
use pipss_api::app::App;
use pipss_api::clock::Clock;
use pipss_api::door::Server;
use pipss_api::intent::Intent;
use pipss_api::token::Verifier;
use pipss_domain::directory_facts::OrganisationFounded;
use pipss_domain::history::Event;
use pipss_domain::ids::OrganisationId;
use pipss_domain::pathway::Happened;
use pipss_domain::stream::Stream;
use pipss_store::Keeping;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::{Config, Organisation};
use crate::doorstep::{self, Doorstep};
use crate::listen::listen;
use crate::mail::Postbox;
use crate::post::{PostRoom, Way};
use crate::proxies::Proxies;
use crate::{console, erase, faces, opening};

/// Serves until it is told to end.
///
/// # Errors
/// Whatever keeps it from starting, in a plain sentence.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let end = End::expected()?;
    let verifier = Verifier::new(config.issuers.clone())?;
    let way = faces::way(&config)?;
    let mut app = App::open(opening::shown(config.store()), Clock::Machine)?;
    app.set_urgent_help(config.urgent_help.clone());
    let app = Arc::new(app);
    for organisation in &config.organisations {
        found(&app, organisation).await?;
    }
    let checkpoints = Keeping::new(config.checkpoints.clone(), config.checkpoint_key.clone());
    let checkpoints = app.keep_checkpoints(checkpoints)?;
    let console = console::open(Arc::clone(&app), &config.data)?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let server = Arc::new(Server::new(
        Arc::clone(&app),
        verifier,
        config.limits.into(),
    ));
    let posting = match &config.smtp {
        Some(smtp) => {
            let way = Way::Server(Box::new(Postbox::new(smtp)?));
            let room = PostRoom::new(Arc::clone(&app), way, &config.base_url, &smtp.from);
            Some(tokio::spawn(Arc::new(room).run()))
        }
        None => {
            tracing::warn!("no mail server is configured: letters stay owed");
            None
        }
    };
    let erasing = tokio::spawn(erase::run(Arc::clone(&app)));
    say(&format!("ready http://{}", listener.local_addr()?));
    let doorstep = Doorstep {
        proxies: Proxies::parse(&config.trusted_proxies).map_err(anyhow::Error::msg)?,
        https: config.base_url.starts_with("https://"),
    };
    let routes = doorstep::before(faces::served(server, &config, way), doorstep);
    listen(listener, routes, config.connections, end).await?;
    drop(console);
    erasing.abort();
    if let Some(posting) = posting {
        posting.abort();
    }
    // What was done since the last one is signed as well, and leaves the machine.
    drop(checkpoints);
    Ok(())
}

/// Says a line on the console. Whoever started the program may have stopped listening: that is no
/// reason to end.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Ctrl-C, or a request to terminate: noticed from the moment this is made.
pub(crate) struct End {
    interrupt: Signal,
    terminate: Signal,
}

impl End {
    /// From now on the process no longer just dies of it.
    pub fn expected() -> anyhow::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Returns once it came, also if it came before this was asked.
    pub async fn came(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Records the trust's name at the first start; later starts find it recorded.
pub(crate) async fn found(app: &App, organisation: &Organisation) -> anyhow::Result<()> {
    let operator = Actor::operator(OrganisationId::new(organisation.id));
    let founded = Happened {
        stream: Stream::Policy,
        occurred_at: app.clock().now(),
        event: Event::OrganisationFounded(OrganisationFounded {
            name: organisation.name.clone(),
        }),
    };
    let intent = Intent::keep_directory("found", vec![founded]);
    app.execute(&operator, intent)
        .await
        .map_err(|refused| anyhow::anyhow!("{}", refused.problem().detail))?;
    Ok(())
}
