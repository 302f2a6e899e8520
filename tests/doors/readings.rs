//! Every route that opens what is sealed leaves a record in the access log, or stands in a committed list.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use pipss::demo::people::organisation;
use pipss_api::actor::Actor;
use pipss_domain::stream::Log;

use crate::house::House;
use crate::visit::Visit;

const HEAD: &str = "\
# Routes and pages that are read without a record in the access log: they open nothing that is sealed, or
# only what is the reader's own. A test reads every route as everyone and compares; see tests/doors/readings.rs.
";

/// How many readings are kept.
fn kept(house: &House) -> u64 {
    let operator = Actor::operator(organisation());
    let verified = house
        .app
        .verification(&operator)
        .unwrap_or_else(|_| panic!("the operator"));
    let mut logs = verified.logs.into_iter();
    logs.find(|log| log.log == Log::Access).unwrap().position
}

/// Reads everything as everyone; each visit in an hour of its own, so that each could leave a record.
async fn unrecorded(house: &House) -> BTreeSet<String> {
    let mut recorded: BTreeMap<String, bool> = BTreeMap::new();
    let readers: Vec<_> = house.everyone().into_iter().collect();
    for (method, path) in house.described().await {
        if method != "GET" {
            continue;
        }
        let things = house.things_in(&path).map(|things| things.present);
        let things = things.unwrap_or_else(|| vec![("-", "offers".into())]);
        for who in &readers {
            house
                .app
                .clock()
                .move_to(house.app.clock().now() + Duration::hours(1));
            for (_, thing) in &things {
                let before = kept(house);
                let answer = house.visit(who, &Visit::of(&method, &path, thing)).await;
                if answer.status == 200 {
                    let left = recorded.entry(path.clone()).or_default();
                    *left |= kept(house) > before;
                }
            }
        }
    }
    let without = recorded.into_iter().filter(|(_, left)| !left);
    without.map(|(path, _)| path).collect()
}

#[tokio::test]
async fn every_route_that_opens_what_is_sealed_leaves_a_record_or_is_listed() {
    let house = House::build().await;
    let found = unrecorded(&house).await;
    let lines: String = found.iter().map(|path| format!("{path}\n")).collect();
    let printed = format!("{HEAD}{lines}");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doors/unrecorded.txt");
    if std::env::var_os("KEEP_DOORS").is_some() {
        std::fs::write(file, &printed).unwrap();
    }
    let committed = std::fs::read_to_string(file).unwrap();
    assert_eq!(
        printed, committed,
        "what opens nothing that is sealed is listed with KEEP_DOORS=1"
    );
}
