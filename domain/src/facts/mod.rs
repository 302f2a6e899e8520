//! What is recorded about a case: the facts, as they stand in the log for ever.
//!
//! Whatever a person typed is [`Personal`]; everything else is a code, a date or a number. The field
//! table (`fields.txt`) has a row for each field here, and a test that says so.

mod aftercare;
mod bar;
mod disclosure;
mod escalation;
mod feedback;
mod follow_up;
mod glass;
mod group;
mod link;
mod one_to_one;
mod plan;
mod reading;
mod request;
mod retention;
mod schedule;
mod session;
mod supervision;
mod triage;

pub use aftercare::*;
pub use bar::*;
pub use disclosure::*;
pub use escalation::*;
pub use feedback::*;
pub use follow_up::*;
pub use glass::*;
pub use group::*;
pub use link::*;
pub use one_to_one::*;
pub use plan::*;
pub use reading::*;
pub use request::*;
pub use retention::*;
pub use schedule::*;
pub use session::*;
pub use supervision::*;
pub use triage::*;

use crate::personal::{Personal, Place, Sealable};

/// Shows every personal value of a fact to `see`, with the field it stands in.
pub type See<'a> = &'a mut dyn FnMut(Place, &mut dyn Sealable);

pub(crate) fn see_each<T>(
    list: &mut [T],
    path: &'static str,
    see: See<'_>,
    field: impl Fn(&mut T) -> Option<&mut Personal<String>>,
) {
    for (index, item) in (0u32..).zip(list) {
        if let Some(value) = field(item) {
            see(Place { path, index }, value);
        }
    }
}

pub(crate) fn see_one(value: Option<&mut Personal<String>>, path: &'static str, see: See<'_>) {
    if let Some(value) = value {
        see(Place::of(path), value);
    }
}
