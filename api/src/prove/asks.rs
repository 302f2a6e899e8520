//! Everything a manager can ask: every route that is described, with everything it can be asked about.

use std::sync::Arc;

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::known::{Known, KnownCase, NOWHERE};
use super::samples::{Marks, Samples};
use super::values::{quarters, values};
use super::world::Ask;
use super::{PageRoute, Unproven};

/// Commands are tried on so many of the cases that changed last, and as many groups.
const TRIED_MAX: usize = 12;

/// Every route, ready to be asked.
pub(crate) struct Routes {
    routes: Vec<Route>,
    samples: Samples,
    now: DateTime<Utc>,
}

struct Route {
    /// `GET /api/v1/cases/{case}`.
    name: Arc<str>,
    method: &'static str,
    path: String,
    /// What the query can hold, and the values that are listed for it.
    query: Vec<(String, Vec<String>)>,
}

/// One thing that a path can name, with the commands to it in mind.
struct Target<'k> {
    path: String,
    case: Option<&'k KnownCase>,
    /// May they read it?
    own: bool,
}

impl Routes {
    /// Reads the description that the program serves.
    ///
    /// # Errors
    /// Names the route for which nobody said what to ask: it must not be forgotten.
    pub fn described(
        description: &[u8],
        pages: &[PageRoute],
        now: DateTime<Utc>,
    ) -> Result<Self, Unproven> {
        let unread = || Unproven::Route("the description of the API".into());
        let described: Value = serde_json::from_slice(description).map_err(|_| unread())?;
        let paths = described["paths"].as_object().ok_or_else(unread)?;
        let mut routes = Vec::new();
        for (path, item) in paths {
            for (method, operation) in item.as_object().ok_or_else(unread)? {
                let method = match method.as_str() {
                    "get" => "GET",
                    "post" => "POST",
                    "put" => "PUT",
                    "patch" => "PATCH",
                    "delete" => "DELETE",
                    _ => continue,
                };
                routes.push(Route {
                    name: format!("{method} {path}").into(),
                    method,
                    path: path.clone(),
                    query: query(operation, &described),
                });
            }
        }
        routes.extend(pages.iter().map(Route::page));
        let routes = Self {
            routes,
            samples: Samples::committed(),
            now,
        };
        routes.check()?;
        Ok(routes)
    }

    /// How many routes there are.
    pub fn len(&self) -> usize {
        self.routes.len()
    }

    /// Everything that someone can ask who can name this.
    pub fn asks(&self, known: &Known) -> Vec<Ask> {
        let mut asks = following(known);
        for route in &self.routes {
            match route.method {
                "GET" => self.reads(route, known, &mut asks),
                _ => self.commands(route, known, &mut asks),
            }
        }
        asks
    }

    /// Can everything be asked?
    fn check(&self) -> Result<(), Unproven> {
        let nothing = Known::default();
        for route in &self.routes {
            let unproven = || Unproven::Route(route.name.to_string());
            let known_names = names(&route.path).all(|name| self.things(name, &nothing).is_some());
            let mut query = route.query.iter();
            let known_query =
                query.all(|(name, listed)| values(name, listed, &nothing, self.now).is_some());
            let command = route.method != "GET";
            let body = self.bodies(route, &nothing.marks);
            if !known_names || !known_query || (command && body.is_none()) {
                return Err(unproven());
            }
        }
        Ok(())
    }

    fn reads(&self, route: &Route, known: &Known, asks: &mut Vec<Ask>) {
        let middle = known.private.len() / 2;
        let last = known.private.len().saturating_sub(1);
        let shown: Vec<_> = [0, middle, last]
            .iter()
            .filter_map(|n| known.private.get(*n))
            .collect();
        for target in self.targets(route, known) {
            asks.push(route.read(target.path.clone()));
            let looked_at = target.own || shown.iter().any(|id| target.path.contains(*id));
            for (name, listed) in &route.query {
                for value in values(name, listed, known, self.now).unwrap_or_default() {
                    if looked_at && (target.own || name == "as_of") {
                        asks.push(route.read(format!("{}?{name}={value}", target.path)));
                    }
                }
            }
        }
    }

    fn commands(&self, route: &Route, known: &Known, asks: &mut Vec<Ask>) {
        let (own, others): (Vec<_>, Vec<_>) = self
            .targets(route, known)
            .into_iter()
            .partition(|target| target.own);
        let few = others.len().min(3);
        let tried = own.into_iter().take(TRIED_MAX);
        for target in tried.chain(others.into_iter().rev().take(few)) {
            let marks = target.case.map_or(&known.marks, |case| &case.marks);
            let bodies = self.bodies(route, marks);
            for body in bodies.iter().flatten() {
                asks.push(Ask {
                    if_match: Some(known.version_at(&target)),
                    body: Some(Bytes::clone(body)),
                    ..route.read(target.path.clone())
                });
            }
        }
    }

    /// What is sent to a route: to a command what the samples say, to a page a form without answers.
    fn bodies(&self, route: &Route, marks: &Marks) -> Option<Vec<Bytes>> {
        if route.is_page() {
            return Some(vec![Bytes::from_static(b"draft=none")]);
        }
        let bodies = self.samples.of(&route.name, marks, self.now)?;
        Some(bodies.into())
    }

