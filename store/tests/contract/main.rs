//! What every store promises, one promise a function, run on each backend; and each shown to be able to fail.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "../common/mod.rs"]
mod common;

mod backing;
mod errors;
mod faulty;
mod machine;
mod model;
mod order;
mod reading;
mod repeats;
mod sled_only;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use backing::{Backing, OnSled, Trouble};
use faulty::{FAULTS, Faulty};
use model::Shelf;

/// A promise by its name.
type Promise<B> = (&'static str, fn(&B));

/// Every promise of the contract.
fn promises<B: Backing>() -> Vec<Promise<B>>
where
    B::Store: Sync,
{
    vec![
        (
            "gapless",
            order::positions_and_versions_have_no_gaps_under_eight_writers,
        ),
        (
            "one winner",
            order::of_racing_appends_one_wins_and_the_others_are_told_the_truth,
        ),
        (
            "all or nothing",
            order::an_append_to_several_streams_is_all_or_nothing,
        ),
        ("guards", order::a_guard_must_not_have_moved),
        (
            "time",
            order::recorded_at_never_runs_backwards_though_the_clock_does,
        ),
        ("repeats", repeats::a_repeat_answers_what_the_first_did),
        ("bodies", repeats::a_repeat_with_another_body_is_noticed),
        (
            "one effect",
            repeats::one_command_sent_by_many_at_once_has_one_effect,
        ),
        ("command ids", repeats::a_command_id_is_the_same_for_ever),
        (
            "kept",
            reading::what_was_acknowledged_is_read_back_as_it_was,
        ),
        ("no gap seen", reading::readers_never_see_a_gap),
        (
            "follow",
            reading::follow_sees_each_fact_once_in_order_before_the_answer,
        ),
        (
            "commit first",
            reading::what_is_followed_is_already_there_for_everybody,
        ),
        (
            "apart",
            reading::organisations_and_logs_know_nothing_of_one_another,
        ),
        (
            "sealed",
            reading::what_is_about_a_person_is_sealed_opened_and_found,
        ),
        (
            "refusals",
            errors::what_makes_no_sense_or_is_too_large_is_refused,
        ),
        ("trouble", errors::trouble_is_named_for_what_it_is),
    ]
}

/// Tries promises, each on a store of its own: those that were broken, with what was said.
fn broken<B: Backing>(
    promises: Vec<Promise<B>>,
    make: impl Fn() -> B,
) -> BTreeMap<&'static str, String> {
    let mut broken = BTreeMap::new();
    for (name, promise) in promises {
        let backing = make();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| promise(&backing))) {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            broken.insert(name, text.unwrap_or_default());
        }
    }
    broken
}

/// A backend keeps every promise of the contract.
fn keeps_the_contract<B: Backing>(name: &str, make: impl Fn() -> B)
where
    B::Store: Sync,
{
    let (all, backing) = (promises::<B>(), make());
    let count = all.len();
    let able = |trouble: &Trouble| backing.open_in(Some(*trouble), Box::new(|_| ())).is_some();
    drop(backing.open());
    let troubles = [
        Trouble::Full,
        Trouble::Failing,
        Trouble::Damaged,
        Trouble::Taken,
    ];
    let troubles: Vec<_> = troubles.into_iter().filter(able).collect();
    let broken = broken(all, make);
    println!(
        "{name}: {count} promises, {} broken; in trouble as {troubles:?}",
        broken.len()
    );
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_store_on_sled_keeps_the_contract() {
    keeps_the_contract("sled", OnSled::new);
}

#[test]
fn the_model_keeps_the_contract() {
    keeps_the_contract("model", Shelf::default);
}

#[test]
fn every_promise_is_seen_to_be_broken_where_it_is() {
    let mut seen: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for (fault, promise) in FAULTS {
        let tried = promises().into_iter().filter(|(name, _)| *name == promise);
        let broken = broken(tried.collect(), || Faulty::with(fault));
        assert!(
            broken.contains_key(promise),
            "{fault:?} was not noticed by \"{promise}\""
        );
        seen.entry(promise).or_default().push(fault);
    }
    for (promise, _) in promises::<Faulty>() {
        assert!(
            seen.contains_key(promise),
            "nothing shows that \"{promise}\" can fail"
        );
    }
    println!("{} planted faults, 0 unnoticed", FAULTS.len());
}
