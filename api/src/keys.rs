//! The public keys of a sign-in service: where they come from and how long they are believed.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use jsonwebtoken::DecodingKey;
use reqwest::{Client, Url};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::warn;

use crate::key_set::{Algorithm, KeySet, read_key_set};

/// How long a key set is used before it is read again.
const BELIEVED: Duration = Duration::from_secs(10 * 60);
/// How long an old key set still serves while reading it again fails.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// The least time between two readings, however many unknown keys are asked for.
const PAUSE: Duration = Duration::from_secs(60);
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
const KEY_SET_BYTES_MAX: usize = 256 * 1024;

/// Where an issuer's JSON Web Key Set (RFC 7517) is found.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySource {
    /// An https address; http is accepted for this machine only.
    JwksUrl(String),
    /// A file, read at start and again when it may have changed.
    JwksFile(PathBuf),
    /// The key set itself, for an issuer inside this process; not offered to configuration files.
    #[serde(skip)]
    Jwks(String),
}

/// One issuer's keys, read when they are needed.
pub(crate) struct Keys {
    /// For the log: the address or the file.
    name: String,
    place: Place,
    algorithm: Algorithm,
    shelf: RwLock<Shelf>,
    /// Held while the keys are being read, so that concurrent callers share one reading.
    turn: Arc<Mutex<()>>,
}

enum Place {
    Web { client: Client, url: Url },
    File(PathBuf),
    Memory,
}

/// What was last read. The times are tokio's, so that a test can move them.
#[derive(Default)]
struct Shelf {
    keys: HashMap<String, DecodingKey>,
    read_at: Option<Instant>,
    tried_at: Option<Instant>,
}

impl Keys {
    /// Checks the source; a file is read at once, an address at first use.
    /// The error is a sentence for whoever wrote the configuration.
    pub(crate) fn open(source: &KeySource, algorithm: Algorithm) -> Result<Arc<Keys>, String> {
        let (name, place, text) = match source {
            KeySource::JwksUrl(url) => (format!("jwks_url {url}"), web(url)?, None),
            KeySource::JwksFile(path) => {
                let name = format!("jwks_file {}", path.display());
                let text = read_file(path).map_err(|why| format!("{name}: {why}"))?;
                (name, Place::File(path.clone()), Some(text))
            }
            KeySource::Jwks(text) => (
                "the built-in key set".into(),
                Place::Memory,
                Some(text.as_bytes().to_vec()),
            ),
        };
        let shelf = text.map_or(Ok(Shelf::default()), |text| first_shelf(&text, algorithm));
        let shelf = RwLock::new(shelf.map_err(|why| format!("{name}: {why}"))?);
        Ok(Arc::new(Keys {
            name,
            place,
            algorithm,
            shelf,
            turn: Arc::default(),
        }))
    }

    /// The key with exactly this id, reading the set again if it is old or lacks it.
    pub(crate) async fn find(self: &Arc<Self>, kid: &str) -> Option<DecodingKey> {
        if let Some(key) = self.on_shelf(kid, BELIEVED) {
            return Some(key);
        }
        self.refresh().await;
        self.on_shelf(kid, KEPT)
    }

    fn on_shelf(&self, kid: &str, age_max: Duration) -> Option<DecodingKey> {
        let shelf = self
            .shelf
            .read()
            .expect("nothing panics while it holds the shelf");
        let fresh = matches!(self.place, Place::Memory)
            || shelf.read_at.is_some_and(|at| at.elapsed() < age_max);
        shelf.keys.get(kid).filter(|_| fresh).cloned()
    }

    async fn refresh(self: &Arc<Self>) {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        if !self.may_try() {
            return;
        }
        let keys = Arc::clone(self);
        // A task of its own: a caller who hangs up must not stop what others wait for,
        // nor start one more reading each time.
        let reading = tokio::spawn(async move {
            keys.read_again().await;
            drop(turn);
        });
        if reading.await.is_err() {
            warn!(
                from = self.name,
                "{}: reading stopped before its end", self.name
            );
        }
    }

