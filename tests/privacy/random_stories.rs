//! Random people do random things, and in between someone asks for something in private: whatever the
//! story, no manager can tell, whatever else they are granted.

use std::cell::RefCell;
use std::time::Instant;

use chrono::Duration;
use pipss::demo::people::{organisation, record};
use pipss_api::app::App;
use pipss_api::clock::Clock;
use pipss_domain::directory_facts::Role;
use pipss_store::{Options, Purpose};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crate::support::random::Random;
use crate::telling::{Step, Story};
use crate::{private, proved};

/// So many stories, each of at most so many steps: some ten seconds.
const STORIES: u32 = 10;
const STEPS_MAX: usize = 32;
const ASKERS: [&str; 6] = ["sam", "robin", "nic", "kim", "lee", "val"];
/// Tells a story, closes the folder, lets some people ask, opens it again and proves.
async fn told(steps: &[Step]) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options::new(folder.path(), Purpose::Demo);
    let start = chrono::Utc::now() - Duration::days(400);
    let story = Story {
        app: App::open(options(), Clock::starting_at(start)).unwrap(),
        cases: RefCell::default(),
        keys: RefCell::default(),
        ones: RefCell::default(),
    };
    record(&story.app).await.unwrap();
    // A lead of everything else, and managers who facilitate or read reports: each must stay blind.
    story.grant("jo", Role::Lead).await;
    story.grant("nic", Role::Facilitator).await;
    story.grant("val", Role::Governance).await;
    for step in steps {
        story.step(*step).await;
    }
    drop(story);
    let askers = steps
        .iter()
        .map(|(what, n)| ASKERS[usize::from(what ^ n) % ASKERS.len()]);
    let askers: Vec<_> = askers.take(1 + steps.len() / 8).collect();
    private::asked(folder.path(), &askers).await;
    let app = App::open(options(), Clock::Machine).unwrap();
    let outcome = proved(&app, organisation(), &[]);
    prop_assert_eq!(&outcome.differences, &[]);
    prop_assert_eq!(outcome.bytes, 0);
    prop_assert!(outcome.private > 0 && outcome.answers > 500);
    Ok(())
}

#[test]
fn whatever_happened_no_manager_can_tell_who_asked_in_private() {
    let began = Instant::now();
    let mut random = Random::printed();
    let mut seed = [0; 32];
    seed.fill_with(|| u8::try_from(random.below(256)).unwrap());
    let config = Config {
        cases: STORIES,
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let steps = prop::collection::vec(any::<Step>(), 8..STEPS_MAX);
    runner
        .run(&steps, |steps| runtime.block_on(told(&steps)))
        .unwrap();
    println!("{STORIES} stories in {:?}", began.elapsed());
}
