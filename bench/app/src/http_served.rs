//! The release binary, serving a folder of ours with a sign-in service of ours, and what it costs.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use pipss_api::signing::DemoIssuer;
use pipss_domain::ids::OrganisationId;

/// A running program.
pub struct Served {
    child: Child,
    pub address: String,
    /// From the start of the process to the line that says that it is ready.
    pub opened: Duration,
    pub issuer: DemoIssuer,
}

impl Served {
    /// `pipss serve` over a data folder.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(program: &Path, folder: &Path, of: OrganisationId) -> anyhow::Result<Self> {
        let issuer = DemoIssuer::new();
        let config = configured(folder, of, &issuer)?;
        let began = Instant::now();
        let mut command = Command::new(program);
        command.arg("serve").arg("--config").arg(config);
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let said = child.stdout.take().context("it has an output")?;
        let mut lines = BufReader::new(said).lines();
        let ready = lines.next().context("it did not start")??;
        let opened = began.elapsed();
        std::thread::spawn(move || lines.for_each(drop));
        let address = ready
            .strip_prefix("ready http://")
            .context("it is not ready")?;
        Ok(Self {
            address: address.into(),
            child,
            opened,
            issuer,
        })
    }

    /// Megabytes: what it holds in memory now, and the most it ever held.
    pub fn memory(&self) -> (u64, u64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|rest| rest.trim().split(' ').next()?.parse::<u64>().ok());
            kib.unwrap_or(0) >> 10
        };
        (of("VmRSS:"), of("VmHWM:"))
    }

    /// Seconds of processor that it used.
    pub fn cpu(&self) -> f64 {
        cpu(&self.child.id().to_string())
    }

    /// Asks it to end, and waits.
    pub fn end(mut self) -> anyhow::Result<()> {
        let pid = self.child.id().to_string();
        ensure!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()?
                .success()
        );
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Seconds of processor that a process used; `self` is this one.
pub fn cpu(process: &str) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |n: usize| fields.get(n).and_then(|text| text.parse::<f64>().ok());
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0
}

fn configured(folder: &Path, of: OrganisationId, issuer: &DemoIssuer) -> anyhow::Result<PathBuf> {
    let (config, keys) = (folder.with_extension("toml"), folder.with_extension("json"));
    fs::write(&keys, issuer.jwks())?;
    // Everyone's share is raised, not switched off: 64 connections stand for thousands of people.
    let text = format!(
        "data = {folder:?}\nlisten = '127.0.0.1:0'\nbase_url = 'http://bench.example'\n\
         [limits]\nper_second = 100000\nburst = 100000\n\
         [[organisations]]\nid = '{of}'\nname = 'Example Partnership NHS Trust'\n\
         [[issuers]]\nissuer = '{name}'\naudience = 'pipss-demo'\nalgorithm = 'EdDSA'\n\
         organisation = '{of}'\nkeys = {{ jwks_file = {keys:?} }}\n",
        name = DemoIssuer::NAME,
    );
    fs::write(&config, text)?;
    Ok(config)
}
