//! The table: a line for every route and thing, a line for every member of a case, a column a person.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::Value;

use crate::house::{House, Visitor};
use crate::visit::Visit;

const HEAD: &str = "\
# Who gets through which door of the demonstration's trust, and what of a case they see there.
# A test draws this table from the running program and compares; see tests/doors/main.rs.
#
# now:   a case of the stroke ward, raised by sam, with a session to come by ash and kim
# past:  a case of the stroke ward, raised by robin, whose session by ash and kim was held over 30 days ago
# other: a case of Ash Ward, raised by alex, with no session
# kept:  a case of the stroke ward, raised by sam, not through the manager and not to be seen by alex
# helped: one-to-one support that sam asked for, offered by kim
# broken: the glass, broken by charlie over that one-to-one because a life is at risk
# urgent: a case of the stroke ward, raised by sam, that cannot wait and that nobody has triaged
# duty:  the duty contact, from outside
# program: another system, which may do all that a program can be granted for the stroke ward
# stroke, ash: teams; willow: the service above the stroke ward
# group: a standing group of the stroke ward
# ash's: a request for supervision by ash
#
# Nothing is changed by asking: 422 of a referral and 428 of a command mean that it would be listened to.
";

/// The whole table.
pub async fn printed(house: &House) -> String {
    let everyone = house.everyone();
    let mut table = HEAD.to_owned();
    heading(&mut table, "route", &everyone);
    for (method, path) in house.described().await {
        for (name, thing) in things(house, &path) {
            let visit = Visit::of(&method, &path, &thing);
            let mut line = format!("{method:<4} {path:<52} {name:<7}");
            for who in &everyone {
                let status = house.visit(who, &visit).await.status;
                let _ = write!(line, " {:<8}", status.as_str());
            }
            let _ = writeln!(table, "{}", line.trim_end());
        }
    }
    for (name, case) in [
        ("now", &house.now),
        ("past", &house.past),
        ("other", &house.other),
        ("kept", &house.kept),
        ("urgent", &house.urgent),
    ] {
        heading(
            &mut table,
            &format!("what of {name} is in GET /api/v1/cases/{{case}}"),
            &everyone,
        );
        members(
            &mut table,
            house,
            &everyone,
            &format!("/api/v1/cases/{case}"),
        )
        .await;
        heading(
            &mut table,
            &format!("what of {name} is in its timeline"),
            &everyone,
        );
        members(
            &mut table,
            house,
            &everyone,
            &format!("/api/v1/cases/{case}/timeline"),
        )
        .await;
    }
    table
}

fn things(house: &House, path: &str) -> Vec<(&'static str, String)> {
    match house.things_in(path) {
        Some(mut things) => {
            things.present.push(("absent", things.absent.to_owned()));
            things.present
        }
        None => vec![("-", "offers".into())],
    }
}

fn heading(table: &mut String, what: &str, everyone: &[Visitor]) {
    let mut line = format!("\n# {what:<63}");
    for who in everyone {
        let _ = write!(line, " {:<8}", who.short);
    }
    let _ = writeln!(table, "{}", line.trim_end());
}

/// A line for each member that anyone sees.
async fn members(table: &mut String, house: &House, everyone: &[Visitor], path: &str) {
    let mut seen: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for who in everyone {
        let answer = house.visit(who, &Visit::of("GET", path, "")).await;
        if answer.status == 200 {
            let mut found = BTreeSet::new();
            paths(&answer.json(), "", &mut found);
            for member in found {
                seen.entry(member).or_default().insert(who.short);
            }
        }
    }
    for (member, by) in seen {
        let mut line = format!("{member:<65}");
        for who in everyone {
            let mark = if by.contains(who.short) { "x" } else { "-" };
            let _ = write!(line, " {mark:<8}");
        }
        let _ = writeln!(table, "{}", line.trim_end());
    }
}

/// Where values stand; those of a list that say what they are, by what they are.
fn paths(value: &Value, above: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let dot = if above.is_empty() { "" } else { "." };
                paths(value, &format!("{above}{dot}{name}"), found);
            }
        }
        Value::Array(items) if items.iter().all(Value::is_string) => {
            found.extend(
                items
                    .iter()
                    .filter_map(Value::as_str)
                    .map(|item| format!("{above}[] {item}")),
            );
        }
        Value::Array(items) => {
            for item in items {
                let named = item["kind"]
                    .as_str()
                    .or(item["label"].as_str())
                    .unwrap_or_default();
                paths(item, &format!("{above}[{named}]"), found);
            }
        }
        Value::Null => {}
        _ => {
            found.insert(above.to_owned());
        }
    }
}
