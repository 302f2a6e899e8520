//! The course of one invented case, from the request to the last follow-up.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::script::{Stage, Step, What, worked};
use super::shapes::REOPENED_ONE_IN;
use super::trust::Team;
use super::words::{BESIDE, CHANGED, themes};
use super::year::Author;

const LEAD: &str = "alex";
pub(super) const DEPUTY: &str = "charlie";
/// The outcome of a request that is never triaged, because someone else asked already.
pub const MERGED: &str = "merged";
/// A working day in minutes.
pub const DAY: i64 = 480;

/// What decides the course of a case.
#[derive(Clone)]
pub struct Request {
    /// When someone asked.
    pub raised: DateTime<Utc>,
    /// For which team.
    pub team: Team,
    /// About what.
    pub incident: &'static str,
    /// How long after it.
    pub lag_hours: i64,
    /// On which day after it a session would be.
    pub petr_day: i64,
    /// What triage decides.
    pub outcome: &'static str,
    /// How many offers are planned.
    pub offers: usize,
    /// How far it comes.
    pub stop: Stage,
}

/// A case that is being written.
pub struct Course<'a> {
    pub(super) author: &'a mut Author,
    pub(super) case: usize,
    pub(super) request: Request,
    pub(super) sessions: usize,
    pub(super) actions: usize,
}

impl<'a> Course<'a> {
    /// Begins a case.
    pub fn begin(author: &'a mut Author, request: Request) -> Self {
        let case = author.script.case();
        Self {
            author,
            case,
            request,
            sessions: 0,
            actions: 0,
        }
    }

    /// Writes it to the end. Answers its number.
    pub fn tell(mut self) -> usize {
        let urgency = self.raise();
        let raised = self.request.raised;
        let answered = self.answer(raised, urgency);
        let triaged = self.triage(answered, urgency);
        if self.goes_on() {
            let scoped = self.scope(triaged);
            let planned = worked(scoped, 60);
            let main = self.main_kind();
            let mut ends = vec![self.plan(
                planned,
                (main, "pipss_lead", Some("Time to reflect together")),
            )];
            let (settled, held) = self.hold(main, worked(planned, 30));
            ends.push(settled);
            let mut handed_over = false;
            for n in 1..self.request.offers {
                handed_over |=
                    self.beside(n, worked(planned, i64::try_from(n).unwrap_or(1)), &mut ends);
            }
            let last = ends.into_iter().max().unwrap_or(planned);
            let outcome = match (held || self.request.offers > 1, handed_over) {
                (false, _) => "declined_by_team",
                (true, true) => "support_provided_and_handed_over",
                (true, false) => "support_provided",
            };
            let minutes = self.minutes(DAY, 5 * DAY);
            self.close(worked(last, minutes), outcome);
        }
        self.case
    }

    /// Links the incident with that of an earlier case.
    pub fn link(&mut self, first: usize) {
        if self.dated() {
            let (case, at) = (self.case, worked(self.request.raised, DAY));
            let body = json!({ "incident": format!("$incident/{case}"), "case": format!("$case/{first}"),
                               "their_incident": format!("$incident/{first}") });
            self.lead(Stage::Acknowledged, at, "link", body);
        }
    }

    /// Merges it into an earlier case.
    pub fn merge(&mut self, first: usize) {
        let body = json!({ "into": format!("$case/{first}") });
        self.lead(
            Stage::Raised,
            worked(self.request.raised, DAY),
            "merge",
            body,
        );
    }

    pub(super) fn minutes(&mut self, from: i64, to: i64) -> i64 {
        self.author.dice.between(from, to)
    }

    pub(super) fn lead(
        &mut self,
        stage: Stage,
        at: DateTime<Utc>,
        name: &'static str,
        body: Value,
    ) {
        let who = if self.author.dice.one_in(4) {
            DEPUTY
        } else {
            LEAD
        };
        self.step(stage, at, who, What::Command(name), body);
    }

    pub(super) fn step(
        &mut self,
        stage: Stage,
        at: DateTime<Utc>,
        who: &'static str,
        what: What,
        body: Value,
    ) {
        if stage <= self.request.stop {
            let case = self.case;
            self.author.script.add(Step {
                at,
                case,
                who,
                what,
                body,
            });
        }
    }

    /// When it happened, if it happened on a day.
    pub(super) fn incident_at(&self) -> DateTime<Utc> {
        self.request.raised - Duration::hours(self.request.lag_hours)
    }

    pub(super) fn dated(&self) -> bool {
        !matches!(
            self.request.incident,
            "run_of_incidents" | "anticipated_event"
        )
    }

    fn goes_on(&self) -> bool {
        matches!(
            self.request.outcome,
            "accept" | "accept_modified" | "consultation_only"
        )
    }

    fn answer(&mut self, raised: DateTime<Utc>, urgency: &str) -> DateTime<Utc> {
        let minutes = self.author.decks.answer.draw(&mut self.author.dice);
        let at = if urgency == "U1" {
            raised + Duration::minutes(minutes / 4)
        } else {
            worked(raised, minutes)
        };
        let by = *self
            .author
            .dice
            .pick(&["telephone", "telephone", "email", "in_person"]);
        self.lead(Stage::Acknowledged, at, "acknowledge", json!({ "by": by }));
        at
    }

