//! The access log through the eyes of an auditor: who looked at what, the newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::facts::{Looked, ReadAs, RecordRead};
use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::{CaseId, OrganisationId, PersonId, ReadingId};
use pipss_domain::policy::{Act, Hat};
use pipss_domain::stream::{LogId, Stream};
use pipss_domain::text::{Day, Line};
use pipss_domain::unusual::Seen;
use pipss_store::{EventStore, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::actor::Actor;
use crate::app::App;
use crate::case_answer::PersonName;
use crate::cases::person_name;
use crate::door::{Asking, Caller, Server};
use crate::lists::{limit, place};
use crate::problem::{Problem, Refused};
use crate::view::View;

/// So many facts are read at once.
const CHUNK: u64 = 200;

/// Which readings.
#[derive(Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AccessLogAsked {
    /// By this person.
    #[serde(default)]
    #[param(value_type = Option<String>, format = "uuid")]
    pub person: Option<PersonId>,
    /// Of this, as an answer names it: `case/0b6e…`.
    #[serde(default)]
    #[param(value_type = Option<String>, max_length = 80)]
    pub object: Option<Line<80>>,
    /// On this day, in England.
    #[serde(default)]
    #[param(value_type = Option<String>, format = "date")]
    pub day: Option<Day>,
    /// Go on from here: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// How many, at most 200; 50 if absent.
    #[serde(default)]
    pub limit: Option<usize>,
}

/// Readings, the newest first.
#[derive(Serialize, ToSchema)]
pub struct AccessLogAnswer {
    /// They: one for each person, thing and hour.
    pub readings: Vec<ReadingAnswer>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// Someone looked at something.
#[derive(Serialize, ToSchema)]
pub struct ReadingAnswer {
    /// In this hour.
    pub hour: DateTime<Utc>,
    /// Who; absent for whoever runs the machine, and once the month was destroyed.
    pub reader: Option<PersonName>,
    /// As what.
    pub read_as: ReadAs,
    /// What kind of thing.
    pub what: Looked,
    /// Which; absent once the month was destroyed.
    pub object: Option<String>,
}

/// A reading, opened for one answer.
pub(crate) struct Row {
    pub id: ReadingId,
    pub hour: DateTime<Utc>,
    pub what: Looked,
    pub read_as: ReadAs,
    pub object: Option<String>,
    pub reader: Option<PersonId>,
}

impl App {
    /// Who looked at what, the newest first. That one looked here is kept as well.
    ///
    /// # Errors
    /// `NotAllowed` for all but auditors; `Malformed` for a foreign cursor; or that the log cannot be read.
    pub fn access_log(
        &self,
        actor: &Actor,
        asked: &AccessLogAsked,
    ) -> Result<AccessLogAnswer, Refused> {
        self.allow(actor, Act::SeeAccessLog, None)?;
        let limit = limit(asked.limit)?;
        let after: Option<ReadingId> = place(self, actor, "access-log", asked.after.as_ref())?;
        // The log is read without holding up whoever writes.
        let mut rows = Vec::new();
        self.each_reading(actor.organisation, asked, after, &mut |row| {
            let shown = fits(&row, asked) && !self.view(actor, |view| hidden(view, &row));
            rows.extend(shown.then_some(row));
            rows.len() <= limit
        })?;
        self.view(actor, |view| {
            view.allow(Act::SeeAccessLog, None)?;
            let more = rows.len() > limit;
            rows.truncate(limit);
            let last = rows.last().filter(|_| more).map(|row| row.id);
            view.looked(Looked::AccessLog, "access-log");
            Ok(AccessLogAnswer {
                readings: rows.iter().map(|row| row.answer(view)).collect(),
                next: last.map(|id| self.cursors.seal(actor, "access-log", &id)),
            })
        })
    }

    /// The readings in which a value stands, the oldest first.
    pub(crate) fn readings_with(
        &self,
        organisation: OrganisationId,
        value: &impl Serialize,
    ) -> Vec<ReadingId> {
        let plain = serde_json::to_vec(value).expect("an id or a text is plain JSON");
        let streams = self.store.find(organisation, &plain).into_iter();
        let readings = streams.filter_map(|stream| match stream {
            Stream::Reading(id) => Some(id),
            _ => None,
        });
        readings.collect()
    }

    /// One reading, opened.
    pub(crate) fn reading_row(
        &self,
        organisation: OrganisationId,
        id: ReadingId,
    ) -> Result<Option<(Row, u64)>, StoreError> {
        let log = LogId::access(organisation);
        let facts = self.store.stream(log, &Stream::Reading(id))?;
        let fact = facts.first();
        Ok(fact.and_then(|fact| Some((self.row(fact)?, fact.position))))
    }

    fn row(&self, fact: &Fact) -> Option<Row> {
        let (Stream::Reading(id), Event::RecordRead(read)) = (fact.stream, &fact.event) else {
            return None;
        };
        let RecordRead { what, read_as, .. } = *read;
        let reader = read.reader.as_ref();
        Some(Row {
            id,
            hour: fact.occurred_at,
            what,
            read_as,
            object: self.open_text(&read.object),
            reader: reader.and_then(|reader| self.store.open(reader).known().copied()),
        })
    }

