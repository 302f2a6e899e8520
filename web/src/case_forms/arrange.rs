//! Arranging a session: when, how long, where, who facilitates, and with whom it is held together.

use pipss_api::as_known::AsOfAsked;
use pipss_api::case_answer::{OfferAnswer, OfferStateCode};
use pipss_api::intent::Intent;
use pipss_api::problem::Refused;
use pipss_domain::arrange::ArrangeSession;
use pipss_domain::facts::{DepartureReason, ManagersAttend};
use pipss_domain::ids::PersonId;
use pipss_domain::offer::OfferRow;
use pipss_domain::policy::Act;
use serde_json::{Map, Value, json};

use super::{About, CaseForm, choices, facilitators, plan};
use crate::form::{Choice, Form, Kind, Question};
use crate::pages::Instead;

/// So many linked cases are looked at.
const LINKED_MAX: usize = 5;

/// The row of this command.
pub const FORMS: [CaseForm; 1] = [CaseForm {
    path: "/cases/{case}/arrange-session",
    query: &["offer"],
    act: Act::ArrangeSession,
    form: arrange,
    intent: Intent::to_case::<ArrangeSession>,
    refused,
    more: super::never,
    done: "The session is arranged. Its facilitators are invited by e-mail.",
}];

fn arrange(about: &About<'_>) -> Result<Form, Instead> {
    let goes_on = |offer: &OfferAnswer| {
        let state = offer.state;
        offer.kind.row().has_sessions()
            && matches!(
                state,
                OfferStateCode::Planned | OfferStateCode::Arranged | OfferStateCode::Held
            )
    };
    let which = plan::which(about, goes_on)?;
    let offer = which.0;
    let row = offer.map(|offer| offer.kind.row());
    let mut rest = vec![
        Question::new("starts_at", "When does it start?", Kind::Moment),
        minutes(row),
        Question::new("site", "Where?", Kind::Line(120))
            .hint("The site and room, never the ward. Leave it empty if it is held by video only.")
            .optional(),
        Question::new("link", "Link, if it is held by video", Kind::Line(300))
            .hint("It starts with https://")
            .optional(),
        who(about, row),
    ];
    rest.extend(facilitators::reasons(about, &chosen(about)));
    let mut attend = Question::new(
        "managers_attend",
        "Do managers attend?",
        Kind::Choice(choices(&ManagersAttend::ALL, ManagersAttend::label)),
    );
    attend.hint = Some("Decide this with the team.".into());
    rest.push(attend);
    rest.push(departs(row));
    rest.extend(offer.and_then(|offer| joint(about, offer)));
    Ok(plan::for_offer("Arrange a session", which, rest)
        .reshape(shaped)
        .button("Arrange the session"))
}

fn minutes(row: Option<&'static OfferRow>) -> Question {
    let question = Question::new("minutes", "How long?", Kind::Number("minutes"));
    match row.and_then(|row| row.minutes) {
        Some((_, usual, _)) => question.given(usual.to_string()),
        None => question
            .optional()
            .hint("The usual length if you leave it empty."),
    }
}

fn who(about: &About<'_>, row: Option<&'static OfferRow>) -> Question {
    let all = facilitators::choices(about, &[]);
    let question = Question::new("facilitators", "Who facilitates?", Kind::Several(all));
    match row {
        Some(row) if row.neutral => question.hint(format!(
            "Usually {}. They must not be of this team nor in its line of management.",
            row.facilitators
        )),
        Some(row) => question.hint(format!("Usually {}.", row.facilitators)),
        None => question,
    }
}

/// Why it departs from what is usual, with what is usual beside it.
pub fn departs(row: Option<&'static OfferRow>) -> Question {
    let reasons = choices(&DepartureReason::ALL, DepartureReason::label);
    let label = "If it is not as usual, why?";
    let question = Question::new("departs_because", label, Kind::Select(reasons)).optional();
    let Some(row) = row else { return question };
    let mut usual = Vec::new();
    usual.extend(row.window.map(|window| window.words.to_owned()));
    usual.extend(
        row.minutes
            .map(|(min, _, max)| format!("{min} to {max} minutes")),
    );
    usual.push(match row.facilitators {
        1 => "1 facilitator".into(),
        n => format!("{n} facilitators"),
    });
    question.hint(format!("Usual is: {}.", usual.join(", ")))
}

/// Cases of the same incident whose plan has the same offer: the session can be held for them too.
fn joint(about: &About<'_>, offer: &OfferAnswer) -> Option<Question> {
    let links = about.case.aftercare.links.iter().flatten();
    let today = AsOfAsked { as_of: None };
    let mut seen = Vec::new();
    let others = links.filter_map(|link| {
        let once = !seen.contains(&link.with.case);
        seen.push(link.with.case);
        let actor = &about.visitor.actor;
        once.then(|| about.pages.app.case(actor, link.with.case, &today).ok())?
    });
    let mut all = Vec::new();
    for other in others.take(LINKED_MAX) {
        let same = other.offers.iter().flatten();
        let same = same
            .filter(|one| one.kind == offer.kind && matches!(one.state, OfferStateCode::Planned));
        all.extend(same.map(|one| {
            let label = format!("{} ({})", other.team.name, other.reference);
            Choice::new(format!("{} {}", other.case, one.offer), label)
        }));
    }
    let label = "Hold it together with";
    let question = || {
        Question::new("joint_with", label, Kind::Several(all))
            .hint("Teams that the same incident is about. Neither team’s manager learns of the other here.")
            .optional()
    };
    (!seen.is_empty())
        .then(question)
        .filter(|one| !matches!(&one.kind, Kind::Several(all) if all.is_empty()))
}

/// Who was chosen, in order, by name.
fn chosen(about: &About<'_>) -> Vec<(PersonId, String)> {
    let all = facilitators::everyone(about);
    let sent = about.sent.iter().flat_map(|sent| sent.all("facilitators"));
    let named = |id: &str| {
        let found = all.iter().find(|one| one.person.to_string() == id)?;
        Some((
            found.person,
            found
                .name
                .clone()
                .unwrap_or_else(|| "This facilitator".into()),
        ))
    };
    sent.filter_map(named).collect()
}

fn refused(about: &About<'_>, form: &mut Form, refused: &mut Refused) {
    facilitators::explain(&chosen(about), form, refused);
}

fn shaped(body: &mut Map<String, Value>) {
    facilitators::overridden(body);
    if let Some(Value::Array(joint)) = body.get_mut("joint_with") {
        for one in joint {
            let text = one.as_str().unwrap_or_default().to_owned();
            let (case, offer) = text.split_once(' ').unwrap_or((&text, ""));
            *one = json!({ "case": case, "offer": offer });
        }
    }
}
