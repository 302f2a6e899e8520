//! What stands on every page on which people ask for themselves: whom to ring now, and whether privacy
//! was proved.

use minijinja::HtmlEscape;
use serde_json::json;

use crate::london;
use crate::pages::Pages;
use crate::urgent;
use crate::visitor::Visitor;

/// Whom to ring if it cannot wait, drawn.
pub fn now(pages: &Pages) -> String {
    let lines = pages.app.urgent_help().iter();
    let row = |line: &pipss_api::reading::HelpLine| {
        let value = match urgent::dials(&line.number) {
            Some(dials) => {
                json!({ "html": format!("<a href=\"tel:{dials}\">{}</a>", HtmlEscape(&line.number)) })
            }
            None => json!({ "text": line.number }),
        };
        json!({ "key": { "text": line.name }, "value": value })
    };
    let rows: Vec<_> = lines.map(row).collect();
    let rows = pages
        .renderer
        .component("summaryList", json!({ "rows": rows, "border": false }));
    let callout = json!({ "heading": "If it cannot wait", "headingLevel": 2, "html": rows });
    pages.renderer.component("warningCallout", callout)
}

/// Whether the last proof of privacy passed, and when; nothing if none ran.
pub fn proved(pages: &Pages, visitor: &Visitor) -> Option<String> {
    let last = pages.app.last_proof(&visitor.actor).ok()??;
    let when = london::moment(last.at);
    Some(if last.holds {
        format!(
            "The last privacy proof passed on {when}. It compares everything that every manager could be \
             shown, with and without one-to-one support, and found no difference."
        )
    } else {
        format!(
            "The last privacy proof, on {when}, did not pass. Until the next one passes, you may prefer to \
             ring."
        )
    })
}
