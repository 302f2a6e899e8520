//! The stroke ward's story, with people who asked for something in private.

use std::path::Path;

use pipss::demo::people::{organisation, person};
use pipss_api::app::App;
use pipss_api::clock::Clock;
use pipss_api::prove::Leak;
use pipss_domain::stream::LogId;
use pipss_store::{EventStore, Options, Purpose, SledStore};
use tempfile::TempDir;

use crate::private;
use crate::proved;
use crate::support::demo::Demo;

/// The demonstration's folder, after it has ended.
pub fn told() -> TempDir {
    folder_of("--only-stroke-ward")
}

fn folder_of(size: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(&[size, "--data", folder.path().to_str().unwrap()]);
    demo.interrupt();
    folder
}

pub fn opened(folder: &Path) -> App {
    App::open(Options::new(folder, Purpose::Demo), Clock::Machine).unwrap()
}

/// How many facts a folder holds.
fn recorded(folder: &Path) -> u64 {
    let options = Options::new(folder, Purpose::Demo);
    let store = SledStore::open(options, Box::new(|_| {})).unwrap();
    store.head(LogId::main(organisation())).position
}

#[tokio::test]
async fn no_manager_can_tell_who_asked_and_every_planted_leak_is_caught() {
    let folder = told();
    let before = recorded(folder.path());
    private::asked(
        folder.path(),
        &["sam", "lee", "robin", "sam", "kim", "jo", "ash"],
    )
    .await;
    let app = opened(folder.path());
    let outcome = proved(&app, organisation(), &Leak::ALL);
    assert_eq!(outcome.differences, []);
    assert_eq!(outcome.bytes, 0);
    // Two of the ward asked for themselves in the story already.
    assert_eq!(outcome.managers, 4);
    assert!(outcome.private > 7 + 14, "{}", outcome.private);
    assert!(outcome.answers > 1_000, "{}", outcome.answers);
    for (leak, caught) in &outcome.planted {
        assert!(caught.is_some(), "{leak:?} was not caught");
    }
    assert_eq!(outcome.planted.len(), Leak::ALL.len());
    assert!(outcome.holds());
    assert_eq!(outcome.head.position, before + 21);
}

#[tokio::test]
async fn a_leak_is_caught_where_nothing_private_was_ever_recorded() {
    let folder = folder_of("--empty");
    let outcome = proved(
        &opened(folder.path()),
        organisation(),
        &[Leak::Version, Leak::Letter],
    );
    assert_eq!(outcome.private, 0);
    assert!(outcome.holds(), "{outcome:?}");
}

#[tokio::test]
async fn where_a_leak_was_planted_is_named_and_what_leaked_is_not() {
    let folder = told();
    private::asked(folder.path(), &["sam"]).await;
    let outcome = proved(&opened(folder.path()), organisation(), &[Leak::Count]);
    let (_, caught) = &outcome.planted[0];
    let caught = caught.clone().unwrap();
    assert_eq!(caught.route, "GET /api/v1/me");
    assert!(
        caught.place.starts_with("the body at \"/waiting\""),
        "{}",
        caught.place
    );
    assert!(
        ["robin", "jo", "nic", "val"]
            .map(person)
            .contains(&caught.manager)
    );
}

#[tokio::test]
async fn the_proof_leaves_the_log_as_it_was() {
    let folder = told();
    let app = opened(folder.path());
    let first = proved(&app, organisation(), &Leak::ALL);
    let second = proved(&app, organisation(), &[]);
    assert_eq!(first.head, second.head);
}
