//! How a letter leaves: one e-mail at a time, through the trust's own mail server.

use std::error::Error as _;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, Datelike, Utc};
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, MultiPartKind, SinglePart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters,
};
use lettre::transport::smtp::extension::ClientId;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

mod clear;
mod outcome;

use clear::Clear;
pub use outcome::{NotAccepted, What};

const MESSAGE_ID_CHARS_MAX: usize = 200;
const SUBJECT_CHARS_MAX: usize = 300;
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// The trust's mail server, as the configuration describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// Its name, which its certificate must carry unless `security` is plain.
    pub host: String,
    /// Usually 587 for starttls, 465 for tls, 25 for plain.
    pub port: u16,
    /// How the way there is protected.
    pub security: Security,
    /// With `password`, if the server wants them; never sent over a plain connection.
    pub username: Option<String>,
    /// See `username`.
    pub password: Option<SecretString>,
    /// Whom letters come from: `Staff support <staff-support@trust.example>`.
    pub from: String,
    /// The only certificates to trust (PEM); without it, those the system trusts.
    pub ca_file: Option<PathBuf>,
    /// The most one letter may take, from connecting to the last answer; 1 to 300.
    #[serde(default = "twenty")]
    pub timeout_seconds: u64,
    /// How this machine introduces itself; without it, the domain of `from`.
    pub hello_name: Option<String>,
}

/// How the way to the mail server is protected. There is no "if available".
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Begins in the clear and must be encrypted before anything is said.
    StartTls,
    /// Not at all: for a relay on this machine or a protected network.
    Plain,
    /// Encrypted from the first byte.
    Tls,
}

/// One letter to one person, ready to leave.
#[derive(Clone)]
pub struct Mail {
    /// One address, with or without a name.
    pub to: String,
    /// One line, at most 300 characters.
    pub subject: String,
    /// Plain text of at most 64 KiB; lines end in LF.
    pub text: String,
    /// Without angle brackets; the same again whenever the same letter is sent again.
    pub message_id: String,
    /// When the letter was written.
    pub date: DateTime<Utc>,
    /// The same for a calendar, if there is one.
    pub calendar: Option<CalendarPart>,
}

/// What a calendar reads in a letter.
#[derive(Clone)]
pub struct CalendarPart {
    /// `REQUEST` or `CANCEL`.
    pub method: &'static str,
    /// An iCalendar object of at most 64 KiB; lines end in CR LF.
    pub text: String,
}

/// The way to the trust's mail server.
pub struct Postbox {
    host: String,
    port: u16,
    way: Way,
    credentials: Option<Credentials>,
    from: Mailbox,
    hello: ClientId,
    timeout: Duration,
}

enum Way {
    Plain,
    StartTls(TlsParameters),
    Tls(TlsParameters),
}

impl Postbox {
    /// Checks the settings; it does not connect.
    pub fn new(settings: &SmtpSettings) -> anyhow::Result<Postbox> {
        ensure!(
            (1..=300).contains(&settings.timeout_seconds),
            "timeout_seconds must be 1 to 300"
        );
        let from: Mailbox = settings
            .from
            .parse()
            .context("from is not an e-mail address")?;
        let hello = settings
            .hello_name
            .clone()
            .unwrap_or_else(|| from.email.domain().to_owned());
        ensure!(
            !hello.is_empty() && hello.chars().all(|c| c.is_ascii_graphic()),
            "hello_name must be a plain host name"
        );
        Ok(Postbox {
            host: settings.host.clone(),
            port: settings.port,
            way: way(settings)?,
            credentials: credentials(settings)?,
            from,
            hello: ClientId::Domain(hello),
            timeout: Duration::from_secs(settings.timeout_seconds),
        })
    }

    /// Hands one letter to the server over a fresh connection; done when the server has accepted it.
    pub async fn post(&self, mail: &Mail) -> Result<(), NotAccepted> {
        let message = compose(&self.from, mail).ok_or(NotAccepted::for_good(What::Malformed))?;
        let deadline = Instant::now() + self.timeout;
        let mut connection = timeout_at(deadline, self.deliver(&message))
            .await
            .map_err(|_| NotAccepted::for_now(What::TimedOut))??;
        // It is accepted: how the server says goodbye must not make it leave twice.
        let _ = timeout_at(deadline, connection.quit()).await;
        Ok(())
    }

