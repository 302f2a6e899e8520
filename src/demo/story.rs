//! The story of the stroke ward, told through the door as it happened, day by day.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use chrono::{DateTime, Duration, NaiveTime, Utc};
use pipss_api::actor::Actor;
use pipss_api::app::App;
use pipss_api::body::Body;
use pipss_api::clock::Clock;
use pipss_api::door::CommandAnswer;
use pipss_api::intent::{Asked, Intent};
use pipss_domain::arrange::ArrangeSession;
use pipss_domain::close::CloseCase;
use pipss_domain::ids::CaseId;
use pipss_domain::pathway::CaseCommand;
use pipss_domain::plan::{CompleteHandover, EndOffer, PlanOffer};
use pipss_domain::scope::RecordScoping;
use pipss_domain::session::RecordSession;
use pipss_domain::triage::{AcknowledgeReferral, TriageCase};
use serde_json::{Value, json};

use super::people::{organisation, person, unit};
use crate::post::PostRoom;

/// The story begins so long before today: everything has been done, and whoever held the session may
/// still see it.
const DAYS_AGO: i64 = 32;

/// A clock that stands at the beginning of the story, at nine in the morning.
pub fn clock() -> Clock {
    let day = (Utc::now() - Duration::days(DAYS_AGO)).date_naive();
    let nine = NaiveTime::from_hms_opt(8, 0, 0).expect("there is such a time");
    Clock::starting_at(day.and_time(nine).and_utc())
}

/// Tells the story, the clock moving along with it.
pub async fn tell(app: &Arc<App>, post: &Arc<PostRoom>) -> anyhow::Result<()> {
    let began = app.clock().now();
    let told = Told { app, post, began };
    told.stroke_ward().await?;
    told.ash_ward().await
}

struct Told<'a> {
    app: &'a Arc<App>,
    post: &'a Arc<PostRoom>,
    began: DateTime<Utc>,
}

/// The case so far: each command is meant for its last version.
struct Story {
    case: CaseId,
    version: u64,
}

