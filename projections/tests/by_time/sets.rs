//! What is found by sets is what is found by looking at every case, whatever happened to them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use pipss_domain::case::{Case, Stage};
use pipss_domain::facts::Urgency;
use pipss_domain::history::Event;
use pipss_domain::ids::CaseId;
use pipss_domain::stream::Stream;
use pipss_projections::cases::Cases;
use pipss_projections::queue;
use serde_json::json;
use uuid::Uuid;

use crate::trust::{LEAD, Trust, tuesday};

const STEPS: u64 = 600;
const URGENCIES: [Urgency; 4] = [Urgency::U1, Urgency::U2, Urgency::U3, Urgency::U4];

/// Numbers that look random and are the same for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Something that happens to a case of which this is known: its number and how many sessions it has.
fn happens(trust: &mut Trust, random: &mut Random, n: u64, sessions: &mut u64) {
    let case: CaseId = crate::trust::id(100 + u128::from(n));
    let id = |m: u64| Uuid::from_u128(u128::from(1_000_000 * (n + 1) + m));
    let urgency = URGENCIES[usize::try_from(random.below(4)).unwrap()];
    let starts_at = trust.now + Duration::hours(i64::try_from(random.below(2000)).unwrap());
    let which = random.below((*sessions).max(1)) + 1;
    let event = match random.below(8) {
        0 | 1 => return trust.triaged(case, urgency),
        2 => Event::CaseClosed(
            serde_json::from_value(json!({"outcome": "support_provided_and_handed_over"})).unwrap(),
        ),
        3 => Event::CaseReopened(
            serde_json::from_value(json!({"reason": "team_asked_for_more"})).unwrap(),
        ),
        4 | 5 => {
            let offer = json!({"offer": id(0), "kind": "petr_debrief", "owner": "pipss_lead"});
            if *sessions == 0 {
                let planned = Event::OfferPlanned(serde_json::from_value(offer).unwrap());
                trust.told(Stream::Case(case), planned);
            }
            *sessions += 1;
            let arranged = json!({
                "session": id(*sessions), "offer": id(0), "starts_at": starts_at, "minutes": 90,
                "facilitators": [LEAD], "managers_attend": "no"
            });
            Event::SessionArranged(serde_json::from_value(arranged).unwrap())
        }
        6 => {
            let moved = json!({"session": id(which), "starts_at": starts_at, "minutes": 60});
            Event::SessionMoved(serde_json::from_value(moved).unwrap())
        }
        _ => {
            let off = json!({"session": id(which), "reason": "service_pressure"});
            Event::SessionCancelled(serde_json::from_value(off).unwrap())
        }
    };
    trust.told(Stream::Case(case), event);
}

#[test]
fn whatever_happens_the_sets_find_what_looking_at_every_case_finds() {
    let seed = std::env::var("PIPSS_SEED").ok();
    let seed = seed.map_or(20_260_303, |text| text.parse().unwrap());
    println!("PIPSS_SEED={seed}");
    let (mut trust, mut random) = (Trust::on(tuesday()), Random(seed));
    let mut sessions = Vec::new();
    for step in 0..STEPS {
        trust.now += Duration::minutes(i64::try_from(random.below(3000)).unwrap());
        if sessions.is_empty() || random.below(6) == 0 {
            let urgency = URGENCIES[usize::try_from(random.below(4)).unwrap()];
            trust.raised(sessions.len() as u128, urgency);
            sessions.push(0);
        } else {
            let n = random.below(sessions.len() as u64);
            let of_it = &mut sessions[usize::try_from(n).unwrap()];
            happens(&mut trust, &mut random, n, of_it);
        }
        let hidden: BTreeSet<CaseId> = match step % 3 {
            0 => BTreeSet::new(),
            _ => trust.views.cases.iter().map(|case| case.case).collect(),
        };
        let hides = |case: &Case| {
            hidden.contains(&case.case) && case.case.uuid().as_u128().is_multiple_of(3)
        };
        same(&trust, &hidden, hides);
    }
    println!("{STEPS} steps, {} cases, 0 differ", sessions.len());
}

fn same(trust: &Trust, could: &BTreeSet<CaseId>, hides: impl Fn(&Case) -> bool) {
    let cases = &trust.views.cases;
    let shown = |case: &&Case| !hides(case);
    let known = cases.without(could, &hides);
    let mut open: Vec<_> = cases.iter().filter(shown).filter(is_open).collect();
    open.sort_by_key(|case| {
        let triaged = case.stage() != Stage::Raised;
        (case.urgency(), triaged, case.raised_at, case.case)
    });
    let mut counts = BTreeMap::new();
    for case in &open {
        let triaged = case.stage() != Stage::Raised;
        *counts.entry((triaged, case.urgency())).or_insert(0) += 1;
    }
    let of = |case: &Case| case.case;
    let found: Vec<_> = queue::in_order(&known).map(of).collect();
    assert_eq!(found, open.into_iter().map(of).collect::<Vec<_>>());
    assert_eq!(queue::counts(&known), counts);
    let mut all: Vec<_> = known.iter().map(of).collect();
    all.sort();
    let mut seen: Vec<_> = cases.iter().filter(shown).map(of).collect();
    seen.sort();
    assert_eq!(all, seen);
    let begin = trust.now - Duration::days(40);
    let mut raised: Vec<_> = cases.iter().filter(shown).collect();
    raised.retain(|case| (begin..trust.now).contains(&case.raised_at));
    raised.sort_by_key(|case| (Reverse(case.raised_at), case.case));
    let found: Vec<_> = known.raised_in(begin..trust.now).map(of).collect();
    assert_eq!(found, raised.into_iter().map(of).collect::<Vec<_>>());
    sessions(cases, trust);
}

/// A week's sessions and a facilitator's: the cases that have one are among those that are looked at.
fn sessions(cases: &Cases, trust: &Trust) {
    let week = trust.now..trust.now + Duration::days(7);
    let looked_at: BTreeSet<_> = cases.arranged_in(&week).map(|case| case.case).collect();
    let theirs: BTreeSet<_> = cases.ever_assigned(LEAD).map(|case| case.case).collect();
    let unrecorded: BTreeSet<_> = cases.unrecorded().map(|case| case.case).collect();
    for case in cases.iter() {
        let mut open = false;
        for (_, session) in case.sessions() {
            let within = week.contains(&session.arranged.starts_at);
            assert!(!within || looked_at.contains(&case.case));
            let asked = session.arranged.facilitators.contains(&LEAD);
            assert!(!asked || theirs.contains(&case.case));
            open |= session.is_open();
        }
        assert_eq!(open, unrecorded.contains(&case.case));
    }
}

fn is_open(case: &&Case) -> bool {
    matches!(case.stage(), Stage::Raised | Stage::Open)
}
