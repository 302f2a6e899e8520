//! Who is asking: the access token a person's sign-in service gave them, checked.

use std::collections::HashSet;
use std::fmt;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, get_current_timestamp};
use serde::Deserialize;
use tracing::debug;
use uuid::Uuid;

use crate::checked::Checked;
use crate::claims::{self, LEEWAY_SECONDS, Members, Use};
use crate::ended::Ended;
pub use crate::key_set::Algorithm;
pub use crate::keys::KeySource;
use crate::keys::Keys;
use crate::sign_in_client;
pub use crate::sign_in_client::SignInClient;

/// A sign-in service that one organisation trusts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Exactly what its tokens carry as `iss`.
    pub issuer: String,
    /// Exactly what its tokens for this program carry as `aud`.
    pub audience: String,
    /// The one way it signs.
    pub algorithm: Algorithm,
    /// The claim that names a person for good: `sub`, or `oid` for Entra.
    #[serde(default = "sub")]
    pub subject_claim: String,
    /// Where its public keys are.
    pub keys: KeySource,
    /// The organisation its people belong to.
    pub organisation: Uuid,
    /// How people sign in at the pages with it; without, it serves the API alone.
    #[serde(default)]
    pub sign_in: Option<SignInClient>,
}

/// Someone whose token held. It says who they are, never what they may do.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The organisation that trusts the issuer.
    pub organisation: Uuid,
    /// The sign-in service.
    pub issuer: String,
    /// The person, unique within the issuer; 1 to 255 characters, none of them control characters.
    pub subject: String,
    /// How the issuer calls them, at most 200 characters.
    pub name: Option<String>,
    /// Their address, only if the issuer verified it.
    pub email: Option<String>,
    /// Did they prove who they are within [`JUST_NOW_SECONDS`]?
    pub just_proved: bool,
    /// Does the issuer say that no person is behind it?
    pub program: bool,
}

/// What may do harm asks for a sign-in no older than this.
pub const JUST_NOW_SECONDS: u64 = 5 * 60;

/// No: whatever was wrong with a token, whoever sent it learns only this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unauthorised;

/// A sentence for whoever wrote the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadIssuer(String);

/// Checks tokens against the issuers of the configuration.
pub struct Verifier {
    trusted: Vec<Trusted>,
    /// Whom an issuer told us to have signed out.
    pub(crate) ended: Ended,
    /// Whose signature need not be checked again.
    checked: Checked,
}

pub(crate) struct Trusted {
    pub(crate) issuer: Issuer,
    keys: Keys,
}

impl Verifier {
    /// Checks the configuration; key files are read now, key addresses at first use.
    pub fn new(issuers: Vec<Issuer>) -> Result<Verifier, BadIssuer> {
        let mut seen = HashSet::new();
        let mut trusted = Vec::new();
        for issuer in issuers {
            let named = |why: String| BadIssuer(format!("issuer {:?}: {why}", issuer.issuer));
            if !seen.insert(issuer.issuer.clone()) {
                return Err(named("it is configured twice".into()));
            }
            trusted.push(trust(issuer.clone()).map_err(named)?);
        }
        Ok(Verifier {
            trusted,
            ended: Ended::default(),
            checked: Checked::default(),
        })
    }

    /// Says who signed in. Reads the issuer's keys again where they may have changed.
    pub async fn verify(&self, token: &str) -> Result<SignedIn, Unauthorised> {
        self.access(token).await.map_err(|why| {
            debug!(why, "an access token was refused: {why}");
            Unauthorised
        })
    }

