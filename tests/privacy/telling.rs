//! People who do things in an invented trust, through the one door, one step after another.

use std::cell::RefCell;

use chrono::Duration;
use pipss::demo::people::{organisation, person, unit};
use pipss_api::actor::Actor;
use pipss_api::app::App;
use pipss_api::as_known::AsOfAsked;
use pipss_api::body::Body;
use pipss_api::door::CommandAnswer;
use pipss_api::intent::{Asked, Intent};
use pipss_domain::arrange::ArrangeSession;
use pipss_domain::close::CloseCase;
use pipss_domain::directory_facts::{GrantGiven, Role};
use pipss_domain::history::Event;
use pipss_domain::ids::{CaseId, OneToOneId, PersonId, UnitId};
use pipss_domain::merge::MergeCase;
use pipss_domain::one_to_one::{
    ArrangeOneToOne, DeclineOneToOne, FlagRisk, OfferOneToOne, OneToOneCommand,
};
use pipss_domain::pathway::{CaseCommand, Happened};
use pipss_domain::plan::PlanOffer;
use pipss_domain::scope::RecordScoping;
use pipss_domain::session::RecordSession;
use pipss_domain::stream::Stream;
use pipss_domain::triage::{AcknowledgeReferral, TriageCase};
use serde_json::{Value, json};

use crate::private;

const MANAGERS: [&str; 4] = ["robin", "jo", "nic", "val"];
const TEAMS: [&str; 3] = ["stroke", "rehab", "ash"];
const GRANTS: [Role; 5] = [
    Role::Lead,
    Role::Facilitator,
    Role::SupervisionLead,
    Role::Governance,
    Role::Auditor,
];

/// What someone does; the number chooses whom, what and where.
pub type Step = (u8, u8);

/// A trust whose people do things, through the one door.
pub struct Story {
    pub app: App,
    pub cases: RefCell<Vec<(CaseId, u64, Value, Value)>>,
    pub keys: RefCell<u32>,
    /// Who asked for themselves, and what it is called.
    pub ones: RefCell<Vec<(String, OneToOneId)>>,
}

impl Story {
    pub async fn step(&self, (what, n): Step) {
        let pick = |from: &[&'static str]| from[usize::from(n) % from.len()];
        match what % 13 {
            0 | 1 => self.raise(pick(&MANAGERS), pick(&TEAMS)).await,
            2 => {
                self.give::<AcknowledgeReferral>("alex", n, |_| json!({ "by": "telephone" }))
                    .await
            }
            3 => self.give::<TriageCase>("alex", n, |_| triage()).await,
            4 => {
                self.give::<PlanOffer>(
                    "alex",
                    n,
                    |_| json!({ "kind": "petr_debrief", "owner": "pipss_lead" }),
                )
                .await
            }
            5 => self.arrange(n).await,
            6 => self.record(n).await,
            7 => {
                self.give::<CloseCase>("alex", n, |_| json!({ "outcome": "support_provided" }))
                    .await
            }
            8 => {
                self.grant(pick(&MANAGERS), GRANTS[usize::from(n) / 7 % GRANTS.len()])
                    .await
            }
            9 => self.post(n).await,
            10 => self.scope_or_merge(n).await,
            _ => self.ask(n).await,
        }
    }

    fn asked(&self, if_match: Option<u64>, body: &Value) -> Asked {
        let key = self.keys.replace_with(|n| *n + 1);
        Asked {
            key: key.to_string(),
            if_match,
            body: Body::read(body.to_string().as_bytes()).unwrap(),
        }
    }

    pub async fn raise(&self, who: &str, team: &str) {
        self.raise_as(person(who), unit(team)).await;
    }

    pub async fn raise_as(&self, who: PersonId, team: UnitId) {
        let at = self.app.clock().now() - Duration::hours(30);
        let body = json!({
            "team": team,
            "incidents": [{ "type": "threat_verbal", "occurred": { "at": at }, "place": "inpatient_ward",
                            "line": "Threats.", "local_ref": "R-1" }],
            "affected": { "directly": "1-5", "indirectly": "unknown", "groups": [] },
            "injuries": "no", "signs_worsening": "unknown", "asked_for": ["petr_debrief"], "team_aware": "yes",
            "safety": { "threat_continuing": "no", "area_safe": "yes", "someone_at_immediate_risk": "no" }
        });
        let actor = Actor::person(organisation(), who);
        let done = self
            .app
            .execute(&actor, Intent::raise(self.asked(None, &body)))
            .await;
        let answer = done.unwrap_or_else(|_| panic!("{who} may raise")).answer();
        let case = (
            answer.case.unwrap(),
            answer.version,
            Value::Null,
            Value::Null,
        );
        self.cases.borrow_mut().push(case);
    }

    /// Gives a command to some case; being refused is part of the story.
    async fn give<C: CaseCommand + 'static>(
        &self,
        who: &str,
        n: u8,
        body: impl Fn(&Self) -> Value,
    ) {
        self.given::<C>(who, n, &body(self)).await;
    }

