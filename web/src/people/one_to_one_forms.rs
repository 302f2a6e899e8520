//! Commands to a one-to-one, each a small form: who provides it, when they meet, how it goes on and ends.

use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_api::intent::{Asked, Intent};
use pipss_api::one_to_one_answer::OneToOneAnswer;
use pipss_domain::facts::{DeclineReason, OneToOneOutcome};
use pipss_domain::ids::OneToOneId;
use pipss_domain::offer::OfferKind;
use pipss_domain::one_to_one::{
    ArrangeOneToOne, DeclineOneToOne, EndOneToOne, FlagRisk, OfferOneToOne, OneToOneCommand,
    TakeUpOneToOne,
};

use crate::ask::{ask, give};
use crate::form::{Choice, Form, Kind, Question};
use crate::pages::{Answer, Instead, Pages};
use crate::people::one_to_ones::{found, is_own};
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor, see_other};
use crate::words::choice;

/// Each command as the link to it reads.
pub(super) const WORDS: [(&str, &str); 6] = [
    (OfferOneToOne::NAME, "Ask someone to provide it"),
    (ArrangeOneToOne::NAME, "Say when you meet"),
    (TakeUpOneToOne::NAME, "You have spoken, and it goes on"),
    (DeclineOneToOne::NAME, "They do not want it"),
    (EndOneToOne::NAME, "It has ended"),
    (FlagRisk::NAME, "Someone may be in danger"),
];

/// A command to a one-to-one.
#[derive(Clone, Copy)]
struct OneToOneForm {
    path: &'static str,
    name: &'static str,
    form: fn(&Pages, &Visitor, &OneToOneAnswer) -> Result<Form, Instead>,
    intent: fn(OneToOneId, Asked) -> Intent<'static>,
    done: &'static str,
}

const FORMS: [OneToOneForm; 6] = [
    OneToOneForm {
        path: "/one-to-ones/{one_to_one}/offer",
        name: OfferOneToOne::NAME,
        form: offer,
        intent: Intent::to_one_to_one::<OfferOneToOne>,
        done: "They are asked to get in touch.",
    },
    OneToOneForm {
        path: "/one-to-ones/{one_to_one}/arrange",
        name: ArrangeOneToOne::NAME,
        form: |_, _, _| Ok(arrange()),
        intent: Intent::to_one_to_one::<ArrangeOneToOne>,
        done: "The time is in your diary.",
    },
    OneToOneForm {
        path: "/one-to-ones/{one_to_one}/take-up",
        name: TakeUpOneToOne::NAME,
        form: |_, _, one| Ok(take_up(is_own(one))),
        intent: Intent::to_one_to_one::<TakeUpOneToOne>,
        done: "It is recorded that you have spoken.",
    },
    OneToOneForm {
        path: "/one-to-ones/{one_to_one}/decline",
        name: DeclineOneToOne::NAME,
        form: |_, _, one| Ok(decline(is_own(one))),
        intent: Intent::to_one_to_one::<DeclineOneToOne>,
        done: "It is recorded, and nobody will ask why. Asking again is possible at any time.",
    },
    OneToOneForm {
        path: "/one-to-ones/{one_to_one}/end",
        name: EndOneToOne::NAME,
        form: |_, _, _| Ok(end()),
        intent: Intent::to_one_to_one::<EndOneToOne>,
        done: "It is recorded that this has ended.",
    },
    OneToOneForm {
        path: "/one-to-ones/{one_to_one}/flag-risk",
        name: FlagRisk::NAME,
        form: |_, _, one| Ok(flag_risk(one)),
        intent: Intent::to_one_to_one::<FlagRisk>,
        done: "It is recorded. The lead sees this, and nothing more.",
    },
];

/// A page for each of them.
pub fn routes(routes: Routes) -> Routes {
    FORMS.into_iter().fold(routes, |routes, form| {
        routes.form(
            form.path,
            move |State(pages): State<Arc<Pages>>, visitor: Visitor, Path(id): Path<String>| {
                asked(form, pages, visitor, id)
            },
            move |State(pages): State<Arc<Pages>>, Path(id): Path<String>, posted: Posted| {
                given(form, pages, id, posted)
            },
        )
    })
}

