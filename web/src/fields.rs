//! What a form sends: names with values, in their order.

use pipss_api::problem::Refused;
use serde::{Deserialize, Serialize};

/// So many fields are read; no form of ours has as many.
const FIELDS_MAX: usize = 500;

/// Names with values; a name can stand several times.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Fields(Vec<(String, String)>);

impl std::fmt::Debug for Fields {
    /// What people typed is never shown by accident.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.0.iter().map(|(name, _)| name).collect();
        f.debug_tuple("Fields").field(&names).finish()
    }
}

impl Fields {
    /// Reads a form as browsers send it.
    ///
    /// # Errors
    /// When there are more fields than any form has.
    pub fn read(body: &[u8]) -> Result<Self, Refused> {
        let pairs = form_urlencoded::parse(body);
        let fields: Vec<_> = pairs
            .take(FIELDS_MAX + 1)
            .map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n")))
            .collect();
        if fields.len() > FIELDS_MAX {
            return Err(Refused::TooLarge);
        }
        Ok(Self(fields))
    }

    /// The value of a name, without the space around it; none if it was left empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(given, _)| given == name);
        let value = found.next().map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty())
    }

    /// Every value of a name.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        let found = self.0.iter().filter(move |(given, _)| given == name);
        found
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// Gives a name this one value.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.forget(name);
        self.0.push((name.to_owned(), value.into()));
    }

    /// Gives a name another value besides those it has.
    pub fn add(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// Takes a name out.
    pub fn forget(&mut self, name: &str) {
        self.0.retain(|(given, _)| given != name);
    }

    /// Everything, in its order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
