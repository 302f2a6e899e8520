//! Many people asking at once over kept-alive connections, as fast as they are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Connections at once.
pub const CONNECTIONS: usize = 64;

/// What is asked: the n-th request, written out.
pub type Asks = Arc<dyn Fn(usize) -> Vec<u8> + Send + Sync>;

/// How it went.
#[derive(Default)]
pub struct Went {
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub answers: usize,
    /// Answers that were not as expected, with an example.
    pub wrong: usize,
    pub example: String,
    pub mean_bytes: usize,
}

impl Went {
    /// From how long each took.
    pub fn of(mut took: Vec<Duration>, seconds: f64) -> Self {
        took.sort_unstable();
        let at = |share: f64| {
            let place = ((took.len() as f64 * share) as usize).min(took.len().saturating_sub(1));
            took.get(place).map_or(0.0, |took| took.as_secs_f64() * 1e3)
        };
        Self {
            per_second: took.len() as f64 / seconds,
            p50_ms: at(0.5),
            p99_ms: at(0.99),
            answers: took.len(),
            ..Self::default()
        }
    }
}

/// A connection, and one answer after another from it.
pub struct Line {
    stream: TcpStream,
    bytes: Vec<u8>,
}

impl Line {
    pub async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            bytes: Vec::with_capacity(1 << 16),
        })
    }

    /// Sends a request and reads its answer whole: the status and the body.
    pub async fn ask(&mut self, request: &[u8]) -> anyhow::Result<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        self.bytes.clear();
        let (mut end, mut whole) = (0, usize::MAX);
        while self.bytes.len() < whole {
            ensure!(self.stream.read_buf(&mut self.bytes).await? > 0, "hung up");
            if whole == usize::MAX
                && let Some(at) = find(&self.bytes, b"\r\n\r\n")
            {
                end = at + 4;
                let head = std::str::from_utf8(&self.bytes[..end])?.to_ascii_lowercase();
                let length = head.split("content-length: ").nth(1);
                let length = length.and_then(|rest| rest.split("\r\n").next());
                whole = end
                    + length
                        .context("an answer without a length")?
                        .parse::<usize>()?;
            }
        }
        let status = std::str::from_utf8(&self.bytes[9..12])?.parse()?;
        Ok((status, &self.bytes[end..]))
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// A request without a body.
pub fn get(path: &str, who: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: bench\r\n{who}\r\n\r\n").into_bytes()
}

/// The header of whoever has a token.
pub fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}

/// Asks for so long, or so often, whichever ends first.
pub async fn load(
    address: &str,
    asks: Asks,
    expected: u16,
    time: Duration,
    most: usize,
) -> anyhow::Result<Went> {
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let lines = (0..CONNECTIONS).map(|_| {
        let (address, asks, next) = (address.to_owned(), Arc::clone(&asks), Arc::clone(&next));
        tokio::spawn(async move {
            let mut line = Line::open(&address).await?;
            let (mut took, mut wrong, mut bytes) = (Vec::new(), Vec::new(), 0);
            while began.elapsed() < time {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= most {
                    break;
                }
                let request = asks(n);
                let sent = Instant::now();
                let (status, body) = line.ask(&request).await?;
                took.push(sent.elapsed());
                bytes += body.len();
                if status != expected {
                    wrong.push(format!("{status} {}", String::from_utf8_lossy(body)));
                }
            }
            anyhow::Ok((took, wrong, bytes))
        })
    });
    let (mut took, mut wrong, mut bytes) = (Vec::new(), Vec::new(), 0);
    for line in lines.collect::<Vec<_>>() {
        let (more, bad, size) = line.await??;
        took.extend(more);
        wrong.extend(bad);
        bytes += size;
    }
    let seconds = began.elapsed().as_secs_f64();
    let mean_bytes = bytes / took.len().max(1);
    Ok(Went {
        wrong: wrong.len(),
        example: wrong.into_iter().next().unwrap_or_default(),
        mean_bytes,
        ..Went::of(took, seconds)
    })
}
