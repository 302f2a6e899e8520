//! What is kept about a person, written out to be printed and handed to them.

use std::sync::Arc;

use axum::extract::State;
use pipss_api::intent::Intent;
use pipss_api::subject_access::{RoleAnswer, SubjectAccess};
use pipss_domain::calendar::day_in_words;
use pipss_domain::policy::Act;
use serde::Serialize;

use super::retention::HOME;
use super::which::{Meant, give_meant};
use crate::ask::ask;
use crate::form::{Form, Kind, Question};
use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor};

/// Its pages.
pub fn routes(routes: Routes) -> Routes {
    routes.form("/oversight/subject-access", write_out, written_out)
}

async fn write_out(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages
        .app
        .allow_retention(&visitor.actor, Act::GiveSubjectAccess)?;
    Ok(ask(&pages, &visitor, &write_out_form(), None))
}

async fn written_out(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    let (by, act) = (&posted.visitor, Act::GiveSubjectAccess);
    pages.app.allow_retention(&by.actor, act)?;
    let form = write_out_form();
    let meant = Meant {
        name: "person",
        act,
        id_only: true,
    };
    let intent = Intent::give_subject_access;
    let (visitor, done) = give_meant(&pages, posted, &form, meant, intent).await?;
    let access = pages.app.subject_access(&visitor.actor, &done)?;
    Ok(pages.page(&visitor, &page(access)))
}

fn page(access: SubjectAccess) -> WrittenOut {
    let role = |role: &RoleAnswer| {
        let until = role.until.map(day_in_words);
        let until = until.map_or_else(String::new, |day| format!(", until {day}"));
        format!("{}{until}", role.role.label())
    };
    let recorded = access.recorded.iter();
    let letters = access.letters.iter();
    WrittenOut {
        made: london::moment(access.made_at),
        roles: access.roles.iter().map(role).collect(),
        recorded: recorded
            .map(|one| format!("{}: {}", london::moment(one.at), in_words(one.what)))
            .collect(),
        letters: letters
            .map(|one| format!("{}: {}", london::moment(one.at), one.letter.label()))
            .collect(),
        access,
    }
}

/// The name of a kind of fact as words: `SessionRecorded` is “Session recorded”.
fn in_words(kind: &str) -> String {
    let mut words = String::new();
    for letter in kind.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

fn write_out_form() -> Form {
    let person =
        Question::new("person", "Whose?", Kind::Line(120)).hint("Their e-mail address at work.");
    Form::new("Write out what is kept about a person", vec![person])
        .lead("It is recorded that you did. The page that follows is to be printed and handed to the person.")
        .button("Write it out")
        .back(HOME)
}

#[derive(Serialize)]
struct WrittenOut {
    made: String,
    roles: Vec<String>,
    recorded: Vec<String>,
    letters: Vec<String>,
    access: SubjectAccess,
}

impl View for WrittenOut {
    const TEMPLATE: &'static str = "oversight/subject-access.html";

    fn title(&self) -> String {
        "What is kept about you".into()
    }
}
