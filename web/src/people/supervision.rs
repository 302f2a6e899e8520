//! Asking for supervision for oneself, in private: after a session, after a defusion, or for another reason.

use std::sync::Arc;

use axum::extract::State;
use pipss_api::intent::Intent;
use pipss_api::people::RoleCode;
use pipss_domain::facts::{SupervisionAfter, SupervisionWish};
use pipss_domain::policy::Act;

use crate::ask::{ask, give};
use crate::case_forms::code;
use crate::form::{Form, Kind, Question};
use crate::pages::{Answer, Pages};
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor, see_other};
use crate::words::choice;

/// The one page.
pub fn routes(routes: Routes) -> Routes {
    routes.form("/supervision/ask", read, take)
}

async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages
        .app
        .allow(&visitor.actor, Act::AskForSupervision, None)?;
    Ok(ask(&pages, &visitor, &form(&visitor), None))
}

async fn take(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    pages
        .app
        .allow(&posted.visitor.actor, Act::AskForSupervision, None)?;
    let form = form(&posted.visitor);
    let intent = Intent::ask_for_supervision;
    let (visitor, _) = give(&pages, posted, &form, None, intent).await?;
    visitor.tell(
        &pages,
        "The supervision lead sees your request, and nobody else does.",
    );
    Ok(see_other(back(&visitor)))
}

fn back(visitor: &Visitor) -> &'static str {
    if visitor.is(RoleCode::Facilitator) {
        "/sessions"
    } else {
        "/"
    }
}

fn form(visitor: &Visitor) -> Form {
    let after = SupervisionAfter::ALL.iter();
    let after = after.map(|one| choice(one, one.label())).collect();
    let wishes = SupervisionWish::ALL.iter();
    let wishes = wishes.map(|one| choice(one, one.label())).collect();
    let questions = vec![
        Question::new("after", "What is it about?", Kind::Choice(after)),
        Question::new("wish", "How soon?", Kind::Choice(wishes))
            .given(code(&SupervisionWish::WhenConvenient)),
        Question::new("note", "Anything that helps to arrange it", Kind::Area(300))
            .hint(
                "Only the supervision lead and you can read it. Please name nobody who was there.",
            )
            .optional(),
    ];
    Form::new("Ask for supervision", questions)
        .lead("Only the supervision lead sees this. It is no part of a case or a report, and it does not say which session it was.")
        .button("Ask for supervision")
        .back(back(visitor))
        .kindly()
}
