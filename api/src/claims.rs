//! What an access token must say about itself, and what it must not.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// How far two clocks may differ, in seconds.
pub(crate) const LEEWAY_SECONDS: u64 = 30;
const TOKEN_BYTES_MAX: usize = 8 * 1024;
const KID_CHARS_MAX: usize = 200;
const SUBJECT_CHARS_MAX: usize = 255;
const NAME_CHARS_MAX: usize = 200;
/// 2200-01-01T00:00:00Z: a later end is a mistake in units, not a token.
const YEAR_2200: u64 = 7_258_118_400;

/// Header members that bring keys, encryption, compression or rules of their own (RFC 7515 §4.1).
const FOREIGN: [&str; 8] = ["crit", "jku", "x5u", "jwk", "x5c", "b64", "zip", "enc"];

/// The members of one JSON object, each named once.
pub(crate) struct Members(BTreeMap<String, Value>);

impl Members {
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }
}

/// What an unchecked token claims, good only for choosing the key that checks it.
pub(crate) struct Unchecked {
    pub(crate) algorithm: String,
    pub(crate) kid: String,
    pub(crate) issuer: String,
    pub(crate) claims: Members,
}

/// What a token is for. One for another use is no token here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Asking the API.
    Access,
    /// Telling the pages who signed in (OpenID Connect Core §2).
    Identity,
    /// Telling the pages who signed out (OpenID Connect Back-Channel Logout §2.4).
    Logout,
}

impl Use {
    /// RFC 9068 §2.1 and RFC 7519 §5.1; media types ignore case.
    fn has_type(self, kind: &str) -> bool {
        let kind = kind.to_ascii_lowercase();
        let kind = kind.strip_prefix("application/").unwrap_or(&kind);
        kind == "jwt"
            || match self {
                Self::Access => kind == "at+jwt",
                Self::Identity => false,
                Self::Logout => kind == "logout+jwt",
            }
    }
}

/// Takes a token apart. Reasons name no part of its content.
pub(crate) fn unchecked(token: &str, used: Use) -> Result<Unchecked, &'static str> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err("it is longer than 8 KiB");
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, _signature] = parts[..] else {
        return Err("it has not exactly three parts");
    };
    let header = members(header)?;
    check_header(&header, used)?;
    let kid = header
        .text("kid")
        .filter(|kid| kid.chars().count() <= KID_CHARS_MAX);
    let claims = members(claims)?;
    Ok(Unchecked {
        algorithm: header
            .text("alg")
            .ok_or("it names no algorithm")?
            .to_owned(),
        kid: kid.ok_or("it names no key, or too long a one")?.to_owned(),
        issuer: claims.text("iss").ok_or("it names no issuer")?.to_owned(),
        claims,
    })
}

fn members(part: &str) -> Result<Members, &'static str> {
    let text = URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| "a part is not base64url")?;
    serde_json::from_slice(&text).map_err(|_| "a part is not an object, or names a member twice")
}

fn check_header(header: &Members, used: Use) -> Result<(), &'static str> {
    if FOREIGN.iter().any(|name| header.get(name).is_some()) {
        return Err("its header brings keys or rules of its own");
    }
    match header.get("typ") {
        None => Ok(()),
        Some(Value::String(kind)) if used.has_type(kind) => Ok(()),
        Some(_) => Err("it is of another type"),
    }
}

/// The rules of an access token that go beyond signature, issuer, audience and time.
pub(crate) fn check_access(claims: &Members) -> Result<(), &'static str> {
    if claims.get("nonce").is_some() {
        return Err("it is an ID token");
    }
    if claims.get("events").is_some() {
        return Err("it tells of something that happened");
    }
    Ok(())
}

/// Those of any token; `now` in seconds since 1970.
pub(crate) fn check_claims(claims: &Members, audience: &str, now: u64) -> Result<(), &'static str> {
    match claims.get("aud") {
        Some(Value::String(only)) if only == audience => {}
        // For several programs at once: any of them could use it here.
        Some(Value::Array(all)) if matches!(&all[..], [Value::String(only)] if only == audience) => {
        }
        _ => return Err("it is not for this program alone"),
    }
    // A fraction, a text or a negative number is no time here, though others would round it.
    for name in ["exp", "nbf", "iat", "auth_time"] {
        if claims.get(name).is_some_and(|time| !time.is_u64()) {
            return Err("a time is not a whole number of seconds");
        }
    }
    if claims
        .get("exp")
        .and_then(Value::as_u64)
        .is_none_or(|end| end >= YEAR_2200)
    {
        return Err("it has no end, or one after the year 2200");
    }
    if claims
        .get("iat")
        .and_then(Value::as_u64)
        .is_some_and(|at| at > now + LEEWAY_SECONDS)
    {
        return Err("it was issued in the future");
    }
    Ok(())
}

