//! A copy of the log without some of its facts: as if they had never been, and never written to.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use common::*;
use pipss_domain::history::Fact;
use pipss_domain::personal::Personal;
use pipss_domain::stream::{Log, Stream};
use pipss_store::{EventStore, Memory, SledStore, StoreError};

/// Three facts, the middle one about somebody, and one more of the first stream.
async fn kept(store: &SledStore) {
    let somebody = person_recorded("canary-name", "canary-subject");
    let writes = [
        write(unit(1), 0, vec![unit_opened("One")]),
        write(person(1), 0, vec![somebody]),
        write(case(1), 0, vec![offer_planned("An aim")]),
        write(unit(1), 1, vec![unit_opened("Two")]),
    ];
    for (n, write) in (1..).zip(writes) {
        put(store, append_of(main_log(), n, vec![write])).await;
    }
}

fn not_about_people(fact: &Fact) -> bool {
    !matches!(fact.stream, Stream::Person(_))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_copy_holds_the_same_facts_at_the_same_place_of_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    kept(&store).await;
    let copy = Memory::of(&store, organisation()).unwrap();
    let facts: Vec<_> = copy.facts(Log::Main).collect();
    assert_eq!(facts, store.log(main_log(), 0, 100).unwrap());
    assert_eq!(copy.head(main_log()), store.head(main_log()));
    assert_eq!(
        copy.stream(main_log(), &unit(1)).unwrap(),
        store.stream(main_log(), &unit(1)).unwrap()
    );
    assert_eq!(
        copy.log(main_log(), 1, 2).unwrap(),
        store.log(main_log(), 1, 2).unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_fact_there_is_no_gap_where_it_was_and_nobody_is_found_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    kept(&store).await;
    let whole = Memory::of(&store, organisation()).unwrap();
    let copy = whole.only(not_about_people).unwrap();
    let places: Vec<_> = copy
        .facts(Log::Main)
        .map(|f| (f.position, f.version))
        .collect();
    assert_eq!(places, [(1, 1), (2, 1), (3, 2)]);
    assert!(copy.stream(main_log(), &person(1)).unwrap().is_empty());
    assert_eq!(copy.head(main_log()).position, 3);
    assert_ne!(copy.head(main_log()).chain, store.head(main_log()).chain);
    let address = br#""canary-name@example.org""#;
    assert_eq!(store.find(organisation(), address), [person(1)]);
    assert_eq!(whole.find(organisation(), address), [person(1)]);
    assert!(copy.find(organisation(), address).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stays_is_opened_by_the_keys_of_the_live_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    kept(&store).await;
    let copy = Memory::of(&store, organisation()).unwrap();
    let mut fact = copy.stream(main_log(), &case(1)).unwrap().remove(0);
    let mut sealed = 0;
    fact.event
        .personals(&mut |_, value| sealed += usize::from(value.sealed_mut().is_some()));
    assert_eq!(sealed, 1);
    let pipss_domain::history::Event::OfferPlanned(planned) = fact.event else {
        panic!("{fact:?}");
    };
    assert_eq!(
        copy.open(&planned.aim.unwrap()).known(),
        Some(&"An aim".to_owned())
    );
    assert_eq!(copy.open(&Personal::Known(1)).known(), Some(&1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_numbered_as_it_would_be_and_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    kept(&store).await;
    let copy = Memory::of(&store, organisation()).unwrap();
    let next = || {
        append_of(
            main_log(),
            9,
            vec![write(unit(1), 2, vec![unit_opened("Three")])],
        )
    };
    let rehearsed = copy.rehearse(next()).unwrap();
    assert_eq!((rehearsed.len(), rehearsed[0].version), (1, 3));
    let stale = append_of(
        main_log(),
        9,
        vec![write(unit(1), 1, vec![unit_opened("Three")])],
    );
    assert!(matches!(
        copy.rehearse(stale),
        Err(StoreError::Conflict { actual: 2, .. })
    ));
    assert!(matches!(
        copy.append(next()).await,
        Err(StoreError::Unavailable(_))
    ));
    assert_eq!(copy.head(main_log()), store.head(main_log()));
    assert_eq!(store.head(main_log()).position, 4);
}
