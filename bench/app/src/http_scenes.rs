//! What is measured over HTTP: commands, reads with and without a record of the reading, lists, reports.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, ensure};
use chrono::{DateTime, Datelike, Days, Months, Utc};
use pipss_domain::ids::OrganisationId;
use serde_json::{Value, json};

use crate::http_client::{Asks, Line, Went, bearer, get, load};
use crate::http_served::{Served, cpu};

/// One row of the table.
pub struct Row {
    /// What was asked.
    pub name: &'static str,
    /// How it went.
    pub went: Went,
    /// Milliseconds of processor that the program took for one answer.
    pub work_ms: f64,
    /// The share of all processor time that went to asking.
    pub asking: f64,
}

/// What one folder took.
pub struct Measured {
    /// Facts in its log.
    pub facts: u64,
    /// Seconds until it served, megabytes then and megabytes at the end.
    pub opened_s: f64,
    pub opened_work_s: f64,
    pub opened_mb: u64,
    pub most_mb: u64,
    pub rows: Vec<Row>,
}

/// Everyone who asks, and what they ask about.
struct People {
    lead: String,
    governance: String,
    /// A manager's header, and their team.
    managers: Vec<(String, String)>,
    cases: Vec<String>,
    /// When this run began: its commands are its own.
    began: DateTime<Utc>,
}

/// Opens a folder with the real program and asks it everything.
///
/// # Errors
/// When it does not start, or answers otherwise than expected.
pub async fn run(
    program: &Path,
    folder: &Path,
    of: OrganisationId,
    seconds: u64,
) -> anyhow::Result<Measured> {
    let served = Served::start(program, folder, of)?;
    let (opened_work_s, (opened_mb, _)) = (served.cpu(), served.memory());
    let people = Arc::new(people(&served).await?);
    let time = Duration::from_secs(seconds);
    let mut rows = Vec::new();
    for (name, asks, expected, most) in scenes(&people) {
        let (ours, theirs) = (cpu("self"), served.cpu());
        let went = load(&served.address, asks, expected, time, most).await?;
        let (ours, theirs) = (cpu("self") - ours, served.cpu() - theirs);
        ensure!(
            went.wrong == 0,
            "{name}: {} wrong, such as {:.300}",
            went.wrong,
            went.example
        );
        rows.push(Row {
            name,
            work_ms: theirs * 1e3 / went.answers.max(1) as f64,
            asking: ours / (ours + theirs).max(0.01),
            went,
        });
        eprintln!(
            "{name}: {:.0}/s",
            rows.last().map_or(0.0, |row| row.went.per_second)
        );
    }
    let measured = Measured {
        facts: facts_of(folder),
        opened_s: served.opened.as_secs_f64(),
        opened_work_s,
        opened_mb,
        most_mb: served.memory().1,
        rows,
    };
    served.end()?;
    Ok(measured)
}

