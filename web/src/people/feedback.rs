//! Feedback by code: anyone who holds one answers five questions, and nobody signs in.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use pipss_api::reading::HelpLine;
use pipss_domain::facts::Timing;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::ask::{body, open, shown_elsewhere};
use crate::form::{Choice, Form, Kind, Question};
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::routes::Routes;
use crate::visitor::{Nonce, see_other, sent};
use crate::words::choice;

const PATH: &str = "/feedback";
const THANKS: &str = "/feedback/thanks";
const CODE_MAX: usize = 30;

/// The page, and the one that says thank you.
pub fn routes(routes: Routes) -> Routes {
    routes.form(PATH, read, take).page(THANKS, &[], thanks)
}

async fn read(State(pages): State<Arc<Pages>>, Nonce(nonce): Nonce) -> Response {
    open(&pages, (&nonce, PATH), &form(), None)
}

/// Takes from the same shares of an address as the interface does: codes must not be guessed here either.
async fn take(State(pages): State<Arc<Pages>>, Nonce(nonce): Nonce, request: Request) -> Answer {
    pages.server.take_from_address(request.extensions())?;
    let (_, fields) = sent(&pages, request).await?;
    let form = form();
    let given = match body(&form, &fields) {
        Ok(body) => pages.app.give_feedback(&body).await,
        Err(refused) => Err(refused),
    };
    match given {
        Ok(()) => Ok(see_other(THANKS)),
        Err(refused) if shown_elsewhere(&refused) => Err(refused.into()),
        Err(refused) => {
            let again = Some((&fields, &refused));
            Ok(open(&pages, (&nonce, PATH), &form, again))
        }
    }
}

fn form() -> Form {
    let code = Question::new("code", "Your code", Kind::Line(CODE_MAX)).hint(
        "Fourteen letters and numbers, as on the slip or the screen. For example 4F7KQ-0ZD1M-X9CT",
    );
    let five = |name: &str, label: &str, hint: &str| {
        let numbers = (1..=5).map(|n: u8| Choice::new(n.to_string(), n.to_string()));
        Question::new(name, label, Kind::Choice(numbers.collect()))
            .hint(hint)
            .tiles()
    };
    let yes_no = |name: &str, label: &str| {
        let answers = vec![Choice::new("yes", "Yes"), Choice::new("no", "No")];
        Question::new(name, label, Kind::Choice(answers)).tiles()
    };
    let timings = Timing::ALL
        .iter()
        .map(|timing| choice(timing, timing.label()));
    let timing = Kind::Choice(timings.collect());
    let questions = vec![
        code,
        five(
            "helpful",
            "How helpful was it?",
            "1 is not at all, 5 is very",
        ),
        five(
            "safe_to_speak",
            "How safe was it to speak?",
            "1 is not at all, 5 is very",
        ),
        yes_no(
            "know_where_to_get_help",
            "Do you know where to get more help?",
        ),
        Question::new("timing", "When did it come?", timing),
        yes_no("would_recommend", "Would you recommend it?"),
    ];
    Form::new("How was it for you?", questions)
        .lead("Nobody signs in here, and nothing is kept of who you are, of your device, or of which session it was.")
        .button("Send")
        .reshape(reshape)
}

/// Numbers are tapped as text.
fn reshape(body: &mut Map<String, Value>) {
    for name in ["helpful", "safe_to_speak"] {
        let number = body.get(name).and_then(Value::as_str);
        if let Some(number) = number.and_then(|text| text.parse::<u8>().ok()) {
            body.insert(name.into(), json!(number));
        }
    }
}

#[derive(Serialize)]
struct ThanksPage {
    urgent_help: Vec<HelpLine>,
}

impl View for ThanksPage {
    const TEMPLATE: &'static str = "people/thanks.html";

    fn title(&self) -> String {
        "Thank you".into()
    }
}

async fn thanks(State(pages): State<Arc<Pages>>, Nonce(nonce): Nonce) -> Response {
    let view = ThanksPage {
        urgent_help: pages.app.urgent_help().to_vec(),
    };
    pages.open_page(&nonce, &view)
}
