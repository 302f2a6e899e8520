//! The story of the stroke ward, and of another ward that asked yesterday, day by day.

use chrono::{DateTime, Duration, NaiveTime, Utc};
use serde_json::{Value, json};

use super::alone;
use super::people::{person, unit};
use super::script::{Script, Step, What};

/// The story begins so long before today: everything has been done, and whoever held the session may
/// still see it.
const DAYS_AGO: i64 = 32;

/// When the story begins: at nine in the morning, or at eight in winter.
pub fn begins(now: DateTime<Utc>) -> DateTime<Utc> {
    let day = (now - Duration::days(DAYS_AGO)).date_naive();
    let eight = NaiveTime::from_hms_opt(8, 0, 0).expect("there is such a time");
    day.and_time(eight).and_utc()
}

/// Who holds the stroke ward's session, and when.
pub fn sitting(began: DateTime<Utc>) -> [(&'static str, DateTime<Utc>); 2] {
    let starts_at = began + Duration::days(8) + Duration::hours(5);
    ["alex", "kim"].map(|who| (who, starts_at))
}

/// Writes both into the script.
pub fn write(script: Script, began: DateTime<Utc>) -> Script {
    let mut written = Written {
        script,
        began,
        case: 0,
    };
    written.stroke_ward();
    written.ash_ward();
    // Two of the ward would rather talk alone: nobody else will ever know.
    for (who, asked) in [("sam", written.at(3, 1)), ("lee", written.at(5, 2))] {
        alone::write(&mut written.script, asked, who, Some("stroke"));
    }
    written.script
}

struct Written {
    script: Script,
    began: DateTime<Utc>,
    case: usize,
}

impl Written {
    fn at(&self, days: i64, hours: i64) -> DateTime<Utc> {
        self.began + Duration::days(days) + Duration::hours(hours)
    }

    fn stroke_ward(&mut self) {
        self.asked();
        self.scoped();
        self.planned();
        self.arranged();
        self.held();
        self.ended();
    }

    fn asked(&mut self) {
        self.raise("robin", 0, json!({
            "team": unit("stroke"),
            "incidents": [
                { "type": "assault_physical", "occurred": { "at": self.at(-3, -6) }, "place": "inpatient_ward",
                  "line": "A very unwell patient attacked staff on the night shift.", "local_ref": "W-20417" },
                { "type": "threat_verbal", "occurred": { "at": self.at(-1, 5) }, "place": "inpatient_ward",
                  "line": "Threats and blows again two days later; the patient died soon after." }
            ],
            "affected": { "directly": "6-10", "indirectly": "11-20", "groups": ["night_staff", "bank"] },
            "injuries": "yes", "absence": "yes", "signs_worsening": "yes",
            "safety": { "threat_continuing": "no", "area_safe": "no", "someone_at_immediate_risk": "no" },
            "asked_for": ["petr_debrief"], "team_aware": "yes", "shift_pattern": "days_and_nights",
            "preferred_times": "Early afternoon, so that nights and days can both come."
        }));
        self.give("acknowledge", "alex", (0, 1), json!({ "by": "telephone" }));
        self.give("triage", "alex", (0, 2), json!({
            "urgency": "U1", "outcome": "accept_modified",
            "contraindications": {
                "threat_continuing": false, "staff_not_safe_or_rested": false,
                "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
                "manager_implicated": false, "really_an_investigation": false
            },
            "reason": "Staff do not feel safe at night. One debrief will not be enough."
        }));
    }

    fn scoped(&mut self) {
        self.give("record-scoping", "alex", (1, 0), json!({
            "held_at": self.at(1, -1), "with": ["managers", "operational_leads"],
            "needs": [
                { "theme": "psy.bereavement", "note": "Grief for the patient, whom many had nursed for weeks." },
                { "theme": "psy.safety", "note": "Fear of coming back to the ward out of hours." },
                { "theme": "sys.training", "note": "Disengagement and holding skills." },
                { "theme": "sys.handover", "note": "Nobody had been told how high the risk was." },
                { "theme": "psy.distress", "note": "Some would rather talk alone." }
            ]
        }));
    }

    fn planned(&mut self) {
        let plan = [
            json!({ "kind": "petr_debrief", "owner": "pipss_lead", "aim": "Reflection with a focus on bereavement" }),
            json!({ "kind": "one_to_one", "owner": "counselling_service" }),
            json!({ "kind": "liaison", "owner": "security_adviser", "aim": "Safer nights: security at the site out of hours" }),
            json!({ "kind": "training", "owner": "training_department", "aim": "Disengagement and physical hold skills" }),
            json!({ "kind": "process_change", "owner": "ward_management", "aim": "Handover of patients who are a high risk" }),
        ];
        for offer in plan {
            self.give("plan-offer", "alex", (1, 1), offer);
        }
    }

    fn arranged(&mut self) {
        self.give(
            "arrange-session",
            "alex",
            (1, 2),
            json!({
                "offer": "$offer/0", "starts_at": self.at(8, 5), "minutes": 75,
                "site": "Willow Community Hospital, Garden Room",
                "facilitators": [person("alex"), person("kim")], "managers_attend": "no"
            }),
        );
        self.give(
            "end-offer",
            "alex",
            (2, 0),
            json!({ "offer": "$offer/1", "how": "done" }),
        );
    }

    fn held(&mut self) {
        self.give("record-session", "kim", (8, 7), json!({
            "session": "$session/0", "minutes": 75, "mode": "in_person", "headcount": 9,
            "phases": ["introduction", "what_happened", "reactions", "coping", "information", "next_steps"],
            "themes": [
                { "theme": "psy.bereavement", "polarity": "difficulty" },
                { "theme": "psy.safety", "polarity": "difficulty" },
                { "theme": "env.security", "polarity": "difficulty" },
                { "theme": "sys.handover", "polarity": "difficulty" },
                { "theme": "team.cohesion", "polarity": "strength" }
            ],
            "actions": [{ "what": "Agree who may ring security at night, and how", "owner": "ward_management",
                          "due": self.at(20, 0).date_naive() }]
        }));
    }

    fn ended(&mut self) {
        let alex = "alex";
        self.give(
            "end-offer",
            alex,
            (10, 0),
            json!({ "offer": "$offer/4", "how": "done",
            "note": "Risk now stands first on the handover sheet." }),
        );
        self.give(
            "end-offer",
            alex,
            (12, 0),
            json!({ "offer": "$offer/2", "how": "handed_over",
            "owner": "security_adviser", "due": self.at(35, 0).date_naive(),
            "note": "Security officers at the site from 20:00 to 07:00." }),
        );
        self.give(
            "end-offer",
            alex,
            (20, 0),
            json!({ "offer": "$offer/3", "how": "done",
            "note": "Booked for day and night staff, and done." }),
        );
        self.give(
            "close",
            alex,
            (21, 0),
            json!({ "outcome": "support_provided_and_handed_over" }),
        );
        self.give(
            "complete-handover",
            alex,
            (30, 0),
            json!({ "offer": "$offer/2",
            "what_changed": "Two officers at night since this week; the team has their number." }),
        );
    }

    /// Something that still waits, so that the lead's queue is not empty.
    fn ash_ward(&mut self) {
        self.raise("val", DAYS_AGO - 1, json!({
            "team": unit("ash"),
            "incidents": [{ "type": "patient_suicide", "occurred": { "at": self.at(DAYS_AGO - 2, 0) },
                            "place": "inpatient_ward", "line": "A patient died by suicide on leave from the ward." }],
            "affected": { "directly": "11-20", "indirectly": "unknown", "groups": ["students"] },
            "injuries": "no", "signs_worsening": "unknown",
            "safety": { "threat_continuing": "no", "area_safe": "yes", "someone_at_immediate_risk": "no" },
            "asked_for": ["petr_debrief", "postvention"], "team_aware": "no"
        }));
    }

    fn raise(&mut self, who: &'static str, day: i64, body: Value) {
        self.case = self.script.case();
        self.step(What::Raise, who, (day, 0), body);
    }

    fn give(&mut self, name: &'static str, who: &'static str, at: (i64, i64), body: Value) {
        self.step(What::Command(name), who, at, body);
    }

    fn step(&mut self, what: What, who: &'static str, (days, hours): (i64, i64), body: Value) {
        let (at, case) = (self.at(days, hours), self.case);
        self.script.add(Step {
            at,
            case,
            who,
            what,
            body,
        });
    }
}
