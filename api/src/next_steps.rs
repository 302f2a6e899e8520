//! What whoever asks could do next with a case, told to them and in refusals.

use pipss_domain::case::Case;
use pipss_domain::next_steps::SESSION_STEPS;
use pipss_domain::pathway::CASE_COMMANDS;
use pipss_domain::refusal::Refusal;
use pipss_projections::cases::About;

use crate::view::View;

impl View<'_> {
    /// Of the steps that a case could take next as it is shown, those that their rights reach in the
    /// case as it is today: the others would tell of what they may not see. What is asked of a session
    /// is asked of one of those that they may see.
    pub fn within_reach(
        &self,
        mut steps: Vec<&'static str>,
        shown: &Case,
        today: &Case,
    ) -> Vec<&'static str> {
        let act_of = |name: &str| {
            let mut commands = CASE_COMMANDS.iter();
            commands
                .find(|(command, _)| *command == name)
                .map(|(_, act)| *act)
        };
        let reached = |name: &str, act| {
            if !SESSION_STEPS.contains(&name) {
                return self.sees(act, today, About::Case);
            }
            let mut open = shown
                .sessions()
                .filter(|(_, s)| s.is_open() && s.is_led_here());
            open.any(|(_, session)| self.sees(act, today, About::Session(session.id())))
        };
        steps.retain(|name| act_of(name).is_some_and(|act| reached(name, act)));
        steps
    }

    /// A refusal as this actor may read it.
    pub fn as_seen(&self, refusal: Refusal, case: Option<&Case>) -> Refusal {
        match (refusal, case) {
            (
                Refusal::OutOfStep {
                    code,
                    sentence,
                    next,
                    faults,
                },
                Some(case),
            ) => Refusal::OutOfStep {
                code,
                sentence,
                next: self.within_reach(next, case, case),
                faults,
            },
            (refusal, _) => refusal,
        }
    }
}
