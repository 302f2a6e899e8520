//! The shapes of the invented work: every weight and every assumption behind it, in one place.
//!
//! They follow what published programmes of staff support after incidents report in their yearly accounts
//! and evaluations (trauma support for teams in mental health, ambulance and acute trusts): few referrals,
//! from few wards, mostly for one session, often early in the week. No figure is of a real trust. The
//! numbers are drawn from decks, card by card, so that shares and medians come out near what is said here
//! whatever the seed.

use super::dice::Deck;

/// Another seed tells another story of the same shape.
pub const SEED: u64 = 6_500;
/// 18 months.
pub const DAYS: i64 = 548;
/// About one a year for a hundred staff.
pub const REFERRALS_A_YEAR: i64 = 65;
/// The last weeks are told by a list of their own, so that work stands in every state.
pub const RECENT_DAYS: i64 = 40;

/// Days of the week on which requests come, 0 being Monday: after the weekend most, at the weekend few.
const WEEKDAYS: [i64; 25] = [
    0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 6,
];
/// Hours at which they come: mostly in office hours, some at the end of a late or a night shift.
const HOURS: [u32; 16] = [9, 9, 10, 10, 11, 11, 12, 13, 14, 14, 15, 16, 17, 19, 22, 4];
/// Hours from the incident to the request: the median is two days, one in twenty takes over a week.
const LAG_HOURS: [i64; 20] = [
    4, 7, 11, 16, 20, 26, 30, 40, 46, 48, 50, 54, 60, 68, 74, 90, 100, 120, 150, 220,
];
/// Days from the incident to a PETR debrief: within the window of 3 to 28, the median is day 11. Sessions
/// that are moved or held only at the second try come later, so the cards lie a little lower.
const PETR_DAYS: [i64; 22] = [
    5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 11, 12, 12, 13, 14, 15, 17, 20, 24,
];
/// How many offers a plan has: 30 % have more than one.
const OFFERS: [usize; 10] = [1, 1, 1, 1, 1, 1, 1, 2, 3, 4];
/// Was a session not held? 12 % were not, which is normal.
const NOT_HELD: [bool; 25] = [
    true, true, true, false, false, false, false, false, false, false, false, false, false, false,
    false, false, false, false, false, false, false, false, false, false, false,
];
/// Teams that ask most, the most first: five of 134 make 40 % of the requests. `None` is any other team.
pub const BUSY: [&str; 5] = ["ash", "acute-6", "crisis-1", "medium-2", "willow-1"];
const TEAMS: [Option<&str>; 20] = [
    Some(BUSY[0]),
    Some(BUSY[0]),
    Some(BUSY[0]),
    Some(BUSY[1]),
    Some(BUSY[1]),
    Some(BUSY[2]),
    Some(BUSY[3]),
    Some(BUSY[4]),
    None,
    None,
    None,
    None,
    None,
    None,
    None,
    None,
    None,
    None,
    None,
    None,
];
/// What triage decides: most are accepted.
const OUTCOMES: [&str; 20] = [
    "accept",
    "accept",
    "accept",
    "accept",
    "accept",
    "accept",
    "accept",
    "accept",
    "accept",
    "accept",
    "accept",
    "accept",
    "accept_modified",
    "accept_modified",
    "accept_modified",
    "accept_modified",
    "consultation_only",
    "advise_and_close",
    "redirect_occupational_health",
    "declined_by_team",
];
/// What happened: violence and sudden deaths most, as far as anyone reports.
const INCIDENTS: [&str; 30] = [
    "assault_physical",
    "assault_physical",
    "assault_physical",
    "assault_physical",
    "assault_physical",
    "assault_physical",
    "threat_verbal",
    "threat_verbal",
    "threat_verbal",
    "patient_suicide",
    "patient_suicide",
    "patient_suicide",
    "patient_death_unexpected",
    "patient_death_unexpected",
    "patient_death_unexpected",
    "patient_death_unexpected",
    "self_harm_serious",
    "self_harm_serious",
    "self_harm_serious",
    "restraint",
    "restraint",
    "resuscitation_attempt",
    "resuscitation_attempt",
    "expected_death_distressing",
    "serious_injury",
    "colleague_death",
    "safeguarding_child",
    "patient_safety_event",
    "run_of_incidents",
    "anticipated_event",
];
/// The local hour at which sessions begin.
const SESSION_HOURS: [u32; 7] = [10, 11, 13, 14, 14, 15, 15];
/// Working minutes until a person answers (the target is 240), until triage (960), until scoping.
const ANSWER_MINUTES: [i64; 8] = [15, 30, 50, 75, 110, 160, 220, 340];
const TRIAGE_MINUTES: [i64; 8] = [60, 120, 180, 260, 400, 560, 800, 1100];
const SCOPING_MINUTES: [i64; 6] = [90, 200, 380, 480, 700, 960];
/// How people come to a session.
const HEADCOUNTS: [i64; 10] = [3, 4, 5, 5, 6, 7, 7, 8, 9, 12];
/// How a team is doing four weeks later.
const GOING: [&str; 10] = [
    "better", "better", "better", "better", "better", "better", "same", "same", "same", "worse",
];