    async fn deliver(&self, message: &Message) -> Result<AsyncSmtpConnection, NotAccepted> {
        let mut connection = self.connect().await?;
        if let Some(credentials) = &self.credentials {
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            connection
                .auth(&mechanisms, credentials)
                .await
                .map_err(|error| before(&error))?;
        }
        let text = message.formatted();
        // The end mark brings the last line end (RFC 5321 §4.1.1.4); a second is an empty line.
        let text = text.strip_suffix(b"\r\n").unwrap_or(&text);
        let sent = connection.send(message.envelope(), text).await;
        sent.map_err(|error| during(&error))?;
        Ok(connection)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, NotAccepted> {
        let server = (self.host.as_str(), self.port);
        let tls = match &self.way {
            Way::StartTls(tls) => return self.connect_and_encrypt(tls.clone()).await,
            Way::Tls(tls) => Some(tls.clone()),
            Way::Plain => None,
        };
        let connecting = AsyncSmtpConnection::connect_tokio1(server, None, &self.hello, tls, None);
        connecting.await.map_err(|error| before(&error))
    }

    async fn connect_and_encrypt(
        &self,
        tls: TlsParameters,
    ) -> Result<AsyncSmtpConnection, NotAccepted> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await;
        let stream = Box::new(Clear::new(stream.map_err(|error| unreached(error.kind()))?));
        let greeting = AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await;
        let mut connection = greeting.map_err(|error| before(&error))?;
        if !connection.can_starttls() {
            connection.abort().await;
            return Err(NotAccepted::for_now(What::NoEncryption));
        }
        let upgraded = connection.starttls(tls, &self.hello).await;
        upgraded.map_err(|error| match before(&error) {
            refused @ NotAccepted { code: Some(_), .. } => refused,
            _ => NotAccepted::for_now(What::TlsFailed),
        })?;
        Ok(connection)
    }
}

/// The bytes of a letter as they would leave from this address; nothing if it cannot be sent.
pub(crate) fn bytes(from: &str, mail: &Mail) -> Option<Vec<u8>> {
    Some(compose(&from.parse().ok()?, mail)?.formatted())
}

fn compose(from: &Mailbox, mail: &Mail) -> Option<Message> {
    let one_line = |text: &str| !text.chars().any(char::is_control);
    let sound = one_line(&mail.to)
        && one_line(&mail.subject)
        && mail.subject.chars().count() <= SUBJECT_CHARS_MAX
        && mail.text.len() <= TEXT_BYTES_MAX
        // A lone CR is a line end to some servers and not to others.
        && !mail.text.contains(|c: char| c.is_control() && c != '\n' && c != '\t')
        && is_message_id(&mail.message_id);
    let seconds = u64::try_from(mail.date.timestamp())
        .ok()
        .filter(|_| mail.date.year() < 9999);
    let message = Message::builder()
        .from(from.clone())
        .to(mail.to.parse().ok().filter(|_| sound)?)
        .subject(&*mail.subject)
        .date(UNIX_EPOCH + Duration::from_secs(seconds?))
        .message_id(Some(format!("<{}>", mail.message_id)))
        // RFC 3834 and Exchange: no out-of-office replies to a program.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Auto-Response-Suppress", "All"));
    let text = mail.text.clone();
    match &mail.calendar {
        None => message.header(ContentType::TEXT_PLAIN).body(text).ok(),
        Some(calendar) => message
            .multipart(alternatives(text, calendar, &mail.message_id)?)
            .ok(),
    }
}

/// The text, and the same for a calendar (RFC 6047 §2.4: the method stands beside the type too).
fn alternatives(text: String, calendar: &CalendarPart, id: &str) -> Option<MultiPart> {
    let content_type = format!("text/calendar; method={}; charset=utf-8", calendar.method);
    let fits = calendar.text.len() <= TEXT_BYTES_MAX;
    let part = SinglePart::builder()
        .header(ContentType::parse(&content_type).ok().filter(|_| fits)?)
        .body(calendar.text.clone());
    Some(
        MultiPart::builder()
            .kind(MultiPartKind::Alternative)
            .boundary(boundary(id))
            .singlepart(SinglePart::plain(text))
            .singlepart(part),
    )
}

