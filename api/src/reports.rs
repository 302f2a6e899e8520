//! Reports of a closed quarter: themes and demand for governance, waits for the lead.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use pipss_domain::clocks::ClockCode;
use pipss_domain::facts::Looked;
use pipss_domain::incident::IncidentGroup;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
pub use pipss_projections::quarter::Quarter;
use pipss_projections::{counts, waits};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::app::App;
use crate::case_answer::TeamName;
use crate::cases::team_name;
use crate::door::{Caller, Server};
use crate::problem::{Problem, Refused};

/// Themes and demand of a closed quarter. A number that is absent is hidden: too few, or nearly all from
/// one team, or it would give another hidden number away.
#[derive(Serialize, ToSchema)]
pub struct QuarterAnswer {
    /// The quarter.
    pub quarter: String,
    /// Themes of the sessions held in it: distinct cases.
    pub themes: Vec<ThemeAnswer>,
    /// Referrals raised in it.
    pub referrals: Option<usize>,
    /// Referrals raised in it, by directorate.
    pub directorates: Vec<DirectorateAnswer>,
    /// Groups of the incidents they name: distinct cases.
    pub incident_groups: Vec<GroupAnswer>,
}

/// A parent theme.
#[derive(Serialize, ToSchema)]
pub struct ThemeAnswer {
    /// Its code.
    pub theme: &'static str,
    /// In whatever way it was present.
    pub any: Option<usize>,
    /// As a strength.
    pub strength: Option<usize>,
    /// As a difficulty.
    pub difficulty: Option<usize>,
    /// As both.
    pub mixed: Option<usize>,
}

/// A directorate.
#[derive(Serialize, ToSchema)]
pub struct DirectorateAnswer {
    /// Which.
    pub directorate: TeamName,
    /// Its referrals.
    pub referrals: Option<usize>,
}

/// A group of incidents.
#[derive(Serialize, ToSchema)]
pub struct GroupAnswer {
    /// Which.
    pub group: IncidentGroup,
    /// Cases.
    pub cases: Option<usize>,
}

/// The waits of a closed quarter's referrals.
#[derive(Serialize, ToSchema)]
pub struct WaitsAnswer {
    /// The quarter.
    pub quarter: String,
    /// Each clock.
    pub clocks: Vec<WaitAnswer>,
}

/// One clock over a quarter.
#[derive(Serialize, ToSchema)]
pub struct WaitAnswer {
    /// Which.
    pub clock: ClockCode,
    /// Those that stopped.
    pub stopped: usize,
    /// Those that still run.
    pub running: usize,
    /// Those that stopped in time.
    pub in_time: usize,
    /// Those that do not run, or stopped before they began.
    pub excluded: usize,
    /// The median in minutes, from 8 on.
    pub median_minutes: Option<i64>,
    /// The 90th percentile in minutes, from 20 on.
    pub ninetieth_minutes: Option<i64>,
}

/// So many closed quarters are offered: two years.
const QUARTERS_SHOWN: usize = 8;

impl App {
    /// The closed quarters of the last two years, the latest first.
    ///
    /// # Errors
    /// `NotAllowed` for all but governance and leads.
    pub fn quarters(&self, actor: &Actor) -> Result<Vec<Quarter>, Refusal> {
        self.view(actor, |view| {
            view.allow(Act::SeeReports, None)?;
            let current = Quarter::of(view.now);
            let closed = std::iter::successors(Some(current.before()), |last| Some(last.before()));
            Ok(closed.take(QUARTERS_SHOWN).collect())
        })
    }

    /// Themes and demand of a closed quarter.
    ///
    /// # Errors
    /// `NotAllowed` for all but governance and leads; `NotFound` for a quarter that is not over.
    pub fn quarter(&self, actor: &Actor, quarter: Quarter) -> Result<QuarterAnswer, Refusal> {
        self.view(actor, |view| {
            view.allow(Act::SeeReports, None)?;
            if !quarter.closed(view.now) {
                return Err(Refusal::NotFound);
            }
            let cases = &view.without_barred(&view.views.cases);
            let directory = &view.views.directory;
            let (referrals, directorates) = counts::demand(cases, directory, quarter);
            let directorate = |(unit, referrals)| DirectorateAnswer {
                directorate: team_name(view, unit),
                referrals,
            };
            let groups = counts::incident_groups(cases, quarter).into_iter();
            view.looked(Looked::Report, format!("quarter/{quarter}"));
            Ok(QuarterAnswer {
                quarter: quarter.to_string(),
                themes: counts::themes(cases, quarter).iter().map(theme).collect(),
                referrals,
                directorates: directorates.into_iter().map(directorate).collect(),
                incident_groups: groups
                    .map(|(group, cases)| GroupAnswer { group, cases })
                    .collect(),
            })
        })
    }

    /// The waits of a closed quarter's referrals.
    ///
    /// # Errors
    /// `NotAllowed` for all but leads; `NotFound` for a quarter that is not over.
    pub fn waits(&self, actor: &Actor, quarter: Quarter) -> Result<WaitsAnswer, Refusal> {
        self.view(actor, |view| {
            view.allow(Act::SeeWaits, None)?;
            if !quarter.closed(view.now) {
                return Err(Refusal::NotFound);
            }
            let cases = &view.without_barred(&view.views.cases);
            let waits = waits::of_quarter(cases, quarter, view.now).into_iter();
            view.looked(Looked::Report, format!("waits/{quarter}"));
            Ok(WaitsAnswer {
                quarter: quarter.to_string(),
                clocks: waits.map(wait).collect(),
            })
        })
    }
}

fn theme(row: &counts::ThemeRow) -> ThemeAnswer {
    let part = |n: usize| row.parts.map(|parts| parts[n]);
    ThemeAnswer {
        theme: row.parent,
        any: row.any,
        strength: part(0),
        difficulty: part(1),
        mixed: part(2),
    }
}

fn wait(wait: waits::Wait) -> WaitAnswer {
    WaitAnswer {
        clock: wait.clock,
        stopped: wait.stopped,
        running: wait.running,
        in_time: wait.in_time,
        excluded: wait.excluded,
        median_minutes: wait.median_minutes,
        ninetieth_minutes: wait.ninetieth_minutes,
    }
}

fn asked(quarter: Result<Path<String>, PathRejection>) -> Result<Quarter, Refused> {
    let quarter = quarter.ok().and_then(|Path(text)| text.parse().ok());
    quarter.ok_or(Refusal::NotFound.into())
}

/// Themes and demand of a closed quarter.
#[utoipa::path(get, path = "/api/v1/reports/quarters/{quarter}", tag = "reports",
    params(("quarter" = String, Path, description = "A quarter that is over, such as 2026-Q3")),
    responses((status = 200, body = QuarterAnswer), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn quarter(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    quarter: Result<Path<String>, PathRejection>,
) -> Result<Json<QuarterAnswer>, Refused> {
    server.app.allow(&actor, Act::SeeReports, None)?;
    Ok(Json(server.app.quarter(&actor, asked(quarter)?)?))
}

/// The waits of a closed quarter's referrals.
#[utoipa::path(get, path = "/api/v1/reports/quarters/{quarter}/waits", tag = "reports",
    params(("quarter" = String, Path, description = "A quarter that is over, such as 2026-Q3")),
    responses((status = 200, body = WaitsAnswer), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn waits(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    quarter: Result<Path<String>, PathRejection>,
) -> Result<Json<WaitsAnswer>, Refused> {
    server.app.allow(&actor, Act::SeeWaits, None)?;
    Ok(Json(server.app.waits(&actor, asked(quarter)?)?))
}