    /// Shows the readings that may fit, the newest first, for as long as `each` wants more: by what is
    /// found in memory where something is named, else back from the end of a day.
    pub(crate) fn each_reading(
        &self,
        organisation: OrganisationId,
        asked: &AccessLogAsked,
        after: Option<ReadingId>,
        each: &mut dyn FnMut(Row) -> bool,
    ) -> Result<(), StoreError> {
        let object = asked.object.clone().map(String::from);
        let mut found = match (&object, asked.person) {
            (Some(object), _) => self.readings_with(organisation, object),
            (None, Some(person)) => self.readings_with(organisation, &person),
            (None, None) => return self.each_backwards(organisation, asked.day, after, each),
        };
        if let Some(after) = after {
            let at = found.iter().rposition(|id| *id == after);
            found.truncate(at.unwrap_or(0));
        }
        for id in found.into_iter().rev() {
            if let Some((row, _)) = self.reading_row(organisation, id)?
                && !each(row)
            {
                break;
            }
        }
        Ok(())
    }

    fn each_backwards(
        &self,
        organisation: OrganisationId,
        day: Option<Day>,
        after: Option<ReadingId>,
        each: &mut dyn FnMut(Row) -> bool,
    ) -> Result<(), StoreError> {
        let log = LogId::access(organisation);
        let mut until = match (after, day) {
            (Some(after), _) => {
                let row = self.reading_row(organisation, after)?;
                row.map_or(0, |(_, position)| position - 1)
            }
            (None, Some(day)) => self.last_on(log, day.0)?,
            (None, None) => self.store.head(log).position,
        };
        while until > 0 {
            let from = until.saturating_sub(CHUNK);
            let limit = usize::try_from(until - from).unwrap_or(usize::MAX);
            for fact in self.store.log(log, from, limit)?.iter().rev() {
                if let Some(row) = self.row(fact)
                    && !each(row)
                {
                    return Ok(());
                }
            }
            until = from;
        }
        Ok(())
    }

    /// The position of the last reading up to the end of a day: an instant is a prefix of the log.
    fn last_on(&self, log: LogId, day: NaiveDate) -> Result<u64, StoreError> {
        let (mut within, mut beyond) = (0, self.store.head(log).position + 1);
        while beyond - within > 1 {
            let middle = within + (beyond - within) / 2;
            let facts = self.store.log(log, middle - 1, 1)?;
            let on = |fact: &Fact| day_in_london(fact.recorded_at) <= day;
            match facts.first().is_some_and(on) {
                true => within = middle,
                false => beyond = middle,
            }
        }
        Ok(within)
    }
}

impl Row {
    fn answer(&self, view: &View<'_>) -> ReadingAnswer {
        ReadingAnswer {
            hour: self.hour,
            reader: self.reader.map(|reader| person_name(view, reader)),
            read_as: self.read_as,
            what: self.what,
            object: self.object.clone(),
        }
    }

    pub(crate) fn seen(self) -> Option<Seen> {
        Some(Seen {
            reader: self.reader?,
            what: self.what,
            read_as: self.read_as,
            object: self.object?,
            hour: self.hour,
        })
    }
}

fn fits(row: &Row, asked: &AccessLogAsked) -> bool {
    let object = asked.object.clone().map(String::from);
    (asked.person.is_none() || row.reader == asked.person)
        && (object.is_none() || row.object == object)
        && asked.day.is_none_or(|day| day_in_london(row.hour) == day.0)
}

/// Whoever manages a unit learns here of nothing that is private to someone, and whoever is barred from
/// something of nothing about it.
pub(crate) fn hidden(view: &View<'_>, row: &Row) -> bool {
    if row.what.is_private() && view.hats.contains(&Hat::Manager) {
        return true;
    }
    let Some(object) = &row.object else {
        return false;
    };
    match object.parse() {
        Ok(Stream::Case(case)) => barred_from(view, case),
        Ok(Stream::Support(id)) => {
            let one = view.views.one_to_ones.get(id);
            one.is_some_and(|one| view.stands_to(one).barred)
        }
        _ => view.may_not_know_of_report(object),
    }
}

fn barred_from(view: &View<'_>, case: CaseId) -> bool {
    let case = view.views.cases.get(case);
    case.is_some_and(|case| view.bars_from(case))
}

/// Who looked at what, the newest first, one for each person, thing and hour.
#[utoipa::path(get, path = "/api/v1/access-log", tag = "oversight", params(AccessLogAsked),
    responses((status = 200, body = AccessLogAnswer), (status = 403, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Asking(asked): Asking<AccessLogAsked>,
) -> Result<Json<AccessLogAnswer>, Refused> {
    server.app.allow(&actor, Act::SeeAccessLog, None)?;
    server.app.access_log(&actor, &asked?).map(Json)
}