async fn asked(form: OneToOneForm, pages: Arc<Pages>, visitor: Visitor, id: String) -> Answer {
    let one = found(&pages, &visitor, &id)?;
    // What cannot be done now, or not by them, is not offered on the page either.
    if !one.next.contains(&form.name) {
        return Ok(see_other(&back(&one)));
    }
    let questions = (form.form)(&pages, &visitor, &one)?.back(back(&one));
    Ok(ask(&pages, &visitor, &questions, Some(one.version)))
}

async fn given(form: OneToOneForm, pages: Arc<Pages>, id: String, posted: Posted) -> Answer {
    let one = found(&pages, &posted.visitor, &id)?;
    let questions = (form.form)(&pages, &posted.visitor, &one)?.back(back(&one));
    let to = |asked| (form.intent)(one.one_to_one, asked);
    let (visitor, _) = give(&pages, posted, &questions, Some(one.version), to).await?;
    visitor.tell(&pages, form.done);
    Ok(see_other(&back(&one)))
}

fn back(one: &OneToOneAnswer) -> String {
    if is_own(one) {
        "/my-support".into()
    } else {
        format!("/one-to-ones/{}", one.one_to_one)
    }
}

fn offer(pages: &Pages, visitor: &Visitor, _: &OneToOneAnswer) -> Result<Form, Instead> {
    let all = pages.app.facilitators(&visitor.actor)?.facilitators;
    // Only what has nothing to do with who asked: who may not know of them would say whose team it is.
    let trained = all
        .into_iter()
        .filter(|who| who.trained.contains(&OfferKind::OneToOne));
    let each = trained.filter_map(|who| {
        let outside = if who.external {
            " (from outside the trust)"
        } else {
            ""
        };
        Some(Choice::new(
            who.person.to_string(),
            format!("{}{outside}", who.name?),
        ))
    });
    let provider = Question::new(
        "provider",
        "Who could provide it?",
        Kind::Select(each.collect()),
    )
    .hint(
        "Everyone here is trained for one-to-one support. Someone who is too close to whoever asked is refused without saying why.",
    );
    Ok(Form::new("Ask someone to provide it", vec![provider])
        .button("Ask them")
        .lead("They see who asked and what was written. You do not."))
}

fn arrange() -> Form {
    let questions = vec![
        Question::new("starts_at", "When do you meet?", Kind::Moment),
        Question::new("minutes", "For how long?", Kind::Number("minutes")).given("50"),
        Question::new("site", "Where?", Kind::Line(200))
            .hint("Somewhere that is not their own place of work, if they would like that.")
            .optional(),
        Question::new("link", "The link, if you meet by video", Kind::Line(300)).optional(),
    ];
    Form::new("When you meet", questions).lead("Only the two of you see when and where.")
}

fn take_up(own: bool) -> Form {
    let form = Form::new("You have spoken, and it goes on", Vec::new());
    let form = form.button("Yes, it goes on");
    if own {
        form.lead("The lead then sees that it goes on, and nothing of what was said.")
    } else {
        form.lead("This says that you have spoken with them. Nothing of what was said is recorded.")
    }
}

fn decline(own: bool) -> Form {
    let reasons = DeclineReason::ALL.iter();
    let reasons = reasons
        .map(|reason| choice(reason, reason.label()))
        .collect();
    let (title, label) = if own {
        ("I do not want this any more", "Would you like to say why?")
    } else {
        ("They do not want it", "Did they say why?")
    };
    let reason = Question::new("reason", label, Kind::Choice(reasons)).optional();
    Form::new(title, vec![reason])
        .lead("That is everyone’s right. Asking again is possible at any time.")
}

fn end() -> Form {
    let outcomes = OneToOneOutcome::ALL.iter();
    let outcomes = outcomes
        .map(|outcome| choice(outcome, outcome.label()))
        .collect();
    let outcome = Question::new("outcome", "How did it end?", Kind::Choice(outcomes));
    Form::new("It has ended", vec![outcome])
        .lead("Only this is recorded: no note, and nothing of what was said. You can read it for 30 days.")
}

fn flag_risk(one: &OneToOneAnswer) -> Form {
    let now = if one.at_risk == Some(true) {
        "yes"
    } else {
        "no"
    };
    let risk = Question::new(
        "at_risk",
        "Do you worry that someone is in danger?",
        Kind::YesNo,
    );
    Form::new("Someone may be in danger", vec![risk.given(now)])
        .lead("In an emergency ring 999 first. The lead sees that you worry, and nothing more: not who, and not why.")
}