    fn may_try(&self) -> bool {
        let shelf = self
            .shelf
            .read()
            .expect("nothing panics while it holds the shelf");
        !matches!(self.place, Place::Memory)
            && shelf.tried_at.is_none_or(|at| at.elapsed() >= PAUSE)
    }

    async fn read_again(&self) {
        let text = match &self.place {
            Place::Web { client, url } => fetch(client, url).await,
            Place::File(path) => read_file_aside(path.clone()).await,
            Place::Memory => return,
        };
        let outcome = text.and_then(|text| read_key_set(&text, self.algorithm));
        let now = Instant::now();
        let mut shelf = self
            .shelf
            .write()
            .expect("nothing panics while it holds the shelf");
        shelf.tried_at = Some(now);
        match outcome {
            Ok(KeySet { keys, refused }) => {
                for why in refused {
                    warn!(
                        from = self.name,
                        "{}: a sign-in key was left out: {why}", self.name
                    );
                }
                shelf.keys = keys;
                shelf.read_at = Some(now);
            }
            Err(why) => warn!(
                from = self.name,
                "{}: keys not read again: {why}", self.name
            ),
        }
    }
}

/// At start a doubtful key stops the program: someone is there to put it right.
fn first_shelf(text: &[u8], algorithm: Algorithm) -> Result<Shelf, String> {
    let set = read_key_set(text, algorithm)?;
    if let Some(why) = set.refused.first() {
        return Err((*why).into());
    }
    if set.keys.is_empty() {
        return Err(format!("it holds no key for {}", algorithm.name()));
    }
    // Not `tried_at`: a file changed just after the start may be read at once.
    Ok(Shelf {
        keys: set.keys,
        read_at: Some(Instant::now()),
        tried_at: None,
    })
}

fn web(text: &str) -> Result<Place, String> {
    let url = Url::parse(text).map_err(|_| format!("jwks_url {text:?} is not an address"))?;
    let loopback = url.host_str().is_some_and(is_loopback);
    let plain = match url.scheme() {
        "https" => false,
        "http" if loopback => true,
        _ => return Err("jwks_url must start with https (http only for this machine)".into()),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err("jwks_url must not carry a user name or password".into());
    }
    let builder = Client::builder()
        .timeout(FETCH_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .https_only(!plain);
    // What stays on this machine needs no proxy, and in the clear must not pass one.
    let builder = if loopback {
        builder.no_proxy()
    } else {
        builder
    };
    let client = builder
        .build()
        .map_err(|why| format!("no secure connection is possible: {why}"))?;
    Ok(Place::Web { client, url })
}

fn is_loopback(host: &str) -> bool {
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

async fn fetch(client: &Client, url: &Url) -> Result<Vec<u8>, String> {
    let failed = |why: reqwest::Error| in_full(&why.without_url());
    let mut answer = client.get(url.clone()).send().await.map_err(failed)?;
    if answer.status().as_u16() != 200 {
        return Err(format!("the address answers {}", answer.status().as_u16()));
    }
    let mut text = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        if text.len() + chunk.len() > KEY_SET_BYTES_MAX {
            return Err("it is larger than 256 KiB".into());
        }
        text.extend_from_slice(&chunk);
    }
    Ok(text)
}

/// An error with its causes: the outermost alone rarely says what to put right.
fn in_full(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

async fn read_file_aside(path: PathBuf) -> Result<Vec<u8>, String> {
    let reading = tokio::task::spawn_blocking(move || read_file(&path));
    reading
        .await
        .unwrap_or_else(|_| Err("reading it stopped before its end".into()))
}

fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let cannot = |why| format!("it cannot be read: {why}");
    let file = File::open(path).map_err(cannot)?;
    let mut text = Vec::new();
    let limit = u64::try_from(KEY_SET_BYTES_MAX).expect("256 KiB fits") + 1;
    file.take(limit).read_to_end(&mut text).map_err(cannot)?;
    if text.len() > KEY_SET_BYTES_MAX {
        return Err("it is larger than 256 KiB".into());
    }
    Ok(text)
}
