//! Anonymous feedback of a quarter, by kind of session, with what is too few hidden.
//!
//! Nothing is shown of fewer than eight answers (product: "Follow up"). Of a question, one to four of the
//! same answer hide the whole question: it has no total of its own but the number of answers, so nothing
//! can be found by taking one from another. There is no row for a session, a facilitator or a team, and
//! no total over the kinds.

use chrono::{DateTime, Utc};
use pipss_domain::facts::{FeedbackAnswers, FeedbackGiven, YesOrNo};
use pipss_domain::feedback::kinds;
use pipss_domain::history::{Event, Fact};
use pipss_domain::offer::OfferKind;

use crate::quarter::Quarter;

const ANSWERS_MIN: usize = 8;
const FEW_MAX: usize = 4;

/// All feedback of an organisation, sealed: a fold of its feedback log.
#[derive(Default)]
pub struct Feedback(Vec<(DateTime<Utc>, FeedbackGiven)>);

impl Feedback {
    /// Takes in one fact; facts that are no feedback leave it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        if let Event::FeedbackGiven(given) = &fact.event {
            self.0.push((fact.occurred_at, given.clone()));
        }
    }

    /// What was answered in the weeks that begin in a quarter, still sealed.
    pub fn of_quarter(&self, quarter: Quarter) -> impl Iterator<Item = &FeedbackGiven> {
        let within = self
            .0
            .iter()
            .filter(move |(week, _)| Quarter::of(*week) == quarter);
        within.map(|(_, given)| given)
    }
}

/// The feedback on one kind of session. `None` is hidden.
#[derive(Debug, PartialEq)]
pub struct FeedbackRow {
    /// The kind.
    pub kind: OfferKind,
    /// How many answered.
    pub answers: Option<usize>,
    /// How helpful it was: how many gave 1, 2, 3, 4 and 5.
    pub helpful: Option<[usize; 5]>,
    /// How safe it was to speak: how many gave 1, 2, 3, 4 and 5.
    pub safe_to_speak: Option<[usize; 5]>,
    /// Who knows where to get more help: yes, no.
    pub know_where_to_get_help: Option<[usize; 2]>,
    /// Too soon, right, too late.
    pub timing: Option<[usize; 3]>,
    /// Who would recommend it: yes, no.
    pub would_recommend: Option<[usize; 2]>,
}

/// A row for every kind of session, whether or not anyone answered.
pub fn rows(given: &[(OfferKind, FeedbackAnswers)]) -> Vec<FeedbackRow> {
    let of = |kind| {
        let its = given.iter().filter(move |(of, _)| *of == kind);
        row(kind, &its.map(|(_, answers)| *answers).collect::<Vec<_>>())
    };
    kinds().map(of).collect()
}

fn row(kind: OfferKind, all: &[FeedbackAnswers]) -> FeedbackRow {
    let one_to_five = |number: u8| usize::from(number) - 1;
    let yes_no = |answer: YesOrNo| usize::from(answer == YesOrNo::No);
    FeedbackRow {
        kind,
        answers: (all.len() >= ANSWERS_MIN).then_some(all.len()),
        helpful: shown(all, |a| one_to_five(a.helpful)),
        safe_to_speak: shown(all, |a| one_to_five(a.safe_to_speak)),
        know_where_to_get_help: shown(all, |a| yes_no(a.know_where_to_get_help)),
        timing: shown(all, |a| a.timing as usize),
        would_recommend: shown(all, |a| yes_no(a.would_recommend)),
    }
}

/// How often each answer was given, if none of them has to be hidden.
fn shown<const N: usize>(
    all: &[FeedbackAnswers],
    which: impl Fn(&FeedbackAnswers) -> usize,
) -> Option<[usize; N]> {
    let mut counts = [0; N];
    for answers in all {
        *counts.get_mut(which(answers))? += 1;
    }
    let few = counts.iter().any(|count| (1..=FEW_MAX).contains(count));
    (all.len() >= ANSWERS_MIN && !few).then_some(counts)
}

#[cfg(test)]
mod tests {
    use pipss_domain::facts::Timing;

    use super::*;

    fn answers(number: usize, helpful: u8, timing: Timing) -> Vec<(OfferKind, FeedbackAnswers)> {
        let one = FeedbackAnswers {
            helpful,
            safe_to_speak: 5,
            know_where_to_get_help: YesOrNo::Yes,
            timing,
            would_recommend: YesOrNo::No,
        };
        vec![(OfferKind::PetrDebrief, one); number]
    }

    fn petr(given: &[(OfferKind, FeedbackAnswers)]) -> FeedbackRow {
        rows(given)
            .into_iter()
            .find(|row| row.kind == OfferKind::PetrDebrief)
            .unwrap()
    }

    #[test]
    fn seven_answers_show_nothing_and_eight_do() {
        let seven = petr(&answers(7, 4, Timing::Right));
        assert_eq!(
            (seven.answers, seven.helpful, seven.timing),
            (None, None, None)
        );
        let eight = petr(&answers(8, 4, Timing::Right));
        assert_eq!(eight.answers, Some(8));
        assert_eq!(eight.helpful, Some([0, 0, 0, 8, 0]));
        assert_eq!(eight.would_recommend, Some([0, 8]));
    }

    #[test]
    fn one_to_four_of_an_answer_hide_its_whole_question_and_no_other() {
        for few in 1..=4 {
            let given = [answers(9, 5, Timing::Right), answers(few, 2, Timing::Right)].concat();
            let row = petr(&given);
            assert_eq!(row.answers, Some(9 + few));
            assert_eq!(row.helpful, None);
            assert_eq!(row.timing, Some([0, 9 + few, 0]));
        }
        let given = [answers(9, 5, Timing::Right), answers(5, 2, Timing::TooLate)].concat();
        assert_eq!(petr(&given).helpful, Some([0, 5, 0, 0, 9]));
        assert_eq!(petr(&given).timing, Some([0, 9, 5]));
    }

    #[test]
    fn every_kind_of_session_has_its_row_and_none_is_added_up() {
        let given = answers(8, 4, Timing::Right);
        let all = rows(&given);
        assert_eq!(all.len(), 5);
        assert_eq!(all.iter().filter(|row| row.answers.is_some()).count(), 1);
    }
}
