//! What whoever runs the machine asks of the running program, through a socket in its data folder.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use pipss_api::actor::Actor;
use pipss_api::app::App;
use pipss_api::directory::{HandedIn, List};
use pipss_api::problem::Refused;
use pipss_domain::directory_facts::{Role, SignIn};
use pipss_domain::emergency::EmergencyGrant;
use pipss_domain::first_grants::FirstGrant;
use pipss_domain::ids::OrganisationId;
use pipss_domain::refusal::Refusal;
use pipss_domain::sheet;
use pipss_store::{BackedUp, Backup, Export, Exported};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Receiver;
use tokio::task::block_in_place;
use tokio::time::timeout;
use uuid::Uuid;

use crate::prove::{Heard, begun};

/// The form of the lines; another is refused.
pub const VERSION: u32 = 3;
/// The socket's name in the data folder.
pub const NAME: &str = "console";
/// A list of 4 MiB, written as JSON, and what was shown of it.
pub const LINE_MAX: u64 = 16 << 20;
const AT_ONCE: usize = 4;
const WAIT: Duration = Duration::from_secs(30);

/// One line to the program. No `Debug`: it carries addresses.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// [`VERSION`].
    pub version: u32,
    /// Whose directory; the only one if absent.
    pub organisation: Option<Uuid>,
    /// What is asked.
    pub ask: Ask,
}

impl Request {
    fn proves(&self) -> bool {
        self.version == VERSION && matches!(self.ask, Ask::ProvePrivacy)
    }
}

/// What can be asked.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    /// What would this list change?
    Compare(HandedOver),
    /// Record what it changes, if that is still what was shown.
    Apply {
        /// The list.
        list: HandedOver,
        /// The lines of the difference.
        shown: Vec<String>,
    },
    /// Name the first lead or auditor.
    Grant {
        /// `lead` or `auditor`.
        role: Role,
        /// Their address.
        email: String,
        /// How they sign in, if known.
        sign_in: Option<SignIn>,
        /// For 24 hours, where there has been one already?
        emergency: bool,
    },
    /// Copy the log, and apart from it the keys.
    Backup(Backup),
    /// Write out an organisation's logs.
    Export(Export),
    /// Prove that a manager cannot see who asked. Many lines come back: [`Heard`].
    ProvePrivacy,
}

/// A list as a file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandedOver {
    /// Which list.
    pub list: List,
    /// The content of the file.
    pub csv: String,
    /// Is ending more than a fifth meant?
    pub end_many: bool,
}

/// One line back. Holds nobody's name or address.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// What would change, a line each.
    Difference(Vec<String>),
    /// It is recorded.
    Done,
    /// A backup was taken.
    BackedUp(BackedUp),
    /// The logs were written out.
    Exported(Exported),
    /// Nothing was recorded: why, a sentence each.
    Refused(Vec<String>),
}

/// Does what is asked, as the operator, through the one door.
pub async fn answer(app: &App, request: Request) -> Answer {
    if request.version != VERSION {
        return refused("The program that runs is of another version.");
    }
    if let Ask::Backup(asked) = &request.ask {
        // One folder holds every organisation.
        let operator = Actor::operator(OrganisationId::new(Uuid::nil()));
        return match block_in_place(|| app.backup(&operator, asked)) {
            Ok(taken) => Answer::BackedUp(taken),
            Err(error) => refused(&error.to_string()),
        };
    }
    let organisation = match organisation(app, request.organisation) {
        Ok(organisation) => organisation,
        Err(sentence) => return refused(sentence),
    };
    let operator = Actor::operator(organisation);
    let done = match request.ask {
        Ask::Compare(list) => compare(app, &operator, &list).map(Answer::Difference),
        Ask::Apply { list, shown } => match read(&list) {
            Ok(list) => app.apply(&operator, &list, &shown).await.map(done),
            Err(refusal) => Err(refusal.into()),
        },
        Ask::Grant {
            role,
            email,
            sign_in,
            emergency,
        } => match sheet::email(&email) {
            None => return refused("That is not an e-mail address."),
            Some(email) if emergency => {
                let grant = EmergencyGrant {
                    role,
                    email,
                    sign_in,
                };
                app.grant_in_emergency(&operator, &grant).await.map(done)
            }
            Some(email) => {
                let grant = FirstGrant {
                    role,
                    email,
                    sign_in,
                };
                app.grant_first(&operator, &grant).await.map(done)
            }
        },
        Ask::Export(asked) => {
            let exported =
                block_in_place(|| Handle::current().block_on(app.export(&operator, &asked)));
            return match exported {
                Ok(exported) => Answer::Exported(exported),
                Err(error) => refused(&error.to_string()),
            };
        }
        Ask::Backup(_) => return refused("This is asked of the whole folder."),
        Ask::ProvePrivacy => return refused("This is answered in many lines."),
    };
    done.unwrap_or_else(|refused| Answer::Refused(sentences(&refused)))
}

