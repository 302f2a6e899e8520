//! What happened, cut into the writes of one append.

use pipss_domain::pathway::Happened;
use pipss_projections::Views;
use pipss_store::Write;

/// One write a stream, in the order in which the streams first appear.
pub(crate) fn grouped(happened: Vec<Happened>, views: &Views) -> Vec<Write> {
    let mut writes: Vec<Write> = Vec::new();
    for fact in happened {
        let event = (fact.occurred_at, fact.event);
        if let Some(write) = writes.iter_mut().find(|write| write.stream == fact.stream) {
            write.events.push(event);
        } else {
            writes.push(Write {
                stream: fact.stream,
                expected: views.version(&fact.stream),
                events: vec![event],
            });
        }
    }
    writes
}
