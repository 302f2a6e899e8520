//! A request, and the ways in which it is made wrong.

use reqwest::Method;

use crate::description::Operation;
use crate::ground::Visitor;
use crate::support::random::Random;
use crate::wild;

/// A request.
pub struct Ask {
    pub operation: Option<Operation>,
    pub method: Method,
    pub path: String,
    pub who: Visitor,
    pub headers: Vec<(&'static str, Vec<u8>)>,
    pub body: Option<Vec<u8>>,
}

impl Ask {
    /// Makes it wrong in one way; `keys` were used before.
    pub fn spoil(&mut self, random: &mut Random, keys: &[String]) {
        match random.below(10) {
            0 => {
                let (name, value) = wild::header(random);
                if random.below(3) > 0 {
                    self.headers.retain(|(known, _)| *known != name);
                }
                self.headers.push((name, value));
            }
            1 if !self.headers.is_empty() => {
                let place = random.below(self.headers.len() as u64);
                self.headers.remove(usize::try_from(place).unwrap());
            }
            2 => {
                let methods = [
                    "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "QUERY",
                ];
                self.method = random.one_of(&methods).parse().unwrap();
                self.operation = None;
            }
            3 => self.spoil_path(random),
            4 if !keys.is_empty() => {
                let key = random.one_of(keys).clone().into_bytes();
                self.headers.retain(|(name, _)| *name != "Idempotency-Key");
                self.headers.push(("Idempotency-Key", key));
            }
            5 => {
                let right = String::from_utf8(self.body.take().unwrap_or_default()).unwrap();
                self.body = Some(wild::bytes(&right, random));
            }
            _ => {
                let right = self.body.take().unwrap_or_else(|| b"{}".to_vec());
                let mut body = serde_json::from_slice(&right).unwrap();
                for _ in 0..=random.below(2) {
                    wild::spoil(&mut body, random);
                }
                self.body = Some(body.to_string().into_bytes());
            }
        }
    }

    fn spoil_path(&mut self, random: &mut Random) {
        let junk = wild::segment(random);
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let mut parts: Vec<&str> = path.split('/').collect();
        match random.below(3) {
            0 => self.path = format!("{path}?{query}&{junk}={junk}&limit={junk}"),
            1 => {
                let operation = self.operation.as_ref().unwrap();
                let described: Vec<&str> = operation.path.split('/').collect();
                for (n, part) in described
                    .iter()
                    .enumerate()
                    .filter(|(_, part)| part.starts_with('{'))
                {
                    assert!(!part.is_empty());
                    parts[n] = junk;
                }
                self.path = parts.join("/");
            }
            _ => {
                let place = 3 + random.below(parts.len() as u64 - 2);
                parts.insert(usize::try_from(place).unwrap().min(parts.len()), junk);
                self.path = parts.join("/");
                self.operation = None;
            }
        }
    }

    /// For whoever has to find out why; at most so much of each part.
    pub fn told(&self) -> String {
        let short = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes)
                .chars()
                .take(3000)
                .collect::<String>()
        };
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", short(value)));
        let headers = headers.collect::<Vec<_>>().join("\n");
        let body = self.body.as_deref().map(short).unwrap_or_default();
        format!(
            "{} {} by {}\n{headers}\n{body}",
            self.method, self.path, self.who.short
        )
    }
}