/// The size is the last part of the folder's name.
fn facts_of(folder: &Path) -> u64 {
    let name = folder.file_name().and_then(|name| name.to_str());
    let digits = name.and_then(|name| name.rsplit('-').next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

fn scenes(people: &Arc<People>) -> Vec<(&'static str, Asks, u16, usize)> {
    let of = |asks: fn(&People, usize) -> Vec<u8>| -> Asks {
        let people = Arc::clone(people);
        Arc::new(move |n| asks(&people, n))
    };
    let cases = people.cases.len();
    vec![
        (
            "who am I",
            of(|p, n| get("/api/v1/me", &p.manager(n).0)),
            200,
            usize::MAX,
        ),
        (
            "a case, first look (recorded)",
            of(|p, n| get(&p.case(n), &p.lead)),
            200,
            cases,
        ),
        (
            "a case, looked at again",
            of(|p, n| get(&p.case(n), &p.lead)),
            200,
            usize::MAX,
        ),
        (
            "the queue",
            of(|p, _| get("/api/v1/queue", &p.lead)),
            200,
            usize::MAX,
        ),
        (
            "a team's timeline",
            of(|p, n| {
                let (who, team) = p.manager(n);
                get(&format!("/api/v1/teams/{team}/timeline"), who)
            }),
            200,
            usize::MAX,
        ),
        (
            "a manager's list of cases",
            of(|p, n| get("/api/v1/cases", &p.manager(n).0)),
            200,
            usize::MAX,
        ),
        (
            "the lead's list of cases",
            of(|p, _| get("/api/v1/cases", &p.lead)),
            200,
            usize::MAX,
        ),
        (
            "a quarter's themes",
            of(|p, _| get(&p.quarter(""), &p.governance)),
            200,
            usize::MAX,
        ),
        (
            "a quarter's waits",
            of(|p, _| get(&p.quarter("/waits"), &p.lead)),
            200,
            usize::MAX,
        ),
        ("raising a referral", of(|p, n| p.raise(n)), 201, usize::MAX),
    ]
}

impl People {
    fn manager(&self, n: usize) -> &(String, String) {
        &self.managers[n % self.managers.len()]
    }

    fn case(&self, n: usize) -> String {
        format!("/api/v1/cases/{}", self.cases[n % self.cases.len()])
    }

    /// A quarter that is over: the one half a year ago.
    fn quarter(&self, of_it: &str) -> String {
        let then = self.began - Months::new(6);
        let (year, number) = (then.year(), then.month0() / 3 + 1);
        format!("/api/v1/reports/quarters/{year}-Q{number}{of_it}")
    }

    fn raise(&self, n: usize) -> Vec<u8> {
        let (who, team) = self.manager(n);
        let two_days_ago = self.began - Days::new(2);
        let body = json!({
            "team": team,
            "incidents": [{
                "type": "assault_physical", "occurred": { "at": two_days_ago },
                "place": "inpatient_ward", "line": "Staff were attacked on the night shift.",
                "local_ref": "W-1"
            }],
            "affected": { "directly": "6-10", "indirectly": "unknown", "groups": ["night_staff"] },
            "injuries": "unknown", "signs_worsening": "no",
            "safety": {
                "threat_continuing": "no", "area_safe": "yes", "someone_at_immediate_risk": "no"
            },
            "asked_for": ["petr_debrief"], "team_aware": "yes"
        })
        .to_string();
        let began = self.began.timestamp_micros();
        format!(
            "POST /api/v1/referrals HTTP/1.1\r\nHost: bench\r\n{who}\r\nIdempotency-Key: {began}-{n}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

async fn people(served: &Served) -> anyhow::Result<People> {
    let token = |subject: &str| {
        bearer(
            &served
                .issuer
                .token(subject, "Someone", "someone@example.test", 3600),
        )
    };
    let (lead, governance) = (token("demo-alex"), token("demo-max"));
    let mut line = Line::open(&served.address).await?;
    let mut managers = Vec::new();
    let services = [
        "cmht",
        "acute",
        "crisis",
        "nursing",
        "therapies",
        "older",
        "talking",
        "medium",
    ];
    for part in ["", "-2", "-3", "-4", "-5", "-6", "-7"] {
        for service in services {
            for team in 1..=6 {
                let who = token(&format!("demo-m-{service}-{team}{part}"));
                let me = asked(&mut line, "/api/v1/me", &who).await?;
                if let Some(team) = me["manages"][0]["team"].as_str() {
                    managers.push((who, team.to_owned()));
                }
            }
        }
    }
    ensure!(!managers.is_empty(), "nobody manages anything");
    let (mut cases, mut after) = (Vec::new(), String::new());
    loop {
        let page = asked(&mut line, &format!("/api/v1/cases?limit=200{after}"), &lead).await?;
        let ids = page["cases"].as_array().context("a list of cases")?;
        cases.extend(
            ids.iter()
                .filter_map(|case| case["case"].as_str().map(str::to_owned)),
        );
        match page["next"].as_str() {
            Some(next) if cases.len() < 40_000 => after = format!("&after={next}"),
            _ => break,
        }
    }
    Ok(People {
        lead,
        governance,
        managers,
        cases,
        began: SystemTime::now().into(),
    })
}

async fn asked(line: &mut Line, path: &str, who: &str) -> anyhow::Result<Value> {
    let (status, body) = line.ask(&get(path, who)).await?;
    ensure!(
        status == 200,
        "{path}: {status} {}",
        String::from_utf8_lossy(body)
    );
    Ok(serde_json::from_slice(body)?)
}
