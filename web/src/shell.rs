//! What stands around every page: whose it is, who is signed in, and where they can go.

use pipss_api::people::{MeAnswer, RoleCode};
use serde::Serialize;

use crate::assets;
use crate::brand::Brand;

/// What every template can use besides its own page.
#[derive(Serialize)]
pub struct Shell {
    /// Whose pages these are.
    pub brand: Brand,
    /// Where styles and scripts are; changes with them.
    pub assets: &'static str,
    /// What scripts of this page carry.
    pub nonce: String,
    /// What forms of this session carry.
    pub csrf: String,
    /// Who is signed in.
    pub person: Option<String>,
    /// Where they can go.
    pub navigation: Vec<Place>,
    /// Made-up data?
    pub demo: bool,
    /// What was just done.
    pub told: Option<String>,
}

/// Somewhere to go.
#[derive(Serialize)]
pub struct Place {
    /// Its name.
    pub text: &'static str,
    /// Its path.
    pub href: &'static str,
    /// Is this where one is?
    pub current: bool,
}

/// Everywhere one can go from everywhere: the words, the path, and who has reason to.
const PLACES: [(&str, &str, &[RoleCode]); 12] = [
    ("Home", "/", &[]),
    ("My teams", "/teams", &[RoleCode::Manager]),
    ("Queue", "/queue", &[RoleCode::Lead]),
    ("Tasks", "/tasks", &[RoleCode::Lead]),
    ("Week", "/week", &[RoleCode::Lead]),
    ("Search", "/search", &[RoleCode::Lead, RoleCode::Manager]),
    ("My sessions", "/sessions", &[RoleCode::Facilitator]),
    ("Supervision", "/supervision", &[RoleCode::SupervisionLead]),
    (
        "Reports",
        "/reports",
        &[RoleCode::Governance, RoleCode::Lead],
    ),
    ("Roles", "/grants", &[RoleCode::Lead]),
    ("Oversight", "/oversight", &[RoleCode::Auditor]),
    ("Directory", "/directory", &[RoleCode::Administrator]),
];

/// Where someone can go.
pub fn navigation(me: &MeAnswer, path: &str) -> Vec<Place> {
    let theirs = PLACES.iter().filter(|(_, _, roles)| {
        roles.is_empty() || roles.iter().any(|role| me.roles.contains(role))
    });
    let here = |href: &str| match href {
        "/" => path == "/",
        _ => {
            path == href
                || path
                    .strip_prefix(href)
                    .is_some_and(|rest| rest.starts_with('/'))
        }
    };
    theirs
        .map(|(text, href, _)| Place {
            text,
            href,
            current: here(href),
        })
        .collect()
}

impl Shell {
    /// Around a page for someone who is not signed in.
    pub fn open(brand: &Brand, nonce: &str, demo: bool) -> Self {
        Self {
            brand: brand.clone(),
            assets: assets::folder(),
            nonce: nonce.to_owned(),
            csrf: String::new(),
            person: None,
            navigation: Vec::new(),
            demo,
            told: None,
        }
    }
}
