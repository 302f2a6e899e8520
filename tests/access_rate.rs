//! How many readings a second the program answers while it keeps who looked, beside the same answer to
//! whom nothing has to be kept again.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use pipss::demo::people::{organisation, person, record};
use pipss_api::actor::Actor;
use pipss_api::app::App;
use pipss_api::as_known::AsOfAsked;
use pipss_api::clock::Clock;
use pipss_domain::stream::Log;
use pipss_store::{Options, Purpose};

const READERS: usize = 64;
const FOR: Duration = Duration::from_secs(5);
/// At most so many hours are lived through: a lead's role ends after some years.
const HOURS_MAX: usize = 8_000;

/// Reads the queue as everyone at once, for a while; answers how many a second.
async fn rate(app: &Arc<App>, fresh: bool) -> f64 {
    let began = Instant::now();
    let read = Arc::new(AtomicUsize::new(0));
    let mut readers = tokio::task::JoinSet::new();
    for n in 0..READERS {
        let (app, read) = (Arc::clone(app), Arc::clone(&read));
        readers.spawn(async move {
            let lead = Actor::person(organisation(), person(["alex", "charlie"][n % 2]));
            while began.elapsed() < FOR && !(fresh && read.load(Ordering::Relaxed) > HOURS_MAX) {
                if fresh {
                    // Another hour: everything has to be kept again.
                    app.clock().move_to(app.clock().now() + TimeDelta::hours(1));
                }
                let looking = async { app.queue(&lead, &AsOfAsked { as_of: None }).is_ok() };
                assert!(app.reading(looking).await.is_ok_and(|seen| seen));
                read.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    readers.join_all().await;
    read.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64()
}

fn kept(app: &App) -> u64 {
    let verified = app.verification(&Actor::operator(organisation()));
    let logs = verified.unwrap_or_else(|_| panic!("the operator")).logs;
    logs.iter()
        .find(|log| log.log == Log::Access)
        .unwrap()
        .position
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement, for a quiet machine: cargo test --release --test access_rate -- --ignored --nocapture"]
async fn reading_that_leaves_a_record_beside_reading_that_is_kept_already() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(folder.path(), Purpose::Demo);
    let app = Arc::new(App::open(options, Clock::starting_at(Utc::now())).unwrap());
    record(&app).await.unwrap();
    let again = rate(&app, false).await;
    let before = kept(&app);
    let fresh = rate(&app, true).await;
    println!("{} records were kept meanwhile", kept(&app) - before);
    println!(
        "{again:.0} readings a second that are kept already, {fresh:.0} that each leave a record: 1 to {:.1}",
        again / fresh
    );
    assert!(fresh > 0.0);
}
