//! The official components are drawn as their makers draw them: every example that they publish, compared.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use pipss_web::nhs;
use serde_json::Value as Json;

/// An example: what is given to a component, and what its makers' own program draws from it.
struct Example {
    component: String,
    name: String,
    /// One or two values, as the component takes them.
    params: Vec<Json>,
    /// What is written between the beginning and the end of a call.
    within: Option<String>,
    html: String,
}

/// The examples, as they are published beside the styles that `make assets` fetches.
fn examples() -> Vec<Example> {
    let components = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("node_modules/nhsuk-frontend/dist/nhsuk/components");
    let folders = std::fs::read_dir(components).expect("make assets fetches them");
    let mut files: Vec<_> = folders
        .map(|folder| folder.unwrap().path().join("fixtures.json"))
        .filter(|file| file.exists())
        .collect();
    files.sort();
    files.iter().flat_map(|file| of_file(file)).collect()
}

fn of_file(file: &Path) -> Vec<Example> {
    let file: Json = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    let example = |fixture: &Json| Example {
        component: text(&file["component"]),
        name: text(&fixture["name"]),
        params: match &fixture["context"] {
            Json::Array(several) => several.clone(),
            one => vec![one.clone()],
        },
        within: fixture["callBlock"].as_str().map(str::to_owned),
        html: text(&fixture["html"]),
    };
    let fixtures = file["fixtures"].as_array().unwrap();
    fixtures.iter().map(example).collect()
}

/// `date-input` offers `dateInput`, `tables` offers `table`.
fn macro_of(component: &str) -> String {
    let singular = match component {
        "images" => "image",
        "tables" => "table",
        "do-dont-list" => "list",
        other => other,
    };
    let mut words = singular.split('-');
    let first = words.next().unwrap().to_owned();
    words.fold(first, |name, word| {
        let (head, rest) = word.split_at(1);
        name + &head.to_uppercase() + rest
    })
}

fn drawn(official: &Environment<'_>, example: &Example) -> String {
    let name = macro_of(&example.component);
    let file = format!("nhsuk/components/{}/macro.jinja", example.component);
    let names: Vec<_> = (0..example.params.len())
        .map(|n| format!("params[{n}]"))
        .collect();
    let call = format!("{name}({})", names.join(", "));
    let call = match &example.within {
        None => format!("{{{{ {call} }}}}"),
        Some(within) => format!("{{% call {call} %}}\n{}\n{{%- endcall %}}", within.trim()),
    };
    let source = format!("{{% from \"{file}\" import {name} %}}{call}");
    let params = Value::from(Serde(&example.params));
    official
        .render_named_str("example.html", &source, context! { params })
        .unwrap_or_else(|error| format!("{error:#}"))
}

/// What means the same in HTML reads the same: space around tags and how much of it, the order of
/// attributes, and how a character is escaped.
fn plain(html: &str) -> String {
    let mut text = html.split_whitespace().collect::<Vec<_>>().join(" ");
    for (written, meant) in [
        ("> ", ">"),
        (" <", "<"),
        ("&#x2f;", "/"),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#34;", "&quot;"),
    ] {
        text = text.replace(written, meant);
    }
    let mut sorted = String::new();
    for part in text.split_inclusive('>') {
        let (before, tag) = part.split_at(part.find('<').unwrap_or(part.len()));
        sorted += before;
        sorted += &with_sorted_attributes(tag);
    }
    sorted
}

fn with_sorted_attributes(tag: &str) -> String {
    let mut within_quotes = false;
    let parts = tag.trim_end_matches('>').split(|c: char| {
        within_quotes ^= c == '"';
        c == ' ' && !within_quotes
    });
    let mut parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    if let Some((_, attributes)) = parts.split_first_mut() {
        attributes.sort_unstable();
    }
    parts.join(" ")
}

/// The same list in JSON, with a space after the comma.
const SAME_IN_OTHER_WORDS: [&str; 1] = ["file-upload: button"];

#[test]
fn every_official_example_is_drawn_as_its_makers_draw_it() {
    let official = nhs::templates();
    let (mut plainly, mut within) = (0, 0);
    let mut different = Vec::new();
    for example in examples() {
        let ours = drawn(&official, &example);
        let name = format!("{}: {}", example.component, example.name);
        if plain(&ours) != plain(&example.html) {
            println!("{name}\n{}\n{}\n", plain(&ours), plain(&example.html));
            different.push(name);
        }
        match example.within {
            None => plainly += 1,
            Some(_) => within += 1,
        }
    }
    assert_eq!(different, SAME_IN_OTHER_WORDS);
    assert_eq!((plainly, within), (928, 55));
}

#[test]
fn what_reads_differently_is_not_taken_for_the_same() {
    let same = plain(r#"<a  href="&#x2f;x" class="b">  It&#39;s </a>"#);
    assert_eq!(same, plain(r#"<a class="b" href="/x">It's</a>"#));
    for other in [
        r#"<a class="b c" href="/x">It's</a>"#,
        r#"<a class="b" href="/x">Its</a>"#,
        r#"<a class="b" href="/x" hidden>It's</a>"#,
        r#"<b class="b" href="/x">It's</b>"#,
    ] {
        assert_ne!(same, plain(other));
    }
}