/// One session in so many is moved to another day.
pub const MOVED_ONE_IN: usize = 9;
/// One session in so many is cancelled and arranged again.
pub const CANCELLED_ONE_IN: usize = 22;
/// One invitation in so many is declined, and the session handed over.
pub const DECLINED_ONE_IN: usize = 12;
/// One request in so many reaches the lead by telephone.
pub const ON_BEHALF_ONE_IN: usize = 10;
/// One request in so many begins with a defusion that a manager logs.
pub const OPENED_BY_DEFUSION_ONE_IN: usize = 14;
/// To one request in so many a defusion is logged afterwards.
pub const DEFUSED_ONE_IN: usize = 4;
/// One follow-up in so many is asked of nobody.
pub const NOBODY_ASKED_ONE_IN: usize = 7;
/// One closed case in so many is opened again.
pub const REOPENED_ONE_IN: usize = 40;
/// The requests, counted from 0, about which another team asks too (linked), or someone else (merged).
pub const LINKED: [i64; 2] = [20, 61];
/// See [`LINKED`].
pub const MERGED: [i64; 2] = [33, 74];

/// The decks of one telling.
pub struct Decks {
    /// See the constants of this file, by the same names.
    pub weekday: Deck<i64>,
    pub hour: Deck<u32>,
    pub lag_hours: Deck<i64>,
    pub petr_day: Deck<i64>,
    pub offers: Deck<usize>,
    pub not_held: Deck<bool>,
    pub team: Deck<Option<&'static str>>,
    pub outcome: Deck<&'static str>,
    pub incident: Deck<&'static str>,
    pub session_hour: Deck<u32>,
    pub answer: Deck<i64>,
    pub triage: Deck<i64>,
    pub scoping: Deck<i64>,
    pub headcount: Deck<i64>,
    pub going: Deck<&'static str>,
}

impl Decks {
    /// Full decks.
    pub const fn new() -> Self {
        Self {
            weekday: Deck::of(&WEEKDAYS),
            hour: Deck::of(&HOURS),
            lag_hours: Deck::of(&LAG_HOURS),
            petr_day: Deck::of(&PETR_DAYS),
            offers: Deck::of(&OFFERS),
            not_held: Deck::of(&NOT_HELD),
            team: Deck::of(&TEAMS),
            outcome: Deck::of(&OUTCOMES),
            incident: Deck::of(&INCIDENTS),
            session_hour: Deck::of(&SESSION_HOURS),
            answer: Deck::of(&ANSWER_MINUTES),
            triage: Deck::of(&TRIAGE_MINUTES),
            scoping: Deck::of(&SCOPING_MINUTES),
            headcount: Deck::of(&HEADCOUNTS),
            going: Deck::of(&GOING),
        }
    }
}
