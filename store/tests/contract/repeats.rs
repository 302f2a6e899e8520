//! Promises about repeats: a command has one effect for ever, and answers what it did.

use std::thread;

use pipss_store::{Append, Appended, EventStore};

use crate::backing::{Backing, all, keep, now_and_reopened, wait};
use crate::common::*;

fn planned(body: Option<&str>) -> Append {
    Append {
        body: body.map(Into::into),
        ..append_of(
            main_log(),
            5,
            vec![
                write(
                    case(1),
                    0,
                    vec![offer_planned("rest"), offer_planned("more")],
                ),
                write(unit(1), 0, vec![unit_opened("A")]),
            ],
        )
    }
}

/// A repeat answers what the first did, also after years and restarts.
pub fn a_repeat_answers_what_the_first_did<B: Backing>(backing: &B) {
    let store = backing.open();
    let first = keep(&store, planned(Some("x")));
    let coded = keep(&store, simple(6));
    now_and_reopened(backing, store, |store| {
        let Appended::Repeated(repeat) = wait(store.append(planned(Some("x")))).unwrap() else {
            panic!("a repeat was taken for something new");
        };
        assert_eq!((repeat.facts, repeat.same_body), (first.clone(), true));
        let asked = store
            .repeated(main_log(), command(6), b"body of 6")
            .unwrap()
            .unwrap();
        assert_eq!((asked.facts, asked.same_body), (coded.clone(), true));
        assert!(
            store
                .repeated(main_log(), command(7), b"")
                .unwrap()
                .is_none()
        );
        assert_eq!(store.head(main_log()).position, 4);
    });
}

/// A repeat with another body is noticed, and has no effect either.
pub fn a_repeat_with_another_body_is_noticed<B: Backing>(backing: &B) {
    let store = backing.open();
    let first = keep(&store, planned(Some("x")));
    keep(&store, simple(6));
    now_and_reopened(backing, store, |store| {
        for (body, same) in [(Some("y"), false), (None, true), (Some("x"), true)] {
            let Appended::Repeated(repeat) = wait(store.append(planned(body))).unwrap() else {
                panic!("a repeat was taken for something new");
            };
            assert_eq!(
                (repeat.facts, repeat.same_body),
                (first.clone(), same),
                "{body:?}"
            );
        }
        let other = store
            .repeated(main_log(), command(6), b"other")
            .unwrap()
            .unwrap();
        assert!(!other.same_body);
    });
}

/// Sent by many at once, one is new and the others are its repeats.
pub fn one_command_sent_by_many_at_once_has_one_effect<B: Backing>(backing: &B) {
    let store = backing.open();
    let answers: Vec<_> = thread::scope(|threads| {
        let send = || wait(store.append(planned(Some("x")))).unwrap();
        let sent: Vec<_> = (0..24).map(|_| threads.spawn(send)).collect();
        sent.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let (mut new, mut repeated) = (Vec::new(), Vec::new());
    for answer in answers {
        match answer {
            Appended::New(facts) => new.push(facts),
            Appended::Repeated(repeat) => repeated.push(repeat),
        }
    }
    assert_eq!((new.len(), repeated.len()), (1, 23));
    assert!(
        repeated
            .iter()
            .all(|repeat| repeat.facts == new[0] && repeat.same_body)
    );
    now_and_reopened(backing, store, |store| {
        assert_eq!(all(store, main_log()), new[0])
    });
}

/// A command's id is the same for ever, tells its parts apart and organisations too.
pub fn a_command_id_is_the_same_for_ever<B: Backing>(backing: &B) {
    let store = backing.open();
    let first = store.command_id(organisation(), &[b"ab", b"c"]).unwrap();
    now_and_reopened(backing, store, |store| {
        let of = |organisation, parts| store.command_id(organisation, parts).unwrap();
        assert_eq!(of(organisation(), &[b"ab", b"c"]), first);
        assert_ne!(of(organisation(), &[b"a", b"bc"]), first);
        assert_ne!(of(id(2), &[b"ab", b"c"]), first);
        let (version, variant) = (first.uuid().get_version_num(), first.uuid().get_variant());
        assert_eq!((version, variant), (8, uuid::Variant::RFC4122));
    });
}
