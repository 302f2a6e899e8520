//! Our own templates use nothing that is not given to them, and show whose pages they are.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use minijinja::value::Serde;
use pipss_web::brand::Brand;
use pipss_web::nhs;
use pipss_web::render::{Renderer, View};
use pipss_web::shell::Shell;
use serde::Serialize;

/// A page that says no: the smallest there is.
#[derive(Serialize)]
struct Small {
    title: &'static str,
    detail: &'static str,
    wait: Option<u64>,
}

impl View for Small {
    const TEMPLATE: &'static str = "refused.html";

    fn title(&self) -> String {
        self.title.into()
    }
}

fn drawn(brand: &Brand) -> String {
    let shell = Shell {
        person: Some("Robin Wren".into()),
        ..Shell::open(brand, "nonce", false)
    };
    let small = Small {
        title: "No",
        detail: "Not this.",
        wait: None,
    };
    Renderer::shared().draw(&shell, &small).unwrap()
}

fn named() -> Brand {
    Brand {
        organisation: Some("Harbour & Hills NHS Trust".into()),
        service: "Support after incidents".into(),
        ..Brand::default()
    }
}

/// Part of other templates, each of which sets that name.
fn is_set_by_whoever_includes(part: &str, name: &str) -> bool {
    let include = format!("{{% include \"{part}\" %}}");
    let [each, set] = [format!("for {name} in "), format!("set {name} = ")];
    let mut including = sources()
        .filter(|source| source.contains(&include))
        .peekable();
    including.peek().is_some()
        && including.all(|source| source.contains(&each) || source.contains(&set))
}

/// Every template of ours, as it is written.
fn sources() -> impl Iterator<Item = String> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                sources.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    sources.into_iter()
}

#[test]
fn no_template_uses_a_name_that_it_is_not_given() {
    let official = nhs::templates();
    let components = official.templates();
    let components: BTreeSet<_> = components
        .filter_map(|(name, _)| name.strip_prefix("call/"))
        .collect();
    let shell = Shell::open(&Brand::default(), "nonce", false);
    let shell = minijinja::Value::from(Serde(serde_json::to_value(shell).unwrap()));
    let renderer = Renderer::shared();
    let mut templates = 0;
    for (template, names) in renderer.templates() {
        templates += 1;
        for name in names {
            let given = match name.split('.').collect::<Vec<_>>()[..] {
                // A place of the template's own, to carry something out of a loop.
                ["title" | "namespace"] | ["page", ..] => true,
                ["shell", part, ..] => !shell.get_attr(part).unwrap().is_undefined(),
                [component] if components.contains(component) => true,
                [part, ..] => is_set_by_whoever_includes(template, part),
                _ => false,
            };
            assert!(given, "{template} uses {name}");
        }
    }
    assert!(templates >= 8, "only {templates} templates were looked at");
}

#[test]
fn the_nhs_logo_is_there_only_where_it_is_configured() {
    let (plain, nhs) = (
        drawn(&named()),
        drawn(&Brand {
            nhs: true,
            ..named()
        }),
    );
    assert!(!plain.contains("nhsuk-header__logo"), "{plain}");
    assert!(nhs.contains("nhsuk-header__logo"), "{nhs}");
    for page in [plain, nhs] {
        let (_, header) = page.split_once("<header").unwrap();
        let (header, rest) = header.split_once("</header>").unwrap();
        for words in [
            "Harbour &amp; Hills",
            "Support after incidents",
            "Robin Wren",
            "Sign out",
        ] {
            assert!(header.contains(words), "{words} is not in {header}");
        }
        let (_, footer) = rest.split_once("<footer").unwrap();
        assert!(footer.contains("Harbour &amp; Hills NHS Trust"), "{footer}");
    }
}

#[test]
fn a_colour_is_a_stylesheet_of_ours_and_without_one_there_is_none() {
    let coloured = Brand {
        colour: Some("#003087".into()),
        ..named()
    };
    assert!(drawn(&coloured).contains("/brand.css?003087\">"));
    assert!(coloured.styles().contains("background-color:#003087"));
    assert!(!drawn(&named()).contains("brand.css"));
    assert_eq!(named().styles(), "");
}
