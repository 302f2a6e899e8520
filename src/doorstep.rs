//! What every request must be before anyone looks at it, and what every answer carries, whichever face answers.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, Version, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use pipss_api::arrival::arrived;
use pipss_api::problem::Refused;
use pipss_domain::refusal::Refusal;

use crate::proxies::Proxies;

/// Set where the answer does not say otherwise itself. The policies of pages and of the documentation
/// are their own.
const CARRIED: [(HeaderName, &str); 9] = [
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    (
        HeaderName::from_static("x-permitted-cross-domain-policies"),
        "none",
    ),
];

/// Nothing that a browser can do beyond showing pages is needed.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

/// Two years; asked for over https only.
const ONLY_HTTPS: &str = "max-age=63072000; includeSubDomains";

/// What the doorstep has to know.
pub struct Doorstep {
    /// Who is believed about an address.
    pub proxies: Proxies,
    /// Do people reach the program over https?
    pub https: bool,
}

/// The routes, with the doorstep before them.
pub fn before(routes: Router, doorstep: Doorstep) -> Router {
    routes.layer(middleware::from_fn_with_state(Arc::new(doorstep), crossed))
}

async fn crossed(
    State(doorstep): State<Arc<Doorstep>>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut response = match turned_away(&request) {
        Some(refused) => {
            // Its body is read all the same: the next request stands behind it.
            let _ = arrived(request).await;
            refused.into_response()
        }
        None => {
            doorstep.prepare(&mut request);
            next.run(request).await
        }
    };
    for (name, value) in CARRIED {
        let headers = response.headers_mut();
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if doorstep.https {
        let value = HeaderValue::from_static(ONLY_HTTPS);
        response
            .headers_mut()
            .insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    response
}

/// Requests that mean one thing to a proxy and another to us, or nothing at all.
fn turned_away(request: &Request) -> Option<Refused> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (host, another) = (hosts.next(), hosts.next());
    if another.is_some() || (host.is_none() && request.version() == Version::HTTP_11) {
        return Some(Refused::Malformed("it must name one Host"));
    }
    if matches!(*request.method(), Method::TRACE | Method::CONNECT) {
        return Some(Refused::Method);
    }
    if request.uri().authority().is_some() || !request.uri().path().starts_with('/') {
        return Some(Refused::Malformed(
            "ask for a path, not for a whole address",
        ));
    }
    (!is_text(request.uri().path())).then_some(Refusal::NotFound.into())
}

/// A path that is no text once it is read names nothing.
fn is_text(path: &str) -> bool {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (digit(rest.next()), digit(rest.next())) {
            (Some(high), Some(low)) => bytes.push(u8::try_from(high * 16 + low).unwrap_or(0xff)),
            _ => return false,
        }
    }
    String::from_utf8(bytes).is_ok_and(|text| !text.chars().any(char::is_control))
}

impl Doorstep {
    /// Says whose request it is, and marks what nobody may print.
    fn prepare(&self, request: &mut Request) {
        let connected = request.extensions().get::<ConnectInfo<SocketAddr>>();
        if let Some(ConnectInfo(connected)) = connected.cloned() {
            let asker = self.proxies.asker(connected, request.headers());
            request.extensions_mut().insert(ConnectInfo(asker));
        }
        for (name, value) in request.headers_mut() {
            if [header::AUTHORIZATION, header::COOKIE].contains(name) {
                value.set_sensitive(true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_text() {
        for path in ["/", "/api/v1/cases/%C3%A9", "/a%20b"] {
            assert!(is_text(path), "{path}");
        }
        for path in ["/%ff", "/%", "/%4", "/%zz", "/%00", "/a%0d%0ab"] {
            assert!(!is_text(path), "{path}");
        }
    }
}
