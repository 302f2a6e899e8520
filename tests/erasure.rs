//! Erasing, from the proposal to the search that finds nothing: in files, backups, logs, mails and answers.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use chrono::{DateTime, Duration, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use support::demo::{Answer, Demo, Person, fresh_key, pipss, referral};
use support::private::post;
use support::smtp::SmtpPeer;
use support::ward::{team, text};

/// Every word that is planted; each stands nowhere else in the program.
const WORDS: [&str; 24] = [
    "quorlineblue",
    "quorrefblue",
    "quorcontact",
    "quortimes",
    "quorvenue",
    "quorbehalf",
    "quorstrain",
    "quortriage",
    "quorneed",
    "quoraim",
    "quorlink",
    "quorsite",
    "quoraction",
    "quorchanged",
    "quordanger",
    "quorcallme",
    "quornote",
    "quorletters",
    "quorphone",
    "quorsupervise",
    "quorwanted",
    "quortheirs",
    "quordecided",
    "quorperson",
];
/// Whoever asks for themselves is erased as well.
const NAMES: [&str; 2] = ["sam heron", "sam.heron@"];
const EVERYONE: [&str; 14] = [
    "robin", "sam", "jo", "nic", "val", "alex", "charlie", "ash", "lee", "kim", "pat", "max",
    "toni", "ray",
];

struct World {
    demo: Demo,
    post: SmtpPeer,
    folder: tempfile::TempDir,
    began: DateTime<Utc>,
    sam: Person,
    alex: Person,
    toni: Person,
    kim: Person,
    ids: Vec<String>,
}

