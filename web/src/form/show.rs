//! From questions and what was answered so far to what stands on the page.

use minijinja::HtmlEscape;
use pipss_domain::refusal::Fault;
use serde::Serialize;
use serde_json::{Value, json};

use super::Form;
use super::question::{Choice, Kind, Question};
use super::summary::{Summary, every, is_calm, summary};
use super::themes;
use crate::fields::Fields;
use crate::render::Renderer;

/// What may be longer than this has a large box.
const LONG: usize = 1_000;

/// A form as its template draws it.
#[derive(Serialize)]
pub struct Shown {
    /// The heading.
    pub title: String,
    /// What stands above it.
    pub caption: Option<String>,
    /// What stands above everything else.
    pub above: Option<String>,
    /// Paragraphs.
    pub lead: Vec<String>,
    /// Every question, drawn.
    pub questions: Vec<String>,
    /// A single question is the heading of its page.
    pub heading: bool,
    /// The button.
    pub button: &'static str,
    /// The way back.
    pub back: Option<String>,
    /// What happened since.
    pub news: Vec<String>,
    /// What can be done instead.
    pub instead: Vec<(String, String)>,
    /// What needs one tap.
    pub quick: Vec<super::Quick>,
    /// What is wrong, above everything else.
    pub errors: Option<Summary>,
}

/// What a form shows: the answers given so far, else those that stand there at first.
pub fn shown(
    renderer: &Renderer,
    form: &Form,
    answered: Option<&Fields>,
    refused: Option<(&'static str, &str, &[Fault])>,
) -> Shown {
    let faults = refused.map_or(&[][..], |(_, _, faults)| faults);
    let drawing = Drawing {
        renderer,
        answered,
        faults,
        calm: refused.is_some_and(|(title, ..)| is_calm(title)),
    };
    let alone = form.questions.len() == 1 && form.quick.is_empty();
    let heading = alone && form.lead.is_empty();
    let drawn = |question: &Question| {
        drawing.question(question, heading.then_some(form.caption.as_deref()))
    };
    let together = form.questions.chunk_by(|one, next| one.fold == next.fold);
    let together = together.map(|questions| {
        let all: String = questions.iter().map(drawn).collect();
        let fold = questions.first().and_then(|question| question.fold);
        let open = || questions.iter().any(|q| drawing.is_touched(q));
        fold.map_or_else(|| all.clone(), |words| themes::folded(words, open(), &all))
    });
    Shown {
        title: form.title.clone(),
        caption: form.caption.clone(),
        above: form.above.clone(),
        lead: form.lead.clone(),
        questions: together.collect(),
        heading,
        button: form.button,
        back: form.back.clone(),
        news: form.news.clone(),
        instead: form.instead.clone(),
        quick: form.quick.clone(),
        errors: refused.map(|refused| summary(form, refused)),
    }
}

struct Drawing<'d> {
    renderer: &'d Renderer,
    answered: Option<&'d Fields>,
    faults: &'d [Fault],
    /// Are they only asked?
    calm: bool,
}

