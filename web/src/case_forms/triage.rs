//! The first steps: answering whoever asked, triage, and what the team needs.

use pipss_api::intent::Intent;
use pipss_domain::calendar::day_in_london;
use pipss_domain::facts::{ReplyRoute, ScopedWith, TriageOutcome, Urgency};
use pipss_domain::policy::Act;
use pipss_domain::scope::RecordScoping;
use pipss_domain::theme::{THEMES, Theme};
use pipss_domain::triage::{AcknowledgeReferral, TriageCase};
use serde_json::{Map, Value, json};

use super::{About, CaseForm, choices, code, plain};
use crate::case_page::PROMPTS;
use crate::form::{Choice, Form, Kind, Question};
use crate::london;
use crate::pages::Instead;

/// The rows of these commands.
pub const FORMS: [CaseForm; 3] = [
    CaseForm {
        path: "/cases/{case}/acknowledge",
        query: &[],
        act: Act::AcknowledgeReferral,
        form: acknowledge,
        intent: Intent::to_case::<AcknowledgeReferral>,
        refused: plain,
        more: super::never,
        done: "The reply is recorded.",
    },
    CaseForm {
        path: "/cases/{case}/triage",
        query: &[],
        act: Act::TriageCase,
        form: triage,
        intent: Intent::to_case::<TriageCase>,
        refused: plain,
        more: super::never,
        done: "Triage is recorded.",
    },
    CaseForm {
        path: "/cases/{case}/record-scoping",
        query: &[],
        act: Act::RecordScoping,
        form: scoping,
        intent: Intent::to_case::<RecordScoping>,
        refused: plain,
        more: super::never,
        done: "What the team needs is recorded.",
    },
];

fn acknowledge(_: &About<'_>) -> Result<Form, Instead> {
    let how = choices(&ReplyRoute::ALL, ReplyRoute::label);
    Ok(Form::new(
        "How did you reply to whoever asked?",
        vec![
            Question::new(
                "by",
                "How did you reply to whoever asked?",
                Kind::Choice(how),
            )
            .hint(
                "Record this after you have spoken or written to them. Nothing is sent from here.",
            ),
        ],
    )
    .button("Save the reply"))
}

fn triage(about: &About<'_>) -> Result<Form, Instead> {
    let before = about.case.triage.as_ref();
    let suggested = before
        .and_then(|triage| triage.suggested)
        .or(about.case.suggested_urgency);
    let because = about.case.suggested_because.iter().flatten();
    let because: Vec<_> = because.map(|reason| reason.label()).collect();
    let mut how = Question::new(
        "urgency",
        "How urgent is it?",
        Kind::Choice(urgencies(suggested)),
    );
    let decided = before.map(|triage| triage.urgency).or(suggested);
    how.given = decided.iter().map(code).collect();
    if let Some(suggested) = suggested {
        let because = because.join("; ");
        how.hint = Some(format!(
            "Suggested is {}, because: {because}. You decide.",
            code(&suggested)
        ));
    }
    let mut outcome = Question::new(
        "outcome",
        "What becomes of the request?",
        Kind::Choice(choices(&TriageOutcome::ALL, TriageOutcome::label)),
    );
    outcome.given = vec![code(
        &before.map_or(TriageOutcome::Accept, |triage| triage.outcome),
    )];
    let mut questions = vec![how, outcome];
    questions.extend(prompts(about));
    questions.push(
        Question::new("reason", "Why?", Kind::Area(500))
            .hint("Needed if you decide on another urgency than the one suggested. Only PIPSS leads read it.")
            .optional(),
    );
    let title = if before.is_some() {
        "Triage again"
    } else {
        "Triage"
    };
    Ok(Form::new(title, questions).button("Save triage"))
}

fn urgencies(suggested: Option<Urgency>) -> Vec<Choice> {
    let all = [
        (
            Urgency::U1,
            "Also out of hours, when the duty contact is told.",
        ),
        (Urgency::U2, "First contact within 2 working days."),
        (Urgency::U3, "First contact within 5 working days."),
        (Urgency::U4, "First contact within 10 working days."),
    ];
    let choice = |(urgency, hint): (Urgency, &str)| {
        let mark = if Some(urgency) == suggested {
            " (suggested)"
        } else {
            ""
        };
        Choice::new(code(&urgency), format!("{}{mark}", urgency.label())).hint(hint)
    };
    all.into_iter().map(choice).collect()
}

/// Reasons to think twice before a group is brought together; each is answered.
fn prompts(about: &About<'_>) -> Vec<Question> {
    let before = about.case.triage.as_ref();
    let before = before.and_then(|triage| triage.contraindications);
    let before = before.and_then(|prompts| serde_json::to_value(prompts).ok());
    let prompt = |(name, words): (&str, &str)| {
        let mut question = Question::new(format!("contraindications.{name}"), words, Kind::YesNo);
        let said = before.as_ref().and_then(|before| before[name].as_bool());
        question.given = said
            .map(|yes| if yes { "yes" } else { "no" }.into())
            .into_iter()
            .collect();
        question
    };
    PROMPTS.into_iter().map(prompt).collect()
}

fn scoping(about: &About<'_>) -> Result<Form, Instead> {
    let now = about.pages.app.clock().now();
    let today = day_in_london(now);
    let mut when = Question::new("held_at", "When did you ask?", Kind::Moment);
    when.given = vec![
        today.format("%-d").to_string(),
        today.format("%-m").to_string(),
        today.format("%Y").to_string(),
        london::time(now),
    ];
    let with = choices(&ScopedWith::ALL, ScopedWith::label);
    let need = |(theme, _, label): &(Theme, &'static str, &'static str)| {
        let note = format!("note.{}", code(theme).replace('.', "-"));
        Choice::new(code(theme), crate::case_page::capital(label)).reveals(vec![
            Question::new(note, "A note", Kind::Line(300))
                .hint("Only PIPSS leads read it. Please name nobody.")
                .optional(),
        ])
    };
    Ok(Form::new(
        "What does the team need?",
        vec![
            when,
            Question::new("with", "Whom did you ask?", Kind::Several(with)),
            Question::new(
                "needs",
                "What was found?",
                Kind::Several(THEMES.iter().map(need).collect()),
            )
            .hint("Choose everything that came up. Needs can conflict; each counts."),
        ],
    )
    .reshape(with_notes)
    .button("Save what was found"))
}

/// Each need with the note that was written for it.
fn with_notes(body: &mut Map<String, Value>) {
    let notes = body.remove("note").unwrap_or_default();
    let Some(Value::Array(needs)) = body.get_mut("needs") else {
        return;
    };
    for need in needs {
        let theme = need.as_str().unwrap_or_default().to_owned();
        let note = &notes[theme.replace('.', "-")];
        *need = match note {
            Value::Null => json!({ "theme": theme }),
            note => json!({ "theme": theme, "note": note }),
        };
    }
}
