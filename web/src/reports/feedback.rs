//! What people thought of sessions: from eight answers on, by kind of session.

use pipss_api::feedback::{FeedbackAnswer, FeedbackOfKind, YesNo};

use crate::chart::{Chart, Row};
use crate::render::Renderer;
use crate::tables::{Cell, Table};

use super::sections::Section;

const SCALE: [&str; 5] = ["1 (least)", "2", "3", "4", "5 (most)"];
const HIDDEN_QUESTION: &str = "too few gave the same answer to show";

/// A part for each kind with enough answers, and one for the rest.
pub fn parts(renderer: &Renderer, feedback: &FeedbackAnswer) -> Vec<Section> {
    let (enough, few): (Vec<_>, Vec<_>) = feedback
        .kinds
        .iter()
        .partition(|kind| kind.answers.is_some());
    let mut all: Vec<_> = enough.iter().map(|kind| of_kind(renderer, kind)).collect();
    if !few.is_empty() {
        let kinds: Vec<_> = few.iter().map(|kind| kind.kind.row().label).collect();
        all.push(Section {
            id: "feedback-few".into(),
            heading: match enough.is_empty() {
                true => "Feedback".into(),
                false => "Feedback on other sessions".into(),
            },
            lead: vec![format!(
                "Nothing is shown yet where fewer than 8 people answered: {}.",
                kinds.join("; ")
            )],
            chart: None,
            table: None,
            wide: false,
        });
    }
    all
}

fn of_kind(renderer: &Renderer, kind: &FeedbackOfKind) -> Section {
    let label = kind.kind.row().label;
    let heading = format!("Feedback: {label}");
    let id = format!(
        "feedback-{}",
        crate::case_forms::code(&kind.kind).replace('_', "-")
    );
    let table = Table {
        caption: &heading,
        headed: true,
        head: &["Question", "Answers"],
        rows: questions(kind),
        numbers: false,
    };
    let chart = kind.helpful.map(|counts| {
        let each = SCALE.iter().zip(counts);
        let rows: Vec<_> = each.map(|(word, n)| Row::one(*word, Some(n))).collect();
        Chart::new(id.as_str(), format!("How helpful it was: {label}"), &rows)
    });
    let helpful = match chart {
        Some(_) => "The chart shows how helpful they found it, from 1 (least) to 5 (most).",
        None => "How helpful they found it is not shown: too few gave the same answer.",
    };
    Section {
        lead: vec![format!(
            "{} people answered. {helpful}",
            kind.answers.unwrap_or(0)
        )],
        chart,
        table: Some(table.drawn(renderer)),
        wide: false,
        id,
        heading,
    }
}

/// Each question with how often each answer was given, or with words if that is hidden.
fn questions(kind: &FeedbackOfKind) -> Vec<Vec<Cell>> {
    let scale = |counts: [usize; 5]| {
        let each = SCALE.iter().zip(counts);
        let each: Vec<_> = each.map(|(word, n)| format!("{word}: {n}")).collect();
        each.join("; ")
    };
    let yes_no = |counts: &YesNo| format!("yes: {}; no: {}", counts.yes, counts.no);
    let timing = kind.timing.as_ref().map(|timing| {
        format!(
            "too soon: {}; right: {}; too late: {}",
            timing.too_soon, timing.right, timing.too_late
        )
    });
    let rows = [
        ("How helpful was it?", kind.helpful.map(scale)),
        ("How safe was it to speak?", kind.safe_to_speak.map(scale)),
        (
            "Do you know where to get more help?",
            kind.know_where_to_get_help.as_ref().map(yes_no),
        ),
        ("Did it come at the right time?", timing),
        (
            "Would you recommend it?",
            kind.would_recommend.as_ref().map(yes_no),
        ),
    ];
    let row = |(question, answers): (&str, Option<String>)| {
        let answers = answers.unwrap_or_else(|| HIDDEN_QUESTION.into());
        vec![question.into(), answers.into()]
    };
    rows.map(row).into()
}
