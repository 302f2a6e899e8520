//! Drawing a page: a view and its template make the text that is sent.

use std::sync::OnceLock;

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value};
use rust_embed::Embed;
use serde::Serialize;

use crate::nhs;
use crate::shell::Shell;

#[derive(Embed)]
#[folder = "templates"]
struct Templates;

/// What a page shows. A template may use nothing that is not here, in the shell, or a component.
pub trait View: Serialize {
    /// The template, a file of `web/templates`.
    const TEMPLATE: &'static str;

    /// The page's title, shown in the browser's tab: short, and telling pages apart.
    fn title(&self) -> String;
}

/// Every template, ready to be drawn.
pub struct Renderer(Environment<'static>, Environment<'static>);

#[derive(Serialize)]
struct Drawn<'a, V> {
    title: String,
    shell: &'a Shell,
    page: &'a V,
}

impl Renderer {
    /// The one of this process: templates never change while it runs.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Renderer> = OnceLock::new();
        SHARED.get_or_init(Self::new)
    }

    /// Reads the templates.
    fn new() -> Self {
        let mut environment = Environment::new();
        environment.set_syntax(nhs::blocks_leave_no_lines());
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
        nhs::offer_to(&mut environment);
        for name in Templates::iter() {
            let file = Templates::get(&name).expect("it was just listed");
            let source = String::from_utf8(file.data.into_owned()).expect("templates are text");
            environment
                .add_template_owned(name.into_owned(), source)
                .expect("a test draws every template");
        }
        Self(environment, nhs::templates())
    }

    /// Draws a page.
    ///
    /// # Errors
    /// When a template asks for something that is not there: a fault of ours, which the tests find.
    pub fn draw<V: View>(&self, shell: &Shell, page: &V) -> Result<String, minijinja::Error> {
        let title = page.title();
        let drawn = Drawn { title, shell, page };
        let template = self.0.get_template(V::TEMPLATE)?;
        template.render(Value::from(Serde(drawn)))
    }

    /// Draws one official component. What is null is simply not given.
    pub fn component(&self, name: &str, params: serde_json::Value) -> String {
        let template = self.1.get_template(&format!("call/{name}"));
        let params = Value::from(Serde(given(params)));
        template
            .and_then(|template| template.render(minijinja::context! { params }))
            .expect("a test draws every component that we use")
    }

    /// Every template, and what it takes from outside.
    pub fn templates(&self) -> impl Iterator<Item = (&str, std::collections::HashSet<String>)> {
        let each = self.0.templates();
        each.map(|(name, template)| (name, template.undeclared_variables(true)))
    }
}

/// Without what is null: to the official templates that is something.
fn given(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Json::Object(members) => {
            let some = members.into_iter().filter(|(_, value)| !value.is_null());
            Json::Object(some.map(|(name, value)| (name, given(value))).collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(given).collect()),
        other => other,
    }
}
