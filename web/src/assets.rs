//! Styles, scripts and pictures: in the binary, with an address that changes when they do.

use std::sync::{Arc, OnceLock};

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::Embed;

use crate::pages::Pages;

/// The official ones, fetched by `make assets`.
#[derive(Embed)]
#[folder = "assets/static"]
struct Official;

/// Ours.
#[derive(Embed)]
#[folder = "static"]
struct Ours;

/// `/static/` and a part that changes with what is in it.
pub fn folder() -> &'static str {
    static FOLDER: OnceLock<String> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let files = Official::iter().filter_map(|name| Official::get(&name));
        let files = files.chain(Ours::iter().filter_map(|name| Ours::get(&name)));
        let mut all = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        files.for_each(|file| all.update(&file.metadata.sha256_hash()));
        let hash = all.finish();
        let short: String = hash.as_ref()[..6]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("/static/{short}")
    })
}

/// One of them. Browsers keep it for a year: another version has another address.
pub async fn read(
    State(pages): State<Arc<Pages>>,
    Path((_, name)): Path<(String, String)>,
) -> Response {
    const KEPT: &str = "public, max-age=31536000, immutable";
    // The trust's own picture changes without its address.
    const SOON: &str = "public, max-age=3600";
    let kind = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let file = match name.as_str() {
        "logo.svg" | "logo.png" => {
            let logo = pages.logo.as_ref().filter(|logo| logo.name == name);
            logo.map(|logo| logo.data.clone().into())
        }
        "brand.css" => Some(pages.brand.styles().into_bytes().into()),
        _ => Ours::get(&name)
            .or_else(|| Official::get(&name))
            .map(|file| file.data),
    };
    match file {
        Some(data) => {
            let kept = if name.starts_with("logo.") {
                SOON
            } else {
                KEPT
            };
            let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)];
            (headers, data.into_owned()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