impl World {
    async fn opened() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let post = SmtpPeer::start("ok");
        let demo = serve(
            &folder.path().join("data"),
            post.port,
            &folder.path().join("said"),
        );
        Self {
            sam: demo.person("Sam Heron").await,
            alex: demo.person("Alex Kestrel").await,
            toni: demo.person("Toni Godwit").await,
            kim: demo.person("Kim Siskin").await,
            began: Utc::now(),
            ids: Vec::new(),
            demo,
            post,
            folder,
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    async fn wait(&self, time: Duration) {
        self.demo.move_clock(self.began + time).await;
    }

    async fn lead(&self, case: &str, command: &str, body: Value) -> Value {
        self.demo
            .command(&self.alex, case, command, &body)
            .await
            .expect(200)
    }

    async fn ends(&self, case: &str) {
        let outcome = json!({ "outcome": "support_provided" });
        self.lead(case, "close", outcome).await;
    }

    /// A case with a word in every text of it, closed.
    async fn team_case(&mut self) -> String {
        let ward = team(&self.demo, &self.sam, "Harbour Stroke Ward").await;
        let mut asked = referral(&ward);
        asked["incidents"][0]["line"] = "quorlineblue".into();
        asked["incidents"][0]["local_ref"] = "quorrefblue".into();
        asked["contact_out_of_hours"] = "quorcontact".into();
        asked["preferred_times"] = "quortimes".into();
        asked["preferred_venue"] = "quorvenue".into();
        let case = text(&self.demo.raise(&self.sam, &asked).await.expect(201)["case"]);
        let triage = json!({
            "urgency": "U3", "outcome": "accept", "reason": "quortriage",
            "contraindications": {
                "threat_continuing": false, "staff_not_safe_or_rested": false,
                "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
                "manager_implicated": false, "really_an_investigation": false
            }
        });
        self.lead(&case, "triage", triage).await;
        let now = self.began;
        let scoping = json!({
            "held_at": now, "with": ["managers"], "needs": [{ "theme": "psy.safety", "note": "quorneed" }]
        });
        self.lead(&case, "record-scoping", scoping).await;
        let offer = json!({ "kind": "petr_debrief", "owner": "pipss_lead", "aim": "quoraim" });
        let offer = self.lead(&case, "plan-offer", offer).await;
        let session = json!({
            "offer": offer["offer"], "starts_at": now + Duration::days(4), "minutes": 60, "site": "quorsite",
            "link": "https://meet.example.test/quorlink",
            "facilitators": [self.alex.id, self.kim.id], "managers_attend": "no"
        });
        let session = self.lead(&case, "arrange-session", session).await;
        let danger =
            json!({ "danger": "risk_to_self", "route": "crisis_team", "line": "quordanger" });
        let danger = post(
            &self.demo,
            &self.kim,
            &format!("cases/{case}/escalate"),
            &danger,
        )
        .await;
        let danger = text(&danger.expect(200)["escalation"]);
        let handled = format!("cases/{case}/escalations/{danger}/handled");
        let handled = post(
            &self.demo,
            &self.alex,
            &handled,
            &json!({ "how": "crisis_team" }),
        )
        .await;
        assert!(handled.status.is_success(), "{}", handled.text);
        self.wait(Duration::days(5)).await;
        let record = json!({
            "session": session["session"], "minutes": 60, "mode": "in_person", "headcount": 8,
            "phases": ["coping"], "themes": [{ "theme": "psy.safety", "polarity": "difficulty" }],
            "actions": [{ "what": "quoraction", "owner": "estates",
                          "due": (now + Duration::days(9)).date_naive() }]
        });
        let recorded = self.lead(&case, "record-session", record).await;
        let seen = self
            .demo
            .get(&self.alex, &format!("/api/v1/cases/{case}"))
            .await
            .json();
        let action = find(&seen, "action").unwrap_or_else(|| panic!("{recorded} {seen}"));
        let done = json!({ "action": action, "what_changed": "quorchanged" });
        self.lead(&case, "complete-action", done).await;
        self.ends(&case).await;
        case
    }

    /// Two short cases for the fields that cannot stand in the first, declined and closed.
    async fn short_cases(&self) -> Vec<String> {
        let ward = team(&self.demo, &self.sam, "Harbour Stroke Ward").await;
        let mut strain = referral(&ward);
        strain["incidents"] = json!([]);
        strain["strain"] = json!({ "line": "quorstrain" });
        strain["on_behalf"] = json!({ "source": "phone", "note": "quorbehalf" });
        let case = text(&self.demo.raise(&self.alex, &strain).await.expect(201)["case"]);
        let triage = json!({
            "urgency": "U4", "outcome": "advise_and_close", "reason": "Advice was enough.",
            "contraindications": {
                "threat_continuing": false, "staff_not_safe_or_rested": false,
                "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
                "manager_implicated": false, "really_an_investigation": false
            }
        });
        self.lead(&case, "triage", triage).await;
        vec![case]
    }

    async fn one_to_one(&self) -> String {
        let ward = team(&self.demo, &self.sam, "Harbour Stroke Ward").await;
        let asked = json!({
            "call_me": "quorcallme", "team": ward, "note": "quornote",
            "letters_to": "quorletters@example.test", "phone": "07000 quorphone"
        });
        let asked = post(&self.demo, &self.sam, "one-to-ones", &asked)
            .await
            .expect(201);
        let one = text(&asked["one_to_one"]);
        let path = format!("/api/v1/one-to-ones/{one}");
        for (who, name, body) in [
            (&self.alex, "offer", json!({ "provider": self.kim.id })),
            (&self.kim, "take-up", json!({})),
            (&self.kim, "end", json!({ "outcome": "completed" })),
        ] {
            let etag = self.demo.get(who, &path).await.header("etag").to_owned();
            let key = fresh_key();
            let headers = [
                ("Idempotency-Key", key.as_str()),
                ("If-Match", etag.as_str()),
            ];
            let to = format!("{path}/{name}");
            self.demo
                .send(Method::POST, &to, Some(who), &headers, Some(&body))
                .await
                .expect(200);
        }
        one
    }

    async fn others(&self) -> Vec<String> {
        let wish =
            json!({ "after": "session", "wish": "when_convenient", "note": "quorsupervise" });
        let asked = post(&self.demo, &self.kim, "supervision", &wish)
            .await
            .expect(201);
        let supervision = text(&asked["supervision"]);
        let close = format!("supervision/{supervision}/close");
        let closed = post(
            &self.demo,
            &self.kim,
            &close,
            &json!({ "reason": "not_needed" }),
        )
        .await;
        assert!(closed.status.is_success(), "{}", closed.text);
        let request = json!({
            "by": "police", "basis": "court_order", "wanted": "quorwanted", "their_reference": "quortheirs"
        });
        let asked = post(&self.demo, &self.alex, "disclosures", &request)
            .await
            .expect(201);
        let disclosure = text(&asked["disclosure"]);
        let decision = json!({ "parts": [], "reason": "quordecided", "telling": "told" });
        let decide = format!("disclosures/{disclosure}/decide");
        post(&self.demo, &self.toni, &decide, &decision)
            .await
            .expect(200);
        // Whoever is proposed for a role is recorded by their address.
        let until = (self.began + Duration::days(100)).date_naive();
        let grant =
            json!({ "email": "quorperson@example.test", "role": "facilitator", "until": until });
        post(&self.demo, &self.alex, "grants", &grant)
            .await
            .expect(201);
        let proposed = self.demo.get(&self.toni, "/api/v1/grants").await.json();
        let person = text(&proposed["proposed"][0]["person"]);
        let refused = json!({ "role": "facilitator" });
        let refuse = format!("grants/{person}/refuse");
        let refused = post(&self.demo, &self.toni, &refuse, &refused).await;
        assert!(refused.status.is_success(), "{}", refused.text);
        vec![
            format!("supervision/{supervision}"),
            format!("disclosure/{disclosure}"),
            format!("person/{person}"),
        ]
    }

    /// Everything that anyone can read, as one text each: every route of the description, and the pages.
    async fn everything_read(&self, pages: bool) -> Vec<String> {
        let described = self
            .demo
            .get(&self.toni, "/api/v1/openapi.json")
            .await
            .json();
        let paths: Vec<_> = described["paths"]
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, item)| item.get("get").is_some())
            .map(|(path, _)| path.clone())
            .collect();
        let mut texts = Vec::new();
        for short in EVERYONE {
            let who = self.demo.person(name_of(short)).await;
            for path in paths.iter().flat_map(|path| self.named(path)) {
                texts.push(self.demo.get(&who, &path).await.text);
            }
            if pages {
                texts.extend(self.crawled(short).await);
            }
        }
        texts
    }

    /// A path with every id that is known put where it names one.
    fn named(&self, path: &str) -> Vec<String> {
        let Some((before, rest)) = path.split_once('{') else {
            return vec![path.to_owned()];
        };
        let (name, after) = rest.split_once('}').unwrap();
        let named: Vec<String> = match name {
            "book" => vec!["offers".into()],
            "quarter" => vec!["2026-Q3".into()],
            _ => self.ids.clone(),
        };
        named
            .iter()
            .flat_map(|id| self.named(&format!("{before}{id}{after}")))
            .collect()
    }

    /// The pages that someone reaches from the first one, each once.
    async fn crawled(&self, short: &str) -> Vec<String> {
        let cookie = self.demo.cookie(short).await;
        let (mut seen, mut texts) = (BTreeSet::new(), Vec::new());
        let mut next = vec!["/".to_owned()];
        while let Some(path) = next.pop() {
            let elsewhere = ["/demo", "/sign-", "/assets", "/api"];
            if seen.len() >= 60 || elsewhere.iter().any(|other| path.starts_with(other)) {
                continue;
            }
            if !seen.insert(path.clone()) {
                continue;
            }
            let headers = [("Cookie", cookie.as_str())];
            let page = self
                .demo
                .send(Method::GET, &path, None, &headers, None)
                .await;
            for part in page.text.split("href=\"").skip(1) {
                let link = part.split(['"', '#']).next().unwrap().replace("&amp;", "&");
                if link.starts_with('/') {
                    next.insert(0, link);
                }
            }
            texts.push(page.text);
        }
        texts
    }

    async fn reports(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for short in ["alex", "max"] {
            let who = self.demo.person(name_of(short)).await;
            let described = self.demo.get(&who, "/api/v1/openapi.json").await.json();
            for path in described["paths"].as_object().unwrap().keys() {
                if path.starts_with("/api/v1/reports") {
                    for path in self.named(path) {
                        for more in ["", "?quarter=2026-Q3"] {
                            texts.push(self.demo.get(&who, &format!("{path}{more}")).await.text);
                        }
                    }
                }
            }
        }
        texts
    }

    fn backup(&self) -> (PathBuf, PathBuf) {
        let (log, keys) = (
            self.folder.path().join("log"),
            self.folder.path().join("keys"),
        );
        let taken = pipss()
            .args([
                "backup",
                log.to_str().unwrap(),
                "--keys",
                keys.to_str().unwrap(),
                "--data",
            ])
            .arg(self.data())
            .output()
            .unwrap();
        assert!(
            taken.status.success(),
            "{}",
            String::from_utf8_lossy(&taken.stderr)
        );
        (only(&log), only(&keys))
    }
}

