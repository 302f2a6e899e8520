//! Promises to whoever reads: what was acknowledged, nothing of what was not, never a gap.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use pipss_domain::history::Fact;
use pipss_domain::stream::{Log, LogId};
use pipss_store::EventStore;

use crate::backing::{Backing, all, keep, now_and_reopened};
use crate::common::*;
use crate::model::in_the_clear;

/// How often somebody looks while others write.
const LOOKS: usize = 40;
/// How long they wait for others to write, at most.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many appends a writer makes for each look: a look at all of a log that only grows would never end.
const FOR_EACH_LOOK: u64 = 20;

/// Facts are read back as they were acknowledged, before and after closing.
pub fn what_was_acknowledged_is_read_back_as_it_was<B: Backing>(backing: &B) {
    let store = backing.open();
    let mut kept: Vec<_> = (0..20).flat_map(|n| keep(&store, simple(n))).collect();
    let recorded = vec![write(person(1), 0, vec![person_recorded("Ada", "ada")])];
    kept.extend(keep(&store, append_of(main_log(), 100, recorded)));
    let head = store.head(main_log());
    now_and_reopened(backing, store, |store| {
        assert_eq!(all(store, main_log()), kept);
        assert_eq!(store.stream(main_log(), &person(1)).unwrap(), kept[20..]);
        assert_eq!(store.log(main_log(), 5, 3).unwrap(), kept[5..8]);
        assert_eq!(store.log(main_log(), 20, 9).unwrap(), kept[20..]);
        assert!(store.log(main_log(), 21, 9).unwrap().is_empty());
        assert!(store.log(main_log(), 0, 0).unwrap().is_empty());
        assert_eq!(store.head(main_log()), head);
    });
}

/// Whoever reads while eight write finds every position up to the head, and whole appends.
pub fn readers_never_see_a_gap<B: Backing>(backing: &B) {
    let store = backing.open();
    let append = |writer: u64, n: u64| {
        let two = [unit(writer), unit(writer + 100)];
        let writes = two.map(|stream| write(stream, n, vec![unit_opened("A")]));
        append_of(main_log(), writer * 1_000_000 + n, writes.into())
    };
    let looks = AtomicU64::new(1);
    thread::scope(|threads| {
        let reader = Arc::new(threads.spawn(|| {
            let (began, mut chains) = (Instant::now(), HashMap::new());
            // Looks at one and the same log say nothing new.
            while chains.len() < LOOKS && began.elapsed() < PATIENCE {
                look(&store, &mut chains);
                looks.fetch_add(1, Ordering::SeqCst);
            }
            assert_eq!(chains.len(), LOOKS, "nothing was written");
        }));
        // They write for as long as somebody looks.
        for writer in 0..8 {
            let (store, looks, reader) = (&store, &looks, Arc::clone(&reader));
            threads.spawn(move || {
                for n in (0..).take_while(|n| *n < 5 || !reader.is_finished()) {
                    let enough = || n > looks.load(Ordering::SeqCst) * FOR_EACH_LOOK;
                    while enough() && !reader.is_finished() {
                        thread::yield_now();
                    }
                    keep(store, append(writer, n));
                }
            });
        }
    });
    println!("  {LOOKS} looks at the log while it was written, 0 gaps");
}

/// One look at all that readers can see.
fn look(store: &impl EventStore, chains: &mut HashMap<u64, [u8; 32]>) {
    let head = store.head(main_log());
    let known = *chains.entry(head.position).or_insert(head.chain);
    assert_eq!(known, head.chain, "one position, two chains");
    let stream = store.stream(main_log(), &unit(3)).unwrap();
    let facts = all(store, main_log());
    assert!(
        facts.len() as u64 >= head.position,
        "the head is ahead of what can be read"
    );
    let positions: Vec<_> = facts.iter().map(|fact| fact.position).collect();
    assert!(
        positions.iter().copied().eq(1..=facts.len() as u64),
        "a gap: {positions:?}"
    );
    assert!(facts.len().is_multiple_of(2), "half of an append was shown");
    let here: Vec<_> = facts.iter().filter(|fact| fact.stream == unit(3)).collect();
    assert!(
        stream.iter().zip(&here).all(|(one, other)| one == *other),
        "the stream is another"
    );
    assert!(stream.len() <= here.len(), "the stream is ahead of the log");
    let after = store.log(main_log(), head.position, 1).unwrap();
    assert!(
        after.iter().all(|fact| fact.position == head.position + 1),
        "a gap after the head"
    );
}

/// Where facts are gathered as they are followed.
fn seen() -> (Arc<Mutex<Vec<Fact>>>, pipss_store::Follow) {
    let seen = Arc::<Mutex<Vec<Fact>>>::default();
    let sink = Arc::clone(&seen);
    (
        seen,
        Box::new(move |facts| sink.lock().unwrap().extend_from_slice(facts)),
    )
}

