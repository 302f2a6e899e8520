//! What an issuer tells the pages: who signed in there, and who signed out.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use jsonwebtoken::get_current_timestamp;
use serde_json::Value;
use tracing::debug;

use crate::claims::{self, Members, Use};
use crate::token::{SignedIn, Unauthorised, Verifier};

/// Someone who signed in at the pages.
pub struct Identity {
    /// Who: the same as in an access token of theirs.
    pub signed_in: SignedIn,
    /// When they last proved it, in seconds since 1970, if the issuer says so.
    pub proved_at: Option<u64>,
    /// What the issuer calls them when it says that they signed out.
    pub named: Named,
}

/// What an issuer calls a session of someone's.
#[derive(Clone, PartialEq, Eq)]
pub struct Named {
    /// The issuer.
    pub issuer: String,
    /// The person.
    pub sub: Option<String>,
    /// The session.
    pub sid: Option<String>,
}

/// The event that a logout token tells of.
const SIGNED_OUT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// An older message comes from someone who kept it.
const MESSAGE_AGE_MAX_SECONDS: u64 = 10 * 60;

impl Verifier {
    /// Checks an ID token that was asked for with this nonce.
    ///
    /// # Errors
    /// `Unauthorised`, whatever is wrong.
    pub async fn identity(
        &self,
        issuer: &str,
        token: &str,
        nonce: &str,
    ) -> Result<Identity, Unauthorised> {
        self.check_identity(issuer, token, nonce)
            .await
            .map_err(|why| {
                debug!(why, "an ID token was refused: {why}");
                Unauthorised
            })
    }

    async fn check_identity(
        &self,
        issuer: &str,
        token: &str,
        nonce: &str,
    ) -> Result<Identity, &'static str> {
        let (trusted, claims) = self.signed(token, Use::Identity).await?;
        if trusted.issuer.issuer != issuer {
            return Err("it is of another issuer than the one that was asked");
        }
        let given = claims.get("nonce").and_then(Value::as_str);
        let given = given.ok_or("it carries no nonce")?;
        verify_slices_are_equal(given.as_bytes(), nonce.as_bytes())
            .map_err(|_| "its nonce is another one")?;
        let client = trusted.issuer.sign_in.as_ref().map(|c| &c.client_id);
        let party = claims.get("azp").map(Value::as_str);
        if party.is_some_and(|party| party != client.map(String::as_str)) {
            return Err("it was issued to another program");
        }
        if claims.get("events").is_some() {
            return Err("it tells of something that happened");
        }
        Ok(Identity {
            signed_in: trusted.signed_in(&claims)?,
            proved_at: claims::proved_at(&claims),
            named: named(issuer, &claims),
        })
    }

    /// Takes the message that someone signed out at their issuer, once. Access tokens of that session
    /// hold no longer; whoever asks ends the session at the pages.
    ///
    /// # Errors
    /// `Unauthorised`, whatever is wrong.
    pub async fn signed_out(&self, token: &str) -> Result<Named, Unauthorised> {
        self.check_signed_out(token).await.map_err(|why| {
            debug!(why, "a logout token was refused: {why}");
            Unauthorised
        })
    }

    async fn check_signed_out(&self, token: &str) -> Result<Named, &'static str> {
        let (trusted, claims) = self.signed(token, Use::Logout).await?;
        if claims.get("nonce").is_some() {
            return Err("it is an ID token");
        }
        let event = claims.get("events").and_then(|all| all.get(SIGNED_OUT));
        if !event.is_some_and(Value::is_object) {
            return Err("it does not tell of a sign-out");
        }
        let now = get_current_timestamp();
        let issued = claims::issued_at(&claims).ok_or("it does not say when it was issued")?;
        if now.saturating_sub(issued) > MESSAGE_AGE_MAX_SECONDS {
            return Err("it is too old");
        }
        let issuer = &trusted.issuer.issuer;
        let named = named(issuer, &claims);
        if named.sid.is_none() && named.sub.is_none() {
            return Err("it names neither a session nor a person");
        }
        let message = claims::short(&claims, "jti").ok_or("it has no id of its own")?;
        if !self.ended.first(issuer, &message) {
            return Err("it was taken before");
        }
        let both = (named.sid.as_deref(), named.sub.as_deref());
        self.ended.end(issuer, both, now);
        Ok(named)
    }
}

fn named(issuer: &str, claims: &Members) -> Named {
    Named {
        issuer: issuer.to_owned(),
        sub: claims::short(claims, "sub"),
        sid: claims::short(claims, "sid"),
    }
}
