//! The page that a run rewrites: each part between its own two marks, the words around them kept.

use std::fs;
use std::path::Path;

use anyhow::Context;

/// Puts `text` between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->` of `performance.md` in `docs`.
///
/// # Errors
/// When the page or its marks are missing.
pub fn rewrite(docs: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let path = docs.join("performance.md");
    let page = fs::read_to_string(&path)?;
    let (begin, end) = (
        format!("<!-- bench:{name} -->"),
        format!("<!-- /bench:{name} -->"),
    );
    let (before, rest) = page
        .split_once(&begin)
        .context("the page has no place for it")?;
    let (_, after) = rest
        .split_once(&end)
        .context("the place for it has no end")?;
    let text = text.trim();
    fs::write(path, format!("{before}{begin}\n{text}\n{end}{after}"))?;
    println!("docs/performance.md: {name} rewritten");
    Ok(())
}
