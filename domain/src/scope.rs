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
