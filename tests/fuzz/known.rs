//! What a course of requests has learnt from the answers: ids by what they name, versions, what comes next.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use crate::support::random::Random;

/// Of each kind of thing no more than this is remembered: the newest.
const EACH_MAX: usize = 40;
const GOING_ON_MAX: usize = 4;

/// What was learnt.
#[derive(Clone, Default)]
pub struct Known {
    ids: Ids,
    /// What belongs to a thing, by its path.
    within: BTreeMap<String, Ids>,
    /// By path, as `ETag` gave them.
    versions: BTreeMap<String, String>,
    /// By thing and by who asked, the commands that can be given now.
    next: BTreeMap<(String, &'static str), Vec<String>>,
    /// The few things that are gone on with, so that some get far.
    going_on: Vec<String>,
    codes: Vec<String>,
}

/// The ids that stood under a name, the newest last.
type Ids = BTreeMap<String, Vec<String>>;

/// Fields that are called otherwise than the list that has their ids.
const ALIASES: [(&str, &str); 8] = [
    ("facilitators", "facilitator"),
    ("manager", "person"),
    ("to", "facilitator"),
    ("instead", "facilitator"),
    ("who", "person"),
    ("with", "case"),
    ("into", "case"),
    ("other", "case"),
];

impl Known {
    /// Everything with a name of its own that an answer about a thing holds for whoever asked.
    pub fn learn(&mut self, thing: &str, who: &'static str, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.learn(thing, who, item)),
            Value::Object(members) => {
                let own = named(value).unwrap_or_else(|| thing.to_owned());
                self.learn_next(&own, who, value);
                for (name, value) in members {
                    self.learn_member(&own, who, (name, value));
                }
            }
            _ => {}
        }
    }

    fn learn_member(&mut self, thing: &str, who: &'static str, (name, value): (&str, &Value)) {
        match value.as_str() {
            Some(text) if text.parse::<Uuid>().is_ok() => {
                self.add(name, text);
                add(self.within.entry(thing.into()).or_default(), name, text);
            }
            Some(_) => {}
            None if name == "codes" => {
                let codes = value.as_array().into_iter().flatten();
                let codes = codes.filter_map(|code| code.as_str().map(str::to_owned));
                self.codes.extend(codes);
            }
            None => self.learn(thing, who, value),
        }
    }

    /// What someone can do next with a thing.
    pub fn learn_next(&mut self, thing: &str, who: &'static str, value: &Value) {
        if let Some(next) = value["next"].as_array() {
            self.go_on(thing);
            let names = next
                .iter()
                .filter_map(|name| name.as_str().map(str::to_owned));
            self.next.insert((thing.into(), who), names.collect());
        }
    }

    fn go_on(&mut self, thing: &str) {
        if self.going_on.len() < GOING_ON_MAX && !self.going_on.iter().any(|one| one == thing) {
            self.going_on.push(thing.into());
        }
    }

    /// From now on something else is gone on with instead of what was longest.
    pub fn turn(&mut self) {
        if !self.going_on.is_empty() {
            self.going_on.remove(0);
        }
    }

    pub fn add(&mut self, name: &str, id: &str) {
        add(&mut self.ids, name, id);
    }

    pub fn version(&mut self, path: &str, etag: &str) {
        if !etag.is_empty() {
            self.versions.insert(path.into(), etag.into());
        }
    }

    /// What was known of it is of yesterday.
    pub fn forget_version(&mut self, thing: &str) {
        self.versions.remove(thing);
    }

    pub fn version_of(&self, thing: &str) -> Option<&str> {
        self.versions.get(thing).map(String::as_str)
    }

    /// An id for a field: one that belongs to the thing, else one of that name, else any.
    pub fn one(&self, thing: &str, name: &str, random: &mut Random) -> String {
        let alias = ALIASES.iter().find(|(field, _)| *field == name);
        let name = alias.map_or(name, |(_, kind)| kind);
        let own = self.within.get(thing).and_then(|ids| ids.get(name));
        let ids = match own {
            Some(ids) if random.below(8) > 0 => Some(ids),
            _ => self.ids.get(name),
        };
        let every: Vec<&Vec<String>> = self.ids.values().collect();
        let ids = ids.unwrap_or_else(|| *random.one_of(&every));
        random.one_of(ids).clone()
    }

    pub fn code(&self, random: &mut Random) -> String {
        if self.codes.is_empty() {
            return "ABCD-EFGH-JKMN".into();
        }
        random.one_of(&self.codes).clone()
    }

    /// A thing, who may give a command to it now, and the command.
    pub fn step(&self, random: &mut Random) -> Option<(String, &'static str, String)> {
        let open = self
            .next
            .iter()
            .filter(|((thing, _), next)| !next.is_empty() && self.going_on.contains(thing));
        let open: Vec<_> = open.collect();
        if open.is_empty() {
            return None;
        }
        let ((thing, who), next) = random.one_of(&open);
        Some((thing.clone(), who, random.one_of(next).clone()))
    }
}

/// The path of what an answer or a part of one is about.
pub fn named(value: &Value) -> Option<String> {
    let path = |name: &str, at: &str| {
        let id: Uuid = value[name].as_str()?.parse().ok()?;
        Some(format!("/api/v1/{at}/{id}"))
    };
    path("one_to_one", "one-to-ones").or_else(|| path("case", "cases"))
}

fn add(ids: &mut Ids, name: &str, id: &str) {
    let ids = ids.entry(name.into()).or_default();
    if !ids.iter().any(|known| known == id) {
        ids.push(id.into());
        if ids.len() > EACH_MAX {
            ids.remove(0);
        }
    }
}
