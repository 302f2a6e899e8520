//! A demonstration: the real program over an invented trust, with a clock that can be moved.

mod alone;
mod asking;
mod course;
mod dice;
mod door;
mod meetings;
mod page;
pub mod people;
mod progress;
mod script;
mod shapes;
mod story;
mod tell;
mod trust;
mod whole;
mod words;
mod year;

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use chrono::Utc;
use pipss_api::app::App;
use pipss_api::clock::Clock;
use pipss_api::door::{Limits, Server};
use pipss_api::signing::DemoIssuer;
use pipss_api::token::Verifier;
use pipss_store::{Keeping, Purpose};
use tokio::net::TcpListener;

use crate::doorstep::{self, Doorstep};
use crate::listen::{Connections, listen};
use crate::mail::{Postbox, Security, SmtpSettings};
use crate::post::{PostRoom, Way};
use crate::proxies::Proxies;
use crate::serve::{End, say};
use crate::{console, erase, faces};

/// What `pipss demo` can be told.
#[derive(clap::Args)]
pub struct Options {
    /// The port on this machine; 0 takes any that is free.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// A folder to keep the data in; without it they are gone at the end.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The trust and its people, but no case yet.
    #[arg(long)]
    empty: bool,
    /// The story of one ward and a small trust around it, without the eighteen months of work.
    #[arg(long, conflicts_with = "empty")]
    only_stroke_ward: bool,
    /// Also post every letter that is owed from now on to this mail server, in the clear.
    #[arg(long, value_name = "HOST:PORT")]
    smtp: Option<String>,
}

/// Everything the demonstration's own pages need.
pub(crate) struct Demo {
    app: Arc<App>,
    issuer: DemoIssuer,
    post: Arc<PostRoom>,
    base: String,
}

const FROM: &str = "Staff support <staff-support@example.test>";

/// Runs the demonstration until it is told to end.
///
/// # Errors
/// Whatever keeps it from starting, in a plain sentence.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let mut end = End::expected()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
        .await
        .with_context(|| format!("cannot listen on port {}; try --port 0", options.port))?;
    let base = format!("http://{}", listener.local_addr()?);
    let temporary = match &options.data {
        Some(_) => None,
        None => Some(tempfile::Builder::new().prefix("pipss-demo-").tempdir()?),
    };
    let folder = match (&options.data, &temporary) {
        (Some(folder), _) => folder.clone(),
        (None, Some(temporary)) => temporary.path().join("data"),
        (None, None) => unreachable!("one of the two was made"),
    };
    if !options.empty {
        tokio::select! {
            told = whole::told(&folder, options.only_stroke_ward, &base, Utc::now()) => told?,
            () = end.came() => return Ok(()),
        }
    }
    let app = Arc::new(App::open(store(&folder), Clock::starting_at(Utc::now()))?);
    let way = way(options.smtp.as_deref())?;
    let post = Arc::new(PostRoom::new(Arc::clone(&app), way, &base, FROM));
    tokio::select! {
        prepared = prepare(&app) => prepared?,
        () = end.came() => return Ok(()),
    }
    // As on the real program: how far the log reaches is signed, though nobody takes it elsewhere.
    let checkpoints = app.keep_checkpoints(Keeping::new(Vec::new(), None))?;
    // So that privacy can be proved while the demonstration runs.
    let console = console::open(Arc::clone(&app), &folder)?;
    let served = serve(app, post, listener, (base, &folder), end).await;
    drop(console);
    drop(checkpoints);
    served
    // The temporary folder goes with `temporary`.
}

fn store(folder: &Path) -> pipss_store::Options {
    pipss_store::Options::new(folder, Purpose::Demo)
}

/// Goes on with a folder that was kept, never before what is recorded there; or begins with everyone and
/// no case.
async fn prepare(app: &App) -> anyhow::Result<()> {
    let organisation = people::organisation();
    if app.organisations().contains(&organisation) {
        let last = app.last_recorded(organisation)?;
        app.clock().move_to(last);
    }
    // Also in a kept folder, where it is a repeat unless the first start was cut short.
    people::record(app).await
}

async fn serve(
    app: Arc<App>,
    post: Arc<PostRoom>,
    listener: TcpListener,
    (base, folder): (String, &Path),
    end: End,
) -> anyhow::Result<()> {
    let issuer = DemoIssuer::new();
    let verifier = Verifier::new(vec![issuer.issuer(people::organisation().uuid())])?;
    let server = Arc::new(Server::new(Arc::clone(&app), verifier, Limits::default()));
    let posting = tokio::spawn(post.clone().run());
    let erasing = tokio::spawn(erase::run(Arc::clone(&app)));
    say(&format!("ready {base}"));
    people::print(&app, &base);
    let program = faces::demonstrated(server, &base, folder);
    let demo = Arc::new(Demo {
        app,
        issuer,
        post,
        base,
    });
    let doorstep = Doorstep {
        proxies: Proxies::default(),
        https: false,
    };
    let routes = doorstep::before(door::routes(demo, program), doorstep);
    listen(listener, routes, Connections::default(), end).await?;
    posting.abort();
    erasing.abort();
    Ok(())
}

fn way(smtp: Option<&str>) -> anyhow::Result<Way> {
    let Some(address) = smtp else {
        return Ok(Way::Shown);
    };
    let Some((host, port)) = address.rsplit_once(':') else {
        bail!("--smtp needs HOST:PORT");
    };
    let settings = SmtpSettings {
        host: host.into(),
        port: port.parse().context("--smtp needs HOST:PORT")?,
        security: Security::Plain,
        username: None,
        password: None,
        from: FROM.into(),
        ca_file: None,
        timeout_seconds: 20,
        hello_name: None,
    };
    Ok(Way::Server(Box::new(Postbox::new(&settings)?)))
}
