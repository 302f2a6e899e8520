//! What a course of requests has learnt from the answers: ids by what they name, versions, what comes next.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use crate::support::random::Random;

/// Of each kind of thing no more than this is remembered: the newest.
const EACH_MAX: usize = 40;

/// What was learnt.
#[derive(Clone, Default)]
pub struct Known {
    ids: BTreeMap<String, Vec<String>>,
    /// By path, as `ETag` gave them.
    versions: BTreeMap<String, String>,
    /// By case, the commands that can be given now.
    next: BTreeMap<String, Vec<String>>,
    codes: Vec<String>,
}

/// Fields that are called otherwise than the list that has their ids.
const ALIASES: [(&str, &str); 9] = [
    ("facilitators", "person"),
    ("manager", "person"),
    ("to", "person"),
    ("instead", "person"),
    ("facilitator", "person"),
    ("who", "person"),
    ("with", "case"),
    ("into", "case"),
    ("other", "case"),
];

impl Known {
    /// Everything with a name of its own that an answer holds.
    pub fn learn(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            Value::Object(members) => {
                self.learn_next(value);
                for (name, value) in members {
                    self.learn_member(name, value);
                }
            }
            _ => {}
        }
    }

    fn learn_member(&mut self, name: &str, value: &Value) {
        match value.as_str() {
            Some(text) if text.parse::<Uuid>().is_ok() => self.add(name, text),
            Some(_) => {}
            None if name == "codes" => {
                let codes = value.as_array().into_iter().flatten();
                self.codes
                    .extend(codes.filter_map(|code| code.as_str().map(str::to_owned)));
            }
            None => self.learn(value),
        }
    }

    fn learn_next(&mut self, value: &Value) {
        if let (Some(case), Some(next)) = (value["case"].as_str(), value["next"].as_array()) {
            let names = next
                .iter()
                .filter_map(|name| name.as_str().map(str::to_owned));
            self.next.insert(case.into(), names.collect());
        }
    }

    pub fn add(&mut self, name: &str, id: &str) {
        let ids = self.ids.entry(name.into()).or_default();
        if !ids.iter().any(|known| known == id) {
            ids.push(id.into());
            if ids.len() > EACH_MAX {
                ids.remove(0);
            }
        }
    }

    pub fn version(&mut self, path: &str, etag: &str) {
        if !etag.is_empty() {
            self.versions.insert(path.into(), etag.into());
        }
    }

    /// The version of what a command is given to: its path without the command.
    pub fn version_of(&self, path: &str) -> Option<&str> {
        let (thing, _) = path.rsplit_once('/')?;
        self.versions.get(thing).map(String::as_str)
    }

    /// An id for a field; of anything, if nothing of that name is known.
    pub fn one(&self, name: &str, random: &mut Random) -> String {
        let alias = ALIASES.iter().find(|(field, _)| *field == name);
        let name = alias.map_or(name, |(_, kind)| kind);
        let every: Vec<&Vec<String>> = self.ids.values().collect();
        let own = self.ids.get(name);
        let ids = own.unwrap_or_else(|| *random.one_of(&every));
        random.one_of(ids).clone()
    }

    pub fn code(&self, random: &mut Random) -> String {
        if self.codes.is_empty() {
            return "ABCD-EFGH-JKMN".into();
        }
        random.one_of(&self.codes).clone()
    }

    /// A case, and a command that can be given to it now.
    pub fn step(&self, random: &mut Random) -> Option<(String, String)> {
        let open: Vec<_> = self
            .next
            .iter()
            .filter(|(_, next)| !next.is_empty())
            .collect();
        if open.is_empty() {
            return None;
        }
        // The newest ids are not the last in order, but any few cases in the middle of their path will do.
        let (case, next) = random.one_of(&open);
        Some(((*case).clone(), random.one_of(next).clone()))
    }
}
