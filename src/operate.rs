//! The commands of whoever runs the machine: to the running program, or to the data folder itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use pipss_api::app::App;
use pipss_api::clock::Clock;
use pipss_api::directory::List;
use pipss_api::sheet;
use pipss_domain::directory_facts::{Role, SignIn};
use pipss_store::{Options, Purpose, StoreError};
use tokio::sync::mpsc::{Receiver, channel};
use uuid::Uuid;

use crate::config::Config;
use crate::console::{self, Answer, Ask, HandedOver, LINE_MAX, NAME, Request, VERSION};
use crate::prove::signed::Signed;
use crate::prove::{Heard, show};
use crate::serve::found;

/// Which data folder, and which trust in it.
#[derive(clap::Args)]
pub struct Place {
    /// The configuration file (TOML).
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    config: Option<PathBuf>,
    /// The data folder, where there is no configuration file.
    #[arg(long, value_name = "DIR", required_unless_present = "config")]
    data: Option<PathBuf>,
    /// The organisation's id, where the folder holds several.
    #[arg(long, value_name = "ID")]
    organisation: Option<Uuid>,
}

impl Place {
    /// The organisation that was named.
    pub(crate) const fn organisation(&self) -> Option<Uuid> {
        self.organisation
    }
}

/// A list to take in.
#[derive(clap::Args)]
pub struct Sheet {
    /// The list (CSV, UTF-8); see docs/directory.md for its columns.
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    #[command(flatten)]
    place: Place,
    /// Record without asking.
    #[arg(long)]
    yes: bool,
    /// Closing or ending more than a fifth of what there is is meant.
    #[arg(long)]
    yes_close_many: bool,
}

/// What `pipss directory` can do.
#[derive(clap::Subcommand)]
pub enum Directory {
    /// Take in the list of units and their managers; shows what would change first.
    Apply(Sheet),
    /// Take in the list of facilitators; shows what would change first.
    Facilitators(Sheet),
}

/// The first lead or the first auditor.
#[derive(clap::Args)]
pub struct Grant {
    /// Which of the two.
    role: FirstRole,
    /// Their e-mail address.
    email: String,
    /// The issuer of their sign-in, if it does not verify addresses.
    #[arg(long, requires = "subject")]
    issuer: Option<String>,
    /// How that issuer names them.
    #[arg(long, requires = "issuer")]
    subject: Option<String>,
    /// For 24 hours, where nobody who has the role can act. Every lead and auditor is written to.
    #[arg(long)]
    emergency: bool,
    #[command(flatten)]
    place: Place,
}

/// What can be granted at the console.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum FirstRole {
    /// The PIPSS lead.
    Lead,
    /// The auditor.
    Auditor,
}

/// What `pipss prove` can show.
#[derive(clap::Subcommand)]
pub enum Prove {
    /// That no manager can tell who asked for support, on everything that is recorded; no content is shown.
    Privacy(Proving),
    /// That a result was signed by the store with this key and not changed since.
    Verify(Verify),
}

/// Proving it.
#[derive(clap::Args)]
pub struct Proving {
    #[command(flatten)]
    place: Place,
    /// Where to write the signed result, to be handed on.
    #[arg(long, value_name = "FILE")]
    result: Option<PathBuf>,
}

/// Checking a result.
#[derive(clap::Args)]
pub struct Verify {
    /// The result.
    file: PathBuf,
    /// The public key of the store, as it was written down.
    #[arg(long, value_name = "HEX")]
    key: Option<String>,
}

/// The way to the one door.
pub(crate) enum Way {
    /// The socket. Each question has a connection of its own: people may think for long before a yes.
    Running(PathBuf),
    /// The folder itself.
    Own(Arc<App>, PathBuf),
}

