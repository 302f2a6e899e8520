//! A browser of the tests: it keeps cookies, follows redirects and fills in the service's forms.

use std::collections::BTreeMap;

use reqwest::header::{HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, Url, redirect};

/// One person's browser.
pub struct Browser {
    client: Client,
    /// By host and port, then by name.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

/// What it was answered.
pub struct Shown {
    pub url: Url,
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Shown {
    /// Where it is sent on to.
    pub fn onward(&self) -> Option<Url> {
        let location = self.headers.get(LOCATION)?.to_str().unwrap();
        Some(self.url.join(location).unwrap())
    }

    /// What stands in the page between two texts.
    pub fn between(&self, before: &str, after: &str) -> Option<String> {
        let text = [("&#x2f;", "/"), ("&#x3d;", "="), ("&amp;", "&")]
            .into_iter()
            .fold(self.text.clone(), |text, (as_drawn, meant)| {
                text.replace(as_drawn, meant)
            });
        let (_, rest) = text.split_once(before)?;
        rest.split(after).next().map(str::to_owned)
    }

    /// The fields of the form that is sent to an address, as they stand.
    pub fn fields(&self, action: &str) -> Vec<(String, String)> {
        let form = self.between(&format!("action=\"{action}\""), "</form>");
        let form = form.unwrap_or_else(|| panic!("no form for {action}: {}", self.text));
        let inputs = form.split("<input ").skip(1);
        let attribute = |input: &str, name: &str| {
            let (_, rest) = input.split_once(&format!(" {name}=\""))?;
            rest.split('"').next().map(str::to_owned)
        };
        inputs
            .filter_map(|input| {
                let input = format!(" {}", input.split('>').next()?);
                Some((attribute(&input, "name")?, attribute(&input, "value")?))
            })
            .collect()
    }

    /// Where a page leads to by itself.
    pub fn leads_to(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.text);
        self.between("content=\"0; url=", "\"")
            .expect("it leads on")
    }
}

fn origin(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())
}

impl Browser {
    pub fn new() -> Self {
        let stay = redirect::Policy::none();
        Self {
            client: Client::builder().redirect(stay).build().unwrap(),
            cookies: BTreeMap::new(),
        }
    }

    /// The cookie of a name at an address.
    pub fn cookie(&self, url: &str, name: &str) -> Option<String> {
        let jar = self.cookies.get(&origin(&Url::parse(url).unwrap()))?;
        jar.get(name).cloned()
    }

    /// Gives a cookie another value.
    pub fn set_cookie(&mut self, url: &str, name: &str, value: &str) {
        let jar = self.cookies.entry(origin(&Url::parse(url).unwrap()));
        jar.or_default().insert(name.into(), value.into());
    }

    pub async fn get(&mut self, url: &str) -> Shown {
        self.ask(Method::GET, url, None).await
    }

    pub async fn send(&mut self, url: &str, fields: &[(&str, &str)]) -> Shown {
        let mut form = Url::parse("http://form.invalid").unwrap();
        form.query_pairs_mut().extend_pairs(fields);
        self.ask(Method::POST, url, form.query().map(str::to_owned))
            .await
    }

    async fn ask(&mut self, method: Method, url: &str, form: Option<String>) -> Shown {
        let url = Url::parse(url).unwrap();
        let jar = self.cookies.entry(origin(&url)).or_default();
        let cookies: Vec<_> = jar.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let mut request = self.client.request(method, url.clone());
        if !cookies.is_empty() {
            request = request.header("Cookie", cookies.join("; "));
        }
        if let Some(form) = form {
            request = request
                .header("Content-Type", "application/x-www-form-urlencoded")
                .body(form);
        }
        let answer = request.send().await.unwrap();
        for set in answer.headers().get_all(SET_COOKIE) {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            match value.is_empty() || set.contains("01 Jan 1970") || set.contains("Max-Age=0") {
                true => drop(jar.remove(name)),
                false => drop(jar.insert(name.into(), value.into())),
            }
        }
        Shown {
            url,
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            text: answer.text().await.unwrap(),
        }
    }

    /// Goes through the service's pages from the place one is sent to, as whoever has this login: up to
    /// the address that leads back, which is not asked yet. Says too whether the password was asked for.
    pub async fn at_the_service(&mut self, url: &str, login: &str) -> (String, bool) {
        self.through(url, login, |_| false).await
    }

    /// As whoever is signed in there, up to the page that says that they no longer are.
    pub async fn sign_out_there(&mut self, issuer: &str) {
        let said = |url: &Url| url.path() == "/session/end/success";
        self.through(&format!("{issuer}/session/end"), "", said)
            .await;
    }

    async fn through(
        &mut self,
        url: &str,
        login: &str,
        end: impl Fn(&Url) -> bool,
    ) -> (String, bool) {
        let service = origin(&Url::parse(url).unwrap());
        let mut shown = self.get(url).await;
        let mut asked = false;
        for _ in 0..12 {
            if let Some(onward) = shown.onward() {
                if origin(&onward) != service || end(&onward) {
                    return (onward.into(), asked);
                }
                shown = self.get(onward.as_str()).await;
                continue;
            }
            assert_eq!(shown.status, 200, "{}", shown.text);
            let action = shown.between("action=\"", "\"").expect("a form");
            let action = shown.url.join(&action).unwrap();
            let hidden = shown.between("name=\"xsrf\" value=\"", "\"");
            let fields = if shown.text.contains("name=\"login\"") {
                asked = true;
                vec![("prompt", "login"), ("login", login), ("password", "x")]
            } else if let Some(hidden) = &hidden {
                vec![("xsrf", hidden.as_str()), ("logout", "yes")]
            } else {
                vec![("prompt", "consent")]
            };
            shown = self.send(action.as_str(), &fields).await;
        }
        panic!("the service leads nowhere: {}", shown.text);
    }
}
