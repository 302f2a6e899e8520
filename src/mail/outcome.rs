//! Why a letter was not accepted, in words without names.

use std::fmt;

/// The letter is not known to have been accepted. It names no address and no server text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAccepted {
    /// Sending the same letter again cannot help.
    pub permanent: bool,
    /// The server's SMTP reply, if it gave one.
    pub code: Option<u16>,
    /// What happened.
    pub what: What,
}

/// What kept a letter from being accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Its address, subject, date or message id cannot be put into an e-mail.
    Malformed,
    /// Nothing listens at the configured host and port.
    ConnectionRefused,
    /// The host has no address or no way leads there.
    Unreachable,
    /// Encryption is required and the server offers none.
    NoEncryption,
    /// The server's certificate or its encryption is not acceptable.
    TlsFailed,
    /// The server turns this program away, whatever the letter.
    TurnedAway,
    /// The server refuses this letter.
    Refused,
    /// The server asks to come back later.
    Later,
    /// The server took too long.
    TimedOut,
    /// The connection ended before an answer; the letter may even have been accepted.
    BrokenOff,
}

impl NotAccepted {
    pub(super) fn for_now(what: What) -> NotAccepted {
        NotAccepted {
            permanent: false,
            code: None,
            what,
        }
    }

    pub(super) fn for_good(what: What) -> NotAccepted {
        NotAccepted {
            permanent: true,
            code: None,
            what,
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            What::Malformed => "its address, subject, date or message id cannot be sent",
            What::ConnectionRefused => "nothing listens at the mail server's address",
            What::Unreachable => "the mail server cannot be reached",
            What::NoEncryption => "the mail server offers no encryption",
            What::TlsFailed => "no secure connection to the mail server",
            What::TurnedAway => "the mail server turns this program away",
            What::Refused => "the mail server refuses the letter",
            What::Later => "the mail server asks to come back later",
            What::TimedOut => "the mail server took too long",
            What::BrokenOff => "the mail server broke off before it answered",
        })
    }
}

impl fmt::Display for NotAccepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{} (reply {code})", self.what),
            None => self.what.fmt(f),
        }
    }
}

impl std::error::Error for NotAccepted {}
