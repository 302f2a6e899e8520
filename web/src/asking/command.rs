//! From the answers of four pages to the command that asks for support.

use pipss_domain::refusal::{Fault, Refusal};
use serde_json::{Map, Value, json};

use super::step::{Situation, Step};
use super::{when, words};
use crate::form;

impl Situation<'_> {
    /// The body of the command.
    ///
    /// # Errors
    /// What is still in the way.
    pub fn command(&self) -> Result<Value, Refusal> {
        let further = (1..self.incidents()).map(Step::Another);
        let mut questions = Vec::new();
        for step in Step::ALL.into_iter().chain(further) {
            questions.extend(self.form(step)?.questions);
        }
        let mut body = form::body(&questions, self.answers).map_err(Refusal::Invalid)?;
        let told = body.remove("incidents");
        let told = told
            .and_then(|told| told.as_array().cloned())
            .unwrap_or_default();
        if self.happened() {
            let incidents = told.into_iter().take(self.incidents()).enumerate();
            let incidents: Result<Vec<_>, _> =
                incidents.map(|(n, told)| self.incident(n, told)).collect();
            let incidents = incidents.map_err(|fault| Refusal::Invalid(vec![fault]))?;
            body.insert("incidents".into(), incidents.into());
        } else if self.is_expected() {
            body.entry("anticipated").or_insert_with(|| json!({}));
        } else {
            let strain = body.entry("strain").or_insert_with(|| json!({}));
            strain["type"] = self.kind(0).into();
        }
        team(&mut body);
        safety(&mut body);
        injuries(&mut body);
        for helper in ["behalf", "held"] {
            body.remove(helper);
        }
        if let Some(names) = self.answers.get("not_seen_by") {
            let names: Vec<_> = names
                .lines()
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .collect();
            body.insert("not_seen_by".into(), json!(names));
        }
        Ok(Value::Object(body))
    }

    fn is_expected(&self) -> bool {
        self.kind(0).as_deref() == Some("anticipated_event")
    }

    /// The type that was chosen for an incident.
    pub fn kind(&self, n: usize) -> Option<String> {
        let group = self.group(n)?;
        let chosen = self.answers.get(&format!("incidents.{n}.group_{group}"));
        words::kind_of(group, chosen)
    }

    /// An incident as the command has it: what was asked in several ways is said in one.
    fn incident(&self, n: usize, told: Value) -> Result<Value, Fault> {
        let mut incident = json!({
            "type": self.kind(n),
            "occurred": when::occurred(self.answers, &format!("incidents.{n}"), self.now())?,
        });
        for name in ["place", "line", "local_ref", "known_at"] {
            if let Some(value) = told.get(name) {
                incident[name] = value.clone();
            }
        }
        Ok(incident)
    }
}

/// One's own team, or another one.
pub fn team(body: &mut Map<String, Value>) {
    if let Some(other) = body.remove("team_other") {
        body.insert("team".into(), other);
    }
}

/// “Yes, as far as I know” answers three questions at once.
fn safety(body: &mut Map<String, Value>) {
    if body.remove("safe") == Some(json!("yes")) {
        let safe = json!({ "threat_continuing": "no", "area_safe": "yes", "someone_at_immediate_risk": "no" });
        body.insert("safety".into(), safe);
    }
}

/// One answer says whether someone was hurt, and whether a member of staff is in hospital.
fn injuries(body: &mut Map<String, Value>) {
    let (hurt, hospital) = match body.get("injuries").and_then(Value::as_str) {
        Some("hospital") => ("yes", "yes"),
        Some("yes") => ("yes", "no"),
        Some("no") => ("no", "no"),
        _ => return,
    };
    body.insert("injuries".into(), hurt.into());
    body.insert("staff_in_hospital".into(), hospital.into());
}
