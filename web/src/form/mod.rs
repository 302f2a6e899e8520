//! Forms: the questions of a page, how the answers become a command, and how a refusal comes back to them.
//!
//! A question is named as the command names its field, parts joined with dots: `safety.area_safe` is
//! `/safety/area_safe` of the JSON body. So one description draws the question, reads its answer, and
//! finds the question that a refusal points to.

mod question;
mod read;
mod show;
mod summary;
mod themes;

pub use question::{Choice, Kind, Question};
pub(crate) use read::{asked, body, faults};
pub use show::{Shown, shown};
pub use summary::{PROBLEM, Summary, SummaryItem};
pub(crate) use summary::{every, first_id, found};

use pipss_domain::refusal::Fault;
use serde_json::{Map, Value};

use crate::fields::Fields;

/// The questions of one page.
#[derive(Clone, Debug)]
pub struct Form {
    /// What is asked or done: the heading of the page.
    pub title: String,
    /// What stands above the heading: the case, the journey.
    pub caption: Option<String>,
    /// What stands above everything else, drawn already: whom to ring.
    pub above: Option<String>,
    /// What is good to know before answering, a paragraph each.
    pub lead: Vec<String>,
    /// The questions.
    pub questions: Vec<Question>,
    /// What the button says.
    pub button: &'static str,
    /// Where one comes from: the page to go back to.
    pub back: Option<String>,
    /// What happened since the form was opened, a line each.
    pub news: Vec<String>,
    /// What can be done instead: words and where they lead.
    pub instead: Vec<(String, String)>,
    /// What needs one tap: answers that the form can be sent with at once.
    pub quick: Vec<Quick>,
    /// What is settled before anything is asked: the field of the command and its value.
    pub settled: Vec<(&'static str, Value)>,
    /// Puts what was answered into the command's own shape, where names alone do not.
    pub reshape: fn(&mut Map<String, Value>),
    /// Asked once again, kindly, when a text looks as if it named someone.
    pub kindly: bool,
}

/// An answer that a form can be sent with at once.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Quick {
    /// The name of its button.
    pub name: &'static str,
    /// What it sends.
    pub value: String,
    /// What it says.
    pub text: String,
}

impl Form {
    /// With these questions.
    pub fn new(title: impl Into<String>, questions: Vec<Question>) -> Self {
        Self {
            title: title.into(),
            caption: None,
            above: None,
            lead: Vec::new(),
            questions,
            button: "Save",
            back: None,
            news: Vec::new(),
            instead: Vec::new(),
            quick: Vec::new(),
            settled: Vec::new(),
            reshape: |_| {},
            kindly: false,
        }
    }

    /// With this above the heading.
    #[must_use]
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = Some(caption.into());
        self
    }

    /// With this above everything else, drawn already.
    #[must_use]
    pub fn above(mut self, drawn: String) -> Self {
        self.above = Some(drawn);
        self
    }

    /// With this paragraph before the questions.
    #[must_use]
    pub fn lead(mut self, paragraph: impl Into<String>) -> Self {
        self.lead.push(paragraph.into());
        self
    }

    /// With these questions folded away beneath the others.
    #[must_use]
    pub fn fold(mut self, words: &'static str, questions: Vec<Question>) -> Self {
        let folded = questions.into_iter().map(|question| question.fold(words));
        self.questions.extend(folded);
        self
    }

    /// With this on the button.
    #[must_use]
    pub fn button(mut self, words: &'static str) -> Self {
        self.button = words;
        self
    }

    /// With this way back.
    #[must_use]
    pub fn back(mut self, href: impl Into<String>) -> Self {
        self.back = Some(href.into());
        self
    }

    /// With this settled: it is not asked.
    #[must_use]
    pub fn settled(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.settled.push((field, value.into()));
        self
    }

    /// With this done to the answers before they are a command.
    #[must_use]
    pub fn reshape(mut self, reshape: fn(&mut Map<String, Value>)) -> Self {
        self.reshape = reshape;
        self
    }

    /// Asked once again, kindly, when a text looks as if it named someone.
    #[must_use]
    pub fn kindly(mut self) -> Self {
        self.kindly = true;
        self
    }

    /// The questions that these answers lead to.
    pub(crate) fn asked<'q>(&'q self, fields: &Fields) -> Vec<&'q Question> {
        read::asked(&self.questions, fields)
    }

    /// The body of the command.
    ///
    /// # Errors
    /// Every question that was not answered, or not so that it can be understood.
    pub fn body(&self, fields: &Fields) -> Result<Value, Vec<Fault>> {
        let mut body = read::body(&self.questions, fields)?;
        let settled = self.settled.iter();
        body.extend(settled.map(|(field, value)| ((*field).to_owned(), value.clone())));
        (self.reshape)(&mut body);
        Ok(Value::Object(body))
    }
}