    async fn access(&self, token: &str) -> Result<SignedIn, &'static str> {
        let (trusted, claims) = self.signed(token, Use::Access).await?;
        claims::check_access(&claims)?;
        let (sid, sub) = (claims::short(&claims, "sid"), claims::short(&claims, "sub"));
        let named = (sid.as_deref(), sub.as_deref());
        if self
            .ended
            .has_ended(&trusted.issuer.issuer, named, claims::issued_at(&claims))
        {
            return Err("its session was ended by its issuer");
        }
        trusted.signed_in(&claims)
    }

    /// A token's claims, once its signature, issuer, audience and times hold.
    pub(crate) async fn signed(
        &self,
        token: &str,
        used: Use,
    ) -> Result<(&Trusted, Members), &'static str> {
        let unchecked = claims::unchecked(token, used)?;
        let trusted = self
            .trusted
            .iter()
            .find(|trusted| trusted.issuer.issuer == unchecked.issuer);
        let trusted = trusted.ok_or("its issuer is not configured")?;
        if unchecked.algorithm != trusted.issuer.algorithm.name() {
            return Err("it is signed in another way than its issuer signs");
        }
        let audience = trusted.audience(used)?;
        let key = trusted
            .keys
            .find(&unchecked.kid)
            .await
            .ok_or("its issuer has no such key")?;
        let now = get_current_timestamp();
        let known = used == Use::Access
            && claims::is_running(&unchecked.claims, now)
            && self.checked.holds(token, &key);
        let claims = if known {
            unchecked.claims
        } else {
            let checked = decode::<Members>(token, &key, &trusted.validation(audience, used));
            checked.map_err(|error| reason(error.kind()))?.claims
        };
        claims::check_claims(&claims, audience, now)?;
        if used == Use::Access && !known {
            self.checked.add(token, &key);
        }
        Ok((trusted, claims))
    }
}

impl Trusted {
    fn audience(&self, used: Use) -> Result<&str, &'static str> {
        match used {
            Use::Access => Ok(&self.issuer.audience),
            Use::Identity | Use::Logout => {
                let client = self.issuer.sign_in.as_ref();
                let client = client.ok_or("nobody signs in at the pages with its issuer")?;
                Ok(&client.client_id)
            }
        }
    }

    fn validation(&self, audience: &str, used: Use) -> Validation {
        let mut validation = Validation::new(self.issuer.algorithm.into());
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        validation.set_audience(&[audience]);
        validation.set_issuer(&[&self.issuer.issuer]);
        // The library checks audience and issuer only where they are required.
        match used {
            Use::Logout => validation.set_required_spec_claims(&["exp", "aud", "iss"]),
            _ => validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]),
        }
        validation
    }

    /// The same person is the same in every kind of token.
    pub(crate) fn signed_in(&self, claims: &Members) -> Result<SignedIn, &'static str> {
        let Issuer {
            issuer,
            subject_claim,
            organisation,
            ..
        } = &self.issuer;
        let now = get_current_timestamp();
        Ok(SignedIn {
            organisation: *organisation,
            issuer: issuer.clone(),
            subject: claims::subject(claims, subject_claim)?,
            name: claims::name(claims),
            email: claims::email(claims),
            program: claims::is_program(claims),
            just_proved: claims::proved_at(claims)
                .is_some_and(|at| now.saturating_sub(at) <= JUST_NOW_SECONDS),
        })
    }
}

fn trust(issuer: Issuer) -> Result<Trusted, String> {
    let Issuer {
        issuer: name,
        audience,
        subject_claim,
        ..
    } = &issuer;
    if name.is_empty() || audience.is_empty() || subject_claim.is_empty() {
        return Err("issuer, audience and subject_claim must not be empty".into());
    }
    sign_in_client::check(&issuer)?;
    let keys = Keys::open(&issuer.keys, issuer.algorithm)?;
    Ok(Trusted { issuer, keys })
}

fn sub() -> String {
    "sub".into()
}

fn reason(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidSignature => "its signature does not hold",
        ErrorKind::ExpiredSignature => "it has ended",
        ErrorKind::ImmatureSignature => "it has not begun",
        ErrorKind::InvalidAudience => "it is for another program",
        ErrorKind::MissingRequiredClaim(_) => "it lacks one of exp, aud, iss and sub",
        _ => "it is malformed",
    }
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = format_args!("***");
        f.debug_struct("SignedIn")
            .field("organisation", &self.organisation)
            .field("issuer", &hidden)
            .field("subject", &hidden)
            .field("name", &hidden)
            .field("email", &hidden)
            .field("just_proved", &self.just_proved)
            .finish()
    }
}

impl fmt::Display for Unauthorised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("You are not signed in, or your sign-in has ended. Please sign in again.")
    }
}

impl std::error::Error for Unauthorised {}

impl fmt::Display for BadIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadIssuer {}
