//! The support plan: adding an offer, ending or handing it over, and recording that it was done.

use pipss_api::case_answer::{OfferAnswer, OfferStateCode};
use pipss_api::intent::Intent;
use pipss_domain::facts::OfferEnd;
use pipss_domain::offer::{OFFERS, OfferKind, OfferRow, OwnerRole};
use pipss_domain::plan::{CompleteHandover, EndOffer, PlanOffer};
use pipss_domain::policy::Act;

use super::{About, CaseForm, choices, code, nothing_to_choose, plain};
use crate::case_page::capital;
use crate::form::{Choice, Form, Kind, Question, Quick};
use crate::pages::Instead;

const READ_BY_MANAGERS: &str = "The team’s managers read it. Please name nobody.";

/// The rows of these commands.
pub const FORMS: [CaseForm; 3] = [
    CaseForm {
        path: "/cases/{case}/plan-offer",
        query: &[],
        act: Act::PlanOffer,
        form: plan_offer,
        intent: Intent::to_case::<PlanOffer>,
        refused: plain,
        more: super::never,
        done: "The offer is in the plan.",
    },
    CaseForm {
        path: "/cases/{case}/end-offer",
        query: &["offer"],
        act: Act::EndOffer,
        form: end_offer,
        intent: Intent::to_case::<EndOffer>,
        refused: plain,
        more: super::never,
        done: "The offer has ended.",
    },
    CaseForm {
        path: "/cases/{case}/complete-handover",
        query: &["offer"],
        act: Act::CompleteHandover,
        form: complete_handover,
        intent: Intent::to_case::<CompleteHandover>,
        refused: plain,
        more: super::never,
        done: "It is recorded as done.",
    },
];

fn plan_offer(about: &About<'_>) -> Result<Form, Instead> {
    let usual = about.sent.and_then(|sent| sent.get("usual"));
    if let Some((kind, owner)) = usual.and_then(|usual| usual.split_once(' ')) {
        let form = Form::new("Add an offer to the plan", Vec::new());
        let mut form = form.settled("kind", kind).settled("owner", owner);
        form.quick = quick(about);
        return Ok(form);
    }
    let kind = |row: &OfferRow| {
        let owners: Vec<_> = row.owners.iter().map(|owner| owner.label()).collect();
        let choice = Choice::new(code(&row.kind), capital(row.label));
        if row.owners.len() == OwnerRole::ALL.len() {
            choice
        } else {
            choice.hint(format!("Can be owned by {}.", owners.join(", ")))
        }
    };
    let kinds = Kind::Choice(OFFERS.iter().map(kind).collect());
    let owners = choices(&OwnerRole::ALL, OwnerRole::label);
    let mut form = Form::new(
        "Add an offer to the plan",
        vec![
            Question::new("kind", "What is offered?", kinds),
            Question::new("owner", "Who owns it?", Kind::Select(owners))
                .hint("A role, never a person."),
            Question::new("aim", "What is it for?", Kind::Area(300))
                .hint(format!(
                    "{READ_BY_MANAGERS} Leave it empty for one-to-one support."
                ))
                .optional(),
        ],
    )
    .button("Add the offer");
    form.quick = quick(about);
    Ok(form)
}

/// What was asked for, and what every plan has: one tap each.
fn quick(about: &About<'_>) -> Vec<Quick> {
    let planned = about.case.offers.iter().flatten();
    let planned: Vec<_> = planned.map(|offer| offer.kind).collect();
    let asked = about
        .case
        .request
        .iter()
        .flat_map(|request| request.asked_for.iter().copied());
    let mut kinds: Vec<_> = asked
        .chain([
            OfferKind::PetrDebrief,
            OfferKind::OneToOne,
            OfferKind::ManagerConsultation,
        ])
        .filter(|kind| !planned.contains(kind))
        .collect();
    let mut seen = Vec::new();
    kinds.retain(|kind| {
        !seen.contains(kind) && {
            seen.push(*kind);
            true
        }
    });
    let button = |kind: OfferKind| {
        let owner = kind
            .row()
            .owners
            .first()
            .copied()
            .unwrap_or(OwnerRole::PipssLead);
        Quick {
            name: "usual",
            value: format!("{} {}", code(&kind), code(&owner)),
            text: format!("Add {}, owned by {}", kind.row().label, owner.label()),
        }
    };
    kinds.into_iter().map(button).collect()
}

