//! The real program with a configuration of how people sign in: it serves them, or says what is wrong.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::browser::Browser;

const ORGANISATION: &str = "5b0c7c1e-7d0a-4c39-9f0e-2f1f3f7a9d11";

struct Configured {
    folder: TempDir,
}

impl Configured {
    /// With these two lines, and these for signing in.
    fn with(issuer: &str, audience: &str, sign_in: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "data = {data:?}\nlisten = '127.0.0.1:0'\nbase_url = 'https://pipss.trust.example'\n\
             [[organisations]]\nid = '{ORGANISATION}'\nname = 'Example Trust'\n\
             [[issuers]]\nissuer = '{issuer}'\naudience = '{audience}'\nalgorithm = 'RS256'\n\
             organisation = '{ORGANISATION}'\nkeys = {{ jwks_url = 'https://keys.example/keys' }}\n\
             [issuers.sign_in]\nclient_id = 'pages'\n{sign_in}\n",
            data = folder.path().join("data"),
        );
        std::fs::write(folder.path().join("pipss.toml"), config).unwrap();
        Self { folder }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pipss"));
        let config = self.folder.path().join("pipss.toml");
        command.args(["serve", "--config"]).arg(config);
        command
    }
}

#[test]
fn what_cannot_be_right_is_refused_at_the_start_in_plain_words() {
    let trust = "https://sign-in.trust.example";
    let entra = "https://login.microsoftonline.com/common/v2.0";
    for (issuer, audience, sign_in, expected) in [
        (entra, "api", "", "name the trust's own tenant instead"),
        (trust, "pages", "", "client_id and audience are the same"),
        (
            "http://sign-in.trust.example",
            "api",
            "",
            "must start with https",
        ),
        (
            trust,
            "api",
            "client_secret_file = '/no/such/file'",
            "client_secret_file /no/such/file",
        ),
        (
            trust,
            "api",
            "client_secret = 'x'",
            "unknown field `client_secret`",
        ),
    ] {
        let configured = Configured::with(issuer, audience, sign_in);
        let Output { status, stderr, .. } = configured.command().output().unwrap();
        let said = String::from_utf8(stderr).unwrap();
        assert!(!status.success() && said.starts_with("pipss: "), "{said}");
        assert!(said.contains(expected), "{said}");
        assert!(
            !configured.folder.path().join("data").exists(),
            "nothing is made"
        );
    }
}

#[tokio::test]
async fn a_served_trust_has_a_page_to_sign_in_with_cookies_for_tls_alone() {
    let configured = Configured::with("https://127.0.0.1:9", "api", "account = 'the ward account'");
    let mut child = configured.command().stdout(Stdio::piped()).spawn().unwrap();
    let ready = BufReader::new(child.stdout.take().unwrap()).lines().next();
    let ready = ready.expect("it says something").unwrap();
    let base = ready.strip_prefix("ready ").unwrap();
    let mut browser = Browser::new();
    let page = browser.get(&format!("{base}/sign-in")).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains("Sign in with the ward account"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("demonstration"), "{}", page.text);
    // Nothing answers at that address: the way is carried all the same.
    let sent = browser.get(&format!("{base}/sign-in/go?to=0")).await;
    assert_eq!(sent.status, 503);
    let carried = sent.headers["set-cookie"].to_str().unwrap();
    assert!(
        carried.starts_with("__Host-pipss-way=") && carried.contains("; Secure"),
        "{carried}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
}
