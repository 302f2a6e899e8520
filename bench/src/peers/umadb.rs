//! UmaDB: an event store with a server of its own, spoken to over gRPC.

use std::path::Path;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{anyhow, ensure};
use tokio::runtime::Runtime;
use umadb::CliOptions;
use umadb_client::{AsyncUmaDbClient, UmaDbClient};
use umadb_dcb::{DcbAppendCondition, DcbEvent, DcbEventStoreAsync, DcbQuery, DcbQueryItem};

use crate::load::{Peer, STREAM, json};

/// How many connections the writers share.
const CONNECTIONS: usize = 8;

/// Its server, in a process of its own, and connections to it.
pub struct UmaDb {
    process: Child,
    clients: Vec<AsyncUmaDbClient>,
    writers: AtomicU64,
}

/// A writer, and the position of its last event.
pub struct Writer {
    number: u64,
    last: Option<u64>,
}

/// Runs the server until somebody ends it.
///
/// # Errors
/// When it does not start.
pub fn serve(file: &str, address: &str) -> anyhow::Result<()> {
    let options = CliOptions {
        listen_addr: address.to_owned(),
        db_path: file.to_owned(),
        ..CliOptions::default()
    };
    umadb::start_server_with_cli_options(options).map_err(|error| anyhow!("{error}"))
}

impl UmaDb {
    /// Starts a server over a new file in a folder.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn start(folder: &Path, runtime: &Runtime) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        // A port that is free now.
        let address = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .to_string();
        let process = Command::new(std::env::current_exe()?)
            .arg("umadb-server")
            .arg(folder.join("uma.db"))
            .arg(&address)
            .stdout(std::process::Stdio::null())
            .spawn()?;
        let mut started = Self {
            process,
            clients: Vec::new(),
            writers: AtomicU64::new(0),
        };
        let begin = Instant::now();
        while started.clients.len() < CONNECTIONS {
            let client = UmaDbClient::new(format!("http://{address}"));
            match runtime.block_on(client.connect_async()) {
                Ok(client) => started.clients.push(client),
                Err(error) => {
                    ensure!(
                        begin.elapsed() < Duration::from_secs(30),
                        "UmaDB does not start: {error}"
                    );
                    std::thread::sleep(Duration::from_millis(50));
                }
            }
        }
        Ok(started)
    }

    /// The process of its server.
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for UmaDb {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Peer for UmaDb {
    type Writer = Writer;

    async fn writer(&self, _: u64) -> anyhow::Result<Writer> {
        let number = self.writers.fetch_add(1, Ordering::Relaxed);
        Ok(Writer { number, last: None })
    }

    async fn append(&self, writer: &mut Writer, n: u64) -> anyhow::Result<()> {
        let stream = super::stream_name(writer.number, n);
        // Refused if anything was added to the stream since what this writer knows.
        let condition = DcbAppendCondition {
            fail_if_events_match: DcbQuery::new().item(DcbQueryItem::new().tags([stream.clone()])),
            after: writer.last.filter(|_| n % STREAM > 0),
        };
        let event = DcbEvent::default()
            .event_type("UnitOpened")
            .tags([stream])
            .data(json(writer.number, n));
        let client = &self.clients[writer.number as usize % CONNECTIONS];
        let position = client.append(vec![event], Some(condition), None).await;
        writer.last = Some(position.map_err(|error| anyhow!("{error}"))?);
        Ok(())
    }
}
