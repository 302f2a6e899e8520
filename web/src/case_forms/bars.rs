//! Who may not know of a case: setting a bar, which beats every right, and lifting it.

use pipss_api::intent::Intent;
use pipss_domain::bar::{LiftBar, SetBar};
use pipss_domain::facts::BarReason;
use pipss_domain::policy::Act;
use serde_json::{Map, Value, json};

use super::{About, CaseForm, choices, plain};
use crate::case_page::{capital, name};
use crate::form::{Choice, Form, Kind, Question};
use crate::pages::Instead;

const MANAGERS: &str = "team_managers";

/// The rows of these commands.
pub const FORMS: [CaseForm; 2] = [
    CaseForm {
        path: "/cases/{case}/set-bar",
        query: &[],
        act: Act::SetBar,
        form: set,
        intent: Intent::to_case::<SetBar>,
        refused: plain,
        more: super::never,
        done: "They no longer see this case.",
    },
    CaseForm {
        path: "/cases/{case}/lift-bar",
        query: &[],
        act: Act::LiftBar,
        form: lift,
        intent: Intent::to_case::<LiftBar>,
        refused: plain,
        more: super::never,
        done: "The bar is lifted.",
    },
];

/// The bars that hold, as they are chosen and as they read.
fn held(about: &About<'_>) -> Result<Vec<Choice>, Instead> {
    let bars = about.pages.app.bars(&about.visitor.actor)?.bars.into_iter();
    let own = bars.filter(|bar| bar.case == about.case.case);
    Ok(own
        .map(|bar| {
            let choice = match &bar.person {
                Some(person) => Choice::new(person.person.to_string(), name(person)),
                None => Choice::new(MANAGERS, "The managers of the team"),
            };
            choice.hint(capital(bar.because.label()))
        })
        .collect())
}

fn set(about: &About<'_>) -> Result<Form, Instead> {
    let concerned = about
        .pages
        .app
        .concerned(&about.visitor.actor, about.case.case)?;
    let everyone = concerned.managers.iter().chain(&concerned.others);
    let everyone = everyone.map(|one| Choice::new(one.person.to_string(), name(one)));
    let person = Question::new("person", "Who?", Kind::Select(everyone.collect()));
    let whom = vec![
        Choice::new(MANAGERS, "The managers of the team")
            .hint("Now and later. Whoever asked for support still sees what they asked for."),
        Choice::new("person", "One person").reveals(vec![person]),
    ];
    let reasons = choices(&BarReason::ALL, BarReason::label);
    let mut form = Form::new(
        "Keep someone out of this case",
        vec![
            Question::new("whom", "Who may not see this case?", Kind::Choice(whom)),
            Question::new("because", "Why?", Kind::Choice(reasons)),
        ],
    )
    .lead("They see what they would if the case did not exist, letters included. This beats every right they have.")
    .reshape(who)
    .button("Save");
    let held = held(about)?;
    if !held.is_empty() {
        let names: Vec<_> = held.iter().map(|bar| bar.label.clone()).collect();
        form = form.lead(format!("Already kept out: {}.", names.join(", ")));
    }
    Ok(form)
}

fn lift(about: &About<'_>) -> Result<Form, Instead> {
    let held = held(about)?;
    if held.is_empty() {
        return Err(super::nothing_to_choose("Nobody is kept out of this case."));
    }
    let whom = Question::new("whom", "Who may see this case again?", Kind::Choice(held));
    Ok(Form::new("Let someone see this case again", vec![whom])
        .lead("They see it again as far as their rights reach.")
        .reshape(who)
        .button("Lift the bar"))
}

fn who(body: &mut Map<String, Value>) {
    let person = body.remove("person");
    let whom = body.get("whom").and_then(Value::as_str).unwrap_or_default();
    let whom = match (whom, person) {
        (MANAGERS, _) => json!(MANAGERS),
        ("person", Some(person)) => json!({ "person": person }),
        (id, _) => json!({ "person": id }),
    };
    body.insert("whom".into(), whom);
}
