//! The weekly digest: on Monday morning each lead reads how much waits, in numbers and nothing else.

use chrono::{DateTime, Datelike, NaiveTime, Utc};
use pipss_domain::calendar::{in_london, monday_of};
use pipss_domain::case::{SessionOutcome, Stage};
use pipss_domain::ids::{FactId, PersonId};
use pipss_domain::letter::LetterKind;
use pipss_domain::stream::Stream;
use uuid::Uuid;

use crate::clock_letters::{Told, may_hear, pressing, timely};
use crate::letters::{Around, Letter, Letters};

const EIGHT: NaiveTime = NaiveTime::from_hms_opt(8, 0, 0).expect("there is such a time");

/// How much waits: all that stands in a digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Cases that nobody has triaged.
    pub to_triage: usize,
    /// Cases that were accepted and are not closed.
    pub open: usize,
    /// Sessions from this Monday to Sunday, called off ones left out.
    pub sessions: usize,
    /// Due times that have passed.
    pub overdue: usize,
}

/// The digests of this week that were not sent yet, where something waited on Monday morning and still
/// does. Those of weeks gone by are never owed.
pub(crate) fn owed(
    letters: &Letters,
    told: &Told,
    around: Around<'_>,
    now: DateTime<Utc>,
) -> Vec<Letter> {
    let monday = monday_of(now);
    let Some(from) = in_london(monday, EIGHT).filter(|from| *from <= now) else {
        return Vec::new();
    };
    let week = monday.iso_week();
    let name = format!("digest/{}-W{:02}", week.year(), week.week());
    let waits = |to: PersonId| {
        let mut open = around.cases.open();
        open.any(|case| case.raised_at <= from && may_hear(case, to, around.directory, now))
    };
    let each = told.first.iter().map(|to| {
        let cause = FactId::new(Uuid::new_v5(&to.uuid(), name.as_bytes()));
        timely((cause, LetterKind::Digest, *to), Stream::Policy, from)
    });
    each.filter(|letter| !letters.recorded(letter.id) && waits(letter.id.2))
        .collect()
}

/// How much waits, as far as this person may know.
pub fn counts(around: Around<'_>, to: PersonId, now: DateTime<Utc>) -> Counts {
    let monday = monday_of(now);
    let this_week = |at: DateTime<Utc>| monday_of(at) == monday;
    let mut counts = Counts::default();
    let known = around
        .cases
        .iter()
        .filter(|case| may_hear(case, to, around.directory, now));
    for case in known {
        match case.stage() {
            Stage::Raised => counts.to_triage += 1,
            Stage::Open => counts.open += 1,
            Stage::Closed | Stage::Merged => {}
        }
        let sessions = case.sessions().filter(|(_, session)| {
            let off = matches!(
                session.outcome,
                Some(SessionOutcome::Cancelled(_) | SessionOutcome::NotHeld(_))
            );
            !off && this_week(session.arranged.starts_at)
        });
        counts.sessions += sessions.count();
        let clocks = pressing(case, now).into_iter();
        counts.overdue += clocks.filter(|clock| clock.due < Some(now)).count();
    }
    counts
}
