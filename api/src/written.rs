//! An answer as JSON, written in one piece.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Room for most answers; a longer one asks for more.
const BYTES: usize = 8 * 1024;

/// An answer, written once: what it stands in grows by itself, and is sent as it is. For answers of thousands of
/// small parts this is much less work than to ask before each whether there is room.
pub struct Written<T>(pub T);

impl<T: Serialize> IntoResponse for Written<T> {
    fn into_response(self) -> Response {
        let mut text = Vec::with_capacity(BYTES);
        serde_json::to_writer(&mut text, &self.0).expect("answers are plain JSON");
        let json = HeaderValue::from_static("application/json");
        ([(header::CONTENT_TYPE, json)], text).into_response()
    }
}
