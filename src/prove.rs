//! `pipss prove privacy`: shows on the organisation's own data that a manager cannot see who asked.

pub mod runs;
pub mod signed;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, TryLockError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use pipss_api::actor::Actor;
use pipss_api::app::App;
use pipss_api::intent::Intent;
use pipss_api::letters::MailOwed;
use pipss_api::prove::{self, Difference, Leak, Outcome, Unproven};
use pipss_domain::ids::OrganisationId;
use pipss_store::hex;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::faces;
use crate::mail;
use crate::post::{bare, enveloped};
use signed::Signed;

/// Whom letters come from while they are compared; they leave for nowhere.
const FROM: &str = "Staff support <staff-support@pipss.invalid>";
const HEARD_MAX: usize = 16;
/// One that takes longer than this is stopped.
const LONGEST: Duration = Duration::from_secs(4 * 3600);

/// One proof at a time: it takes two cores.
static ONE: Mutex<()> = Mutex::new(());

/// What is heard of a proof.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heard {
    /// So many of so many managers were compared.
    Compared(usize, usize),
    /// It came to an end.
    Ended(Ended),
    /// It did not: why.
    Not(String),
}

/// What came of a proof, for whoever had it run.
#[derive(Clone, Serialize, Deserialize)]
pub struct Ended {
    /// Does it hold?
    pub holds: bool,
    /// What to say, a line each.
    pub lines: Vec<String>,
    /// Each leak that was planted, and where it was found.
    pub planted: Vec<String>,
    /// The signed result as it is handed on; none if it could not be signed.
    pub result: Option<String>,
}

/// Begins a proof for the operator or an auditor. Whoever stops listening stops it.
pub fn begun(app: Arc<App>, folder: PathBuf, actor: Actor) -> Receiver<Heard> {
    let (say, heard) = channel(HEARD_MAX);
    let handle = Handle::current();
    tokio::task::spawn_blocking(move || {
        let last = match ONE.try_lock() {
            Err(TryLockError::WouldBlock) => {
                Heard::Not("another proof is running; try again when it has ended".into())
            }
            _one_at_a_time => proved(&app, &folder, &actor, (&handle, &say)),
        };
        // Nobody may be listening any more.
        let _ = say.blocking_send(last);
    });
    heard
}

fn proved(
    app: &App,
    folder: &Path,
    actor: &Actor,
    (handle, say): (&Handle, &Sender<Heard>),
) -> Heard {
    if app.may_prove(actor).is_err() {
        return Heard::Not("this is for auditors who manage no team".into());
    }
    let began = Instant::now();
    let progress = |done, of| {
        let _ = say.try_send(Heard::Compared(done, of));
        !say.is_closed() && began.elapsed() < LONGEST
    };
    // The run is one record in the access log, and not run unless that is kept.
    if let Err(refused) = handle.block_on(app.proof_begins(actor)) {
        return Heard::Not(refused.problem().detail);
    }
    let organisation = actor.organisation();
    let outcome = match privacy(app, organisation, &Leak::ALL, &progress) {
        Ok(outcome) => outcome,
        Err(unproven) => return Heard::Not(unproven.to_string()),
    };
    let mut lines = lines(&outcome);
    // That it ran is one fact. When it was, and whether it held, is for everyone; nothing else is kept.
    let ran = Intent::privacy_proved(outcome.at, outcome.holds());
    if handle.block_on(app.execute(actor, ran)).is_err() {
        lines.push("That it ran could not be recorded.".into());
    }
    let signed = Signed::by(folder, signed::Result::of(&outcome, organisation));
    lines.push(match &signed {
        Ok(signed) => format!("Signed with the key {}", signed.public_key),
        Err(error) => format!("Not signed: {error:#}"),
    });
    tracing::warn!(%organisation, holds = outcome.holds(), "{}", lines[0]);
    Heard::Ended(Ended {
        holds: outcome.holds(),
        lines,
        planted: planted(&outcome),
        result: signed.ok().map(|signed| signed.file()),
    })
}

/// Proves it over everything that this program answers: the interface, the pages, the letters.
///
/// # Errors
/// Why nothing could be proved.
pub fn privacy(
    app: &App,
    organisation: OrganisationId,
    leaks: &[Leak],
    progress: prove::Progress<'_>,
) -> Result<Outcome, Unproven> {
    let outside = prove::Outside {
        compose: &composed,
        pages: &faces::pages_to_be_proved,
        every_page: &faces::every_page(),
    };
    prove::privacy(app, organisation, outside, leaks, progress)
}

/// A mail as the bytes that would leave, its calendar part included.
pub fn composed(mail: &MailOwed, now: DateTime<Utc>) -> Vec<u8> {
    let domain = bare(FROM).rsplit('@').next().unwrap_or_default();
    let enveloped = enveloped(mail, (bare(FROM), domain), now);
    mail::bytes(FROM, &enveloped).unwrap_or_default()
}

fn lines(outcome: &Outcome) -> Vec<String> {
    let mut lines = vec![format!(
        "{} managers, {} answers, {} bytes differ",
        grouped(outcome.managers as u64),
        grouped(outcome.answers),
        grouped(outcome.bytes)
    )];
    let differences = outcome.differences.iter();
    lines.extend(differences.map(|one| format!("Differs: {}", named(one))));
    let planted = &outcome.planted;
    let caught = planted.iter().filter(|(_, caught)| caught.is_some());
    lines.extend([
        format!(
            "{} routes, pages among them, and every letter, with and without {} private facts",
            outcome.routes,
            grouped(outcome.private as u64)
        ),
        format!(
            "The log up to position {}, chain {}",
            grouped(outcome.head.position),
            hex::of(&outcome.head.chain)
        ),
        format!(
            "{} leaks were planted, {} caught",
            planted.len(),
            caught.count()
        ),
        format!(
            "{}, in {:.1} s",
            outcome.at.format("%FT%TZ"),
            outcome.took.as_secs_f64()
        ),
    ]);
    lines
}

fn planted(outcome: &Outcome) -> Vec<String> {
    let each = outcome.planted.iter().map(|(leak, caught)| match caught {
        Some(difference) => format!("Planted {}, found at {}", leak.words(), named(difference)),
        None => format!("Planted {}, NOT CAUGHT", leak.words()),
    });
    each.collect()
}

fn named(difference: &Difference) -> String {
    let Difference {
        manager,
        route,
        place,
    } = difference;
    format!("{route} for manager {manager}: {place}")
}

/// 38120 as 38,120.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Shows on the console how far it is: one line that changes, or a line for every tenth.
pub fn show(done: usize, of: usize) {
    let mut console = std::io::stderr();
    if console.is_terminal() {
        let _ = write!(console, "\r{done} of {of} managers");
        if done == of {
            let _ = writeln!(console);
        }
    } else if done * 10 / of > (done - 1) * 10 / of {
        let _ = writeln!(console, "{done} of {of} managers");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_read_in_threes() {
        let numbers = [0, 999, 1000, 38_120, 1_234_567].map(grouped);
        assert_eq!(numbers, ["0", "999", "1,000", "38,120", "1,234,567"]);
    }
}
