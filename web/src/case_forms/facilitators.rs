//! Facilitators in a form: who can be asked, what speaks against whom, and why they are asked all the same.

use pipss_api::people::FacilitatorAnswer;
use pipss_api::problem::Refused;
use pipss_domain::facts::Obstacle;
use pipss_domain::ids::PersonId;
use pipss_domain::refusal::{Fault, Refusal};
use serde_json::{Map, Value, json};

use super::About;
use crate::form::{Choice, Form, Kind, Question};

/// What speaks against someone but can be overridden.
const CAN_BE_OVERRIDDEN: [Obstacle; 5] = [
    Obstacle::OfTheTeam,
    Obstacle::Involved,
    Obstacle::Untrained,
    Obstacle::OnLeave,
    Obstacle::OverLoad,
];

pub const OR_WHY: &str = " Or say below why they are asked all the same.";

/// Can the lead ask someone all the same, though this was said against them?
pub fn can_be_overridden(words: &str) -> bool {
    CAN_BE_OVERRIDDEN.iter().any(|one| one.words() == words)
}

/// Everyone who facilitates, by name; for leads.
pub fn everyone(about: &About<'_>) -> Vec<FacilitatorAnswer> {
    let found = about.pages.app.facilitators(&about.visitor.actor);
    let mut all = found.map(|found| found.facilitators).unwrap_or_default();
    all.sort_by(|a, b| (&a.name, a.person).cmp(&(&b.name, b.person)));
    all
}

/// To choose from. Who declared to be involved says so.
pub fn choices(about: &About<'_>, but: &[PersonId]) -> Vec<Choice> {
    let involved = |person| {
        about
            .case
            .involved
            .iter()
            .flatten()
            .any(|one| one.person == person)
    };
    let all = everyone(about).into_iter();
    all.filter(|one| !but.contains(&one.person))
        .map(|one| {
            let name = one
                .name
                .clone()
                .unwrap_or_else(|| "A facilitator without a name".into());
            let choice = Choice::new(one.person.to_string(), name);
            match (involved(one.person), one.external) {
                (true, _) => choice.hint("Declared not neutral to this case"),
                (false, true) => choice.hint("From outside the trust"),
                (false, false) => choice,
            }
        })
        .collect()
}

/// Why someone is asked all the same: asked only once something spoke against them.
pub fn reason(person: PersonId, name: &str) -> Question {
    let label = format!("Why ask {name} all the same?");
    Question::new(format!("override.{person}"), label, Kind::Area(300))
        .hint("Only PIPSS leads read it. Leave it empty to choose someone else.")
        .optional()
}

/// The reasons that were asked for when the form was sent.
pub fn reasons(about: &About<'_>, of: &[(PersonId, String)]) -> Vec<Question> {
    let sent = about.sent;
    let was_asked = |person: &PersonId| {
        let name = format!("override.{person}");
        sent.is_some_and(|sent| sent.iter().any(|(given, _)| given == name))
    };
    of.iter()
        .filter(|(person, _)| was_asked(person))
        .map(|(person, name)| reason(*person, name))
        .collect()
}

/// Names whoever something speaks against, and asks for the reason where one would do.
pub fn explain(of: &[(PersonId, String)], form: &mut Form, refused: &mut Refused) {
    let (Refused::Rule(Refusal::Invalid(faults))
    | Refused::Rule(Refusal::OutOfStep { faults, .. })) = refused
    else {
        return;
    };
    for fault in faults {
        let number = fault.pointer.strip_prefix("/facilitators/");
        let Some((person, name)) = number.and_then(|n| of.get(n.parse::<usize>().ok()?)) else {
            continue;
        };
        explain_one((*person, name), form, fault);
    }
}

/// The same for the one person that a fault is about.
pub fn explain_one((person, name): (PersonId, &str), form: &mut Form, fault: &mut Fault) {
    let overridable = can_be_overridden(&fault.detail);
    let or = if overridable { OR_WHY } else { "" };
    fault.detail = format!("{name}: {}{or}", fault.detail);
    let question = reason(person, name);
    let asked = form.questions.iter().any(|one| one.name == question.name);
    if overridable && !asked {
        form.questions.push(question);
    }
}

/// The reasons as the command has them.
pub fn overridden(body: &mut Map<String, Value>) {
    let Some(Value::Object(reasons)) = body.remove("override") else {
        return;
    };
    let each = reasons.into_iter();
    let each = each.map(|(person, reason)| json!({ "facilitator": person, "reason": reason }));
    body.insert("overrides".into(), each.collect());
}