impl Told<'_> {
    fn at(&self, days: i64, hours: i64) -> DateTime<Utc> {
        self.began + Duration::days(days) + Duration::hours(hours)
    }

    async fn stroke_ward(&self) -> anyhow::Result<()> {
        let mut story = self.asked().await?;
        self.scoped(&mut story).await?;
        let offers = self.planned(&mut story).await?;
        let session = self.arranged(&mut story, &offers).await?;
        self.held(&mut story, &session).await?;
        self.ended(&mut story, &offers).await
    }

    async fn asked(&self) -> anyhow::Result<Story> {
        let raised = self.raise("robin", 0, json!({
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
        })).await?;
        let mut story = Story {
            case: raised.case.context("raising opens a case")?,
            version: raised.version,
        };
        self.give::<AcknowledgeReferral>(&mut story, "alex", (0, 1), json!({ "by": "telephone" }))
            .await?;
        self.give::<TriageCase>(&mut story, "alex", (0, 2), json!({
            "urgency": "U1", "outcome": "accept_modified",
            "contraindications": {
                "threat_continuing": false, "staff_not_safe_or_rested": false,
                "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
                "manager_implicated": false, "really_an_investigation": false
            },
            "reason": "Staff do not feel safe at night. One debrief will not be enough."
        })).await?;
        Ok(story)
    }

    async fn scoped(&self, story: &mut Story) -> anyhow::Result<()> {
        self.give::<RecordScoping>(story, "alex", (1, 0), json!({
            "held_at": self.at(1, -1), "with": ["managers", "operational_leads"],
            "needs": [
                { "theme": "psy.bereavement", "note": "Grief for the patient, whom many had nursed for weeks." },
                { "theme": "psy.safety", "note": "Fear of coming back to the ward out of hours." },
                { "theme": "sys.training", "note": "Disengagement and holding skills." },
                { "theme": "sys.handover", "note": "Nobody had been told how high the risk was." },
                { "theme": "psy.distress", "note": "Some would rather talk alone." }
            ]
        })).await.map(|_| ())
    }

    async fn planned(&self, story: &mut Story) -> anyhow::Result<Vec<Value>> {
        let plan = [
            json!({ "kind": "petr_debrief", "owner": "pipss_lead", "aim": "Reflection with a focus on bereavement" }),
            json!({ "kind": "one_to_one", "owner": "counselling_service" }),
            json!({ "kind": "liaison", "owner": "security_adviser", "aim": "Safer nights: security at the site out of hours" }),
            json!({ "kind": "training", "owner": "training_department", "aim": "Disengagement and physical hold skills" }),
            json!({ "kind": "process_change", "owner": "ward_management", "aim": "Handover of patients who are a high risk" }),
        ];
        let mut offers = Vec::new();
        for offer in plan {
            let planned = self.give::<PlanOffer>(story, "alex", (1, 1), offer).await?;
            offers.push(json!(planned.offer));
        }
        Ok(offers)
    }

    async fn arranged(&self, story: &mut Story, offers: &[Value]) -> anyhow::Result<Value> {
        let arranged = self
            .give::<ArrangeSession>(
                story,
                "alex",
                (1, 2),
                json!({
                    "offer": offers[0], "starts_at": self.at(8, 5), "minutes": 75,
                    "site": "Willow Community Hospital, Garden Room",
                    "facilitators": [person("alex"), person("kim")], "managers_attend": "no"
                }),
            )
            .await?;
        self.give::<EndOffer>(
            story,
            "alex",
            (2, 0),
            json!({ "offer": offers[1], "how": "done" }),
        )
        .await?;
        Ok(json!(arranged.session))
    }

    async fn held(&self, story: &mut Story, session: &Value) -> anyhow::Result<()> {
        self.give::<RecordSession>(story, "kim", (8, 7), json!({
            "session": session, "minutes": 75, "mode": "in_person", "headcount": 9,
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
        })).await.map(|_| ())
    }

    async fn ended(&self, story: &mut Story, offers: &[Value]) -> anyhow::Result<()> {
        let alex = "alex";
        self.give::<EndOffer>(
            story,
            alex,
            (10, 0),
            json!({ "offer": offers[4], "how": "done",
            "note": "Risk now stands first on the handover sheet." }),
        )
        .await?;
        self.give::<EndOffer>(
            story,
            alex,
            (12, 0),
            json!({ "offer": offers[2], "how": "handed_over",
            "owner": "security_adviser", "due": self.at(35, 0).date_naive(),
            "note": "Security officers at the site from 20:00 to 07:00." }),
        )
        .await?;
        self.give::<EndOffer>(
            story,
            alex,
            (20, 0),
            json!({ "offer": offers[3], "how": "done",
            "note": "Booked for day and night staff, and done." }),
        )
        .await?;
        self.give::<CloseCase>(
            story,
            alex,
            (21, 0),
            json!({ "outcome": "support_provided_and_handed_over" }),
        )
        .await?;
        self.give::<CompleteHandover>(
            story,
            alex,
            (30, 0),
            json!({ "offer": offers[2],
            "what_changed": "Two officers at night since this week; the team has their number." }),
        )
        .await
        .map(|_| ())
    }

    /// Something that still waits, so that the lead's queue is not empty.
    async fn ash_ward(&self) -> anyhow::Result<()> {
        self.raise("val", DAYS_AGO - 1, json!({
            "team": unit("ash"),
            "incidents": [{ "type": "patient_suicide", "occurred": { "at": self.at(DAYS_AGO - 2, 0) },
                            "place": "inpatient_ward", "line": "A patient died by suicide on leave from the ward." }],
            "affected": { "directly": "11-20", "indirectly": "unknown", "groups": ["students"] },
            "injuries": "no", "signs_worsening": "unknown",
            "safety": { "threat_continuing": "no", "area_safe": "yes", "someone_at_immediate_risk": "no" },
            "asked_for": ["petr_debrief", "postvention"], "team_aware": "no"
        })).await.map(|_| ())
    }

    async fn raise(&self, who: &str, day: i64, body: Value) -> anyhow::Result<CommandAnswer> {
        self.app.clock().move_to(self.at(day, 0));
        let intent = Intent::raise(asked(&format!("{who} {day}"), None, &body)?);
        self.through_the_door(who, intent).await
    }

    async fn give<C: CaseCommand>(
        &self,
        story: &mut Story,
        who: &str,
        (day, hour): (i64, i64),
        body: Value,
    ) -> anyhow::Result<CommandAnswer> {
        self.app.clock().move_to(self.at(day, hour));
        let asked = asked(&format!("{}", story.version), Some(story.version), &body)?;
        let answer = self
            .through_the_door(who, Intent::to_case::<C>(story.case, asked))
            .await?;
        story.version = answer.version;
        Ok(answer)
    }

    async fn through_the_door(
        &self,
        who: &str,
        intent: Intent<'_>,
    ) -> anyhow::Result<CommandAnswer> {
        let actor = Actor::person(organisation(), person(who));
        let done = self.app.execute(&actor, intent).await;
        let done = done.map_err(|refused| {
            let problem = serde_json::to_string(&refused.problem()).unwrap_or_default();
            anyhow!("the story could not be told: {problem}")
        })?;
        self.post.clone().round().await;
        Ok(done.answer())
    }
}

fn asked(key: &str, if_match: Option<u64>, body: &Value) -> anyhow::Result<Asked> {
    let body = Body::read(body.to_string().as_bytes()).map_err(|error| anyhow!(error))?;
    Ok(Asked {
        key: key.into(),
        if_match,
        body,
    })
}
