//! Eighteen months of made-up work: which requests come, from whom, and how far each has come today.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};

use super::alone;
use super::course::{self, Course, Request};
use super::dice::Dice;
use super::script::{Script, Stage, at_hour};
use super::shapes::{DAYS, Decks, LINKED, MERGED, RECENT_DAYS, REFERRALS_A_YEAR, SEED};
use super::trust::{Team, teams};

/// Requests that the short story tells in the last weeks.
const SHORT_STORY: i64 = 2;

/// A request of the last weeks: raised so many days ago, about what, how long after it, on which day after
/// it a session would be, with how many offers, and how far it has come. Whatever day today is, between
/// them and the short story they leave work in every state.
struct Recent(i64, &'static str, i64, i64, usize, Stage);

#[rustfmt::skip] // a table is read by its columns
const RECENT: [Recent; 12] = [
    Recent(39, "assault_physical", 30, 8, 1, Stage::Recorded),
    Recent(38, "patient_death_unexpected", 40, 9, 1, Stage::Confirmed),
    Recent(36, "assault_physical", 24, 9, 4, Stage::Ended),
    Recent(22, "threat_verbal", 40, 9, 1, Stage::NotHeld),
    Recent(19, "self_harm_serious", 48, 10, 2, Stage::Answered),
    Recent(14, "patient_suicide", 30, 20, 1, Stage::Answered),
    Recent(13, "restraint", 30, 21, 2, Stage::Arranged),
    Recent(12, "run_of_incidents", 0, 0, 1, Stage::Planned),
    Recent(10, "resuscitation_attempt", 50, 14, 1, Stage::Scoped),
    Recent(8, "threat_verbal", 20, 12, 1, Stage::Triaged),
    Recent(7, "patient_death_unexpected", 30, 11, 1, Stage::Acknowledged),
    Recent(2, "expected_death_distressing", 20, 12, 1, Stage::Raised),
];

/// Whoever writes the script: chance, and which facilitator is booked when.
pub struct Author {
    /// The script so far.
    pub script: Script,
    /// Chance.
    pub dice: Dice,
    /// The shapes.
    pub decks: Decks,
    /// Every session of each facilitator, those that were moved or cancelled too.
    pub diary: Vec<(&'static str, DateTime<Utc>)>,
    /// Whose turn it is.
    pub turn: usize,
    teams: Vec<Team>,
}

/// When the eighteen months begin: at eight in the morning.
pub fn begins(today: NaiveDate) -> DateTime<Utc> {
    at_hour(today - Duration::days(DAYS), 8, 0)
}

/// Writes everything into the script. A function of the day and of the seed, of nothing else.
/// `booked` says who is taken already, and when.
pub fn write(script: Script, today: NaiveDate, booked: &[(&'static str, DateTime<Utc>)]) -> Script {
    let elsewhere = |team: &Team| !["stroke", "rehab"].contains(&team.short);
    let mut author = Author {
        script,
        dice: Dice::of(SEED, &today.to_string()),
        decks: Decks::new(),
        diary: booked.to_vec(),
        turn: 0,
        // The one ward has its own story, the other is for whoever tries the program.
        teams: teams().into_iter().filter(elsewhere).collect(),
    };
    let told_apart = i64::try_from(RECENT.len() + LINKED.len() + MERGED.len()).unwrap_or(0);
    let number = REFERRALS_A_YEAR * DAYS / 365 - told_apart - SHORT_STORY;
    for n in 0..number {
        let day = begins(today) + Duration::days((DAYS - RECENT_DAYS) * n / number);
        author.request(n, day.date_naive(), today);
    }
    for recent in &RECENT {
        author.recent(recent, today);
    }
    for n in 0..DAYS / alone::EVERY_DAYS {
        let asked = begins(today) + Duration::days(alone::EVERY_DAYS * n + 3);
        let team = *author.dice.pick(&author.teams);
        alone::write(&mut author.script, asked, team.manager, Some(team.short));
    }
    author.script
}

impl Author {
    /// A request in the week of that day.
    fn request(&mut self, n: i64, about: NaiveDate, today: NaiveDate) {
        let decks = &mut self.decks;
        let week = about - Duration::days(about.weekday().num_days_from_monday().into());
        let day = week + Duration::days(decks.weekday.draw(&mut self.dice));
        let hour = decks.hour.draw(&mut self.dice);
        let minute = u32::try_from(self.dice.between(0, 59)).unwrap_or(0);
        let raised = at_hour(day, hour, minute).max(begins(today) + Duration::hours(1));
        let request = Request {
            raised,
            team: self.team(),
            incident: self.decks.incident.draw(&mut self.dice),
            lag_hours: self.decks.lag_hours.draw(&mut self.dice),
            petr_day: self.decks.petr_day.draw(&mut self.dice),
            outcome: self.decks.outcome.draw(&mut self.dice),
            offers: self.decks.offers.draw(&mut self.dice),
            stop: Stage::Whole,
        };
        let first = Course::begin(self, request.clone()).tell();
        if LINKED.contains(&n) {
            self.linked(&request, first);
        }
        if MERGED.contains(&n) {
            self.merged(request, first);
        }
    }

    /// Another team that was there asks the day after.
    fn linked(&mut self, request: &Request, first: usize) {
        let team = self.another(&request.team);
        let raised = request.raised + Duration::days(1);
        let request = Request {
            raised,
            team,
            lag_hours: request.lag_hours + 24,
            petr_day: request.petr_day + 1,
            ..request.clone()
        };
        let mut course = Course::begin(self, request);
        course.link(first);
        course.tell();
    }

    /// Someone else asks for the same team about the same, hours later.
    fn merged(&mut self, request: Request, first: usize) {
        let raised = request.raised + Duration::hours(5);
        let again = Request {
            raised,
            lag_hours: request.lag_hours + 5,
            outcome: course::MERGED,
            stop: Stage::Raised,
            ..request
        };
        let mut course = Course::begin(self, again);
        course.merge(first);
        course.tell();
    }

    fn recent(&mut self, recent: &Recent, today: NaiveDate) {
        let Recent(days_ago, incident, lag_hours, petr_day, offers, stop) = *recent;
        let request = Request {
            raised: at_hour(today - Duration::days(days_ago), 10, 0),
            team: self.team(),
            incident,
            lag_hours,
            petr_day,
            outcome: "accept",
            offers,
            stop,
        };
        Course::begin(self, request).tell();
    }

    fn team(&mut self) -> Team {
        let busy = self.decks.team.draw(&mut self.dice);
        let named = busy.and_then(|short| self.teams.iter().find(|team| team.short == short));
        *named.unwrap_or_else(|| self.dice.pick(&self.teams))
    }

    fn another(&mut self, than: &Team) -> Team {
        loop {
            let team = *self.dice.pick(&self.teams);
            if team.short != than.short {
                return team;
            }
        }
    }
}
