//! The stroke ward's story as the people in it send it, one step after another.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::demo::{Answer, Demo, Person};
use super::smtp::SmtpPeer;

/// Words of whoever asked, of the lead, and of the plan, to look for where they may and may not stand.
pub const LINE: &str = "A very unwell patient attacked staff on the night shift.";
pub const PREFERRED: &str = "Early afternoon, so that nights and days can both come.";
pub const REASON: &str = "Staff do not feel safe at night. One debrief will not be enough.";
pub const NOTE: &str = "Some would rather talk alone.";
pub const AIMS: [&str; 4] = [
    "Reflection with a focus on bereavement",
    "Safer nights: security at the site out of hours",
    "Disengagement and physical hold skills",
    "Handover of patients who are a high risk",
];
pub const CHANGED: &str = "Two officers at night since this week.";

/// A demonstration with nothing but the trust and its people, its post going to a real mail server.
pub struct Ward {
    pub demo: Demo,
    pub post: SmtpPeer,
    pub robin: Person,
    pub alex: Person,
    pub kim: Person,
    pub began: DateTime<Utc>,
    pub team: String,
    pub case: String,
    pub reference: String,
    pub offers: Vec<Planned>,
    pub session: String,
}

/// One offer of the plan: its kind and its id.
pub struct Planned {
    pub kind: &'static str,
    pub id: String,
}

impl Ward {
    /// The referral has been raised, asking for a PETR debrief only.
    pub async fn raised() -> Self {
        let post = SmtpPeer::start("ok");
        let address = format!("127.0.0.1:{}", post.port);
        let demo = Demo::start(&["--empty", "--smtp", &address]);
        let robin = demo.person("Robin Wren").await;
        let mut ward = Self {
            team: team(&demo, &robin, "Harbour Stroke Ward").await,
            alex: demo.person("Alex Kestrel").await,
            kim: demo.person("Kim Siskin").await,
            began: Utc::now(),
            robin,
            demo,
            post,
            case: String::new(),
            reference: String::new(),
            offers: Vec::new(),
            session: String::new(),
        };
        let referral = ward.referral();
        let raised = ward.demo.raise(&ward.robin, &referral).await.expect(201);
        ward.case = text(&raised["case"]);
        ward.reference = text(&raised["reference"]);
        ward.wait(0, 1).await;
        ward
    }

    /// What the manager sends.
    pub fn referral(&self) -> Value {
        json!({
            "team": self.team,
            "incidents": [
                { "type": "assault_physical", "occurred": { "at": self.at(-3, -6) }, "place": "inpatient_ward",
                  "line": LINE, "local_ref": "W-20417" },
                { "type": "threat_verbal", "occurred": { "at": self.at(-1, -5) }, "place": "inpatient_ward",
                  "line": "Threats and blows again; the patient died soon after." }
            ],
            "affected": { "directly": "6-10", "indirectly": "11-20", "groups": ["night_staff", "bank"] },
            "injuries": "yes", "absence": "yes", "signs_worsening": "yes",
            "safety": { "threat_continuing": "no", "area_safe": "no", "someone_at_immediate_risk": "no" },
            "asked_for": ["petr_debrief"], "team_aware": "yes", "shift_pattern": "days_and_nights",
            "preferred_times": PREFERRED
        })
    }

    /// The lead has answered, triaged, and asked the managers what the team needs.
    pub async fn scoped() -> Self {
        let ward = Self::raised().await;
        ward.lead("acknowledge", json!({ "by": "telephone" })).await;
        ward.wait(0, 2).await;
        let triage = json!({
            "urgency": "U1", "outcome": "accept_modified", "reason": REASON,
            "contraindications": {
                "threat_continuing": false, "staff_not_safe_or_rested": false,
                "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
                "manager_implicated": false, "really_an_investigation": false
            }
        });
        ward.lead("triage", triage).await;
        ward.wait(1, 0).await;
        let scoping = json!({
            "held_at": ward.at(0, 23), "with": ["managers", "operational_leads"],
            "needs": [
                { "theme": "psy.bereavement", "note": "Grief for the patient." },
                { "theme": "psy.safety", "note": "Fear of coming back to the ward out of hours." },
                { "theme": "sys.training", "note": "Disengagement and holding skills." },
                { "theme": "sys.handover", "note": "Nobody had been told how high the risk was." },
                { "theme": "psy.distress", "note": NOTE }
            ]
        });
        ward.lead("record-scoping", scoping).await;
        ward
    }

    /// Five offers of five owners are planned.
    pub async fn planned() -> Self {
        let mut ward = Self::scoped().await;
        ward.wait(1, 1).await;
        for (kind, owner, aim) in [
            ("petr_debrief", "pipss_lead", Some(AIMS[0])),
            ("one_to_one", "counselling_service", None),
            ("liaison", "security_adviser", Some(AIMS[1])),
            ("training", "training_department", Some(AIMS[2])),
            ("process_change", "ward_management", Some(AIMS[3])),
        ] {
            let offer = json!({ "kind": kind, "owner": owner, "aim": aim });
            let planned = ward.lead("plan-offer", offer).await;
            let id = text(&planned["offer"]);
            ward.offers.push(Planned { kind, id });
        }
        ward
    }

