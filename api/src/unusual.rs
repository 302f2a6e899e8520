//! Reading that an auditor should ask about: the rules, asked of what the access log holds.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Days, NaiveDate, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::facts::Looked;
use pipss_domain::history::Who;
use pipss_domain::policy::Act;
use pipss_domain::stream::{LogId, Stream};
use pipss_domain::text::Day;
use pipss_domain::unusual::{Around, Rule, Seen, THRESHOLDS, of_day};
use pipss_store::EventStore;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access_log::{AccessLogAsked, Row, hidden};
use crate::actor::Actor;
use crate::app::App;
use crate::case_answer::PersonName;
use crate::cases::person_name;
use crate::door::{Asking, Caller, Server};
use crate::problem::{Problem, Refused};
use crate::view::View;

/// What is unusual is sought in so many readings; a bound, not a rule.
const LOOKED_BACK_MAX: usize = 200_000;

/// Which day.
#[derive(Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct UnusualAsked {
    /// Today, in England, if absent.
    #[serde(default)]
    #[param(value_type = Option<String>, format = "date")]
    pub day: Option<Day>,
}

/// What was unusual about a day's reading.
#[derive(Serialize, ToSchema)]
pub struct UnusualAnswer {
    /// The day.
    pub day: NaiveDate,
    /// What an auditor should ask about.
    pub findings: Vec<FindingAnswer>,
}

/// Something that an auditor should ask about.
#[derive(Serialize, ToSchema)]
pub struct FindingAnswer {
    /// The rule that shows it.
    pub rule: Rule,
    /// Why it is shown.
    pub because: String,
    /// Who read.
    pub reader: PersonName,
    /// Which thing, if it is about one.
    pub object: Option<String>,
    /// How many things.
    pub number: usize,
    /// How many they usually read on a day, where the rule goes by that.
    pub usual: Option<usize>,
    /// The first hour.
    pub hour: DateTime<Utc>,
}

impl App {
    /// What is unusual about the reading of a day, against the days before.
    ///
    /// # Errors
    /// `NotAllowed` for all but auditors; or that the log cannot be read.
    pub fn unusual_reading(
        &self,
        actor: &Actor,
        asked: UnusualAsked,
    ) -> Result<UnusualAnswer, Refused> {
        self.allow(actor, Act::SeeAccessLog, None)?;
        let today = || day_in_london(self.clock().now());
        let day = asked.day.map_or_else(today, |day| day.0);
        let first = day.checked_sub_days(Days::new(THRESHOLDS.usual_days));
        let first = first.unwrap_or(day);
        let wanted = AccessLogAsked {
            day: Some(Day(day)),
            ..AccessLogAsked::default()
        };
        let mut rows = Vec::new();
        self.each_reading(actor.organisation, &wanted, None, &mut |row| {
            let within = day_in_london(row.hour) >= first && rows.len() < LOOKED_BACK_MAX;
            rows.extend(within.then_some(row));
            within
        })?;
        self.view(actor, |view| {
            view.allow(Act::SeeAccessLog, None)?;
            let shown = rows.into_iter().filter(|row| !hidden(view, row));
            let seen: Vec<_> = shown.filter_map(Row::seen).collect();
            view.looked(Looked::AccessLog, "access-log");
            let findings = of_day(
                day,
                &seen,
                &Around {
                    own_team: &|one| view.is_of_own_team(one),
                    works_on_it: &|one| view.works_on(one),
                },
            );
            let answer = |finding: pipss_domain::unusual::Finding| FindingAnswer {
                rule: finding.rule,
                because: finding.rule.sentence(),
                reader: person_name(view, finding.reader),
                object: finding.object,
                number: finding.number,
                usual: finding.usual,
                hour: finding.hour,
            };
            Ok(UnusualAnswer {
                day,
                findings: findings.into_iter().map(answer).collect(),
            })
        })
    }
}

impl View<'_> {
    /// Is what someone read a case of the team that they work in, and do not manage?
    fn is_of_own_team(&self, one: &Seen) -> bool {
        let Ok(Stream::Case(id)) = one.object.parse() else {
            return false;
        };
        let directory = &self.views.directory;
        let home = directory.people.get(&one.reader).and_then(|p| p.home_unit);
        let team = self.views.cases.get(id).map(|case| case.team());
        team.is_some_and(|team| home == Some(team) && !directory.manages(one.reader, team))
    }

    /// Did whoever read something record something in it, were they asked to help, or do they manage the
    /// team?
    fn works_on(&self, one: &Seen) -> bool {
        let Ok(stream) = one.object.parse() else {
            return false;
        };
        let concerned = match stream {
            Stream::Case(id) => self.views.cases.get(id).is_some_and(|case| {
                let mut sessions = case.sessions();
                self.views.directory.manages(one.reader, case.team())
                    || sessions.any(|(_, session)| session.assigned(one.reader, one.hour))
            }),
            Stream::Support(id) => {
                let found = self.views.one_to_ones.get(id);
                found.is_some_and(|found| found.assigned(one.reader, one.hour))
            }
            _ => false,
        };
        let log = LogId::main(self.actor.organisation);
        let recorded = || self.app.store.stream(log, &stream).unwrap_or_default();
        let reader = Who::Person(one.reader);
        concerned || recorded().iter().any(|fact| fact.who == reader)
    }
}

/// What was unusual about a day's reading, and why it is shown.
#[utoipa::path(get, path = "/api/v1/access-log/unusual", tag = "oversight", params(UnusualAsked),
    responses((status = 200, body = UnusualAnswer), (status = 403, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Asking(asked): Asking<UnusualAsked>,
) -> Result<Json<UnusualAnswer>, Refused> {
    server.app.allow(&actor, Act::SeeAccessLog, None)?;
    server.app.unusual_reading(&actor, asked?).map(Json)
}