fn serve(data: &Path, port: u16, said: &Path) -> Demo {
    let address = format!("127.0.0.1:{port}");
    let said = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(said)
        .unwrap();
    Demo::run(
        pipss()
            .args([
                "demo", "--port", "0", "--empty", "--smtp", &address, "--data",
            ])
            .arg(data)
            .env("RUST_LOG", "trace")
            .stderr(Stdio::from(said)),
    )
}

fn name_of(short: &str) -> &'static str {
    pipss::demo::people::PEOPLE
        .iter()
        .find(|person| person.short == short)
        .unwrap()
        .name
}

fn only(folder: &Path) -> PathBuf {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    assert_eq!(entries.len(), 1);
    entries.remove(0)
}

/// The first id under that name, wherever it stands.
fn find(value: &Value, name: &str) -> Option<Value> {
    match value {
        Value::Object(members) => members
            .get(name)
            .filter(|found| found.is_string())
            .cloned()
            .or_else(|| members.values().find_map(|member| find(member, name))),
        Value::Array(items) => items.iter().find_map(|item| find(item, name)),
        _ => None,
    }
}

/// How often each word stands in these texts, small or capital letters alike.
fn hits<T: AsRef<[u8]>>(texts: &[T], words: &[&'static str]) -> Vec<(&'static str, usize)> {
    let texts: Vec<String> = texts
        .iter()
        .map(|text| String::from_utf8_lossy(text.as_ref()).to_lowercase())
        .collect();
    let count = |word: &&'static str| texts.iter().map(|text| text.matches(*word).count()).sum();
    words
        .iter()
        .map(|word| (*word, count(word)))
        .filter(|(_, count)| *count > 0)
        .collect()
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => fs::read(path).into_iter().collect(),
        })
        .collect()
}

