//! Two builds of the program over the same log: do they answer the same, byte for byte, but for cursors?

use std::collections::BTreeMap;
use std::path::Path;

use pipss_domain::ids::OrganisationId;
use serde_json::Value;

use crate::http_client::{Line, bearer, get};
use crate::http_served::Served;

/// Asks both builds the same and prints how many answers differ, and the first of them.
///
/// # Errors
/// When one does not start or hangs up.
pub async fn compare(a: &Path, b: &Path, folder: &Path, of: OrganisationId) -> anyhow::Result<()> {
    let (a, b) = (answers(a, folder, of).await?, answers(b, folder, of).await?);
    let differ: Vec<_> = a.keys().filter(|key| a.get(*key) != b.get(*key)).collect();
    println!("{} answers compared, {} differ", a.len(), differ.len());
    if let Some(key) = differ.first() {
        println!(
            "{key}\n{:.1500}\n{:.1500}",
            a[*key],
            b.get(*key).map_or("", String::as_str)
        );
    }
    Ok(())
}

async fn answers(
    program: &Path,
    folder: &Path,
    of: OrganisationId,
) -> anyhow::Result<BTreeMap<String, String>> {
    let served = Served::start(program, folder, of)?;
    let mut line = Line::open(&served.address).await?;
    let mut answers = BTreeMap::new();
    let managers = (1..=6).flat_map(|n| {
        ["cmht", "acute", "nursing"].map(move |service| format!("demo-m-{service}-{n}"))
    });
    let people = [
        "alex", "charlie", "max", "toni", "ray", "kim", "robin", "ash", "pat",
    ];
    let everyone = people
        .map(|who| format!("demo-{who}"))
        .into_iter()
        .chain(managers);
    for subject in everyone {
        let token = served
            .issuer
            .token(&subject, "Someone", "x@example.test", 3600);
        let who = bearer(&token);
        let mut paths: Vec<String> = [
            "me",
            "queue",
            "teams",
            "cases?limit=200",
            "cases?state=open",
            "cases?state=closed&limit=7",
            "follow-ups",
            "facilitators",
            "week",
            "week?day=2026-03-30",
            "week?day=2025-10-26",
            "week?day=2019-06-12",
            "queue?as_of=2026-05-01T12:00:00Z",
            "queue?as_of=2020-01-01T00:00:00Z",
            "reports/quarters",
            "letters",
            "groups",
            "bars",
            "diary",
            "grants",
        ]
        .map(str::to_owned)
        .to_vec();
        for year in 2017..=2026 {
            for quarter in 1..=4 {
                paths.push(format!("reports/quarters/{year}-Q{quarter}"));
                paths.push(format!("reports/quarters/{year}-Q{quarter}/waits"));
            }
        }
        let (_, body) = line.ask(&get("/api/v1/cases?limit=40", &who)).await?;
        let cases: Value = serde_json::from_slice(body).unwrap_or_default();
        for case in cases["cases"].as_array().into_iter().flatten() {
            let (case, team) = (&case["case"], &case["team"]["team"]);
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            paths.push(format!("cases/{}", text(case)));
            paths.push(format!("cases/{}/timeline?limit=200", text(case)));
            paths.push(format!("teams/{}/timeline?limit=200", text(team)));
        }
        for path in paths {
            let (status, body) = line.ask(&get(&format!("/api/v1/{path}"), &who)).await?;
            let text = match serde_json::from_slice::<Value>(body) {
                Ok(mut json) => {
                    // A cursor is sealed for the process that gave it.
                    if json["next"].is_string() {
                        json["next"] = "more".into();
                    }
                    json.to_string()
                }
                Err(_) => String::from_utf8_lossy(body).into_owned(),
            };
            answers.insert(format!("{subject} {path}"), format!("{status} {text}"));
        }
    }
    served.end()?;
    Ok(answers)
}
