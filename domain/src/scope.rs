//! Scoping: asking what the team needs, which is often more than was asked for.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::case::Case;
use crate::facts::{Need, ScopedWith, ScopingRecorded};
use crate::history::Event;
use crate::pathway::{CaseCommand, Context, Decision, Happened, must_be_open};
use crate::policy::Act;
use crate::refusal::Faults;
use crate::text::{Moment, Text};
use crate::theme::Theme;

const NEEDS_MAX: usize = 20;

/// Records what a scoping conversation found.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordScoping {
    /// When the conversation was.
    pub held_at: Moment,
    /// With whom: one to four groups.
    pub with: Vec<ScopedWith>,
    /// What was found: one to twenty needs.
    pub needs: Vec<NeedFound>,
}

/// One need.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NeedFound {
    /// Coded by the theme codebook.
    pub theme: Theme,
    /// A note in at most 300 characters. Only leads read it.
    #[serde(default)]
    pub note: Option<Text<300>>,
}

impl CaseCommand for RecordScoping {
    const ACT: Act = Act::RecordScoping;
    const NAME: &'static str = "record-scoping";

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let mut faults = Faults::default();
        let held_at = self.held_at.0;
        faults.require(
            held_at <= context.now,
            "/held_at",
            "Give a time that is not in the future.",
        );
        let distinct = (1..self.with.len()).all(|n| !self.with[..n].contains(&self.with[n]));
        faults.require(
            !self.with.is_empty() && distinct,
            "/with",
            "Say with whom, each once.",
        );
        faults.require(
            (1..=NEEDS_MAX).contains(&self.needs.len()),
            "/needs",
            format!("Give one to {NEEDS_MAX} needs."),
        );
        faults.settle()?;
        must_be_open(case)?;
        let need = |found: NeedFound| Need {
            theme: found.theme,
            note: found.note.map(Into::into),
        };
        let event = Event::ScopingRecorded(ScopingRecorded {
            held_at,
            with: self.with,
            needs: self.needs.into_iter().map(need).collect(),
        });
        Ok(vec![Happened::to_case(
            case.case,
            held_at.max(case.raised_at),
            event,
        )])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::close::CloseCase;
    use crate::given::*;

    fn scoping() -> Value {
        json!({
            "held_at": monday(), "with": ["managers"],
            "needs": [{ "theme": "psy.bereavement", "note": "They nursed him for weeks." }]
        })
    }

    #[track_caller]
    fn assert_fault(pointer: &str, value: Value) {
        let command = but(scoping(), pointer, value);
        assert_eq!(
            faults(Given::an_open_case().when::<RecordScoping>(command)),
            [pointer]
        );
    }

    #[test]
    fn given_an_open_case_when_it_is_scoped_then_each_time_is_kept() {
        let given = Given::an_open_case();
        let given = given
            .after::<RecordScoping>(scoping())
            .after::<RecordScoping>(scoping());
        assert_eq!(given.case().scopings.len(), 2);
    }

    #[test]
    fn a_conversation_lies_in_the_past() {
        assert_fault("/held_at", json!(day(1)));
    }

    #[test]
    fn a_conversation_before_anyone_asked_stands_at_the_asking() {
        let command = but(scoping(), "/held_at", json!(day(-3)));
        let happened = Given::an_open_case()
            .when::<RecordScoping>(command)
            .unwrap();
        assert_eq!(happened[0].occurred_at, monday());
    }

    #[test]
    fn it_was_with_someone_each_named_once() {
        assert_fault("/with", json!([]));
        assert_fault("/with", json!(["team", "managers", "team"]));
    }

    #[test]
    fn it_found_one_to_twenty_needs() {
        let need = json!({ "theme": "sys.staffing" });
        assert_fault("/needs", json!([]));
        assert_fault("/needs", json!(vec![need.clone(); 21]));
        let command = but(scoping(), "/needs", json!(vec![need; 20]));
        events(Given::an_open_case().when::<RecordScoping>(command));
    }

    #[test]
    fn nothing_is_scoped_before_triage_or_after_closing() {
        assert_eq!(
            code_of(Given::a_case().when::<RecordScoping>(scoping())),
            "not_triaged"
        );
        let closed = Given::an_open_case().after::<CloseCase>(json!({ "outcome": "not_needed" }));
        assert_eq!(
            code_of(closed.when::<RecordScoping>(scoping())),
            "case_closed"
        );
    }
}