async fn expect_state(world: &World, wanted: &str) -> Value {
    let kept = world
        .demo
        .get(&world.toni, "/api/v1/retention")
        .await
        .expect(200);
    let erasure = kept["erasures"][0].clone();
    assert_eq!(erasure["state"], wanted, "{kept}");
    erasure
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_erasure_no_search_finds_a_planted_word_anywhere() {
    let mut world = World::opened().await;
    let case = world.team_case().await;
    let mut cases = world.short_cases().await;
    cases.push(case);
    let one = world.one_to_one().await;
    let mut subjects = world.others().await;
    world.ids.extend(cases.clone());
    world.ids.push(one.clone());
    world.ids.push(world.sam.id.clone());
    subjects.extend(cases.iter().map(|case| format!("case/{case}")));
    subjects.push(format!("one-to-one/{one}"));
    subjects.push(format!("person/{}", world.sam.id));
    world.wait(Duration::days(6)).await;

    // The search can find: everything that was planted is shown to somebody, and stands in no file.
    let before = world.everything_read(true).await;
    let found = hits(&before, &WORDS);
    let missed: Vec<_> = WORDS
        .iter()
        .filter(|w| !found.iter().any(|(f, _)| f == *w))
        .collect();
    let only_in_letters = ["quorletters"];
    assert!(
        missed.iter().all(|word| only_in_letters.contains(*word)),
        "never shown: {missed:?}"
    );
    assert_eq!(hits(&before, &NAMES[..1]).len(), 1);
    let shown: usize = found.iter().map(|(_, count)| count).sum();
    assert_eq!(hits(&files(&world.data()), &WORDS), []);

    let (log, keys) = world.backup();
    let mails = world.post.raw_messages().len();
    assert!(
        !hits(&world.post.raw_messages(), &["quorletters"]).is_empty(),
        "nobody was written to"
    );
    let proposal = json!({ "subjects": subjects, "ground": "person_asked" });
    let proposed = post(&world.demo, &world.alex, "erasures", &proposal)
        .await
        .expect(201);
    let erasure = text(&proposed["erasure"]);
    let decide = format!("erasures/{erasure}/decide");
    post(
        &world.demo,
        &world.alex,
        &decide,
        &json!({ "approve": true }),
    )
    .await
    .expect(403);
    post(
        &world.demo,
        &world.toni,
        &decide,
        &json!({ "approve": true }),
    )
    .await
    .expect(200);
    expect_state(&world, "approved").await;
    world.wait(Duration::days(12)).await;
    expect_state(&world, "approved").await;
    let reports = world.reports().await;
    world.wait(Duration::days(13) + Duration::hours(1)).await;
    let done = expect_state(&world, "erased").await;
    let sum = |done: &Value| -> u64 {
        let each = done["certificate"]["destroyed"].as_array().unwrap().iter();
        each.map(|one| one["keys"].as_u64().unwrap()).sum()
    };
    assert!(sum(&done) >= 20, "{done}");
    assert_eq!(world.reports().await, reports, "a report changed");

    let all: Vec<&'static str> = WORDS.into_iter().chain(NAMES).collect();
    let texts = world.everything_read(true).await;
    let read = texts.len();
    assert_eq!(hits(&texts, &all), []);
    assert!(
        !hits(&texts, &["[erased]"]).is_empty(),
        "nothing says that it was erased"
    );
    assert_eq!(hits(&files(&world.data()), &all), []);
    let said = fs::read(world.folder.path().join("said")).unwrap();
    assert!(!said.is_empty(), "the log is empty");
    assert_eq!(hits(&[said], &all), []);
    let since = world.post.raw_messages().split_off(mails);
    assert_eq!(hits(&since, &WORDS), []);
    let body = json!({ "person": world.kim.id });
    let export = post(&world.demo, &world.toni, "subject-access", &body).await;
    export.expect(200);
    assert_eq!(hits(&[export.text], &all), []);

    // The older backup comes back without it, and serves the same nothing.
    let restored = world.folder.path().join("restored");
    let list = world.data().join("erasures");
    let back = restore(&log, &keys, &restored, Some(&list));
    assert!(
        back.status.success(),
        "{}",
        String::from_utf8_lossy(&back.stderr)
    );
    assert_eq!(hits(&files(&restored), &all), []);
    world.demo.interrupt();
    world.demo = serve(
        &restored,
        world.post.port,
        &world.folder.path().join("said"),
    );
    let texts = world.everything_read(false).await;
    assert_eq!(hits(&texts, &all), []);
    println!(
        "canary search: {} words, shown {shown} times before; after the erasure 0 in {} answers and pages, \
         the files, the log, {} mails, an export, and a restored older backup",
        all.len(),
        read + texts.len(),
        since.len()
    );
}

fn restore(log: &Path, keys: &Path, data: &Path, list: Option<&Path>) -> std::process::Output {
    let mut command = pipss();
    command
        .arg("restore")
        .arg("--log")
        .arg(log)
        .arg("--keys")
        .arg(keys)
        .arg("--data")
        .arg(data);
    match list {
        Some(list) => command.arg("--erasures").arg(list),
        None => &mut command,
    };
    command.output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_without_the_list_of_erasures_says_what_would_come_back() {
    let world = World::opened().await;
    let (log, keys) = world.backup();
    let refused = restore(&log, &keys, &world.folder.path().join("new"), None);
    assert!(!refused.status.success());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains("what was erased since this backup would come back"),
        "{said}"
    );
    assert!(!world.folder.path().join("new").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_law_beats_every_approval_until_somebody_else_lifts_the_hold() {
    let world = World::opened().await;
    let case = world.short_cases().await.remove(0);
    let subject = format!("case/{case}");
    let proposal = json!({ "subjects": [subject], "ground": "not_needed" });
    let proposed = post(&world.demo, &world.alex, "erasures", &proposal)
        .await
        .expect(201);
    let erasure = text(&proposed["erasure"]);
    let decide = format!("erasures/{erasure}/decide");
    post(
        &world.demo,
        &world.toni,
        &decide,
        &json!({ "approve": true }),
    )
    .await
    .expect(200);
    let hold = json!({ "subject": subject, "ground": "inquest", "reason": "The coroner asked." });
    let held = post(&world.demo, &world.toni, "holds", &hold)
        .await
        .expect(201);
    world.wait(Duration::days(30)).await;
    assert_eq!(expect_state(&world, "approved").await["held"], true);
    let again = post(&world.demo, &world.alex, "erasures", &proposal)
        .await
        .expect(422);
    assert_eq!(again["errors"][0]["pointer"], "/subjects/0");
    let lift = format!("holds/{}/lift", text(&held["hold"]));
    let reason = json!({ "reason": "The inquest is over." });
    post(&world.demo, &world.toni, &lift, &reason)
        .await
        .expect(403);
    post(&world.demo, &world.alex, &lift, &reason)
        .await
        .expect(200);
    world.wait(Duration::days(31)).await;
    expect_state(&world, "erased").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_long_enough_is_shown_and_erased_at_once_after_two_people_agreed() {
    let world = World::opened().await;
    let case = world.short_cases().await.remove(0);
    let due = |kept: &Value| kept["classes"][0]["subjects"].clone();
    let kept = async || {
        world
            .demo
            .get(&world.toni, "/api/v1/retention")
            .await
            .expect(200)
    };
    assert_eq!(due(&kept().await), json!([]));
    let subject = format!("case/{case}");
    let early = json!({ "subjects": [subject], "ground": "retention_over" });
    post(&world.demo, &world.toni, "erasures", &early)
        .await
        .expect(422);
    let shorter = json!({ "class": "team_case", "years": 2 });
    post(&world.demo, &world.toni, "retention/policy", &shorter)
        .await
        .expect(200);
    world.wait(Duration::days(2 * 366)).await;
    assert_eq!(due(&kept().await)[0]["subject"], subject.as_str());
    world
        .demo
        .get(&world.alex, "/api/v1/retention")
        .await
        .expect(403);
    let proposed = post(&world.demo, &world.alex, "erasures", &early)
        .await
        .expect(201);
    let decide = format!("erasures/{}/decide", text(&proposed["erasure"]));
    post(
        &world.demo,
        &world.toni,
        &decide,
        &json!({ "approve": true }),
    )
    .await
    .expect(200);
    world.wait(Duration::days(2 * 366 + 1)).await;
    expect_state(&world, "erased").await;
    assert_eq!(due(&kept().await), json!([]));
    let seen: Answer = world
        .demo
        .get(&world.alex, &format!("/api/v1/cases/{case}"))
        .await;
    assert!(
        seen.text.contains("[erased]") && !seen.text.contains("quorstrain"),
        "{}",
        seen.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withdrawn_in_time_is_not_erased_and_a_person_with_a_role_is_not_proposed() {
    let world = World::opened().await;
    let about = |person: &Person| json!({ "subjects": [format!("person/{}", person.id)], "ground": "person_asked" });
    let refused = post(&world.demo, &world.toni, "erasures", &about(&world.alex))
        .await
        .expect(422);
    assert_eq!(refused["errors"][0]["pointer"], "/subjects/0");
    let proposed = post(&world.demo, &world.alex, "erasures", &about(&world.sam))
        .await
        .expect(201);
    let path = format!("erasures/{}", text(&proposed["erasure"]));
    let decide = format!("{path}/decide");
    post(
        &world.demo,
        &world.toni,
        &decide,
        &json!({ "approve": true }),
    )
    .await
    .expect(200);
    let withdraw = format!("{path}/withdraw");
    post(&world.demo, &world.alex, &withdraw, &json!({}))
        .await
        .expect(200);
    world.wait(Duration::days(8)).await;
    expect_state(&world, "withdrawn").await;
    assert_eq!(
        world.demo.get(&world.sam, "/api/v1/me").await.json()["name"],
        "Sam Heron"
    );
}