/// `follow` is shown every fact once, in order, before its append is answered; and all of them first
/// when the store opens.
pub fn follow_sees_each_fact_once_in_order_before_the_answer<B: Backing>(backing: &B) {
    let (live, follow) = seen();
    let store = backing.open_seen_by(follow);
    thread::scope(|threads| {
        for writer in 0..8 {
            let (store, live) = (&store, &live);
            threads.spawn(move || {
                for n in 0..20 {
                    let facts = keep(store, simple(writer * 1000 + n));
                    assert!(
                        live.lock().unwrap().contains(&facts[0]),
                        "answered before it was followed"
                    );
                }
            });
        }
    });
    let facts = all(&store, main_log());
    assert_eq!(*live.lock().unwrap(), facts);
    drop(store);
    let (again, follow) = seen();
    let store = backing.open_seen_by(follow);
    assert_eq!(*again.lock().unwrap(), facts);
    facts
        .iter()
        .for_each(|fact| assert_eq!(fact.log, main_log()));
    drop(store);
}

/// What is followed can already be read: the commit comes first.
pub fn what_is_followed_is_already_there_for_everybody<B: Backing>(backing: &B)
where
    B::Store: Sync,
{
    let slot: Arc<Mutex<Option<Arc<B::Store>>>> = Arc::default();
    let (watched, wrong) = (Arc::clone(&slot), Arc::<Mutex<Vec<String>>>::default());
    let said = Arc::clone(&wrong);
    let store = Arc::new(backing.open_seen_by(Box::new(move |facts| {
        if let (Some(store), Some(last)) = (watched.lock().unwrap().as_ref(), facts.last()) {
            let there = store.stream(main_log(), &last.stream).unwrap();
            if store.head(main_log()).position < last.position || there.last() != Some(last) {
                said.lock()
                    .unwrap()
                    .push(format!("{} was not there", last.position));
            }
        }
    })));
    *slot.lock().unwrap() = Some(Arc::clone(&store));
    (0..20).for_each(|n| drop(keep(&*store, simple(n))));
    slot.lock().unwrap().take();
    assert!(wrong.lock().unwrap().is_empty(), "{wrong:?}");
}

/// Organisations and logs know nothing of one another: the same stream and command in each never meet.
pub fn organisations_and_logs_know_nothing_of_one_another<B: Backing>(backing: &B) {
    let store = backing.open();
    let organisations = [id(1), id(2)];
    let logs = organisations.map(|organisation| Log::ALL.map(|log| LogId { organisation, log }));
    let logs = logs.concat();
    for (log, count) in logs.iter().zip(1..) {
        for n in 0..count {
            keep(
                &store,
                append_of(*log, n, vec![write(unit(n), 0, vec![unit_opened("A")])]),
            );
        }
    }
    now_and_reopened(backing, store, |store| {
        for (log, count) in logs.iter().zip(1..) {
            let facts = all(store, *log);
            assert_eq!(
                (facts.len() as u64, store.head(*log).position),
                (count, count)
            );
            assert!(
                facts.iter().all(|fact| fact.log == *log),
                "a fact of another log"
            );
            assert_eq!(store.stream(*log, &unit(0)).unwrap(), facts[..1]);
            let missing = store.repeated(*log, command(count), b"").unwrap();
            assert!(missing.is_none(), "a command of another log");
        }
        let mut heads: Vec<_> = logs.iter().map(|log| store.head(*log).chain).collect();
        heads.sort_unstable();
        heads.dedup();
        assert_eq!(heads.len(), 6, "two logs have one chain");
    });
}

/// A fact never holds a personal value in the clear; the store opens it, and finds people by it.
pub fn what_is_about_a_person_is_sealed_opened_and_found<B: Backing>(backing: &B) {
    let store = backing.open();
    for (n, organisation) in [(1, id(1)), (2, id(2))] {
        let writes = vec![
            write(person(n), 0, vec![person_recorded("Ada", "ada")]),
            write(case(n), 0, vec![offer_planned("rest")]),
        ];
        keep(&store, append_of(LogId::main(organisation), n, writes));
    }
    now_and_reopened(backing, store, |store| {
        let facts = all(store, main_log());
        assert!(
            facts.iter().all(|fact| !in_the_clear(&fact.event)),
            "a value in the clear"
        );
        let pipss_domain::history::Event::OfferPlanned(planned) = &facts[1].event else {
            panic!("{facts:?}");
        };
        let aim = store.open(planned.aim.as_ref().unwrap());
        assert_eq!(aim.known().map(String::as_str), Some("rest"));
        let address = br#""Ada@example.org""#;
        assert_eq!(store.find(id(1), address), [person(1)]);
        assert_eq!(store.find(id(2), address), [person(2)]);
        assert!(store.find(id(1), br#""Ida@example.org""#).is_empty());
    });
}
