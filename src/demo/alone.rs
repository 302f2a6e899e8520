//! What some people ask for themselves: one-to-one support, each in a stream of its own that no manager sees.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::people::{person, unit};
use super::script::{Script, Step, What, at_hour};

/// Someone asks every so many days. An assumption: published programmes do not say.
pub const EVERY_DAYS: i64 = 20;

/// One person asks, is offered help by the external counsellor, meets them, and it ends six weeks on. They
/// meet before the day's sessions begin, so that nobody is in two places.
pub fn write(script: &mut Script, asked: DateTime<Utc>, who: &'static str, team: Option<&str>) {
    let case = script.case();
    let meets = at_hour((asked + Duration::days(4)).date_naive(), 7, 15);
    let mut add = |at: DateTime<Utc>, who: &'static str, what: What, body: Value| {
        script.add(Step {
            at,
            case,
            who,
            what,
            body,
        });
    };
    let ask = json!({
        "call_me": "a colleague", "team": team.map(unit), "preference": "from_outside",
        "note": "I would rather talk alone.", "letters_to": format!("{who}.private@example.test")
    });
    add(asked, who, What::AskOneToOne, ask);
    let offered = asked + Duration::hours(20);
    let offer = json!({ "provider": person("kim") });
    add(offered, "alex", What::OneToOne("offer"), offer);
    let arranged = offered + Duration::hours(2);
    let meeting =
        json!({ "starts_at": meets, "minutes": 45, "site": "Counselling rooms, Mill Street" });
    add(arranged, "kim", What::OneToOne("arrange"), meeting);
    let spoke = meets + Duration::hours(1);
    add(spoke, "kim", What::OneToOne("take-up"), json!({}));
    let ended = meets + Duration::days(42);
    add(
        ended,
        "kim",
        What::OneToOne("end"),
        json!({ "outcome": "completed" }),
    );
}