/// What stands between the parts: the same whenever the same letter is sent again.
fn boundary(message_id: &str) -> String {
    let plain = message_id.chars().filter(char::is_ascii_alphanumeric);
    let named: String = plain.take(40).collect();
    format!("pipss-part-{named}")
}

/// What went wrong before the letter was mentioned: the next one would fare no better,
/// so even a permanent reply says nothing about this letter.
fn before(error: &SmtpError) -> NotAccepted {
    if let Some(kind) = io_kind(error) {
        return unreached(kind);
    }
    let what = match code(error) {
        Some(_) => What::TurnedAway,
        None if error.is_tls() => What::TlsFailed,
        // The server offers no way to sign in that we would use.
        None if error.is_client() => What::TurnedAway,
        None if error.is_response() => What::BrokenOff,
        None => What::Unreachable,
    };
    NotAccepted {
        code: code(error),
        ..NotAccepted::for_now(what)
    }
}

fn unreached(kind: io::ErrorKind) -> NotAccepted {
    NotAccepted::for_now(match kind {
        io::ErrorKind::ConnectionRefused => What::ConnectionRefused,
        // How the TLS library reports a certificate or an answer it does not take.
        io::ErrorKind::InvalidData => What::TlsFailed,
        io::ErrorKind::TimedOut => What::TimedOut,
        io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => What::BrokenOff,
        _ => What::Unreachable,
    })
}

/// What went wrong once the server had been told of the letter.
fn during(error: &SmtpError) -> NotAccepted {
    let code = code(error);
    let refusal = match code {
        // "Authentication required" is about us, not about the letter (RFC 4954 §6).
        Some(530) => NotAccepted::for_now(What::TurnedAway),
        Some(500..) => NotAccepted::for_good(What::Refused),
        Some(_) => NotAccepted::for_now(What::Later),
        // For instance an address in letters that the server does not know.
        None if error.is_client() => NotAccepted::for_good(What::Malformed),
        None => NotAccepted::for_now(What::BrokenOff),
    };
    NotAccepted { code, ..refusal }
}

fn code(error: &SmtpError) -> Option<u16> {
    error.status().map(u16::from)
}

fn io_kind(error: &SmtpError) -> Option<io::ErrorKind> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error.kind());
        }
        cause = error.source();
    }
    None
}

fn way(settings: &SmtpSettings) -> anyhow::Result<Way> {
    Ok(match settings.security {
        Security::Plain => Way::Plain,
        Security::StartTls => Way::StartTls(tls_parameters(settings)?),
        Security::Tls => Way::Tls(tls_parameters(settings)?),
    })
}

fn tls_parameters(settings: &SmtpSettings) -> anyhow::Result<TlsParameters> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.ca_file {
        let pem = std::fs::read(path)
            .with_context(|| format!("ca_file {} cannot be read", path.display()))?;
        let certificate = Certificate::from_pem(&pem)
            .with_context(|| format!("ca_file {} holds no certificate", path.display()))?;
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(certificate);
    }
    builder
        .build()
        .context("no secure connection to a mail server is possible")
}

fn credentials(settings: &SmtpSettings) -> anyhow::Result<Option<Credentials>> {
    match (&settings.username, &settings.password) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) if settings.security == Security::Plain => {
            bail!("a password must not be sent over a plain connection: set security")
        }
        (Some(username), Some(password)) => Ok(Some(Credentials::new(
            username.clone(),
            password.expose_secret().to_owned(),
        ))),
        _ => bail!("username and password belong together"),
    }
}

/// One `@` between printable ASCII characters, as every mail server takes it (RFC 5322 §3.6.4).
fn is_message_id(text: &str) -> bool {
    let sound = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_graphic());
    text.len() <= MESSAGE_ID_CHARS_MAX
        && !text.contains(['<', '>'])
        && matches!(text.split('@').collect::<Vec<_>>()[..], [left, right] if sound(left) && sound(right))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn twenty() -> u64 {
    20
}
