//! PostgreSQL of this machine in a folder of its own, and a plain table in it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, Statement};

use crate::load::{Peer, STREAM, json};

/// A server that ends with this value.
pub struct Server {
    process: Child,
    folder: PathBuf,
}

impl Server {
    /// Makes a cluster in a folder and starts its server, which listens to a socket there and nowhere else.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let folder = folder.canonicalize()?;
        if is_root() {
            // It refuses to run as root.
            run(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        let data = folder.join("data");
        run(command("initdb")?
            .args([
                "--auth=trust",
                "--username=bench",
                "--encoding=UTF8",
                "--no-locale",
                "-D",
            ])
            .arg(&data))?;
        let process = command("postgres")?
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&folder)
            .args(["-c", "listen_addresses=", "-c", "max_connections=300"])
            .args(["-c", "shared_buffers=256MB", "-c", "log_min_messages=fatal"])
            .stderr(Stdio::null())
            .spawn()?;
        let server = Self { process, folder };
        let begin = Instant::now();
        let runtime = crate::load::runtime()?;
        while let Err(error) = runtime.block_on(server.connect()) {
            ensure!(
                begin.elapsed() < Duration::from_secs(60),
                "PostgreSQL does not start: {error}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// A connection, as its owner.
    ///
    /// # Errors
    /// When the server refuses it.
    pub async fn connect(&self) -> anyhow::Result<Client> {
        let socket = self.folder.display();
        let address = format!("host={socket} user=bench dbname=postgres");
        let (client, connection) = tokio_postgres::connect(&address, NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// Its version, checked to wait for the disk at every commit.
    ///
    /// # Errors
    /// When it would not.
    pub async fn checked_version(&self) -> anyhow::Result<String> {
        let client = self.connect().await?;
        for (setting, wanted) in [("fsync", "on"), ("synchronous_commit", "on")] {
            let row = client.query_one(&format!("SHOW {setting}"), &[]).await?;
            ensure!(
                row.get::<_, &str>(0) == wanted,
                "PostgreSQL has {setting} off"
            );
        }
        let row = client.query_one("SHOW server_version", &[]).await?;
        Ok(row
            .get::<_, &str>(0)
            .split(' ')
            .next()
            .unwrap_or("")
            .to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let stop = Command::new("kill")
            .args(["-INT", &self.process.id().to_string()])
            .status();
        if stop.is_err() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

/// A table of events, one INSERT each.
pub struct Plain {
    server: Server,
    cells: AtomicU64,
}

/// A connection with its statement.
pub struct Connected {
    client: Client,
    insert: Statement,
    writer: u64,
}

impl Plain {
    /// Makes the table.
    ///
    /// # Errors
    /// Those of the server.
    pub fn new(server: Server, runtime: &Runtime) -> anyhow::Result<Self> {
        runtime.block_on(async {
            let client = server.connect().await?;
            client
                .batch_execute(
                    "CREATE TABLE events (position bigserial PRIMARY KEY, stream text NOT NULL,
                         version bigint NOT NULL, data jsonb NOT NULL, UNIQUE (stream, version))",
                )
                .await?;
            anyhow::Ok(())
        })?;
        Ok(Self {
            server,
            cells: AtomicU64::new(0),
        })
    }

    /// The server, so that another can use it afterwards.
    pub fn server(&self) -> &Server {
        &self.server
    }
}

impl Peer for Plain {
    type Writer = Connected;

    async fn writer(&self, _: u64) -> anyhow::Result<Connected> {
        let client = self.server.connect().await?;
        let insert = client
            .prepare("INSERT INTO events (stream, version, data) VALUES ($1, $2, $3::text::jsonb)")
            .await?;
        let writer = self.cells.fetch_add(1, Ordering::Relaxed);
        Ok(Connected {
            client,
            insert,
            writer,
        })
    }

    async fn append(&self, writer: &mut Connected, n: u64) -> anyhow::Result<()> {
        let stream = super::stream_name(writer.writer, n);
        // Another at this version is refused by the table's own UNIQUE.
        let version = (n % STREAM + 1) as i64;
        let json = json(writer.writer, n);
        writer
            .client
            .execute(&writer.insert, &[&stream, &version, &json])
            .await?;
        Ok(())
    }
}

/// A program of the newest PostgreSQL here, run as somebody it accepts.
fn command(name: &str) -> anyhow::Result<Command> {
    let versions =
        std::fs::read_dir("/usr/lib/postgresql").context("PostgreSQL is not installed")?;
    let mut found: Vec<_> = versions
        .filter_map(|entry| Some(entry.ok()?.path().join("bin").join(name)))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    let program = found.pop().context("PostgreSQL is not installed")?;
    if !is_root() {
        return Ok(Command::new(program));
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
        .arg(program);
    Ok(command)
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