    /// Everything that a route's path can name: what they may read, what is private, what is nowhere.
    fn targets<'k>(&self, route: &Route, known: &'k Known) -> Vec<Target<'k>> {
        let mut targets = vec![Target {
            path: String::new(),
            case: None,
            own: true,
        }];
        for part in route.path.split('/').skip(1) {
            let name = part
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'));
            let Some(name) = name else {
                targets.iter_mut().for_each(|target| {
                    target.path.push('/');
                    target.path.push_str(part);
                });
                continue;
            };
            let before = std::mem::take(&mut targets);
            for target in before {
                targets.extend(self.named(name, &target, known));
            }
        }
        targets
    }

    fn named<'k>(&self, name: &str, above: &Target<'k>, known: &'k Known) -> Vec<Target<'k>> {
        let to = |id: &str, case: Option<&'k KnownCase>, own: bool| Target {
            path: format!("{}/{id}", above.path),
            case: case.or(above.case),
            own: own && above.own,
        };
        let mut targets: Vec<_> = match (name, above.case) {
            ("case", _) => known
                .cases
                .iter()
                .map(|case| to(&case.id, Some(case), true))
                .collect(),
            ("session", Some(case)) => case.sessions.iter().map(|id| to(id, None, true)).collect(),
            ("escalation", Some(case)) => {
                let own = case.escalations.iter();
                own.map(|id| to(id, None, true)).collect()
            }
            _ => self
                .things(name, known)
                .unwrap_or_default()
                .iter()
                .map(|id| to(id, None, true))
                .collect(),
        };
        // What is private under something else that is private would be tried too often; and a book or
        // a quarter has no id.
        let has_id = above.own && !["book", "quarter"].contains(&name);
        let private = if has_id {
            &known.private[..]
        } else {
            &known.private[..0]
        };
        targets.extend(private.iter().map(|id| to(id, None, false)));
        targets.push(to(NOWHERE, None, false));
        targets
    }

    /// What a name in a path can stand for, besides what is private; nothing if nobody said.
    fn things(&self, name: &str, known: &Known) -> Option<Vec<String>> {
        let fixed = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Some(match name {
            "case" => known.cases.iter().map(|case| case.id.clone()).collect(),
            "session" => Vec::new(),
            "letter" => known.letters.clone(),
            "team" => known.teams.clone(),
            "group" => known.groups.clone(),
            "person" => known.people.clone(),
            "book" => fixed(&["offers", "incident-types", "themes", "reasons", "secrets"]),
            "quarter" => quarters(self.now),
            // What is private to them is tried as every id is; this is what they are part of.
            "one_to_one" => ids(&known.one_to_ones),
            "supervision" => ids(&known.supervisions),
            "disclosure" => known.disclosures.clone(),
            "escalation" | "hold" | "erasure" => Vec::new(),
            "glass" => known.glasses.clone(),
            _ => return None,
        })
    }
}

impl Route {
    /// A page, or where its form is sent.
    fn page(page: &PageRoute) -> Self {
        let method = if page.sent { "POST" } else { "GET" };
        let query = page.query.iter();
        Self {
            name: format!("{method} {}", page.path).into(),
            method,
            path: page.path.into(),
            query: query.map(|name| ((*name).to_owned(), Vec::new())).collect(),
        }
    }

    fn is_page(&self) -> bool {
        !self.path.starts_with("/api/")
    }

    fn read(&self, uri: String) -> Ask {
        Ask {
            route: Arc::clone(&self.name),
            method: self.method,
            uri,
            if_match: None,
            after: None,
            body: None,
        }
    }
}

/// A request that wants to be answered no earlier than something private was recorded.
fn following(known: &Known) -> Vec<Ask> {
    let own = known
        .cases
        .iter()
        .map(|case| format!("case/{}@{}", case.id, case.version));
    let private = known
        .private_streams
        .iter()
        .map(|stream| format!("{stream}@1"));
    let ask = |after| Ask {
        route: "GET /api/v1/me".into(),
        method: "GET",
        uri: "/api/v1/me".into(),
        if_match: None,
        after: Some(after),
        body: None,
    };
    own.chain(private).map(ask).collect()
}

fn ids(things: &[(String, u64)]) -> Vec<String> {
    things.iter().map(|(id, _)| id.clone()).collect()
}

impl Known {
    /// The version that a command to this is meant for.
    fn version_at(&self, target: &Target<'_>) -> u64 {
        let mut named = self.one_to_ones.iter();
        let one = named.find(|(id, _)| target.path.contains(id));
        let version = target.case.map(|case| case.version);
        version.or(one.map(|(_, version)| *version)).unwrap_or(1)
    }
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    let parts = path.split('/');
    parts.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// The query of a route: each parameter, with the values that the description lists for it.
fn query(operation: &Value, described: &Value) -> Vec<(String, Vec<String>)> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let of_query = parameters.filter(|parameter| parameter["in"] == "query");
    let each = of_query.map(|parameter| {
        let name = parameter["name"].as_str().unwrap_or_default().to_owned();
        let mut listed = Vec::new();
        list(&parameter["schema"], described, &mut listed);
        (name, listed)
    });
    each.collect()
}

fn list(schema: &Value, described: &Value, listed: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap_or_default();
        return list(&described["components"]["schemas"][name], described, listed);
    }
    let values = schema["enum"].as_array().into_iter().flatten();
    listed.extend(values.filter_map(Value::as_str).map(str::to_owned));
    for alternatives in ["oneOf", "anyOf"] {
        for schema in schema[alternatives].as_array().into_iter().flatten() {
            list(schema, described, listed);
        }
    }
}
