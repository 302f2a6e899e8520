//! Measurements of the whole program over a large log: what it takes to open, to answer and to save.

mod app_compare;
mod app_grow;
mod app_known;
mod app_page;
mod app_source;
mod app_store;
mod app_template;
mod http_client;
mod http_scenes;
mod http_served;

use std::path::Path;
use std::time::Duration;

#[tokio::main(worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["grow", source, folder, facts] => {
            app_grow::grow(Path::new(source), Path::new(folder), facts.parse()?, 1).await
        }
        ["measure", program, docs, seconds, ref folders @ ..] => {
            measure(
                Path::new(program),
                Path::new(docs),
                seconds.parse()?,
                folders,
            )
            .await
        }
        ["store", folder] => {
            println!("{}", app_store::alone(Path::new(folder))?);
            Ok(())
        }
        ["compare", a, b, folder] => {
            let of = app_source::organisation();
            app_compare::compare(Path::new(a), Path::new(b), Path::new(folder), of).await
        }
        _ => {
            anyhow::bail!("app grow SOURCE FOLDER FACTS | app measure PROGRAM DOCS SECONDS FOLDER…")
        }
    }
}

async fn measure(
    program: &Path,
    docs: &Path,
    seconds: u64,
    folders: &[&str],
) -> anyhow::Result<()> {
    let mut all = Vec::new();
    let first = folders.first().map_or(Path::new("."), Path::new);
    let beside = first.with_file_name("own-pace");
    let own = app_store::own_pace(&beside, Duration::from_secs(seconds)).await?;
    for folder in folders {
        let of = app_source::organisation();
        all.push(http_scenes::run(program, Path::new(folder), of, seconds).await?);
    }
    app_page::write(docs, &conditions(), &own, &all)
}

/// What the figures depend on.
fn conditions() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or("?").to_owned();
    format!(
        "Conditions: {cores} cores ({model}), shared by the program and whoever asks; {load} processes wanted to \
         run on average in the minute before it ended. Quote ratios from one run."
    )
}
