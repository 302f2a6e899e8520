//! The sessions of an invented case: arranged, moved, cancelled, held or not held, and what follows.

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, Utc, Weekday};
use pipss_domain::calendar::day_in_london;
use serde_json::{Value, json};

use super::course::{Course, DAY};
use super::people::person;
use super::script::{Stage, What, at_hour, worked};
use super::shapes::{CANCELLED_ONE_IN, DECLINED_ONE_IN, MOVED_ONE_IN, NOBODY_ASKED_ONE_IN};
use super::trust::facilitators;
use super::words::{ACTIONS, CHANGED, SITES, STRENGTHS, themes};

/// Two sessions of one facilitator are at least so far apart.
const APART: Duration = Duration::hours(4);

/// A session that stands in the calendar.
struct Sitting {
    session: String,
    arranged: DateTime<Utc>,
    starts_at: DateTime<Utc>,
    facilitators: Vec<&'static str>,
    kind: &'static str,
}

/// What became of a sitting.
enum Came {
    Held(DateTime<Utc>),
    /// It is tried again, or not, after that.
    NotHeld(DateTime<Utc>),
}

impl Course<'_> {
    /// Arranges sessions of the first offer until one is held or nobody wants one any more. Answers when
    /// that was settled, and whether one was held.
    pub(super) fn hold(
        &mut self,
        kind: &'static str,
        planned: DateTime<Utc>,
    ) -> (DateTime<Utc>, bool) {
        let mut arranged = planned;
        let mut wanted = match kind {
            "petr_debrief" | "postvention" => {
                day_in_london(self.incident_at()) + Duration::days(self.request.petr_day)
            }
            _ => day_in_london(planned) + Duration::days(self.minutes(5, 12)),
        };
        for attempt in 0..3 {
            let sitting = self.arrange(kind, arranged, wanted);
            match self.came_of(&sitting, attempt) {
                Came::Held(at) => {
                    self.follow_up(&sitting, at);
                    return (at, true);
                }
                Came::NotHeld(at) if attempt == 2 || self.author.dice.one_in(4) => {
                    let how = *self.author.dice.pick(&["declined_by_team", "not_needed"]);
                    let at = worked(at, DAY);
                    let body = json!({ "offer": "$offer/0", "how": how });
                    self.lead(Stage::Ended, at, "end-offer", body);
                    return (at, false);
                }
                Came::NotHeld(at) => {
                    arranged = worked(at, self.minutes(60, DAY));
                    wanted = day_in_london(arranged) + Duration::days(self.minutes(3, 6));
                }
            }
            // A case that is to stop at a session that was not held has none to come.
            if self.request.stop == Stage::NotHeld {
                break;
            }
        }
        (arranged, false)
    }

    fn arrange(&mut self, kind: &'static str, at: DateTime<Utc>, wanted: NaiveDate) -> Sitting {
        let soonest = day_in_london(at) + Duration::days(2);
        let hour = self.author.decks.session_hour.draw(&mut self.author.dice);
        let starts_at = at_hour(weekday(wanted.max(soonest)), hour, 0);
        let number = if kind == "manager_consultation" { 1 } else { 2 };
        let facilitators = self.seat(starts_at, number, &[]);
        let session = format!("$session/{}", self.sessions);
        self.sessions += 1;
        let people: Vec<_> = facilitators.iter().map(|who| person(who)).collect();
        let mut body = json!({
            "offer": "$offer/0", "starts_at": starts_at, "minutes": minutes(kind),
            "site": *self.author.dice.pick(&SITES), "facilitators": people,
            "managers_attend": *self.author.dice.pick(&["no", "no", "first_part", "yes"]),
        });
        self.excuse(kind, starts_at, &mut body);
        self.lead(Stage::Arranged, at, "arrange-session", body);
        let mut sitting = Sitting {
            session,
            arranged: at,
            starts_at,
            facilitators,
            kind,
        };
        self.invitations(&mut sitting, at);
        sitting
    }

    /// Outside the window a reason is given.
    fn excuse(&self, kind: &str, starts_at: DateTime<Utc>, body: &mut Value) {
        let after = starts_at - self.incident_at();
        let usual = after >= Duration::days(3) && after <= Duration::days(28);
        if kind == "petr_debrief" && self.dated() && !usual {
            body["departs_because"] = json!("team_asked_for_it");
        }
    }

    /// Whoever's turn it is, free then and not of the team.
    fn seat(&mut self, starts_at: DateTime<Utc>, number: usize, but: &[&str]) -> Vec<&'static str> {
        let all: Vec<_> = facilitators().collect();
        let mut seated = Vec::new();
        for n in 0..all.len() {
            let who = all[(self.author.turn + n) % all.len()];
            let booked = |(other, at): &(&str, DateTime<Utc>)| {
                *other == who.short && (*at - starts_at).abs() < APART
            };
            let neutral = who.home != Some(self.request.team.short);
            let free = !self.author.diary.iter().any(booked) && !but.contains(&who.short);
            if neutral && free && seated.len() < number {
                seated.push(who.short);
                self.author.diary.push((who.short, starts_at));
            }
        }
        self.author.turn += number;
        seated
    }

    /// Everyone answers within two days; who cannot come is replaced.
    fn invitations(&mut self, sitting: &mut Sitting, arranged: DateTime<Utc>) {
        for n in 0..sitting.facilitators.len() {
            let who = sitting.facilitators[n];
            let at = worked(arranged, self.minutes(20, DAY));
            let declines = self.author.dice.one_in(DECLINED_ONE_IN);
            let soon = at + Duration::hours(4) >= sitting.starts_at;
            if soon {
                continue;
            }
            let body = json!({ "session": sitting.session, "accept": !declines });
            self.step(
                Stage::Answered,
                at,
                who,
                What::Command("answer-invitation"),
                body,
            );
            let handed_over = worked(at, 90);
            let but = sitting.facilitators.clone();
            if declines && handed_over < sitting.starts_at {
                for other in self.seat(sitting.starts_at, 1, &but) {
                    let body = json!({ "session": sitting.session, "from": person(who), "to": person(other) });
                    self.lead(Stage::Recorded, handed_over, "hand-over-session", body);
                    if self.request.stop >= Stage::Recorded {
                        sitting.facilitators[n] = other;
                    }
                }
            }
        }
        if self.author.dice.one_in(MOVED_ONE_IN) && self.request.stop == Stage::Whole {
            self.move_it(sitting, worked(arranged, 2 * DAY));
        }
    }

    fn move_it(&mut self, sitting: &mut Sitting, at: DateTime<Utc>) {
        let day = day_in_london(sitting.starts_at) + Duration::days(self.minutes(1, 3));
        let to = at_hour(weekday(day), 13, 0);
        let free = |(who, at): &(&str, DateTime<Utc>)| {
            !sitting.facilitators.contains(who) || (*at - to).abs() >= APART
        };
        if at >= sitting.starts_at - Duration::hours(12) || !self.author.diary.iter().all(free) {
            return;
        }
        let mut body = json!({ "session": sitting.session, "starts_at": to });
        self.excuse(sitting.kind, to, &mut body);
        self.lead(Stage::Recorded, at, "move-session", body);
        sitting.starts_at = to;
        let booked = sitting.facilitators.iter().map(|who| (*who, to));
        self.author.diary.extend(booked);
    }

    fn came_of(&mut self, sitting: &Sitting, attempt: usize) -> Came {
        let session = &sitting.session;
        let before = worked(sitting.starts_at - Duration::days(2), 60);
        let first = attempt == 0 && self.request.stop == Stage::Whole;
        let known = worked(sitting.arranged, 2 * DAY + 60);
        let time = first && known < before && before < sitting.starts_at;
        if time && self.author.dice.one_in(CANCELLED_ONE_IN) {
            let body = json!({ "session": session, "reason": "service_pressure" });
            self.lead(Stage::Recorded, before, "cancel-session", body);
            return Came::NotHeld(before);
        }
        let who = sitting.facilitators[0];
        let ended = sitting.starts_at + Duration::minutes(minutes(sitting.kind));
        let told = ended + Duration::minutes(self.minutes(10, 1200));
        let not_held = match self.request.stop {
            Stage::Whole => self.author.decks.not_held.draw(&mut self.author.dice),
            stop => stop == Stage::NotHeld,
        };
        if not_held {
            let reasons = [
                "nobody_came",
                "team_asked_to_postpone",
                "service_pressure",
                "service_pressure",
            ];
            let body = json!({ "session": session, "reason": *self.author.dice.pick(&reasons) });
            self.step(
                Stage::NotHeld,
                told,
                who,
                What::Command("record-session-not-held"),
                body,
            );
            return Came::NotHeld(told);
        }
        let body = self.record(sitting, told);
        self.step(
            Stage::Recorded,
            told,
            who,
            What::Command("record-session"),
            body,
        );
        Came::Held(told)
    }

    fn record(&mut self, sitting: &Sitting, told: DateTime<Utc>) -> Value {
        let usual = themes(self.request.incident);
        let number = 1 + self.author.dice.below(3);
        let mut seen: Vec<_> = (0..number)
            .map(|n| json!({ "theme": usual[n], "polarity": *self.author.dice.pick(&["difficulty", "difficulty", "mixed"]) }))
            .collect();
        let strength = *self.author.dice.pick(&STRENGTHS);
        if !usual[..number].contains(&strength) {
            seen.push(json!({ "theme": strength, "polarity": "strength" }));
        }
        let actions: Vec<_> = (0..self.author.dice.below(3))
            .map(|n| {
                // The first comes from one half of the list and the second from the other: never twice the same.
                let half = &ACTIONS[n * ACTIONS.len() / 2..][..ACTIONS.len() / 2];
                let (what, owner) = *self.author.dice.pick(half);
                let due = (told + Duration::days(self.minutes(14, 28))).date_naive();
                json!({ "what": what, "owner": owner, "due": due })
            })
            .collect();
        for _ in &actions {
            self.done(told);
        }
        let mode = if self.author.dice.one_in(6) {
            "video"
        } else {
            "in_person"
        };
        json!({
            "session": sitting.session, "minutes": minutes(sitting.kind) - 10 + self.minutes(0, 15), "mode": mode,
            "headcount": self.author.decks.headcount.draw(&mut self.author.dice),
            "phases": ["introduction", "what_happened", "reactions", "coping", "information", "next_steps"],
            "themes": seen, "actions": actions
        })
    }

    /// Four in five actions are done some weeks later.
    fn done(&mut self, told: DateTime<Utc>) {
        let action = format!("$action/{}", self.actions);
        self.actions += 1;
        if !self.author.dice.one_in(5) {
            let at = worked(told, self.minutes(5 * DAY, 22 * DAY));
            let changed = *self.author.dice.pick(&CHANGED);
            let body = json!({ "action": action, "what_changed": changed });
            let who = self.request.team.manager;
            self.step(
                Stage::Whole,
                at,
                who,
                What::Command("complete-action"),
                body,
            );
        }
    }

    /// Four weeks on, and months on after a suicide (product: "Follow up").
    fn follow_up(&mut self, sitting: &Sitting, held: DateTime<Utc>) {
        let incident = day_in_london(self.incident_at());
        let soonest = day_in_london(sitting.starts_at) + Duration::days(14);
        let suicide = self.request.incident == "patient_suicide" && sitting.kind == "postvention";
        if !matches!(sitting.kind, "petr_debrief" | "postvention") {
            return;
        }
        let mut due = vec![("four_weeks", incident + Duration::days(28))];
        if suicide {
            let months = [
                ("three_months", 3),
                ("six_months", 6),
                ("twelve_months", 12),
            ];
            due.extend(months.map(|(name, months)| (name, incident + Months::new(months))));
        }
        for (name, day) in due {
            self.asked_on(name, day.max(soonest), held);
        }
    }

    fn asked_on(&mut self, name: &str, due: NaiveDate, held: DateTime<Utc>) {
        let confirmed = worked(held, self.minutes(100, 2 * DAY));
        let manager = self.request.team.manager;
        let nobody =
            self.request.stop == Stage::Whole && self.author.dice.one_in(NOBODY_ASKED_ONE_IN);
        let ask = if nobody {
            json!({ "nobody": *self.author.dice.pick(&["manager_affected", "asked_in_another_way"]) })
        } else {
            json!({ "manager": person(manager) })
        };
        self.lead(
            Stage::Confirmed,
            confirmed,
            "confirm-follow-up",
            json!({ "follow_up": name, "ask": ask }),
        );
        if !nobody {
            let from = at_hour(due, 9, 0).max(confirmed);
            let at = worked(from, self.minutes(30, 6 * DAY));
            let body = json!({
                "follow_up": name, "reminded_how_to_ask": *self.author.dice.pick(&["yes", "yes", "yes", "no"]),
                "going": self.author.decks.going.draw(&mut self.author.dice),
                "more_team_support": *self.author.dice.pick(&["no", "no", "no", "yes"])
            });
            self.step(
                Stage::Whole,
                at,
                manager,
                What::Command("answer-follow-up"),
                body,
            );
        }
    }
}

/// That day, or the Monday after a weekend.
fn weekday(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => day + Duration::days(2),
        Weekday::Sun => day + Duration::days(1),
        _ => day,
    }
}

fn minutes(kind: &str) -> i64 {
    match kind {
        "petr_debrief" | "postvention" => 75,
        _ => 60,
    }
}