    pub async fn given<C: CaseCommand + 'static>(
        &self,
        who: &str,
        n: u8,
        body: &Value,
    ) -> Option<CommandAnswer> {
        let at = usize::from(n).checked_rem(self.cases.borrow().len())?;
        let (case, version, ..) = self.cases.borrow()[at].clone();
        let actor = Actor::person(organisation(), person(who));
        let intent = Intent::to_case::<C>(case, self.asked(Some(version), body));
        let answer = self.app.execute(&actor, intent).await.ok()?.answer();
        let mut cases = self.cases.borrow_mut();
        cases[at].1 = answer.version;
        if let Some(offer) = answer.offer {
            cases[at].2 = json!(offer);
        }
        if let Some(session) = answer.session {
            cases[at].3 = json!(session);
        }
        Some(answer)
    }

    pub fn of(&self, n: u8) -> (Value, Value) {
        let cases = self.cases.borrow();
        let at = usize::from(n).checked_rem(cases.len());
        at.map_or((Value::Null, Value::Null), |at| {
            (cases[at].2.clone(), cases[at].3.clone())
        })
    }

    async fn arrange(&self, n: u8) {
        let ahead = self.app.clock().now() + Duration::hours(20 + i64::from(n));
        let body = json!({
            "offer": self.of(n).0, "starts_at": ahead, "minutes": 75, "site": "Garden Room",
            "facilitators": [person("ash")], "managers_attend": "no", "departs_because": "other"
        });
        self.given::<ArrangeSession>("alex", n, &body).await;
    }

    pub async fn record(&self, n: u8) {
        let later = self.app.clock().now() + Duration::days(12);
        self.app.clock().move_to(later);
        let body = json!({
            "session": self.of(n).1, "minutes": 75, "mode": "in_person", "headcount": 9,
            "themes": [{ "theme": "psy.safety", "polarity": "difficulty" }],
            "actions": [{ "what": "A lock", "owner": "estates", "due": (later + Duration::days(9)).date_naive() }]
        });
        self.given::<RecordSession>("ash", n, &body).await;
    }

    async fn scope_or_merge(&self, n: u8) {
        let now = self.app.clock().now();
        let other = self.cases.borrow().first().map(|(case, ..)| *case);
        let needs =
            json!({ "held_at": now, "with": ["managers"], "needs": [{ "theme": "psy.safety" }] });
        match n % 4 {
            0 => {
                self.given::<MergeCase>("alex", n, &json!({ "into": other }))
                    .await
            }
            _ => self.given::<RecordScoping>("alex", n, &needs).await,
        };
    }

    pub async fn grant(&self, who: &str, role: Role) {
        let given = Event::GrantGiven(GrantGiven { role, until: None });
        self.keep(Stream::Grants(person(who)), given).await;
    }

    /// What no manager may come to know: someone asks for themselves, is helped, asks for supervision,
    /// or reports danger.
    async fn ask(&self, n: u8) {
        let pick = |from: &[&'static str]| from[usize::from(n) / 8 % from.len()];
        match n % 8 {
            0 | 1 => {
                self.one_to_one(pick(&["sam", "robin", "jo", "val"]), n)
                    .await
            }
            2 => {
                let provider = person(pick(&["kim", "ash", "robin"]));
                self.help::<OfferOneToOne>("charlie", &json!({ "provider": provider }))
                    .await;
            }
            3 => {
                let at = self.app.clock().now() + Duration::hours(30 + i64::from(n % 3) * 24);
                let who = pick(&["kim", "ash", "robin"]);
                self.help::<ArrangeOneToOne>(who, &json!({ "starts_at": at, "minutes": 60 }))
                    .await;
            }
            4 => {
                self.help::<FlagRisk>("kim", &json!({ "at_risk": true }))
                    .await
            }
            5 => self.help::<DeclineOneToOne>("sam", &json!({})).await,
            6 => self.supervision(pick(&["ash", "robin", "kim"])).await,
            _ => {
                let case = self.cases.borrow().last().map(|(case, ..)| *case);
                for happened in private::happened(n.into(), case) {
                    self.keep(happened.stream, happened.event).await;
                }
            }
        }
    }

    /// A case by number.
    pub fn case(&self, n: usize) -> CaseId {
        self.cases.borrow()[n].0
    }

    /// The incident of a case.
    pub async fn incident(&self, n: usize) -> Value {
        let actor = Actor::person(organisation(), person("alex"));
        let asked = AsOfAsked { as_of: None };
        let looking = async { self.app.case(&actor, self.case(n), &asked) };
        let seen = self.app.reading(looking).await.and_then(|seen| seen);
        let seen = serde_json::to_value(seen.unwrap_or_else(|_| panic!("alex sees it"))).unwrap();
        seen["request"]["incidents"][0]["incident"].clone()
    }

    /// Writes down that someone from outside asks to be shown something.
    pub async fn asked_from_outside(&self, who: &str, request: &Value) {
        let who = Actor::person(organisation(), person(who));
        let intent = Intent::request_disclosure(self.asked(None, request));
        assert!(self.app.execute(&who, intent).await.is_ok());
    }

    /// Asks for supervision.
    pub async fn supervision(&self, who: &str) {
        let body = json!({ "after": "session", "wish": "when_convenient" });
        let who = Actor::person(organisation(), person(who));
        let intent = Intent::ask_for_supervision(self.asked(None, &body));
        let _ = self.app.execute(&who, intent).await;
    }

    /// Asks for one-to-one support for oneself, sometimes keeping a lead from knowing.
    pub async fn one_to_one(&self, who: &str, n: u8) {
        let named: &[&str] = if n.is_multiple_of(3) {
            &["Alex Kestrel"]
        } else {
            &[]
        };
        let body = json!({
            "call_me": "Sammy", "team": unit(TEAMS[usize::from(n) % TEAMS.len()]),
            "letters_to": "private@example.test", "not_seen_by": named
        });
        let actor = Actor::person(organisation(), person(who));
        let intent = Intent::ask_for_one_to_one(self.asked(None, &body));
        let done = self.app.execute(&actor, intent).await;
        let done = done.unwrap_or_else(|_| panic!("{who} may ask"));
        self.ones
            .borrow_mut()
            .push((who.to_owned(), done.one_to_one().unwrap().0));
    }

    /// Breaks the glass over a one-to-one, and reads it.
    pub async fn glass_broken(&self, who: &str, n: usize) {
        let one = self.ones.borrow()[n].1;
        let body = json!({
            "what": "one_to_one", "object": one, "reason": "A life is at risk.", "life_at_risk": true,
            "telling": "told"
        });
        let actor = Actor::person(organisation(), person(who));
        let intent = Intent::ask_to_break_glass(self.asked(None, &body));
        let done = self.app.execute(&actor, intent).await;
        assert!(done.is_ok(), "{who} may ask");
        let looking = async { self.app.glasses(&actor) };
        let seen = self.app.reading(looking).await.and_then(|seen| Ok(seen?));
        let glass = seen.unwrap_or_else(|_| panic!("{who} asked")).asked[0].glass;
        let looking = async { self.app.glass_content(&actor, glass) };
        assert!(
            self.app
                .reading(looking)
                .await
                .is_ok_and(|seen| seen.is_ok())
        );
    }

    /// A command to the one-to-one that was asked for last; refused if it is not theirs to give.
    pub async fn help<C: OneToOneCommand>(&self, who: &str, body: &Value) {
        let Some((_, one)) = self.ones.borrow().last().cloned() else {
            return;
        };
        let actor = Actor::person(organisation(), person(who));
        let looking = async { self.app.one_to_one(&actor, one) };
        let seen = self.app.reading(looking).await.and_then(|seen| Ok(seen?));
        let version = seen.map_or(1, |seen| seen.version);
        let intent = Intent::to_one_to_one::<C>(one, self.asked(Some(version), body));
        let _ = self.app.execute(&actor, intent).await;
    }

    async fn post(&self, n: u8) {
        let later = self.app.clock().now() + Duration::hours(i64::from(n));
        self.app.clock().move_to(later);
        let program = Actor::program(organisation());
        let due = self.app.mails_due(&program, "https://x.invalid").unwrap();
        for mail in due.iter().take(3) {
            assert!(self.app.mail_taken(&program, mail).await.is_ok());
        }
    }

    pub async fn keep(&self, stream: Stream, event: Event) {
        let key = self.keys.replace_with(|n| *n + 1);
        let happened = Happened {
            stream,
            occurred_at: self.app.clock().now(),
            event,
        };
        let intent = Intent::keep_directory(&key.to_string(), vec![happened]);
        let kept = self
            .app
            .execute(&Actor::operator(organisation()), intent)
            .await;
        assert!(kept.is_ok());
    }
}

pub fn triage() -> Value {
    json!({
        "urgency": "U3", "outcome": "accept",
        "contraindications": {
            "threat_continuing": false, "staff_not_safe_or_rested": false,
            "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
            "manager_implicated": false, "really_an_investigation": false
        },
        "reason": "As told."
    })
}
