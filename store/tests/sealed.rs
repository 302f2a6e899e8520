//! What is about a person: unreadable on the disk, in any other place, and without its key.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::path::Path;
use std::sync::Arc;

use common::*;
use pipss_domain::directory_facts::{PersonRecorded, SignIn};
use pipss_domain::history::{Event, Fact};
use pipss_domain::personal::{Personal, Place};
use pipss_store::{Append, Appended, EventStore, SledStore};

/// Puts one fact of every kind here that holds something personal, all of it with the canary.
async fn plant(store: &SledStore) -> Vec<Fact> {
    let person = person_recorded("canary-name", "canary-subject");
    let writes = vec![
        write(common::person(1), 0, vec![person]),
        write(case(1), 0, canaries()),
    ];
    let append = append_of(main_log(), 1, writes);
    put(
        store,
        Append {
            body: Some(b"canary-body".to_vec()),
            ..append
        },
    )
    .await
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

fn person_of(fact: &Fact) -> PersonRecorded {
    match &fact.event {
        Event::PersonRecorded(person) => person.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_about_a_person_stands_in_the_clear_in_any_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let facts = plant(&store).await;
    assert!(!format!("{facts:?}").contains("canary"));
    drop(store);
    for path in files(folder.path()) {
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes.windows(6).any(|six| six == b"canary");
        assert!(!found, "{} holds the canary", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sealed_value_opens_to_what_it_was_also_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let facts = plant(&store).await;
    for store in then_reopened(store, folder.path()) {
        let person = person_of(&facts[0]);
        assert_eq!(
            store.open(person.name.as_ref().unwrap()).known().unwrap(),
            "canary-name"
        );
        let sign_in = SignIn {
            issuer: "https://issuer.example".into(),
            subject: "canary-subject".into(),
        };
        assert_eq!(
            store.open(person.sign_in.as_ref().unwrap()).known(),
            Some(&sign_in)
        );
        let known = Personal::Known(7);
        assert_eq!(store.open(&known), known);
        let mut opened = 0;
        for mut fact in everything(&store, main_log()) {
            fact.event.personals(&mut |place, value| {
                let sealed = value.sealed_mut().unwrap().clone();
                assert_eq!(sealed.place, place);
                let text = store.open(&Personal::<serde_json::Value>::Sealed(Box::new(sealed)));
                assert!(text.known().unwrap().to_string().contains("canary"));
                opened += 1;
            });
        }
        assert_eq!(opened, 3 + canary_count());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_value_opens_in_no_other_field_fact_or_stream() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let first = put(
        &store,
        append_of(
            main_log(),
            1,
            vec![write(person(1), 0, vec![person_recorded("Ada", "a")])],
        ),
    )
    .await;
    let second = put(
        &store,
        append_of(
            main_log(),
            2,
            vec![write(person(1), 1, vec![person_recorded("Eve", "e")])],
        ),
    )
    .await;
    let Some(Personal::Sealed(name)) = person_of(&first[0]).name else {
        panic!("not sealed")
    };
    let Some(Personal::Sealed(other)) = person_of(&second[0]).name else {
        panic!("not sealed")
    };
    assert_eq!(name.key, other.key, "one person, one key");
    let opens = |sealed| store.open(&Personal::<String>::Sealed(sealed)) != Personal::Erased;
    assert!(opens(name.clone()));
    let mut moved = name.clone();
    moved.place = Place::of("email");
    assert!(!opens(moved));
    let mut moved = name.clone();
    moved.place.index = 1;
    assert!(!opens(moved));
    let mut moved = name.clone();
    moved.fact = Arc::clone(&other.fact);
    assert!(!opens(moved));
    let mut forged = name;
    forged.bytes[30] ^= 1;
    assert!(!opens(forged));
}

#[tokio::test(flavor = "multi_thread")]
async fn appends_about_one_person_at_once_share_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()));
    let sent: Vec<_> = (0..30)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                loop {
                    let version = store.stream(main_log(), &person(1)).unwrap().len() as u64;
                    let event = person_recorded(&format!("name {n}"), "s");
                    let append =
                        append_of(main_log(), n, vec![write(person(1), version, vec![event])]);
                    if store.append(append).await.is_ok() {
                        break;
                    }
                }
            })
        })
        .collect();
    for one in sent {
        one.await.unwrap();
    }
    drop(Arc::into_inner(store).unwrap());
    let store = open(folder.path());
    let facts = everything(&store, main_log());
    assert_eq!(facts.len(), 30);
    for fact in facts {
        let name = person_of(&fact).name.unwrap();
        assert!(store.open(&name).known().unwrap().starts_with("name"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_by_what_they_sign_in_with_in_their_own_organisation() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let sign_in = |subject: &str| {
        SignIn {
            issuer: "https://issuer.example".into(),
            subject: subject.into(),
        }
        .lookup()
    };
    put(
        &store,
        append_of(
            main_log(),
            1,
            vec![write(person(1), 0, vec![person_recorded("Ada", "a")])],
        ),
    )
    .await;
    put(
        &store,
        append_of(
            main_log(),
            2,
            vec![write(person(2), 0, vec![person_recorded("Eve", "e")])],
        ),
    )
    .await;
    for store in then_reopened(store, folder.path()) {
        assert_eq!(store.find(organisation(), &sign_in("a")), [person(1)]);
        assert_eq!(store.find(organisation(), &sign_in("e")), [person(2)]);
        assert!(store.find(organisation(), &sign_in("x")).is_empty());
        assert!(store.find(id(2), &sign_in("a")).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destroyed_key_erases_what_it_sealed_and_nothing_else_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let planned = |n| {
        append_of(
            main_log(),
            n,
            vec![write(case(n), 0, vec![offer_planned("rest")])],
        )
    };
    let facts = [put(&store, planned(1)).await, put(&store, planned(2)).await].concat();
    let ada = put(
        &store,
        append_of(
            main_log(),
            3,
            vec![write(person(1), 0, vec![person_recorded("Ada", "a")])],
        ),
    )
    .await;
    let Event::OfferPlanned(first) = &facts[0].event else {
        panic!("another fact")
    };
    let Some(Personal::Sealed(sealed)) = &first.aim else {
        panic!("not sealed")
    };
    let Some(Personal::Sealed(name)) = person_of(&ada[0]).name else {
        panic!("not sealed")
    };
    store
        .erase(uuid::Uuid::from_u128(7), at(9), &[sealed.key, name.key])
        .unwrap();
    // The key file goes on after it was written anew.
    let later = put(&store, planned(4)).await;
    let sign_in = SignIn {
        issuer: "https://issuer.example".into(),
        subject: "a".into(),
    }
    .lookup();
    for store in then_reopened(store, folder.path()) {
        assert_eq!(opened_aim(&store, &facts[0].event), None);
        assert_eq!(opened_aim(&store, &facts[1].event).as_deref(), Some("rest"));
        assert_eq!(opened_aim(&store, &later[0].event).as_deref(), Some("rest"));
        assert!(store.find(organisation(), &sign_in).is_empty());
        assert_eq!(everything(&store, main_log()).len(), 4);
        // Nothing can tell any more whether the body was the same, so any is.
        let Appended::Repeated(repeat) = store
            .append(Append {
                body: Some(b"other".to_vec()),
                ..planned(1)
            })
            .await
            .unwrap()
        else {
            panic!("a repeat was taken for something new");
        };
        assert!(repeat.same_body);
        let again = append_of(
            main_log(),
            9,
            vec![write(person(1), 1, vec![person_recorded("Ada", "a")])],
        );
        assert!(store.append(again).await.is_err());
    }
}
