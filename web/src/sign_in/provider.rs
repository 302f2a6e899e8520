//! The sign-in service of a trust: how it describes itself, how one is sent there, what it gives for a code.

use std::sync::Arc;
use std::time::Duration;

use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod,
    CoreErrorResponseType, CoreTokenResponse,
};
use openidconnect::url::Url;
use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, LogoutRequest, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl,
    RequestTokenError, Scope, StandardErrorResponse, TokenResponse,
};
use pipss_api::believed::Believed;
use pipss_api::fetch::Peer;
use pipss_api::token::{Issuer, SignInClient};
use secrecy::{ExposeSecret, SecretString};

/// Where a sign-in service sends people back to.
pub const CALLBACK: &str = "/sign-in/callback";

/// A sign-in service.
pub struct Provider {
    /// Its name, as its tokens carry it.
    pub(crate) issuer: String,
    /// What people call the account.
    pub(crate) account: String,
    client: SignInClient,
    secret: Option<SecretString>,
    callback: RedirectUrl,
    out: PostLogoutRedirectUrl,
    described: Arc<Believed<Arc<ProviderMetadataWithLogout>>>,
}

/// Why nobody could be sent there, or came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// It does not answer.
    Unreachable,
    /// It says no.
    Refused,
}

/// What one is sent there with.
pub(crate) struct Asked<'a> {
    pub state: &'a str,
    pub nonce: &'a str,
    pub verifier: &'a str,
    /// Must they prove who they are, though they did before?
    pub prove: bool,
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl Provider {
    /// Of an issuer with which people sign in at the pages; none for one that serves the API alone. What
    /// it says of itself is read when it is first needed.
    ///
    /// # Errors
    /// A sentence for whoever wrote the configuration.
    pub fn of(issuer: &Issuer, base_url: &str) -> Result<Option<Self>, String> {
        let Some(client) = issuer.sign_in.clone() else {
            return Ok(None);
        };
        let wrong = |why: &dyn std::fmt::Display| format!("base_url: {why}");
        let address = issuer.discovery();
        let peer = Peer::at(&address).map_err(|why| format!("{address}: {why}"))?;
        let name = issuer.issuer.clone();
        let understand = move |text: &[u8]| described(&name, text).map(Arc::new);
        Ok(Some(Self {
            issuer: issuer.issuer.clone(),
            account: client.account.clone(),
            secret: secret(&client)?,
            callback: RedirectUrl::new(format!("{base_url}{CALLBACK}")).map_err(|e| wrong(&e))?,
            out: PostLogoutRedirectUrl::new(format!("{base_url}/")).map_err(|e| wrong(&e))?,
            described: Believed::published(address, peer, understand),
            client,
        }))
    }

    /// Where one signs in.
    pub(crate) async fn way_in(&self, asked: Asked<'_>) -> Result<Url, Failed> {
        let client = self.client().await?;
        let verifier = PkceCodeVerifier::new(asked.verifier.to_owned());
        let (state, nonce) = (asked.state.to_owned(), asked.nonce.to_owned());
        let request = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state),
            move || Nonce::new(nonce),
        );
        let scopes = self.client.scopes.iter().filter(|s| *s != "openid");
        let mut request = request
            .add_scopes(scopes.cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if asked.prove {
            request = request
                .add_prompt(CoreAuthPrompt::Login)
                .set_max_age(Duration::ZERO);
        }
        Ok(request.url().0)
    }

    /// The ID token that it gives for a code, not checked yet.
    pub(crate) async fn id_token(&self, code: &str, verifier: &str) -> Result<String, Failed> {
        let client = self.client().await?;
        let code = AuthorizationCode::new(code.to_owned());
        let asked = client.exchange_code(code).map_err(|_| Failed::Refused)?;
        let asked = asked.set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        let send = async |request: HttpRequest| {
            // The address was looked at when the issuer described itself.
            let peer = Peer::at(&request.uri().to_string()).map_err(std::io::Error::other)?;
            peer.send(request).await.map_err(std::io::Error::other)
        };
        let send = move |request| Box::pin(send(request));
        let answer: Result<CoreTokenResponse, _> = asked.request_async(&send).await;
        let answer = answer.map_err(|error| self.failed(error))?;
        let token = answer.id_token().ok_or(Failed::Refused)?;
        Ok(token.to_string())
    }

    fn failed<E: std::error::Error>(
        &self,
        error: RequestTokenError<E, StandardErrorResponse<CoreErrorResponseType>>,
    ) -> Failed {
        let (why, failed) = match &error {
            RequestTokenError::ServerResponse(no) => (no.error().to_string(), Failed::Refused),
            RequestTokenError::Request(error) => (error.to_string(), Failed::Unreachable),
            // Its text may hold tokens.
            _ => ("it cannot be understood".into(), Failed::Unreachable),
        };
        tracing::warn!(issuer = self.issuer, "no ID token for a code: {why}");
        failed
    }

    /// Where one signs out of it too, if it has such a place and answers.
    pub(crate) async fn way_out(&self) -> Option<Url> {
        let described = self.described().await.ok()?;
        let end = described.additional_metadata().end_session_endpoint.clone();
        let request = LogoutRequest::from(end?)
            .set_client_id(ClientId::new(self.client.client_id.clone()))
            .set_post_logout_redirect_uri(self.out.clone());
        Some(request.http_get_url())
    }

    async fn described(&self) -> Result<Arc<ProviderMetadataWithLogout>, Failed> {
        let described = self.described.find(|described| Some(Arc::clone(described)));
        described.await.ok_or(Failed::Unreachable)
    }

    async fn client(&self) -> Result<Client, Failed> {
        let described = self.described().await?;
        let ways = described.token_endpoint_auth_methods_supported();
        let in_body = ways.is_some_and(|ways| {
            ways.contains(&CoreClientAuthMethod::ClientSecretPost)
                && !ways.contains(&CoreClientAuthMethod::ClientSecretBasic)
        });
        let id = ClientId::new(self.client.client_id.clone());
        let secret = self.secret.as_ref();
        let secret = secret.map(|text| ClientSecret::new(text.expose_secret().to_owned()));
        let client = CoreClient::from_provider_metadata((*described).clone(), id, secret)
            .set_redirect_uri(self.callback.clone());
        Ok(match in_body {
            true => client.set_auth_type(AuthType::RequestBody),
            false => client,
        })
    }
}

