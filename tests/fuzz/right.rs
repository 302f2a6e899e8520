//! Values that are as described, and as a person could mean them: known ids, times on the right side of now.

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use crate::description::Description;
use crate::known::Known;
use crate::support::random::Random;

/// What values are made from.
pub struct Maker<'m> {
    pub description: &'m Description,
    pub known: &'m Known,
    pub random: &'m mut Random,
    pub now: DateTime<Utc>,
    /// The path of what it is for.
    pub thing: String,
}

const AHEAD: [&str; 8] = [
    "starts_at",
    "due",
    "until",
    "from",
    "starts_on",
    "expected_on",
    "review_on",
    "to",
];
/// Codes with which most goes on: what is offered, accepted, and so on.
const USUAL: [&str; 5] = ["petr_debrief", "accept", "yes", "pipss_lead", "held"];
const NIGHTLY: &str = "Łódź 夜勤 shift, 👩‍⚕️ and a very ordinary line";

impl Maker<'_> {
    /// A value for a schema; `name` is what it is called where it stands.
    pub fn value(&mut self, schema: &Value, name: &str) -> Value {
        let description = self.description;
        let about = schema["description"].as_str().unwrap_or_default();
        let schema = description.resolved(schema);
        if let Some(codes) = schema["enum"].as_array() {
            let usual = codes
                .iter()
                .find(|code| USUAL.contains(&code.as_str().unwrap()));
            let usual = usual.filter(|_| self.random.below(2) == 0);
            return usual.unwrap_or_else(|| self.random.one_of(codes)).clone();
        }
        if let Some(ways) = schema["oneOf"].as_array() {
            let way = match self.random.below(8) {
                0 => self.random.one_of(ways),
                _ => &ways[0],
            };
            return self.value(way, name);
        }
        if let Some(all) = schema["allOf"].as_array() {
            let parts = all.iter().map(|one| self.value(one, name));
            let members = parts.filter_map(|part| part.as_object().cloned()).flatten();
            return Value::Object(members.collect());
        }
        match kind(&schema["type"]) {
            "string" => self.text(schema, name),
            "integer" | "number" => self.number(about, schema).into(),
            "boolean" => (self.random.below(2) == 0).into(),
            "array" => self.list(schema, name, about),
            "object" => self.object(schema),
            _ => Value::Null,
        }
    }

    fn object(&mut self, schema: &Value) -> Value {
        let required: Vec<&str> = names(&schema["required"]);
        let mut members = Map::new();
        for (name, about) in schema["properties"].as_object().into_iter().flatten() {
            if required.contains(&name.as_str()) || self.random.below(24) < often(name) {
                members.insert(name.clone(), self.value(about, name));
            }
        }
        Value::Object(members)
    }

    fn list(&mut self, schema: &Value, name: &str, about: &str) -> Value {
        let most = if about.contains("at most") || about.contains("Up to") {
            0
        } else {
            1
        };
        let length = most + self.random.below(2);
        let mut items: Vec<Value> = Vec::new();
        for _ in 0..length {
            let item = self.value(&schema["items"], name);
            if !items.contains(&item) {
                items.push(item);
            }
        }
        items.into()
    }

    fn text(&mut self, schema: &Value, name: &str) -> Value {
        match schema["format"].as_str() {
            Some("uuid") => self.known.one(&self.thing, name, self.random).into(),
            Some("date-time") => self
                .moment(name)
                .to_rfc3339_opts(SecondsFormat::Secs, true)
                .into(),
            Some("date") => self.moment(name).date_naive().to_string().into(),
            _ => self
                .words(schema["maxLength"].as_u64().unwrap_or(40), name)
                .into(),
        }
    }

    fn words(&mut self, most: u64, name: &str) -> String {
        match name {
            "link" => "https://meet.example.test/x".into(),
            "email" | "letters_to" => format!("someone{}@example.test", self.random.below(9)),
            "code" => self.known.code(self.random),
            "local_ref" => format!("W-{}", self.random.below(9)),
            "quarter" => "2026-q2".into(),
            "book" => "offers".into(),
            _ => NIGHTLY
                .chars()
                .take(usize::try_from(most).unwrap())
                .collect(),
        }
    }

    /// Most often on the side of now that its name means, within two months.
    fn moment(&mut self, name: &str) -> DateTime<Utc> {
        let minutes = i64::try_from(30 + self.random.below(60 * 24 * 30)).unwrap();
        let usual = self.random.below(12) > 0;
        let ahead = AHEAD.contains(&name) == usual;
        self.now + Duration::minutes(if ahead { minutes } else { -minutes })
    }

    /// Within the bounds that its description names (`15 to 120`), if it names any.
    fn number(&mut self, about: &str, schema: &Value) -> u64 {
        let own = schema["description"].as_str().unwrap_or_default();
        let (least, most) = bounds(about).or(bounds(own)).unwrap_or((1, 30));
        least + self.random.below(most - least + 1)
    }
}

/// Of 24 bodies, how many have a field that need not be there: some are nearly always needed, and some
/// hardly ever right.
fn often(name: &str) -> u64 {
    match name {
        "site" | "departs_because" | "until" => 22,
        "joint_with" | "overrides" | "as_of" => 1,
        _ => 6,
    }
}

/// The first type that is not null.
fn kind(described: &Value) -> &str {
    let first = names(described).into_iter().find(|name| *name != "null");
    first.or(described.as_str()).unwrap_or("null")
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn bounds(about: &str) -> Option<(u64, u64)> {
    let (before, after) = about.split_once(" to ")?;
    let least = before
        .rsplit(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()?;
    let most = after
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()?;
    (least < most).then_some((least, most))
}

/// A referral that is right in every answer but names a team.
pub fn referral(team: &str, now: DateTime<Utc>) -> Value {
    json!({
        "team": team,
        "incidents": [{ "type": "assault_physical", "occurred": { "at": now - Duration::days(3) },
            "place": "inpatient_ward", "line": "On the night shift.", "local_ref": "W-1" }],
        "affected": { "directly": "6-10", "indirectly": "unknown" },
        "injuries": "no", "signs_worsening": "no",
        "safety": { "threat_continuing": "no", "area_safe": "yes", "someone_at_immediate_risk": "no" },
        "asked_for": ["petr_debrief"], "team_aware": "yes"
    })
}