/// Takes in a list.
///
/// # Errors
/// Why nothing was recorded, in plain sentences.
pub async fn directory(command: Directory) -> anyhow::Result<()> {
    let (list, sheet) = match command {
        Directory::Apply(sheet) => (List::Units, sheet),
        Directory::Facilitators(sheet) => (List::Facilitators, sheet),
    };
    let csv = read(&sheet.file)?;
    let way = Way::open(&sheet.place).await?;
    let list = HandedOver {
        list,
        csv,
        end_many: sheet.yes_close_many,
    };
    let organisation = sheet.place.organisation;
    let asked = way
        .ask(organisation, Ask::Compare(list.clone()))
        .await
        .context("nothing was changed")?;
    let Answer::Difference(shown) = asked else {
        bail!("the program answered something else");
    };
    if shown.is_empty() {
        println!("Nothing to change.");
        return Ok(());
    }
    println!("This would:");
    for line in &shown {
        println!("  {line}");
    }
    if !sheet.yes && !agreed(shown.len())? {
        println!("Nothing was changed.");
        return Ok(());
    }
    way.ask(organisation, Ask::Apply { list, shown }).await?;
    println!("Recorded.");
    Ok(())
}

/// Names the first lead or auditor.
///
/// # Errors
/// Why not, in one plain line.
pub async fn grant(command: Grant) -> anyhow::Result<()> {
    let way = Way::open(&command.place).await?;
    let ask = Ask::Grant {
        role: match command.role {
            FirstRole::Lead => Role::Lead,
            FirstRole::Auditor => Role::Auditor,
        },
        email: command.email,
        sign_in: command
            .issuer
            .zip(command.subject)
            .map(|(issuer, subject)| SignIn { issuer, subject }),
        emergency: command.emergency,
    };
    way.ask(command.place.organisation, ask).await?;
    println!("Recorded.");
    Ok(())
}

/// Proves that a manager cannot see who asked, and says what was found.
///
/// # Errors
/// When something differs or a planted leak is not caught; or why it could not be tried.
pub async fn prove(command: Prove) -> anyhow::Result<()> {
    let Proving { place, result } = match command {
        Prove::Privacy(proving) => proving,
        Prove::Verify(verify) => return verified(&verify),
    };
    let way = Way::looking(&place).await?;
    let mut heard = way.prove(place.organisation)?;
    while let Some(heard) = heard.recv().await {
        match heard {
            Heard::Compared(done, of) => show(done, of),
            Heard::Not(why) => bail!("{why}"),
            Heard::Ended(ended) => {
                println!("{}", ended.lines.join("\n"));
                for leak in &ended.planted {
                    println!("  {leak}");
                }
                if let Some(file) = result {
                    let signed = ended.result.context("there is no signed result to write")?;
                    let named = || format!("cannot write {}", file.display());
                    std::fs::write(&file, signed).with_context(named)?;
                }
                ensure!(ended.holds, "the proof does not hold");
                return Ok(());
            }
        }
    }
    bail!("the proof was broken off")
}