/// What an issuer says of itself, if it is that issuer and names only places that may be asked.
fn described(issuer: &str, text: &[u8]) -> Result<ProviderMetadataWithLogout, String> {
    let said: ProviderMetadataWithLogout =
        serde_json::from_slice(text).map_err(|_| "it does not describe a sign-in service")?;
    if said.issuer().as_str() != issuer {
        return Err("it describes another issuer".into());
    }
    let end = said.additional_metadata().end_session_endpoint.as_ref();
    let places = [
        Some(said.authorization_endpoint().as_str()),
        Some(said.token_endpoint().ok_or("it names no token endpoint")?)
            .map(|place| place.as_str()),
        end.map(|place| place.as_str()),
    ];
    for place in places.into_iter().flatten() {
        Peer::at(place).map_err(|why| format!("{place}: {why}"))?;
    }
    Ok(said)
}

fn secret(client: &SignInClient) -> Result<Option<SecretString>, String> {
    let Some(file) = &client.client_secret_file else {
        return Ok(None);
    };
    let wrong = |why: &str| format!("client_secret_file {}: {why}", file.display());
    let text = std::fs::read_to_string(file).map_err(|why| wrong(&why.to_string()))?;
    let text = text.trim();
    if text.is_empty() || text.len() > 4096 || text.contains(char::is_whitespace) {
        return Err(wrong("it must hold the secret and nothing else"));
    }
    Ok(Some(SecretString::from(text.to_owned())))
}
