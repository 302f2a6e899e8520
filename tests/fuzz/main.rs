//! Nothing that anyone sends brings the program down, or to an answer that it does not describe.

#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod course;
mod description;
mod ground;
mod known;
mod peer;
mod right;
mod wild;

use std::collections::BTreeMap;

use chrono::Utc;
use course::Course;
use ground::{Ground, described};
use support::random::Random;

/// Requests that happen some weeks ago, to begin with.
const BEFORE: u64 = 400;
/// Courses that go on at once.
const AT_ONCE: u64 = 4;

fn requests() -> u64 {
    let told = std::env::var("PIPSS_FUZZ").ok();
    told.map_or(8_000, |told| told.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_course_of_requests_by_anyone_makes_the_program_fail_or_say_what_it_does_not_describe() {
    let mut random = Random::printed();
    let ground = Ground::new();
    let known = ground.lives(random.another(), BEFORE).await;
    let served = ground.serve();
    let description = described(&served.base).await;
    let everyone = ground.everyone();
    let mut answered: BTreeMap<u16, u64> = BTreeMap::new();
    let mut courses: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let own = (random.another(), known.clone());
            Course::new(
                (&served.base, &description),
                &everyone,
                own,
                (50, Utc::now()),
            )
        })
        .collect();
    let [a, b, c, d] = courses.as_mut_slice() else {
        unreachable!("four were made");
    };
    let each = requests() / AT_ONCE;
    tokio::join!(a.run(each), b.run(each), c.run(each), d.run(each));
    for (status, count) in courses.iter().flat_map(|course| &course.answered) {
        *answered.entry(*status).or_default() += count;
    }
    println!("answered: {answered:?}");
    for status in [
        200, 201, 400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428,
    ] {
        assert!(
            answered.contains_key(&status),
            "nobody was answered {status}: {answered:?}"
        );
    }
    drop(courses);
    served.end();
    ground.verifies();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schemathesis_finds_nothing_whoever_it_signs_in_as() {
    let ground = Ground::new();
    let mut random = Random::printed();
    ground.lives(random.another(), BEFORE / 2).await;
    let served = ground.serve();
    let seed = random.below(1 << 32);
    let asked = peer::schemathesis(&served.base, &ground.everyone(), seed);
    println!("schemathesis asked {asked} times");
    assert!(asked >= 2_000, "{asked}");
    served.end();
    ground.verifies();
}