impl Drawing<'_> {
    /// As heading of its page: with what stands above it.
    fn question(&self, question: &Question, heading: Option<Option<&str>>) -> String {
        let legend = self.legend(question, heading);
        let (component, mut params) = match &question.kind {
            Kind::Choice(choices) => ("radios", self.choices(question, choices, legend)),
            Kind::YesNo => {
                let choices = [Choice::new("yes", "Yes"), Choice::new("no", "No")];
                let mut params = self.choices(question, &choices, legend);
                params["classes"] = "nhsuk-radios--inline".into();
                ("radios", params)
            }
            Kind::Several(choices) => ("checkboxes", self.choices(question, choices, legend)),
            Kind::Tick => {
                let mut tick = Choice::new("yes", question.label.clone());
                tick.hint.clone_from(&question.hint);
                let choices = [tick];
                let mut params = self.choices(question, &choices, legend);
                params
                    .as_object_mut()
                    .expect("it is one")
                    .remove("fieldset");
                ("checkboxes", params)
            }
            Kind::Select(choices) => ("select", self.select(question, choices, legend)),
            Kind::Line(_) | Kind::Number(_) => ("input", self.line(question, legend)),
            Kind::Area(max) => ("characterCount", self.area(question, *max, legend)),
            Kind::Themes => {
                let said = (legend, self.fault(question));
                let params = themes::params(self.renderer, question, self.answered, said);
                return self.renderer.component("fieldset", params);
            }
            Kind::Day | Kind::Moment => return self.date(question, legend),
        };
        let hint = question.hint.as_ref();
        if let Some(hint) = hint.filter(|_| !matches!(question.kind, Kind::Tick)) {
            params["hint"] = json!({ "text": hint });
        }
        match self.fault(question) {
            Some(asks) if self.calm => params["hint"] = asked_kindly(question, asks),
            Some(fault) => params["errorMessage"] = json!({ "text": fault }),
            None => {}
        }
        if question.tiles {
            params["classes"] = "nhsuk-radios--inline pipss-tiles".into();
        }
        self.renderer.component(component, params)
    }

    /// The words of the question: large and a heading where it is the only one of its page.
    fn legend(&self, question: &Question, heading: Option<Option<&str>>) -> Value {
        let optional =
            if question.optional && question.fold.is_none() && !matches!(question.kind, Kind::Tick)
            {
                " (optional)"
            } else {
                ""
            };
        let text = format!("{}{optional}", question.label);
        match heading {
            None => json!({ "text": text, "size": "s" }),
            Some(caption) => json!({
                "text": text, "size": "l", "isPageHeading": true,
                "caption": caption.map(|text| json!({ "text": text, "size": "l" }))
            }),
        }
    }

    fn fault(&self, question: &Question) -> Option<&str> {
        let own = question.pointer();
        let means = |fault: &&Fault| {
            fault.pointer == own
                || fault
                    .pointer
                    .strip_prefix(&own)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        self.faults.iter().find(means).map(|f| f.detail.as_str())
    }

    /// Was it answered, or is something wrong with it or with what it reveals?
    fn is_touched(&self, question: &Question) -> bool {
        let part = |name: &str| {
            let rest = name.strip_prefix(&question.name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let mut answers = self.answered.into_iter().flat_map(Fields::iter);
        let asked = every(std::slice::from_ref(question));
        let as_given = |value: &str| question.given.iter().any(|given| given == value);
        answers.any(|(name, value)| part(name) && !value.trim().is_empty() && !as_given(value))
            || asked.iter().any(|question| self.fault(question).is_some())
    }

    fn is_chosen(&self, question: &Question, value: &str) -> bool {
        match self.answered {
            Some(fields) => fields.all(&question.name).any(|given| given == value),
            None => question.given.iter().any(|given| given == value),
        }
    }

    /// What stands in a box.
    fn value(&self, question: &Question, part: Option<(&str, usize)>) -> String {
        match (self.answered, part) {
            (Some(fields), None) => fields.get(&question.name).unwrap_or_default().to_owned(),
            (Some(fields), Some((part, _))) => {
                let name = question.part(part);
                fields.get(&name).unwrap_or_default().to_owned()
            }
            (None, part) => {
                let n = part.map_or(0, |(_, n)| n);
                question.given.get(n).cloned().unwrap_or_default()
            }
        }
    }

    fn choices(&self, question: &Question, choices: &[Choice], legend: Value) -> Value {
        let several = matches!(question.kind, Kind::Several(_) | Kind::Tick);
        let item = |choice: &Choice| {
            let revealed: String = choice
                .reveals
                .iter()
                .map(|question| self.question(question, None))
                .collect();
            json!({
                "value": choice.value,
                "text": choice.label,
                "hint": choice.hint.as_ref().map(|hint| json!({ "text": hint })),
                "checked": self.is_chosen(question, &choice.value),
                "conditional": (!revealed.is_empty()).then(|| json!({ "html": revealed })),
            })
        };
        let items: Vec<_> = choices.iter().map(item).collect();
        let mut params = json!({
            "name": question.name, "idPrefix": question.id(), "items": items,
            "fieldset": { "legend": legend },
        });
        if several && choices.len() > 8 {
            params["classes"] = "nhsuk-checkboxes--small".into();
        }
        params
    }

    fn select(&self, question: &Question, choices: &[Choice], legend: Value) -> Value {
        let item = |choice: &Choice| {
            json!({
                "value": choice.value, "text": choice.label,
                "selected": self.is_chosen(question, &choice.value)
            })
        };
        let mut items = vec![json!({ "value": "", "text": "Choose" })];
        items.extend(choices.iter().map(item));
        json!({ "name": question.name, "id": question.id(), "label": legend, "items": items })
    }

    fn line(&self, question: &Question, legend: Value) -> Value {
        let mut params = json!({
            "name": question.name, "id": question.id(), "label": legend,
            "value": self.value(question, None), "autocomplete": "off",
        });
        match question.kind {
            Kind::Number(unit) => {
                params["inputmode"] = "numeric".into();
                params["width"] = "4".into();
                params["suffix"] = unit.into();
            }
            Kind::Line(max) => {
                params["attributes"] = json!({ "maxlength": max.to_string() });
                if max <= 20 {
                    params["width"] = "10".into();
                }
            }
            _ => {}
        }
        params
    }

    fn area(&self, question: &Question, max: usize, legend: Value) -> Value {
        let rows = if max > LONG { "12" } else { "3" };
        json!({
            "name": question.name, "id": question.id(), "label": legend, "rows": rows,
            "value": self.value(question, None), "maxlength": max.to_string(),
        })
    }

    /// A day in three boxes; a moment has the time of day beneath it, in the same question.
    fn date(&self, question: &Question, legend: Value) -> String {
        let fault = self.fault(question);
        let id = question.id();
        let boxes = [("day", "2"), ("month", "2"), ("year", "4")];
        let part = |(n, (part, width)): (usize, (&str, &str))| {
            json!({
                "id": format!("{id}-{part}"), "name": question.part(part), "label": part_label(part),
                "width": width, "error": fault.is_some(), "value": self.value(question, Some((part, n))),
            })
        };
        let mut items: Vec<_> = boxes.into_iter().enumerate().map(part).collect();
        if matches!(question.kind, Kind::Moment) {
            items.push(json!({
                "id": format!("{id}-time"), "name": question.part("time"), "label": "Time",
                "width": "5", "error": fault.is_some(), "inputmode": "text",
                "value": self.value(question, Some(("time", 3))),
            }));
        }
        let mut params = json!({ "id": id, "fieldset": { "legend": legend }, "items": items });
        if let Some(hint) = &question.hint {
            params["hint"] = json!({ "text": hint });
        }
        if let Some(fault) = fault {
            params["errorMessage"] = json!({ "text": fault });
        }
        self.renderer.component("dateInput", params)
    }
}

/// Beside what helps to answer: nothing is wrong, and it stands there in ink, not in red.
fn asked_kindly(question: &Question, asks: &str) -> Value {
    let hint = question.hint.as_deref().unwrap_or_default();
    let (hint, asks) = (HtmlEscape(hint), HtmlEscape(asks));
    json!({ "html": format!("{hint} <strong class=\"pipss-kindly\">{asks}</strong>") })
}

fn part_label(part: &str) -> &'static str {
    match part {
        "day" => "Day",
        "month" => "Month",
        _ => "Year",
    }
}
