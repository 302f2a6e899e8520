//! Legal holds: set with a ground in law, lifted by somebody else.

use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_api::intent::{Asked, Intent};
use pipss_domain::facts::HoldGround;
use pipss_domain::ids::HoldId;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;

use super::retention::{NAMED_SO, back};
use super::which::{Meant, give_meant};
use crate::ask::{ask, give};
use crate::case_forms::code;
use crate::form::{Choice, Form, Kind, Question};
use crate::pages::{Answer, Pages};
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor, see_other};

/// Its pages.
pub fn routes(routes: Routes) -> Routes {
    routes.form("/oversight/holds/new", hold, held).form(
        "/oversight/holds/{hold}/lift",
        lift,
        lifted,
    )
}

async fn hold(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages.app.allow_retention(&visitor.actor, Act::HoldForLaw)?;
    let form = hold_form().back(back(&pages, &visitor));
    Ok(ask(&pages, &visitor, &form, None))
}

async fn held(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    let (by, act) = (&posted.visitor, Act::HoldForLaw);
    pages.app.allow_retention(&by.actor, act)?;
    let form = hold_form().back(back(&pages, by));
    let meant = Meant {
        name: "subject",
        act,
        id_only: false,
    };
    let (visitor, _) = give_meant(&pages, posted, &form, meant, Intent::set_hold).await?;
    visitor.tell(
        &pages,
        "Held. Nothing of it is erased until somebody else lifts the hold.",
    );
    Ok(see_other(back(&pages, &visitor)))
}

fn hold_form() -> Form {
    let grounds = HoldGround::ALL.map(|ground| Choice::new(code(&ground), ground.label()));
    Form::new(
        "Keep something from being erased",
        vec![
            Question::new("subject", "What?", Kind::Line(120)).hint(NAMED_SO),
            Question::new(
                "ground",
                "On what ground in law?",
                Kind::Choice(grounds.into()),
            ),
            Question::new("reason", "Why?", Kind::Area(300)),
        ],
    )
    .lead("While it is held nothing of it is erased, however long it was kept and whoever approved it.")
    .button("Hold it")
}

async fn lift(State(pages): State<Arc<Pages>>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    the_hold(&pages, &visitor, &id)?;
    let form = lift_form().back(back(&pages, &visitor));
    Ok(ask(&pages, &visitor, &form, None))
}

async fn lifted(State(pages): State<Arc<Pages>>, Path(id): Path<String>, posted: Posted) -> Answer {
    let id = the_hold(&pages, &posted.visitor, &id)?;
    let intent = |asked: Asked| Intent::lift_hold(id, asked);
    let form = lift_form().back(back(&pages, &posted.visitor));
    let (visitor, _) = give(&pages, posted, &form, None, intent).await?;
    visitor.tell(
        &pages,
        "Lifted. It can be erased again when its time is over.",
    );
    Ok(see_other(back(&pages, &visitor)))
}

fn the_hold(pages: &Pages, visitor: &Visitor, id: &str) -> Result<HoldId, Refusal> {
    pages.app.allow_retention(&visitor.actor, Act::HoldForLaw)?;
    let id = id.parse().map_err(|_| Refusal::NotFound)?;
    pages.app.allow_hold(&visitor.actor, id).map(|()| id)
}

fn lift_form() -> Form {
    let reason = Question::new("reason", "Why?", Kind::Area(300));
    Form::new("Lift a legal hold", vec![reason])
        .lead("It can be erased again when its time is over and somebody approves it.")
        .button("Lift it")
}
