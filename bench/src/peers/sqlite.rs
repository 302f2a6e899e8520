//! SQLite as its best use for this would be: WAL, FULL, one committer that takes whatever waits.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use anyhow::{Context, ensure};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::load::{Peer, STREAM, json};

const GROUP_MAX: usize = 512;

/// The database, behind its committer.
pub struct Sqlite {
    queue: Option<mpsc::Sender<Job>>,
    committer: Option<JoinHandle<anyhow::Result<()>>>,
    writers: AtomicU64,
}

struct Job {
    stream: String,
    version: i64,
    json: String,
    done: oneshot::Sender<bool>,
}

impl Sqlite {
    /// Makes a database in a folder.
    ///
    /// # Errors
    /// Those of SQLite, or when it would not wait for the disk.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let database = Connection::open(folder.join("events.db"))?;
        database.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT NOT NULL,
                 version INTEGER NOT NULL, data TEXT NOT NULL, UNIQUE (stream, version));",
        )?;
        let waits: u32 = database.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
        let mode: String = database.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
        ensure!(
            waits == 2 && mode == "wal",
            "SQLite does not wait for the disk"
        );
        let (queue, jobs) = mpsc::channel(4096);
        let committer = std::thread::spawn(move || commit(&database, jobs));
        Ok(Self {
            queue: Some(queue),
            committer: Some(committer),
            writers: AtomicU64::new(0),
        })
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(committer) = self.committer.take() {
            let _ = committer.join();
        }
    }
}

fn commit(database: &Connection, mut jobs: mpsc::Receiver<Job>) -> anyhow::Result<()> {
    let mut version = database.prepare("SELECT max(version) FROM events WHERE stream = ?1")?;
    let mut insert =
        database.prepare("INSERT INTO events (stream, version, data) VALUES (?1, ?2, ?3)")?;
    while let Some(first) = jobs.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP_MAX
            && let Ok(job) = jobs.try_recv()
        {
            group.push(job);
        }
        database.execute_batch("BEGIN IMMEDIATE")?;
        let mut answers = Vec::with_capacity(group.len());
        for job in group {
            let at: Option<i64> = version.query_row([&job.stream], |row| row.get(0))?;
            let expected = at.unwrap_or(0) + 1 == job.version;
            if expected {
                insert.execute((&job.stream, job.version, &job.json))?;
            }
            answers.push((job.done, expected));
        }
        database.execute_batch("COMMIT")?;
        for (done, kept) in answers {
            let _ = done.send(kept);
        }
    }
    Ok(())
}

impl Peer for Sqlite {
    type Writer = u64;

    async fn writer(&self, _: u64) -> anyhow::Result<u64> {
        Ok(self.writers.fetch_add(1, Ordering::Relaxed))
    }

    async fn append(&self, writer: &mut u64, n: u64) -> anyhow::Result<()> {
        let (done, answer) = oneshot::channel();
        let job = Job {
            stream: super::stream_name(*writer, n),
            version: (n % STREAM + 1) as i64,
            json: json(*writer, n),
            done,
        };
        let queue = self.queue.as_ref().context("it is closed")?;
        queue.send(job).await.ok().context("SQLite stopped")?;
        ensure!(answer.await?, "a version was not as expected");
        Ok(())
    }
}
