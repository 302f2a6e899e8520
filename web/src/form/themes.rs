//! The themes of a session: folded away by what they belong to, each with one tap a strength, a
//! difficulty or both.

use pipss_domain::theme::{PARENTS, Polarity, THEMES, Theme};
use serde_json::{Value, json};

use super::question::Question;
use crate::case_forms::code;
use crate::fields::Fields;
use crate::render::Renderer;
use crate::words::sentence;

/// The themes that were chosen.
pub fn read(question: &Question, fields: &Fields) -> Option<Value> {
    let chosen = THEMES.iter().filter_map(|(theme, ..)| {
        let polarity = polarity(question, fields, *theme)?;
        Some(json!({ "theme": theme, "polarity": polarity }))
    });
    let chosen: Vec<_> = chosen.collect();
    (!chosen.is_empty()).then(|| json!(chosen))
}

fn polarity(question: &Question, fields: &Fields, theme: Theme) -> Option<Polarity> {
    let given = fields.get(&name(question, theme))?;
    Polarity::ALL.into_iter().find(|one| code(one) == given)
}

fn name(question: &Question, theme: Theme) -> String {
    question.part(&code(&theme))
}

/// The question as the official fieldset takes it. That has no hint and no error: both stand in it.
pub fn params(
    renderer: &Renderer,
    question: &Question,
    answered: Option<&Fields>,
    (legend, fault): (Value, Option<&str>),
) -> Value {
    let id = question.id();
    let hint = question.hint.as_ref().map(|hint| {
        let params = json!({ "text": hint, "id": format!("{id}-hint") });
        renderer.component("hint", params)
    });
    let error = fault.map(|fault| {
        let params = json!({ "text": fault, "id": format!("{id}-error") });
        renderer.component("errorMessage", params)
    });
    let themes = drawn(question, answered);
    let html: String = hint.into_iter().chain(error).chain([themes]).collect();
    json!({
        "legend": legend, "html": html, "classes": "pipss-themes",
        "attributes": { "id": id, "tabindex": "-1" }
    })
}

/// Every theme; those below a parent of which one was chosen are open.
fn drawn(question: &Question, answered: Option<&Fields>) -> String {
    let none = Fields::default();
    let fields = answered.unwrap_or(&none);
    let group = |(parent, label): &(&str, &str)| {
        let below = THEMES.iter().filter(|(_, of, _)| of == parent);
        let below: Vec<_> = below.map(|(theme, ..)| *theme).collect();
        let open = below
            .iter()
            .any(|theme| polarity(question, fields, *theme).is_some());
        let themes = below.into_iter().map(|theme| one(question, fields, theme));
        folded(label, open, &themes.collect::<String>())
    };
    PARENTS.iter().map(group).collect()
}

/// Labels and codes are ours, and plain text. There are many of them: they are drawn as short as can be.
fn one(question: &Question, fields: &Fields, theme: Theme) -> String {
    let chosen = polarity(question, fields, theme);
    let name = name(question, theme);
    let tile = |value: &str, words: &str, chosen: bool| {
        let checked = if chosen { " checked" } else { "" };
        format!(
            "<label><input type=\"radio\" name=\"{name}\" value=\"{value}\"{checked}><span>{words}</span></label>"
        )
    };
    let none = tile("", "No", chosen.is_none());
    let each = Polarity::ALL.into_iter();
    let each = each.map(|one| tile(&code(&one), short(one), chosen == Some(one)));
    let tiles: String = [none].into_iter().chain(each).collect();
    let legend = sentence(theme.label());
    format!("<fieldset class=\"pipss-theme\"><legend>{legend}</legend>{tiles}</fieldset>")
}

/// As it stands on a tile.
const fn short(polarity: Polarity) -> &'static str {
    match polarity {
        Polarity::Strength => "Strength",
        Polarity::Difficulty => "Difficulty",
        Polarity::Mixed => "Mixed",
    }
}

/// Behind its words until it is opened. They are ours, and plain text.
pub fn folded(words: &str, open: bool, content: &str) -> String {
    let open = if open { " open" } else { "" };
    format!(
        "<details class=\"nhsuk-details pipss-fold\"{open}><summary class=\"nhsuk-details__summary\">\
         <span class=\"nhsuk-details__summary-text\">{words}</span></summary>\
         <div class=\"nhsuk-details__text\">{content}</div></details>"
    )
}
