//! Asking a sign-in service something: over https, for a short time, for a bounded answer, never sent on elsewhere.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use axum::http;
use reqwest::{Client, Url};

const TIME_MAX: Duration = Duration::from_secs(5);
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// An address that may be asked.
#[derive(Clone, Debug)]
pub struct Peer {
    client: Client,
    url: Url,
}

/// Why there was no answer; it names no part of what was sent.
#[derive(Debug)]
pub struct Failed(String);

impl Peer {
    /// Takes an https address; http is accepted for this machine only.
    ///
    /// # Errors
    /// A sentence for whoever wrote the configuration.
    pub fn at(address: &str) -> Result<Peer, String> {
        let url = Url::parse(address).map_err(|_| format!("{address:?} is not an address"))?;
        let loopback = url.host_str().is_some_and(is_loopback);
        let plain = match url.scheme() {
            "https" => false,
            "http" if loopback => true,
            _ => return Err("it must start with https (http only for this machine)".into()),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it must not carry a user name or password".into());
        }
        let builder = Client::builder()
            .timeout(TIME_MAX)
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
        Ok(Peer { client, url })
    }

    /// What stands there.
    pub(crate) async fn read(&self) -> Result<Vec<u8>, String> {
        let asked = reqwest::Request::new(reqwest::Method::GET, self.url.clone());
        let answer = self.ask(asked).await.map_err(|failed| failed.0)?;
        match answer.status().as_u16() {
            200 => Ok(answer.into_body()),
            other => Err(format!("the address answers {other}")),
        }
    }

    /// Sends a request that was made for this address.
    ///
    /// # Errors
    /// When there is no answer, or one that is too long; or when the request is for another address.
    pub async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, Failed> {
        let request = reqwest::Request::try_from(request).map_err(in_full)?;
        if *request.url() != self.url {
            return Err(Failed("it is for another address".into()));
        }
        self.ask(request).await
    }

    async fn ask(&self, request: reqwest::Request) -> Result<http::Response<Vec<u8>>, Failed> {
        let mut answer = self.client.execute(request).await.map_err(in_full)?;
        let mut whole = http::Response::new(Vec::new());
        *whole.status_mut() = answer.status();
        *whole.headers_mut() = answer.headers().clone();
        while let Some(chunk) = answer.chunk().await.map_err(in_full)? {
            if whole.body().len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(Failed("it is larger than 256 KiB".into()));
            }
            whole.body_mut().extend_from_slice(&chunk);
        }
        Ok(whole)
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// An error with its causes: the outermost alone rarely says what to put right.
fn in_full(error: reqwest::Error) -> Failed {
    let error = error.without_url();
    let first: &dyn std::error::Error = &error;
    let causes = std::iter::successors(Some(first), |error| error.source());
    let causes: Vec<_> = causes.map(ToString::to_string).collect();
    Failed(causes.join(": "))
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}