    fn triage(&mut self, answered: DateTime<Utc>, urgency: &str) -> DateTime<Utc> {
        let minutes = self.author.decks.triage.draw(&mut self.author.dice);
        let whole = self.request.stop == Stage::Whole;
        let at = match urgency {
            "U1" => answered + Duration::minutes(minutes.min(170)),
            _ if whole => worked(answered, minutes),
            _ => worked(answered, 30),
        };
        let conflict = self.author.dice.one_in(12);
        self.lead(Stage::Triaged, at, "triage", json!({
            "urgency": urgency, "outcome": self.request.outcome,
            "contraindications": {
                "threat_continuing": false, "staff_not_safe_or_rested": urgency == "U1",
                "witness_position_unsettled": false, "very_different_exposure_or_conflict": conflict,
                "manager_implicated": false, "really_an_investigation": false
            }
        }));
        at
    }

    fn scope(&mut self, triaged: DateTime<Utc>) -> DateTime<Utc> {
        let minutes = self.author.decks.scoping.draw(&mut self.author.dice);
        let whole = self.request.stop == Stage::Whole;
        let held = worked(triaged, if whole { minutes } else { minutes.min(DAY) });
        let needs = 1 + self.author.dice.below(3);
        let needs: Vec<_> = themes(self.request.incident)
            .iter()
            .take(needs)
            .map(|theme| json!({ "theme": theme }))
            .collect();
        let at = held + Duration::minutes(40);
        let with = if self.author.dice.one_in(3) {
            json!(["managers", "team"])
        } else {
            json!(["managers"])
        };
        self.lead(
            Stage::Scoped,
            at,
            "record-scoping",
            json!({ "held_at": held, "with": with, "needs": needs }),
        );
        at
    }

    pub(super) fn main_kind(&self) -> &'static str {
        match self.request.incident {
            _ if self.request.outcome == "consultation_only" => "manager_consultation",
            "anticipated_event" => "petr_pre_brief",
            "run_of_incidents" => "manager_consultation",
            // One in three of these is a longer postvention.
            "patient_suicide" | "colleague_death" if self.case.is_multiple_of(3) => "postvention",
            _ => "petr_debrief",
        }
    }

    /// Plans an offer. Answers when.
    fn plan(
        &mut self,
        at: DateTime<Utc>,
        (kind, owner, aim): (&str, &str, Option<&str>),
    ) -> DateTime<Utc> {
        let mut body = json!({ "kind": kind, "owner": owner });
        if let Some(aim) = aim {
            body["aim"] = json!(aim);
        }
        self.lead(Stage::Planned, at, "plan-offer", body);
        at
    }

    /// An offer beside the main one, the `n`th of the plan, to its end. Answers whether it was handed over.
    fn beside(&mut self, n: usize, at: DateTime<Utc>, ends: &mut Vec<DateTime<Utc>>) -> bool {
        let (kind, owner, aim, takes_over) = BESIDE[(self.case + n * 2 + n / 3) % BESIDE.len()];
        self.plan(at, (kind, owner, aim));
        let offer = format!("$offer/{n}");
        let ended = if kind == "one_to_one" {
            worked(at, self.minutes(30, DAY))
        } else {
            worked(at, self.minutes(3 * DAY, 16 * DAY))
        };
        ends.push(ended);
        let hands_over = kind != "one_to_one" && self.author.dice.one_in(2);
        if hands_over {
            let due = (ended + Duration::days(30)).date_naive();
            let body =
                json!({ "offer": offer, "how": "handed_over", "owner": takes_over, "due": due });
            self.lead(Stage::Ended, ended, "end-offer", body);
            let done = worked(ended, self.minutes(8 * DAY, 30 * DAY));
            let changed = *self.author.dice.pick(&CHANGED);
            self.lead(
                Stage::Whole,
                done,
                "complete-handover",
                json!({ "offer": offer, "what_changed": changed }),
            );
        } else {
            self.lead(
                Stage::Ended,
                ended,
                "end-offer",
                json!({ "offer": offer, "how": "done" }),
            );
        }
        hands_over
    }

    fn close(&mut self, at: DateTime<Utc>, outcome: &str) {
        self.lead(Stage::Whole, at, "close", json!({ "outcome": outcome }));
        if self.author.dice.one_in(REOPENED_ONE_IN) {
            let again = worked(at, 10 * DAY);
            self.lead(
                Stage::Whole,
                again,
                "reopen",
                json!({ "reason": "team_asked_for_more" }),
            );
            self.plan(
                worked(again, 60),
                ("signposting", "occupational_health", None),
            );
            let offer = format!("$offer/{}", self.request.offers);
            self.lead(
                Stage::Whole,
                worked(again, 2 * DAY),
                "end-offer",
                json!({ "offer": offer, "how": "done" }),
            );
            self.lead(
                Stage::Whole,
                worked(again, 3 * DAY),
                "close",
                json!({ "outcome": outcome }),
            );
        }
    }
}
