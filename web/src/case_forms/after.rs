//! What comes after a session: what was agreed and done, whom to ask how the team is doing, defusions held.

use pipss_api::intent::Intent;
use pipss_domain::action::CompleteAction;
use pipss_domain::defusion::LogDefusion;
use pipss_domain::facts::{Band, DefusionLedBy, NobodyReason};
use pipss_domain::follow_up::{ConfirmFollowUp, FollowUpState};
use pipss_domain::policy::Act;
use pipss_domain::theme::{Polarity, THEMES, Theme};
use serde_json::{Map, Value, json};

use super::{About, CaseForm, choices, code, nothing_to_choose, plain};
use crate::case_page::{capital, name};
use crate::form::{Choice, Form, Kind, Question};
use crate::pages::Instead;

/// The rows of these commands.
pub const FORMS: [CaseForm; 3] = [
    CaseForm {
        path: "/cases/{case}/complete-action",
        query: &["action"],
        act: Act::CompleteAction,
        form: complete_action,
        intent: Intent::to_case::<CompleteAction>,
        refused: plain,
        more: super::never,
        done: "It is recorded as done.",
    },
    CaseForm {
        path: "/cases/{case}/confirm-follow-up",
        query: &["follow_up"],
        act: Act::ConfirmFollowUp,
        form: confirm_follow_up,
        intent: Intent::to_case::<ConfirmFollowUp>,
        refused: plain,
        more: super::never,
        done: "It is recorded whom to ask.",
    },
    CaseForm {
        path: "/cases/{case}/log-defusion",
        query: &[],
        act: Act::LogDefusion,
        form: log_defusion,
        intent: Intent::to_case::<LogDefusion>,
        refused: plain,
        more: super::never,
        done: "The defusion is logged.",
    },
];

/// One of several things that the query names, that is the only one, or that is asked for first.
fn one_of(
    about: &About<'_>,
    field: &'static str,
    label: &str,
    all: Vec<Choice>,
) -> Result<(Option<Choice>, Option<Question>), Instead> {
    let asked = about.visitor.asked(field);
    let named = all.iter().find(|one| asked.as_deref() == Some(&one.value));
    Ok(match (named, &all[..]) {
        (Some(named), _) => (Some(named.clone()), None),
        (None, []) => {
            return Err(nothing_to_choose("Nothing in this case waits for this."));
        }
        (None, [only]) => (Some(only.clone()), None),
        _ => (None, Some(Question::new(field, label, Kind::Choice(all)))),
    })
}

fn complete_action(about: &About<'_>) -> Result<Form, Instead> {
    let offers = about.case.offers.iter().flatten();
    let sessions = offers.flat_map(|offer| &offer.sessions);
    let open = sessions.flat_map(|session| session.actions.iter().flatten());
    let all = open.filter(|action| !action.done).map(|action| {
        let what = action
            .what
            .clone()
            .unwrap_or_else(|| "What it was is no longer kept".into());
        Choice::new(action.action.to_string(), what).hint(capital(action.owner.label()))
    });
    let (only, which) = one_of(about, "action", "What was done?", all.collect())?;
    let changed = Question::new("what_changed", "What changed?", Kind::Area(300))
        .hint("The team’s managers read it. Please name nobody.")
        .optional();
    let form = Form::new(
        "Record that it was done",
        which.into_iter().chain([changed]).collect(),
    )
    .button("Save");
    Ok(match only {
        Some(only) => form.lead(only.label).settled("action", only.value),
        None => form,
    })
}

fn confirm_follow_up(about: &About<'_>) -> Result<Form, Instead> {
    let all = about.case.aftercare.follow_ups.iter().flatten();
    let open = all
        .filter(|one| one.state != FollowUpState::Answered)
        .map(|one| {
            let due = crate::london::day(one.due);
            Choice::new(code(&one.follow_up), capital(one.follow_up.label()))
                .hint(format!("To be asked from {due}"))
        });
    let (only, which) = one_of(about, "follow_up", "Which follow-up?", open.collect())?;
    let managers = about
        .pages
        .app
        .concerned(&about.visitor.actor, about.case.case)?
        .managers;
    let managers = managers
        .iter()
        .map(|one| Choice::new(one.person.to_string(), name(one)));
    let reasons = choices(&NobodyReason::ALL, NobodyReason::label);
    let nobody = Choice::new("nobody", "Nobody").reveals(vec![Question::new(
        "nobody",
        "Why?",
        Kind::Select(reasons),
    )]);
    let ask = Question::new("ask", "Who can say how the team is doing?", Kind::Choice(managers.chain([nobody]).collect()))
        .hint("Ask nobody who is affected, bereaved, away or implicated without speaking to them first. They are asked about the team, never who or how many.");
    let form = Form::new(
        "Whom to ask how the team is doing",
        which.into_iter().chain([ask]).collect(),
    )
    .reshape(whom)
    .button("Save");
    Ok(match only {
        Some(only) => {
            let hint = only.hint.unwrap_or_default();
            form.lead(format!("{}. {hint}.", only.label))
                .settled("follow_up", only.value)
        }
        None => form,
    })
}

fn whom(body: &mut Map<String, Value>) {
    let why = body.remove("nobody");
    let ask = body.get("ask").and_then(Value::as_str).unwrap_or_default();
    let ask = match why {
        Some(why) if ask == "nobody" => json!({ "nobody": why }),
        _ => json!({ "manager": ask }),
    };
    body.insert("ask".into(), ask);
}

fn log_defusion(_: &About<'_>) -> Result<Form, Instead> {
    let theme = |(theme, _, label): &(Theme, &'static str, &'static str)| {
        let how = choices(&Polarity::ALL, Polarity::label);
        let name = format!("polarity.{}", code(theme).replace('.', "-"));
        let how = Question::new(name, "How was it there?", Kind::Select(how))
            .given(code(&Polarity::Difficulty));
        Choice::new(code(theme), capital(label)).reveals(vec![how])
    };
    let led_by = DefusionLedBy::ALL.iter();
    let led_by = led_by.map(|by| Choice::new(code(by), capital(by.label())));
    let bands = Band::ALL.iter().filter(|band| **band != Band::None);
    let bands = bands.map(|band| Choice::new(code(band), capital(band.label())));
    Ok(Form::new(
        "Log a defusion that was held",
        vec![
            Question::new("held_at", "When was it held?", Kind::Moment),
            Question::new("led_by", "Who led it?", Kind::Choice(led_by.collect()))
                .hint("A role, never a name."),
            Question::new(
                "headcount",
                "How many were there?",
                Kind::Choice(bands.collect()),
            )
            .hint("Roughly. Never who."),
            Question::new("minutes", "How long did it take?", Kind::Number("minutes")).optional(),
            Question::new(
                "themes",
                "What was it about?",
                Kind::Several(THEMES.iter().map(theme).collect()),
            )
            .hint("At most five. What was said is not recorded.")
            .optional(),
        ],
    )
    .reshape(themes)
    .button("Log the defusion"))
}

/// Each theme with how it was there.
pub fn themes(body: &mut Map<String, Value>) {
    let how = body.remove("polarity").unwrap_or_default();
    if let Some(Value::Array(themes)) = body.get_mut("themes") {
        for one in themes {
            let theme = one.as_str().unwrap_or_default().to_owned();
            let polarity = how[theme.replace('.', "-")].clone();
            *one = json!({ "theme": theme, "polarity": polarity });
        }
    }
}
