//! What the process gives up before it begins: no memory of it is ever written to a file, and what it
//! writes is its own.

use anyhow::Context;
use rustix::fs::Mode;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, umask,
};

/// No core dump, no reading of its memory by another program of the same user, and files that nobody
/// else may read, whatever the service manager allows.
///
/// # Errors
/// When the operating system refuses; then nothing should be served.
pub fn begin() -> anyhow::Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none).context("core dumps cannot be switched off")?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .context("the memory of the process cannot be kept from others")?;
    umask(Mode::RWXG | Mode::RWXO);
    Ok(())
}
