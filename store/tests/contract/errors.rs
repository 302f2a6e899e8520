//! The promise that an error says what is true: which kind it is, and whether anything was kept.

use pipss_domain::history::Event;
use pipss_domain::personal::Personal;
use pipss_store::{Appended, EventStore, StoreError};

use crate::backing::{Backing, Trouble, all, keep, wait};
use crate::common::*;

/// What can never be kept is refused by its kind, and nothing of it is kept.
pub fn what_makes_no_sense_or_is_too_large_is_refused<B: Backing>(backing: &B) {
    let store = backing.open();
    let refused = |n, writes| wait(store.append(append_of(main_log(), n, writes))).unwrap_err();
    assert!(matches!(refused(1, vec![]), StoreError::Invalid(_)));
    let nothing = vec![write(unit(1), 0, vec![])];
    assert!(matches!(refused(1, nothing), StoreError::Invalid(_)));
    let large = vec![write(unit(1), 0, vec![unit_opened(&"x".repeat(300 << 10))])];
    assert_eq!(refused(2, large), StoreError::TooLarge);
    let many = vec![write(unit(1), 0, vec![unit_opened("x"); 5000])];
    assert_eq!(refused(3, many), StoreError::TooLarge);
    let elsewhere = vec![write(unit(1), 0, vec![person_recorded("Ada", "ada")])];
    assert!(matches!(refused(4, elsewhere), StoreError::Invalid(_)));
    let mut erased = person_recorded("Ada", "ada");
    if let Event::PersonRecorded(fact) = &mut erased {
        fact.name = Some(Personal::Erased);
    }
    assert!(matches!(
        refused(5, vec![write(person(1), 0, vec![erased])]),
        StoreError::Invalid(_)
    ));
    assert_eq!(store.head(main_log()).position, 0);
    // None of them was taken for kept: each may be sent again, put right.
    for n in 1..=5 {
        keep(&store, simple(n));
    }
}

/// Trouble is named for what it is; "nothing was saved" is never said of what was; and what was there
/// before is there afterwards. Answers which troubles this store could be brought into.
pub fn trouble_is_named_for_what_it_is<B: Backing>(backing: &B) {
    let store = backing.open();
    let facts: Vec<_> = (0..10).flat_map(|n| keep(&store, simple(n))).collect();
    drop(store);
    let within = |trouble| backing.open_in(Some(trouble), Box::new(|_| ()));
    if let Some(store) = within(Trouble::Full) {
        let store = store.unwrap();
        assert_eq!(
            wait(store.append(simple(20))).unwrap_err(),
            StoreError::Full
        );
        assert!(matches!(
            wait(store.append(simple(1))),
            Ok(Appended::Repeated(_))
        ));
        assert_eq!(all(&store, main_log()), facts);
    }
    if let Some(store) = within(Trouble::Failing) {
        let store = store.unwrap();
        let (doubt, known) = (StoreError::Indeterminate, store.head(main_log()));
        assert_eq!(wait(store.append(simple(30))).unwrap_err(), doubt);
        assert_eq!(store.head(main_log()), known, "what may be lost was shown");
        let other = wait(store.append(simple(31))).unwrap_err();
        assert!(matches!(other, StoreError::Unavailable(_)), "{other:?}");
        assert_eq!(wait(store.append(simple(30))).unwrap_err(), doubt);
    }
    if let Some(damaged) = within(Trouble::Damaged) {
        let error = damaged.err().expect("damage was not seen");
        assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
    }
    if let Some(taken) = within(Trouble::Taken) {
        let error = taken.err().expect("two have it open");
        assert!(matches!(error, StoreError::Locked), "{error:?}");
    }
    let store = backing.open();
    assert_eq!(all(&store, main_log())[..10], facts);
    let absent = [20, 31].map(|n| store.repeated(main_log(), command(n), b"").unwrap());
    assert!(
        absent.iter().all(Option::is_none),
        "\"nothing was saved\" was false"
    );
    // Once, whether it was kept the first time or not.
    wait(store.append(simple(30))).unwrap();
    assert_eq!(store.stream(main_log(), &unit(30)).unwrap().len(), 1);
}