/// The organisation that is meant.
///
/// # Errors
/// A sentence, when it cannot be told.
pub fn organisation(app: &App, named: Option<Uuid>) -> Result<OrganisationId, &'static str> {
    let known = app.organisations();
    match (named.map(OrganisationId::new), &known[..]) {
        (Some(named), known) if known.contains(&named) => Ok(named),
        (None, [only]) => Ok(*only),
        (None, [_, ..]) => Err("There are several organisations; say --organisation."),
        _ => Err("There is no such organisation here."),
    }
}

fn done((): ()) -> Answer {
    Answer::Done
}

fn read(list: &HandedOver) -> Result<HandedIn, Refusal> {
    HandedIn::read(list.list, &list.csv, list.end_many)
}

fn compare(app: &App, operator: &Actor, list: &HandedOver) -> Result<Vec<String>, Refused> {
    Ok(app.compare(operator, &read(list)?)?)
}

fn refused(sentence: &str) -> Answer {
    Answer::Refused(vec![sentence.into()])
}

fn sentences(refused: &Refused) -> Vec<String> {
    match refused {
        Refused::Rule(Refusal::Invalid(faults)) => {
            faults.iter().map(|fault| fault.detail.clone()).collect()
        }
        Refused::TooLarge => vec![
            "This is more than can be recorded at once; record a shorter list first, then the longer one."
                .into(),
        ],
        other => vec![other.problem().detail],
    }
}

/// The socket, removed when the program ends.
pub struct Console {
    path: PathBuf,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Console {
    fn drop(&mut self) {
        self.serving.abort();
        let _ = fs::remove_file(&self.path);
    }
}

/// Opens the socket and answers on it. The folder's lock is held, so whatever lies there is stale.
///
/// # Errors
/// When the socket cannot be made.
pub fn open(app: Arc<App>, folder: &Path) -> anyhow::Result<Console> {
    let path = folder.join(NAME);
    let fresh = folder.join("console.new");
    let _ = fs::remove_file(&fresh);
    let listener = UnixListener::bind(&fresh)
        .with_context(|| format!("cannot open the socket {}", fresh.display()))?;
    // Nobody knows the name before it has its mode.
    fs::set_permissions(&fresh, fs::Permissions::from_mode(0o600))?;
    let owner = fs::metadata(&fresh)?.uid();
    fs::rename(&fresh, &path)?;
    let place = (app, folder.to_owned());
    let serving = tokio::spawn(listen(place, listener, owner));
    Ok(Console { path, serving })
}

async fn listen((app, folder): (Arc<App>, PathBuf), listener: UnixListener, owner: u32) {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let place = Arc::clone(&room).acquire_owned().await;
        let place = place.expect("the semaphore is never closed");
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "the console could not take a connection");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        let same = stream
            .peer_cred()
            .is_ok_and(|peer| peer.uid() == owner || peer.uid() == 0);
        let (app, folder) = (Arc::clone(&app), folder.clone());
        tokio::spawn(async move {
            if same {
                let _ = converse(&app, &folder, stream).await;
            }
            drop(place);
        });
    }
}

/// A proof that has begun, or why it could not. Its date is kept in the data folder.
pub fn proving(app: &Arc<App>, folder: &Path, named: Option<Uuid>) -> Receiver<Heard> {
    match organisation(app, named).map(Actor::operator) {
        Ok(operator) => begun(Arc::clone(app), folder.to_owned(), operator),
        Err(sentence) => {
            let (say, heard) = tokio::sync::mpsc::channel(1);
            let _ = say.try_send(Heard::Not(sentence.into()));
            heard
        }
    }
}

async fn send(write: &mut OwnedWriteHalf, said: &impl Serialize) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(said)?;
    line.push(b'\n');
    timeout(WAIT, write.write_all(&line)).await??;
    Ok(())
}

async fn converse(app: &Arc<App>, folder: &Path, stream: UnixStream) -> anyhow::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    loop {
        let mut line = Vec::new();
        let mut bounded = (&mut read).take(LINE_MAX);
        timeout(WAIT, bounded.read_until(b'\n', &mut line)).await??;
        if line.is_empty() {
            return Ok(());
        }
        let whole = line.ends_with(b"\n");
        let answer = match serde_json::from_slice::<Request>(&line) {
            Ok(request) if whole && request.proves() => {
                let mut heard = proving(app, folder, request.organisation);
                while let Some(heard) = heard.recv().await {
                    send(&mut write, &heard).await?;
                }
                return Ok(());
            }
            Ok(request) if whole => answer(app, request).await,
            _ => refused("That line is not a request."),
        };
        send(&mut write, &answer).await?;
        if !whole {
            return Ok(());
        }
    }
}