/// The offer that the query names, else a question for one of those that fit.
pub fn which<'a>(
    about: &About<'a>,
    fits: impl Fn(&OfferAnswer) -> bool,
) -> Result<(Option<&'a OfferAnswer>, Option<Question>), Instead> {
    let offers: Vec<_> = about
        .case
        .offers
        .iter()
        .flatten()
        .filter(|offer| fits(offer))
        .collect();
    let asked = about.visitor.asked("offer");
    let named = offers
        .iter()
        .find(|offer| asked.as_deref() == Some(&offer.offer.to_string()));
    if let Some(offer) = named {
        return Ok((Some(offer), None));
    }
    match offers[..] {
        [] => return Err(nothing_to_choose("No offer of this case waits for this.")),
        [only] => return Ok((Some(only), None)),
        _ => {}
    }
    let choice = |offer: &&OfferAnswer| {
        let choice = Choice::new(offer.offer.to_string(), capital(offer.kind.row().label));
        match &offer.aim {
            Some(aim) => choice.hint(aim.clone()),
            None => choice,
        }
    };
    let all = offers.iter().map(choice).collect();
    let which = Question::new("offer", "Which offer?", Kind::Choice(all));
    Ok((None, Some(which)))
}

/// With the offer settled, or asked first.
pub fn for_offer(
    title: &str,
    (offer, which): (Option<&OfferAnswer>, Option<Question>),
    rest: Vec<Question>,
) -> Form {
    let questions = which.into_iter().chain(rest).collect();
    match offer {
        None => Form::new(title, questions),
        Some(offer) => Form::new(format!("{title}: {}", offer.kind.row().label), questions)
            .settled("offer", offer.offer.to_string()),
    }
}

fn end_offer(about: &About<'_>) -> Result<Form, Instead> {
    let which = which(about, |offer| {
        matches!(offer.state, OfferStateCode::Planned)
    })?;
    let kind = which.0.map(|offer| offer.kind);
    let one_to_one = kind == Some(OfferKind::OneToOne);
    let has_sessions = kind.is_some_and(|kind| kind.row().has_sessions());
    let fits = |how: &OfferEnd| match how {
        OfferEnd::Done => !has_sessions,
        OfferEnd::NotNeeded => true,
        OfferEnd::DeclinedByTeam | OfferEnd::HandedOver => !one_to_one,
    };
    let how = OfferEnd::ALL.into_iter().filter(fits).map(|how| {
        let choice = match how {
            OfferEnd::Done if one_to_one => {
                Choice::new(code(&how), "Done: it was made known to the whole team")
            }
            how => Choice::new(code(&how), capital(how.label())),
        };
        match how {
            OfferEnd::HandedOver => choice.reveals(handed_over()),
            _ => choice,
        }
    });
    let mut rest = vec![Question::new(
        "how",
        "How did it end?",
        Kind::Choice(how.collect()),
    )];
    if !one_to_one {
        rest.push(
            Question::new("note", "What was agreed?", Kind::Area(300))
                .hint(READ_BY_MANAGERS)
                .optional(),
        );
    }
    let mut form = for_offer("End or hand over", which, rest).button("Save");
    if has_sessions {
        form =
            form.lead("This offer is done by itself once a session of it was held and recorded.");
    }
    Ok(form)
}

fn handed_over() -> Vec<Question> {
    let owners = choices(&OwnerRole::ALL, OwnerRole::label);
    vec![
        Question::new("owner", "Who takes it on?", Kind::Select(owners))
            .hint("A role, never a person."),
        Question::new("due", "By when?", Kind::Day),
    ]
}

fn complete_handover(about: &About<'_>) -> Result<Form, Instead> {
    let which = which(about, |offer| {
        matches!(offer.state, OfferStateCode::HandedOver)
    })?;
    let changed = Question::new("what_changed", "What changed?", Kind::Area(300))
        .hint(READ_BY_MANAGERS)
        .optional();
    Ok(for_offer("Record that it was done", which, vec![changed])
        .lead("It was handed over, and is done now.")
        .button("Save"))
}
