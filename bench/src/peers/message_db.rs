//! message-db: an event store made of functions in PostgreSQL.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Statement};

use super::postgres::Plain;
use crate::load::{Peer, STREAM, json};

/// Where `bench/run` lets npm put it.
const PACKAGE: &str = "peers/node_modules/@eventide/message-db";
/// What its own `install.sh` runs, in that order.
const FILES: [&str; 20] = [
    "roles/message-store",
    "schema/message-store",
    "extensions/pgcrypto",
    "tables/messages",
    "types/message",
    "functions/message-store-version",
    "functions/hash-64",
    "functions/acquire-lock",
    "functions/category",
    "functions/is-category",
    "functions/id",
    "functions/cardinal-id",
    "functions/stream-version",
    "functions/write-message",
    "functions/get-stream-messages",
    "functions/get-category-messages",
    "functions/get-last-stream-message",
    "indexes/messages-id",
    "indexes/messages-stream",
    "indexes/messages-category",
];

/// Its functions, in the server of the plain table.
pub struct MessageDb {
    server: Arc<Plain>,
    writers: AtomicU64,
}

/// A connection with its statement.
pub struct Connected {
    client: Client,
    write: Statement,
    writer: u64,
}

impl MessageDb {
    /// Installs it.
    ///
    /// # Errors
    /// When npm did not fetch it, or the server refuses it.
    pub fn install(server: Arc<Plain>, runtime: &Runtime) -> anyhow::Result<Self> {
        runtime.block_on(async {
            let client = server.server().connect().await?;
            for file in FILES {
                let path = Path::new(PACKAGE)
                    .join("database")
                    .join(file)
                    .with_extension("sql");
                let sql = fs::read_to_string(&path)
                    .with_context(|| format!("{} was not fetched", path.display()))?;
                // Its own installer runs the files after the schema within it.
                client.batch_execute(&sql).await.with_context(|| file)?;
            }
            anyhow::Ok(())
        })?;
        Ok(Self {
            server,
            writers: AtomicU64::new(0),
        })
    }

    /// Its version.
    ///
    /// # Errors
    /// When it was not fetched.
    pub fn version() -> anyhow::Result<String> {
        let text = fs::read_to_string(Path::new(PACKAGE).join("database/VERSION.txt"))?;
        Ok(text.trim().to_owned())
    }
}

impl Peer for MessageDb {
    type Writer = Connected;

    async fn writer(&self, _: u64) -> anyhow::Result<Connected> {
        let client = self.server.server().connect().await?;
        client
            .batch_execute("SET search_path TO message_store, public")
            .await?;
        let write = client
            .prepare(
                "SELECT write_message(gen_random_uuid()::varchar, $1::text::varchar, 'UnitOpened',
                     $2::text::jsonb, NULL, $3::bigint)",
            )
            .await?;
        let writer = self.writers.fetch_add(1, Ordering::Relaxed);
        Ok(Connected {
            client,
            write,
            writer,
        })
    }

    async fn append(&self, writer: &mut Connected, n: u64) -> anyhow::Result<()> {
        // Streams of one category, as all cases of an organisation would be.
        let stream = format!("case-{}", super::stream_name(writer.writer, n));
        let expected = (n % STREAM) as i64 - 1;
        let json = json(writer.writer, n);
        writer
            .client
            .execute(&writer.write, &[&stream, &json, &expected])
            .await?;
        Ok(())
    }
}
