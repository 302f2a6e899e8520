//! A command that is decided and then left undone: what it would have recorded can be heard, not kept.

use std::cell::RefCell;
use std::fmt::Write;

use pipss_domain::history::Fact;
use pipss_domain::stream::Stream;
use pipss_store::{Append, Memory};

use crate::app::Done;
use crate::intent::Intent;
use crate::problem::Refused;

tokio::task_local! {
    static HEARD: RefCell<String>;
}

/// Lets a request run, and hears what the commands in it would have recorded.
pub(crate) async fn heard<T>(request: impl Future<Output = T>) -> (T, String) {
    HEARD
        .scope(RefCell::default(), async {
            let answer = request.await;
            (answer, HEARD.with(RefCell::take))
        })
        .await
}

/// Decides to the end, and keeps nothing.
pub(crate) fn rehearsed(
    copy: &Memory,
    append: Append,
    intent: &Intent<'_>,
) -> Result<Done, Refused> {
    let facts = copy.rehearse(append)?;
    // Nobody listens where a copy is asked outside of a comparison.
    let _ = HEARD.try_with(|heard| {
        facts
            .iter()
            .for_each(|fact| say(fact, &mut heard.borrow_mut()));
    });
    Ok(Done::of(facts, intent))
}

/// Personal values are not shown: they are what was sent, or what is sealed.
fn say(fact: &Fact, heard: &mut String) {
    // Nobody is ever shown at which version a diary, the record of a letter or what is kept apart from
    // a case stands.
    let version = match fact.stream {
        Stream::Diary(_) | Stream::Letter(..) | Stream::Restricted(_) => 0,
        _ => fact.version,
    };
    let _ = writeln!(
        heard,
        "{}@{version} {} {} {:?}",
        fact.stream, fact.occurred_at, fact.policy, fact.event
    );
}