    /// The PETR debrief is arranged with the lead and the external counsellor.
    pub async fn arranged() -> Self {
        let mut ward = Self::planned().await;
        ward.wait(1, 2).await;
        let session = json!({
            "offer": ward.offer("petr_debrief"), "starts_at": ward.at(8, 5), "minutes": 75,
            "site": "Willow Community Hospital, Garden Room",
            "facilitators": [ward.alex.id, ward.kim.id], "managers_attend": "no"
        });
        let arranged = ward.lead("arrange-session", session).await;
        ward.session = text(&arranged["session"]);
        ward.wait(1, 3).await;
        ward
    }

    /// What the counsellor sends after the session: one request.
    pub fn record(&self) -> Value {
        json!({
            "session": self.session, "minutes": 75, "mode": "in_person", "headcount": 9,
            "phases": ["introduction", "what_happened", "reactions", "coping", "information", "next_steps"],
            "themes": [
                { "theme": "psy.bereavement", "polarity": "difficulty" },
                { "theme": "psy.safety", "polarity": "difficulty" },
                { "theme": "env.security", "polarity": "difficulty" },
                { "theme": "sys.handover", "polarity": "difficulty" },
                { "theme": "team.cohesion", "polarity": "strength" }
            ],
            "actions": [{ "what": "Agree who may ring security at night, and how",
                          "owner": "ward_management", "due": self.day(20) }]
        })
    }

    /// The session was held, and everything but the training has come to its end or was handed over.
    pub async fn nearly_done() -> Self {
        let ward = Self::arranged().await;
        ward.wait(8, 7).await;
        let recorded = ward.give(&ward.kim, "record-session", &ward.record()).await;
        recorded.expect(200);
        ward.wait(9, 0).await;
        ward.end("one_to_one", json!({ "how": "done" })).await;
        ward.wait(10, 0).await;
        ward.end("process_change", json!({ "how": "done" })).await;
        ward.wait(12, 0).await;
        let due = ward.day(35);
        let handed_over = json!({ "how": "handed_over", "owner": "security_adviser", "due": due });
        ward.end("liaison", handed_over).await;
        ward
    }

    /// The training is done too, the case is closed, and what was handed over was done later.
    pub async fn closed() -> Self {
        let ward = Self::nearly_done().await;
        ward.wait(20, 0).await;
        ward.end("training", json!({ "how": "done" })).await;
        ward.wait(21, 0).await;
        let outcome = json!({ "outcome": "support_provided_and_handed_over" });
        ward.lead("close", outcome).await;
        ward.wait(30, 0).await;
        let done = json!({ "offer": ward.offer("liaison"), "what_changed": CHANGED });
        ward.lead("complete-handover", done).await;
        ward
    }

    /// An instant of the story.
    pub fn at(&self, days: i64, hours: i64) -> DateTime<Utc> {
        self.began + Duration::days(days) + Duration::hours(hours)
    }

    /// A day of the story.
    pub fn day(&self, days: i64) -> String {
        self.at(days, 0).date_naive().to_string()
    }

    /// Lets time pass; what was to be posted by then has been.
    pub async fn wait(&self, days: i64, hours: i64) {
        self.demo.move_clock(self.at(days, hours)).await;
    }

    /// The id of an offer by its kind.
    pub fn offer(&self, kind: &str) -> &str {
        let offer = self.offers.iter().find(|offer| offer.kind == kind);
        &offer.unwrap().id
    }

    /// Gives a command to the case.
    pub async fn give(&self, who: &Person, command: &str, body: &Value) -> Answer {
        self.demo.command(who, &self.case, command, body).await
    }

    /// The lead gives a command to the case, which is taken.
    pub async fn lead(&self, command: &str, body: Value) -> Value {
        self.give(&self.alex, command, &body).await.expect(200)
    }

    /// The lead ends an offer.
    async fn end(&self, kind: &str, mut how: Value) {
        how["offer"] = json!(self.offer(kind));
        self.lead("end-offer", how).await;
    }

    /// The case as someone sees it.
    pub async fn case(&self, who: &Person) -> Value {
        let path = format!("/api/v1/cases/{}", self.case);
        self.demo.get(who, &path).await.expect(200)
    }

    /// The sentences of a timeline as someone reads them.
    pub async fn headlines(&self, who: &Person, path: &str) -> Vec<String> {
        let timeline = self.demo.get(who, path).await.expect(200);
        let entries = timeline["entries"].as_array().unwrap().iter();
        entries.map(|entry| text(&entry["headline"])).collect()
    }
}

/// The id of a team by its name.
pub async fn team(demo: &Demo, who: &Person, name: &str) -> String {
    let teams = demo.get(who, "/api/v1/teams").await.expect(200);
    let mut teams = teams["teams"].as_array().unwrap().iter();
    text(&teams.find(|team| team["name"] == name).unwrap()["team"])
}

/// A JSON string as text.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).into()
}