fn verified(verify: &Verify) -> anyhow::Result<()> {
    let Signed {
        result, public_key, ..
    } = Signed::read(&verify.file, verify.key.as_deref())?;
    println!(
        "{} managers, {} answers, {} bytes differ, on {}, up to position {} of the log, by pipss {}",
        result.managers,
        result.answers,
        result.bytes_differ,
        result.at.format("%FT%TZ"),
        result.position,
        result.program
    );
    let caught = result.leaks.iter().filter(|leak| leak.caught).count();
    println!("{} leaks were planted, {caught} caught", result.leaks.len());
    match verify.key {
        Some(_) => println!("signed with the key that you gave, and not changed since"),
        None => println!(
            "signed with the key {public_key}, and not changed since; compare it with the one that was written down"
        ),
    }
    ensure!(result.holds, "the proof does not hold");
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<String> {
    let named = || format!("cannot read {}", file.display());
    let opened = std::fs::File::open(file).with_context(named)?;
    let mut bytes = Vec::new();
    let most = sheet::FILE_MAX as u64 + 1;
    opened
        .take(most)
        .read_to_end(&mut bytes)
        .with_context(named)?;
    let text = sheet::text(&bytes).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    Ok(text.to_owned())
}

fn agreed(changes: usize) -> anyhow::Result<bool> {
    print!("{changes} changes. Record them? [yes/no] ");
    std::io::stdout().flush()?;
    let mut said = String::new();
    std::io::stdin().lock().take(100).read_line(&mut said)?;
    Ok(said.trim() == "yes")
}

fn converse(socket: &Path, request: &Request) -> anyhow::Result<Answer> {
    let mut stream = UnixStream::connect(socket)?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut said = Vec::new();
    BufReader::new(stream)
        .take(LINE_MAX)
        .read_until(b'\n', &mut said)?;
    Ok(serde_json::from_slice(&said)?)
}

impl Way {
    async fn open(place: &Place) -> anyhow::Result<Self> {
        Self::to(place, &[Purpose::Real]).await
    }

    /// The same where nothing is changed: a demonstration may be looked at as well.
    pub(crate) async fn looking(place: &Place) -> anyhow::Result<Self> {
        Self::to(place, &[Purpose::Real, Purpose::Demo]).await
    }

    async fn to(place: &Place, purposes: &[Purpose]) -> anyhow::Result<Self> {
        let config = place.config.as_deref().map(Config::read).transpose()?;
        let folder = match (&config, &place.data) {
            (Some(config), _) => &config.data,
            (None, Some(data)) => data,
            (None, None) => bail!("say --config or --data"),
        };
        let socket = folder.join(NAME);
        match UnixStream::connect(&socket) {
            Ok(_) => return Ok(Self::Running(socket)),
            // Nobody answers there: the folder is ours, if its lock agrees.
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::ConnectionRefused
                ) => {}
            Err(error) => {
                return Err(error).context("cannot speak to the running program");
            }
        }
        // A mistyped folder must not become a new store.
        ensure!(
            config.is_some() || folder.join("store").exists(),
            "there is no data folder at {}",
            folder.display()
        );
        let mut opened = Err(StoreError::Invalid("a folder is for something"));
        for purpose in purposes {
            let options = match &config {
                Some(config) => Options {
                    purpose: *purpose,
                    ..config.store()
                },
                None => Options::new(folder, *purpose),
            };
            opened = App::open(options, Clock::Machine);
            if !matches!(opened, Err(StoreError::Refused(_))) {
                break;
            }
        }
        let app = opened?;
        for organisation in config.iter().flat_map(|config| &config.organisations) {
            found(&app, organisation).await?;
        }
        Ok(Self::Own(Arc::new(app), folder.clone()))
    }

    /// Begins a proof, here or in the running program.
    fn prove(&self, organisation: Option<Uuid>) -> anyhow::Result<Receiver<Heard>> {
        let socket = match self {
            Self::Own(app, folder) => return Ok(console::proving(app, folder, organisation)),
            Self::Running(socket) => socket,
        };
        let mut stream = UnixStream::connect(socket)?;
        let mut line = serde_json::to_vec(&Request {
            version: VERSION,
            organisation,
            ask: Ask::ProvePrivacy,
        })?;
        line.push(b'\n');
        stream.write_all(&line)?;
        let (say, heard) = channel(1);
        tokio::task::spawn_blocking(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let said = serde_json::from_str(&line).unwrap_or_else(|_| {
                    Heard::Not("the running program is of another version".into())
                });
                if say.blocking_send(said).is_err() {
                    return;
                }
            }
        });
        Ok(heard)
    }

    /// Asks, and turns a refusal into an error of its sentences.
    pub(crate) async fn ask(&self, organisation: Option<Uuid>, ask: Ask) -> anyhow::Result<Answer> {
        let request = Request {
            version: VERSION,
            organisation,
            ask,
        };
        let answer = match self {
            Self::Own(app, _) => console::answer(app, request).await,
            Self::Running(socket) => {
                converse(socket, &request).context("the running program did not answer")?
            }
        };
        match answer {
            Answer::Refused(sentences) => bail!("{}", sentences.join("\n  ")),
            answer => Ok(answer),
        }
    }
}