/// Is this a time between its beginning, if it has one, and its end? No difference of clocks is allowed for;
/// `now` in seconds since 1970.
pub(crate) fn is_running(claims: &Members, now: u64) -> bool {
    let time = |name| claims.get(name).map(Value::as_u64);
    let begun = time("nbf").is_none_or(|nbf| nbf.is_some_and(|nbf| nbf <= now));
    begun && time("exp").flatten().is_some_and(|exp| now < exp)
}

/// When they proved who they are, in seconds since 1970, if the issuer says so (RFC 9068 §2.2.1).
pub(crate) fn proved_at(claims: &Members) -> Option<u64> {
    claims.get("auth_time").and_then(Value::as_u64)
}

/// Was it given to a program for itself? Entra says so (`idtyp`); elsewhere a token that a client got
/// for itself carries that client as its subject (RFC 9068 §2.2).
pub(crate) fn is_program(claims: &Members) -> bool {
    let own = |name| {
        claims
            .text(name)
            .is_some_and(|client| claims.text("sub") == Some(client))
    };
    claims.text("idtyp") == Some("app") || own("client_id") || own("azp")
}

/// When it was issued, in seconds since 1970.
pub(crate) fn issued_at(claims: &Members) -> Option<u64> {
    claims.get("iat").and_then(Value::as_u64)
}

/// The issuer's own name for a person or a session of theirs.
pub(crate) fn short(claims: &Members, claim: &str) -> Option<String> {
    plain_text(claims, claim, SUBJECT_CHARS_MAX)
}

/// Who is signed in, as the issuer knows them.
pub(crate) fn subject(claims: &Members, claim: &str) -> Result<String, &'static str> {
    plain_text(claims, claim, SUBJECT_CHARS_MAX)
        .ok_or("its subject is absent, too long or unprintable")
}

pub(crate) fn name(claims: &Members) -> Option<String> {
    plain_text(claims, "name", NAME_CHARS_MAX)
}

/// An address counts only if the issuer says, as a boolean, that it checked it.
pub(crate) fn email(claims: &Members) -> Option<String> {
    let checked = claims.get("email_verified") == Some(&Value::Bool(true));
    plain_text(claims, "email", SUBJECT_CHARS_MAX).filter(|_| checked)
}

fn plain_text(claims: &Members, name: &str, chars_max: usize) -> Option<String> {
    let sound = |text: &&str| {
        !text.is_empty() && text.chars().count() <= chars_max && !text.chars().any(char::is_control)
    };
    claims.text(name).filter(sound).map(str::to_owned)
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members, D::Error> {
        deserializer.deserialize_map(EachOnce)
    }
}

/// Two parsers may choose differently between two members of one name, so neither is taken.
struct EachOnce;

impl<'de> Visitor<'de> for EachOnce {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is named twice"));
            }
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_runs_from_its_beginning_until_its_end_and_not_in_the_second_of_it() {
        let claims = |text: &str| serde_json::from_str::<Members>(text).unwrap();
        let both = claims(r#"{"nbf":100,"exp":200}"#);
        for (now, runs) in [
            (99, false),
            (100, true),
            (199, true),
            (200, false),
            (201, false),
        ] {
            assert_eq!(is_running(&both, now), runs, "{now}");
        }
        assert!(is_running(&claims(r#"{"exp":200}"#), 0));
        for odd in [
            r#"{}"#,
            r#"{"nbf":1}"#,
            r#"{"exp":"200"}"#,
            r#"{"exp":200.5}"#,
            r#"{"nbf":"1","exp":200}"#,
            r#"{"nbf":-1,"exp":200}"#,
        ] {
            assert!(!is_running(&claims(odd), 150), "{odd}");
        }
    }
}
