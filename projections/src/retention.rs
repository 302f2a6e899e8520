//! What has been kept as long as it is to be kept, and how anything stands that somebody wants erased.

use chrono::{DateTime, NaiveDate, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::case::{Case, Stage};
use pipss_domain::erasure::Standing;
use pipss_domain::facts::{RetentionClass, Subject};
use pipss_domain::history::Who;
use pipss_domain::ids::PersonId;
use pipss_domain::policy::Hat;
use pipss_domain::program::ProgramActs;
use pipss_domain::stream::Log;

use crate::Views;

/// Something whose time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// What.
    pub subject: Subject,
    /// Its class.
    pub class: RetentionClass,
    /// Since when it need not be kept.
    pub since: NaiveDate,
}

impl Views {
    /// Everything whose time is over and that is not erased, in a stable order; held or not.
    pub fn due(&self, now: DateTime<Utc>) -> Vec<Due> {
        let cases = self.cases.iter().map(|case| Subject::Case(case.case));
        let ones = self.one_to_ones.iter().map(|one| Subject::OneToOne(one.id));
        let supervisions = self
            .supervisions
            .iter()
            .map(|(id, _)| Subject::Supervision(*id));
        let disclosures = self
            .disclosures
            .iter()
            .map(|one| Subject::Disclosure(one.id));
        let months = self
            .retention
            .months()
            .map(|(log, month)| Subject::Month(log, month));
        let all = cases
            .chain(ones)
            .chain(supervisions)
            .chain(disclosures)
            .chain(months);
        let mut due: Vec<_> = all.filter_map(|subject| self.since(subject, now)).collect();
        due.sort_by_key(|due| due.subject);
        due
    }

    /// How something stands.
    pub fn standing(&self, subject: Subject, now: DateTime<Utc>) -> Standing {
        if let Subject::Person(person) = subject {
            return self.person_stands(person, now);
        }
        match self.ended(subject) {
            None => Standing::Unknown,
            Some(Err(first)) => Standing::InUse(first),
            Some(Ok(_)) if self.since(subject, now).is_some() => Standing::Due,
            Some(Ok(_)) => Standing::Ended,
        }
    }

    fn since(&self, subject: Subject, now: DateTime<Utc>) -> Option<Due> {
        let ended = self.ended(subject)?.ok()?;
        let again = self.retention.erased_at(subject).is_none_or(|erased| {
            // What was opened again and came to another end is kept for another time.
            day_in_london(erased) < ended
        });
        let class = subject.class();
        let since = self.retention.due_on(class, ended)?;
        let over = since <= day_in_london(now);
        (again && over).then_some(Due {
            subject,
            class,
            since,
        })
    }

    /// The day on which something came to its end, or what must be done first; `None` if it is not there.
    fn ended(&self, subject: Subject) -> Option<Result<NaiveDate, &'static str>> {
        let on = |at: Option<DateTime<Utc>>, first| at.map(day_in_london).ok_or(first);
        Some(match subject {
            Subject::Person(_) => return None,
            Subject::Case(id) => on(
                self.case_closed(self.cases.get(id)?),
                "Close the case first.",
            ),
            Subject::Escalations(id) => {
                let mut here = self
                    .escalations
                    .iter()
                    .filter(|one| one.case == id)
                    .peekable();
                here.peek()?;
                let handled: Option<Vec<_>> = here.map(|one| Some(one.handled?.2)).collect();
                let last = handled.and_then(|all| all.into_iter().max());
                on(last, "The lead has not seen to this yet.")
            }
            Subject::OneToOne(id) => {
                let one = self.one_to_ones.get(id)?;
                let over = (!one.state.is_open()).then_some(one.since);
                on(over, "This is not over yet.")
            }
            Subject::Supervision(id) => {
                let closed = self.supervisions.get(id)?.closed;
                on(closed.map(|(_, at)| at), "This is not closed yet.")
            }
            Subject::Disclosure(id) => {
                let decided = self.disclosures.get(id)?.decided.as_ref();
                on(decided.map(|(_, at)| *at), "This is not decided yet.")
            }
            Subject::Month(Log::Main, _) => return None,
            Subject::Month(log, month) => {
                self.retention
                    .months()
                    .find(|known| *known == (log, month))?;
                Ok(month.end())
            }
        })
    }

    /// When the work of a case ended; that of a merged one goes on in another.
    fn case_closed(&self, case: &Case) -> Option<DateTime<Utc>> {
        match (case.stage(), case.aftercare.merged_into) {
            (Stage::Merged, Some(into)) => self.cases.get(into).and_then(Case::closed_at),
            _ => case.closed_at(),
        }
    }

    fn person_stands(&self, person: PersonId, now: DateTime<Utc>) -> Standing {
        let directory = &self.directory;
        if !directory.people.contains_key(&person) {
            return Standing::Unknown;
        }
        let nothing = [Hat::Staff, Hat::Integration(ProgramActs::default())];
        let hats = directory.hats(Who::Person(person), now);
        if hats.iter().any(|hat| !nothing.contains(hat)) {
            return Standing::InUse("This person has a role or manages a team. End that first.");
        }
        Standing::Ended
    }
}
