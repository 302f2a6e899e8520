//! The official NHS templates as functions: each of their components is one, and takes what its makers document.

use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Rest, Value};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use minijinja_contrib::pycompat::unknown_method_callback;
use rust_embed::Embed;

/// Fetched by `make assets`.
#[derive(Embed)]
#[folder = "assets/templates"]
struct Templates;

/// What begins a component in its file.
const MACRO: &str = "{% macro ";

/// An environment in which the official templates read as their makers mean them: what is not given is
/// simply not there, as in Nunjucks and Jinja.
pub fn templates() -> Environment<'static> {
    let mut templates = Environment::new();
    templates.set_syntax(blocks_leave_no_lines());
    templates.set_undefined_behavior(UndefinedBehavior::Chainable);
    templates.set_unknown_method_callback(unknown_method_callback);
    templates.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    templates.add_filter("length", length);
    templates.add_filter("truncate", truncate);
    templates.add_test("mapping", |value: &Value| {
        value.kind() == minijinja::value::ValueKind::Map
    });
    for name in Templates::iter() {
        let source = text(&name);
        for component in components(&source) {
            let call =
                format!("{{%- from \"{name}\" import {component} as it -%}}{{{{ it(params) }}}}");
            templates
                .add_template_owned(format!("call/{component}"), call)
                .expect("a test draws every component");
        }
        templates
            .add_template_owned(name.into_owned(), source)
            .expect("a test draws every component");
    }
    templates
}

/// Lets templates call every component by its name.
pub fn offer_to(environment: &mut Environment<'static>) {
    let official = Arc::new(templates());
    let calls: Vec<String> = official
        .templates()
        .filter_map(|(name, _)| name.strip_prefix("call/").map(str::to_owned))
        .collect();
    for component in calls {
        let official = Arc::clone(&official);
        let name = format!("call/{component}");
        environment.add_function(component, move |params: Rest<Value>| {
            let params = params.0.into_iter().next().unwrap_or_default();
            let drawn = official
                .get_template(&name)?
                .render(minijinja::context! { params })?;
            Ok::<_, Error>(Value::from_safe_string(drawn))
        });
    }
}

/// How the official templates are laid out, and ours.
pub fn blocks_leave_no_lines() -> SyntaxConfig {
    SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .expect("these go together")
}

fn text(name: &str) -> String {
    let file = Templates::get(name).expect("it was just listed");
    String::from_utf8(file.data.into_owned()).expect("templates are text")
}

/// The components that a file offers; those inside another component are its own.
fn components(source: &str) -> impl Iterator<Item = &str> {
    let public = source.lines().filter_map(|line| line.strip_prefix(MACRO));
    public
        .filter_map(|rest| rest.split('(').next())
        .map(str::trim)
        .filter(|name| !name.starts_with('_'))
}

/// The official templates ask for the length of what may not be there.
fn length(value: &Value) -> usize {
    value.len().unwrap_or(0)
}

/// As Jinja does it: `kill` cuts within a word.
fn truncate(
    text: &str,
    length: usize,
    kill: Option<bool>,
    end: Option<&str>,
) -> Result<String, Error> {
    let end = end.unwrap_or("...");
    if text.chars().count() <= length {
        return Ok(text.to_owned());
    }
    let room = length
        .checked_sub(end.chars().count())
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "no room for the end"))?;
    let cut: String = text.chars().take(room).collect();
    let cut = match (kill, cut.rsplit_once(' ')) {
        (Some(true), _) | (_, None) => cut.as_str(),
        (_, Some((words, _))) => words,
    };
    Ok(format!("{cut}{end}"))
}
