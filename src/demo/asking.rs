//! How an invented case begins: someone asks for help, or a manager logs a defusion.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::course::{Course, DEPUTY, MERGED};
use super::people::unit;
use super::script::{Stage, What};
use super::shapes::{DEFUSED_ONE_IN, ON_BEHALF_ONE_IN, OPENED_BY_DEFUSION_ONE_IN};
use super::words::{lines, themes};

impl Course<'_> {
    /// Someone asks. Answers how urgent the program will say it is: nobody here decides otherwise.
    pub(super) fn raise(&mut self) -> &'static str {
        let (incident, raised) = (self.request.incident, self.request.raised);
        let by_defusion = self.dated() && self.author.dice.one_in(OPENED_BY_DEFUSION_ONE_IN);
        let told = self.request.stop == Stage::Whole;
        let dice = &mut self.author.dice;
        let injured = incident == "assault_physical" && dice.one_in(3) && !by_defusion;
        let worse = dice.one_in(9) && !by_defusion;
        let unsafe_now = told && dice.one_in(16) && !by_defusion && incident != "anticipated_event";
        if by_defusion {
            let mut body = self.defusion(raised);
            body["team"] = json!(unit(self.request.team.short));
            body["incident_type"] = json!(incident);
            body["occurred_at"] = json!(self.incident_at());
            body["asked_for"] = json!(["petr_debrief"]);
            self.step(
                Stage::Raised,
                raised,
                self.request.team.manager,
                What::OpenWithDefusion,
                body,
            );
        } else {
            let on_behalf =
                self.author.dice.one_in(ON_BEHALF_ONE_IN) || self.request.outcome == MERGED;
            let mut body = self.asked_for([injured, worse, unsafe_now]);
            let who = if on_behalf {
                body["on_behalf"] = json!({ "source": "phone" });
                DEPUTY
            } else {
                self.request.team.manager
            };
            self.step(Stage::Raised, raised, who, What::Raise, body);
            if self.dated() && self.author.dice.one_in(DEFUSED_ONE_IN) {
                let at = raised + Duration::minutes(self.minutes(10, 90));
                let (body, who) = (self.defusion(raised), self.request.team.manager);
                self.step(
                    Stage::Acknowledged,
                    at,
                    who,
                    What::Command("log-defusion"),
                    body,
                );
            }
        }
        match incident {
            _ if unsafe_now => "U1",
            "patient_suicide" | "colleague_death" => "U2",
            _ if injured || worse => "U2",
            "run_of_incidents" | "anticipated_event" => "U4",
            _ => "U3",
        }
    }

    fn asked_for(&mut self, [injured, worse, unsafe_now]: [bool; 3]) -> Value {
        let (incident, raised) = (self.request.incident, self.request.raised);
        let dice = &mut self.author.dice;
        let yes = |yes| if yes { "yes" } else { "no" };
        let line = *dice.pick(lines(incident));
        let bands = ["1-5", "1-5", "6-10", "6-10", "11-20"];
        let places = [
            "inpatient_ward",
            "inpatient_ward",
            "community_site",
            "patient_home",
            "clinic",
        ];
        let mut body = json!({
            "team": unit(self.request.team.short),
            "affected": { "directly": *dice.pick(&bands), "indirectly": *dice.pick(&bands),
                          "groups": if dice.one_in(3) { json!(["bank"]) } else { json!([]) } },
            "injuries": yes(injured), "signs_worsening": yes(worse),
            "safety": { "threat_continuing": "no", "area_safe": yes(!unsafe_now), "someone_at_immediate_risk": "no" },
            "asked_for": [self.main_kind()], "team_aware": *self.author.dice.pick(&["yes", "yes", "no"]),
        });
        match incident {
            "run_of_incidents" => body["strain"] = json!({ "type": incident, "line": line }),
            "anticipated_event" => {
                let expected = (raised + Duration::days(25)).date_naive();
                body["anticipated"] = json!({ "expected_on": expected, "line": line });
            }
            _ => {
                let local_ref = format!("W-{}", 20_000 + self.minutes(0, 9_999));
                body["incidents"] = json!([{
                    "type": incident, "occurred": { "at": self.incident_at() },
                    "place": *self.author.dice.pick(&places), "line": line, "local_ref": local_ref
                }]);
            }
        }
        body
    }

    /// A defusion that was held hours after it happened, before it is told.
    fn defusion(&mut self, told: DateTime<Utc>) -> Value {
        let held = self.incident_at() + Duration::hours(self.minutes(1, 14));
        json!({
            "held_at": held.min(told - Duration::minutes(30)),
            "led_by": *self.author.dice.pick(&["nurse_in_charge", "manager"]),
            "headcount": *self.author.dice.pick(&["1-5", "1-5", "6-10"]), "minutes": 30 + self.minutes(0, 20),
            "themes": [{ "theme": themes(self.request.incident)[0], "polarity": "difficulty" }]
        })
    }
}
