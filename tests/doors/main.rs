//! Who gets through which door, and what of a case they see, is a committed table: `table.txt`.

#![allow(clippy::unwrap_used)]

mod apart;
mod duty;
mod house;
mod pages;
mod readings;
mod table;
mod visit;
mod who;

use std::path::{Path, PathBuf};

use house::House;
use visit::Visit;

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/doors/table.txt")
}

#[tokio::test]
async fn every_route_answers_everyone_as_the_committed_table_says() {
    let house = House::build().await;
    let found = table::printed(&house).await;
    if std::env::var_os("KEEP_DOORS").is_some() {
        std::fs::write(committed(), &found).unwrap();
    }
    let table = std::fs::read_to_string(committed()).unwrap();
    let changed: Vec<_> = found.lines().filter(|line| !table.contains(line)).collect();
    assert!(
        found == table,
        "rights changed; if that is meant, run again with KEEP_DOORS=1 and commit:\n{}",
        changed.join("\n")
    );
}

#[tokio::test]
async fn every_route_that_is_described_has_a_place_in_the_table() {
    let house = House::build().await;
    let table = std::fs::read_to_string(committed()).unwrap();
    for (method, path) in house.described().await {
        let named = format!("{method:<4} {path} ");
        assert!(
            table.contains(&named),
            "{named}is not in tests/doors/table.txt"
        );
    }
}

#[tokio::test]
async fn what_may_not_be_known_of_looks_like_what_does_not_exist() {
    let house = House::build().await;
    for (method, path) in house.described().await {
        let Some(things) = house.things_in(&path) else {
            continue;
        };
        for who in house.everyone() {
            let nowhere = Visit::of(&method, &path, things.absent);
            let absent = house.visit(&who, &nowhere).await;
            for (name, thing) in &things.present {
                let visit = Visit::of(&method, &path, thing);
                let answer = house.visit(&who, &visit).await;
                if answer.status == 404 {
                    assert_eq!(answer, absent, "{}: {method} {path} of {name}", who.short);
                }
            }
        }
    }
}
