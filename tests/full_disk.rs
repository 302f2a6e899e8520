//! The disk fills up under the real program: people go on reading, writing waits, and comes back by itself.

#![allow(clippy::unwrap_used)]

#[path = "../store/tests/preload/mod.rs"]
mod preload;
#[path = "../store/tests/preload/small_disk.rs"]
mod small_disk;
mod support;

use chrono::{DateTime, Duration, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use small_disk::SmallDisk;
use support::demo::{Answer, Demo, Person, fresh_key, pipss, referral};
use support::ward::{team, text};

const ROUNDS: usize = 3;
/// The disk is full for so long each time, by the clock of the program.
const MINUTES: i64 = 70;

/// The program on a small disk, and who asks it.
struct Office {
    demo: Demo,
    robin: Person,
    alex: Person,
    now: DateTime<Utc>,
    referral: Value,
    /// The cases whose raising was acknowledged.
    cases: Vec<String>,
    read: usize,
    refused: usize,
}

impl Office {
    async fn on(disk: &SmallDisk) -> Self {
        let mut command = pipss();
        command.args(["demo", "--port", "0", "--empty", "--data"]);
        disk.holds(command.arg(disk.path().join("data")));
        let demo = Demo::run(&mut command);
        let robin = demo.person("Robin Wren").await;
        let team = team(&demo, &robin, "Harbour Stroke Ward").await;
        Self {
            now: Utc::now(),
            referral: referral(&team),
            alex: demo.person("Alex Kestrel").await,
            robin,
            demo,
            cases: Vec::new(),
            read: 0,
            refused: 0,
        }
    }

    async fn raise(&mut self, key: &str) -> Answer {
        let headers = [("Idempotency-Key", key)];
        let (who, body) = (Some(&self.robin), Some(&self.referral));
        let raised = self
            .demo
            .send(Method::POST, "/api/v1/referrals", who, &headers, body)
            .await;
        if raised.status == 201 {
            let case = text(&raised.json()["case"]);
            self.cases.retain(|known| *known != case);
            self.cases.push(case);
        }
        raised
    }

    /// Everything that was acknowledged can be read, which leaves a record of who read it.
    async fn reads(&mut self) {
        self.demo.get(&self.alex, "/api/v1/me").await.expect(200);
        let queue = self.demo.get(&self.alex, "/api/v1/queue").await.expect(200);
        for case in self.cases.clone() {
            assert!(
                queue.to_string().contains(&case),
                "{case} is not in the queue"
            );
            let path = format!("/api/v1/cases/{case}");
            self.demo.get(&self.alex, &path).await.expect(200);
            self.read += 1;
        }
    }

    /// Nothing can be written: that is what is said, and what is true.
    async fn cannot_write(&mut self, key: &str) {
        let refused = self.raise(key).await;
        assert_eq!(refused.header("content-type"), "application/problem+json");
        let problem = refused.expect(507);
        assert_eq!(problem["code"], "full");
        assert_eq!(problem["detail"], "The disk is full. Nothing was saved.");
        let case = self.cases[0].clone();
        let by = json!({ "by": "email" });
        let refused = self
            .demo
            .command(&self.alex, &case, "acknowledge", &by)
            .await;
        refused.expect(507);
        self.refused += 2;
    }

    /// In how many hours somebody read a case, as the auditor is shown.
    async fn hours_on_record(&self, case: &str) -> usize {
        let auditor = self.demo.person("Toni Godwit").await;
        let path = format!("/api/v1/access-log?object=case/{case}&limit=200");
        let list = self.demo.get(&auditor, &path).await.expect(200);
        list["readings"].as_array().unwrap().len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_disk_is_full_people_read_and_once_it_is_not_they_write_again() {
    let disk = SmallDisk::new(160);
    let mut office = Office::on(&disk).await;
    office.raise(&fresh_key()).await.expect(201);
    for round in 0..ROUNDS {
        disk.fill();
        let key = fresh_key();
        for _ in 0..MINUTES / 10 {
            office.now += Duration::minutes(10);
            office.demo.move_clock(office.now).await;
            office.reads().await;
            office.cannot_write(&key).await;
        }
        disk.free();
        // The very same request, which was refused all the time, is done now, and once.
        let raised = office.raise(&key).await.expect(201);
        let again = office.raise(&key).await;
        assert_eq!(text(&again.json()["case"]), text(&raised["case"]));
        office.reads().await;
        assert_eq!(office.cases.len(), round + 2);
    }
    // 210 minutes touch four hours, or five if they did not begin with a full one.
    let hours = office.hours_on_record(&office.cases[0]).await;
    assert!((4..=5).contains(&hours), "{hours}");
    office.demo.interrupt();
    println!(
        "full {ROUNDS} times for {MINUTES} minutes: {} cases read, {} writes refused, {} acknowledged, 0 lost, \
         0 restarts",
        office.read,
        office.refused,
        office.cases.len()
    );
}
