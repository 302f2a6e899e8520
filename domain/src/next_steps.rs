//! What can be done with a case next, by where it stands.

use crate::case::{Case, OfferState, Stage};

/// The commands about a session that was arranged.
pub const SESSION_STEPS: [&str; 6] = [
    "record-session",
    "record-session-not-held",
    "move-session",
    "cancel-session",
    "hand-over-session",
    "answer-invitation",
];

impl Case {
    /// The commands that can be given now, in the order of the path.
    pub fn next_steps(&self) -> Vec<&'static str> {
        let mut steps = Vec::new();
        if self.stage() == Stage::Merged {
            return vec!["unmerge"];
        }
        if self.acknowledged_at.is_none() && self.closed.is_none() {
            steps.push("acknowledge");
        }
        match self.stage() {
            Stage::Raised => steps.push("triage"),
            Stage::Open => {
                steps.extend(["triage", "record-scoping", "plan-offer", "declare-involved"]);
                let states: Vec<_> = self.offers.iter().map(|o| (o.row(), o.state())).collect();
                if states.iter().any(|(row, state)| {
                    row.has_sessions() && (state.is_open() || *state == OfferState::Held)
                }) {
                    steps.push("arrange-session");
                }
                if self.sessions().any(|(_, s)| s.is_open() && s.is_led_here()) {
                    steps.extend(SESSION_STEPS);
                }
                if states
                    .iter()
                    .any(|(_, state)| *state == OfferState::Planned)
                {
                    steps.push("end-offer");
                }
                if !states.iter().any(|(_, state)| state.is_open()) {
                    steps.push("close");
                }
            }
            Stage::Closed => steps.push("reopen"),
            Stage::Merged => {}
        }
        if self
            .offers
            .iter()
            .any(|o| o.state() == OfferState::HandedOver)
        {
            steps.push("complete-handover");
        }
        steps.extend(self.steps_beside());
        steps
    }
}
