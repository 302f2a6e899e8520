//! The way out and back in: an organisation's logs as lines that anybody can check, with equal chains after.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod by_others;
#[path = "../common/mod.rs"]
mod common;
mod ground;
mod refused;

use std::fs;

use common::*;
use ground::{Ground, fill, log_of, neighbour};
use pipss_domain::stream::Log;
use pipss_store::{Appended, EventStore, Export, Import, Options, SledStore, import};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_goes_out_and_comes_in_with_equal_chains_and_all_that_it_promised() {
    let ground = Ground::new().await;
    let own = open(&ground.at("data"));
    // Into a folder in which others live, with several segments of theirs.
    let other = open(&ground.at("other"));
    fill(&other, id(77), 100).await;
    let theirs: Vec<_> = Log::ALL
        .map(|log| everything(&other, log_of(id(77), log)))
        .into();
    drop(other);
    // What an import left that was killed is in nobody's way.
    fs::create_dir(ground.at("other/journal.next")).unwrap();
    fs::write(ground.at("other/journal.next/00000001"), "half").unwrap();
    let imported = ground.import("other").unwrap();
    assert_eq!(
        (imported.facts, imported.erased),
        (ground.exported.facts, 0)
    );
    let (store, seen) = open_seeing(&ground.at("other"));
    assert_eq!(ground.heads_in(&store), ground.heads);
    assert_eq!(everything(&store, main_log()), everything(&own, main_log()));
    let untouched: Vec<_> = Log::ALL
        .map(|log| everything(&store, log_of(id(77), log)))
        .into();
    assert_eq!(untouched, theirs);
    assert_eq!(store.head(log_of(neighbour(), Log::Main)).position, 0);
    assert_eq!(
        seen.lock().unwrap().len() as u64,
        imported.facts + theirs.iter().flatten().count() as u64
    );
    // Reading works, and what was erased stays erased.
    assert_eq!(opened_aim(&store, &ground.facts[0].event), None);
    assert_eq!(
        opened_aim(&store, &ground.facts[1].event).as_deref(),
        Some("quor")
    );
    // A command keeps its id, and a repeat is recognised with its body.
    let parts: &[&[u8]] = &[b"someone", b"route", b"key"];
    let same = |store: &SledStore| store.command_id(organisation(), parts).unwrap();
    assert_eq!(same(&store), same(&own));
    let again = append_of(
        main_log(),
        7,
        vec![write(unit(7), 0, vec![unit_opened("Unit")])],
    );
    let Appended::Repeated(repeat) = store.append(again).await.unwrap() else {
        panic!("a repeat was taken for new");
    };
    assert!(repeat.same_body && repeat.facts.len() == 3);
    let differs = store.repeated(main_log(), command(7), b"another").unwrap();
    assert!(!differs.unwrap().same_body);
    // It goes on, also after a start, and cannot be taken in again.
    put(&store, simple(800)).await;
    drop(store);
    let store = open(&ground.at("other"));
    assert_eq!(
        store.head(main_log()).position,
        ground.heads[0].position + 1
    );
    drop(store);
    let again = ground.import("other").unwrap_err().to_string();
    assert!(again.contains("has that organisation already"), "{again}");
    assert!(!ground.at("other/journal.next").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_in_goes_out_again_byte_for_byte_and_is_backed_up_and_restored() {
    let ground = Ground::new().await;
    ground.import("new").unwrap();
    let store = open(&ground.at("new"));
    let asked = Export {
        organisation: organisation(),
        to: ground.at("again"),
        keys: Some(ground.at("again-keys")),
    };
    store.export(&asked, at(5)).unwrap();
    for log in ["main", "access", "feedback"] {
        for end in ["jsonl", "chain"] {
            let read = |dir: &str| fs::read(ground.at(dir).join(format!("{log}.{end}"))).unwrap();
            assert_eq!(read("export"), read("again"), "{log}.{end}");
        }
    }
    let taken = store
        .backup(&ground.at("log"), &ground.at("keys"), at(6))
        .unwrap();
    assert_eq!(taken.facts, ground.exported.facts);
    // Neither folder is written over, and keys do not lie beside what they open.
    assert!(
        store
            .export(&asked, at(7))
            .unwrap_err()
            .to_string()
            .contains("is there already")
    );
    let beside = Export {
        to: ground.at("x"),
        keys: Some(ground.at("x/keys")),
        ..asked
    };
    assert!(store.export(&beside, at(7)).is_err());
    assert!(!ground.at("x").exists() && !ground.at("x.part").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_export_comes_in_without_what_was_erased_since() {
    let ground = Ground::new().await;
    let list = ground.at("list");
    let with_list = Options {
        erasures: Some(list.clone()),
        ..options(&ground.at("data"))
    };
    let store = SledStore::open(with_list, Box::new(|_| ())).unwrap();
    let mut key = None;
    let mut fact = ground.facts[1].clone();
    fact.event
        .personals(&mut |_, value| key = value.sealed_mut().map(|s| s.key));
    store
        .erase(Uuid::from_u128(2), at(9), &[key.unwrap(), ground.erased])
        .unwrap();
    let asked = Import {
        erasures: Some(list),
        ..ground.asked("new")
    };
    let imported = import(&asked, at(10)).unwrap();
    assert_eq!(imported.erased, 1);
    let new = open(&ground.at("new"));
    assert_eq!(opened_aim(&new, &ground.facts[1].event), None);
    assert_eq!(ground.heads_in(&new), ground.heads);
    // Without the list, it would have come back: that is what it is for.
    ground.import("without").unwrap();
    let without = open(&ground.at("without"));
    assert!(opened_aim(&without, &ground.facts[1].event).is_some());
    let nowhere = Import {
        erasures: Some(ground.at("nowhere")),
        ..ground.asked("never")
    };
    assert!(import(&nowhere, at(10)).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_open_form_holds_every_word_but_those_erased_and_is_not_taken_in() {
    let ground = Ground::new().await;
    let store = open(&ground.at("data"));
    let asked = Export {
        organisation: organisation(),
        to: ground.at("open"),
        keys: None,
    };
    let exported = store.export(&asked, at(4)).unwrap();
    assert_eq!((exported.facts, exported.keys), (ground.exported.facts, 0));
    let text = fs::read_to_string(ground.at("open/main.jsonl")).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["data"]["aim"], json!({ "erased": true }));
    assert_eq!(lines[1]["data"]["aim"], "quor");
    assert_eq!(lines.last().unwrap()["data"]["name"], "Sam");
    assert!(!text.contains("\"sealed\""));
    let sealed = fs::read_to_string(ground.at("export/main.jsonl")).unwrap();
    assert!(!sealed.contains("quor"));
    let into = Import {
        from: ground.at("open"),
        ..ground.asked("never")
    };
    let said = import(&into, at(5)).unwrap_err().to_string();
    assert!(said.contains("in the clear"), "{said}");
}
