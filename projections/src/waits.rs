//! How long each step took in a quarter, for the lead: how many, the median, and how many in time.

use pipss_domain::case::Case;
use pipss_domain::clocks::{ClockCode, ClockState, Counted, latest_incident, of_case, petr_held};
use pipss_domain::working_time;

use chrono::{DateTime, Utc};

use crate::known::Known;
use crate::once::Once;
use crate::quarter::Quarter;

const MEDIAN_MIN: usize = 8;
const PERCENTILE_MIN: usize = 20;

/// One clock over the referrals of a quarter.
#[derive(Debug, PartialEq)]
pub struct Wait {
    /// Which clock.
    pub clock: ClockCode,
    /// Those that stopped.
    pub stopped: usize,
    /// Those that still run.
    pub running: usize,
    /// Those that stopped in time, where there is a target.
    pub in_time: usize,
    /// Those that do not run, or stopped before they began.
    pub excluded: usize,
    /// The median in minutes, counted as the clock counts; from 8 on.
    pub median_minutes: Option<i64>,
    /// The 90th percentile (nearest rank) in minutes; from 20 on.
    pub ninetieth_minutes: Option<i64>,
}

/// Every clock over the referrals of a quarter. What several cases share counts once: how long it took
/// from one incident to its first referral, and from it to one session held for several teams.
pub fn of_quarter(cases: &Known<'_>, quarter: Quarter, now: DateTime<Utc>) -> Vec<Wait> {
    let once = Once::of(cases);
    let mut clocks: Vec<_> = cases
        .raised_in(quarter.span())
        .flat_map(|case| {
            of_case(case, now)
                .into_iter()
                .map(move |clock| (case, clock))
        })
        .filter(|(case, clock)| counts(&once, case, clock.code))
        .map(|(_, clock)| clock)
        .collect();
    clocks.sort_by_key(|clock| clock.code);
    clocks.chunk_by(|a, b| a.code == b.code).map(wait).collect()
}

fn counts(once: &Once, case: &Case, clock: ClockCode) -> bool {
    match clock {
        ClockCode::K1 => latest_incident(case).is_none_or(|i| once.counts(case, i.incident)),
        ClockCode::K5 => petr_held(case).is_none_or(|(session, _)| session.is_led_here()),
        _ => true,
    }
}

fn wait(clocks: &[pipss_domain::clocks::Clock]) -> Wait {
    let in_state = |states: &[ClockState]| {
        clocks
            .iter()
            .filter(|clock| states.contains(&clock.state))
            .count()
    };
    let mut minutes: Vec<_> = clocks.iter().filter_map(minutes).collect();
    minutes.sort_unstable();
    let n = minutes.len();
    Wait {
        clock: clocks[0].code,
        stopped: n,
        running: in_state(&[
            ClockState::Running,
            ClockState::DueSoon,
            ClockState::Overdue,
        ]),
        in_time: in_state(&[ClockState::Met]),
        excluded: in_state(&[ClockState::Excluded, ClockState::Before]),
        median_minutes: (n >= MEDIAN_MIN)
            .then(|| i64::midpoint(minutes[(n - 1) / 2], minutes[n / 2])),
        ninetieth_minutes: (n >= PERCENTILE_MIN).then(|| minutes[(n * 9).div_ceil(10) - 1]),
    }
}

/// How long a clock ran until it stopped, counted as its target is.
fn minutes(clock: &pipss_domain::clocks::Clock) -> Option<i64> {
    let (from, stopped) = (clock.from?, clock.stopped?);
    if stopped < from {
        return None;
    }
    Some(match clock.counted {
        Some(Counted::Working) => working_time::between(from, stopped).num_minutes(),
        _ => (stopped - from).num_minutes(),
    })
}
