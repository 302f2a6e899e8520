//! Reading everything that anyone can read, and searching it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use reqwest::Method;

use crate::world::{World, name_of};

const EVERYONE: [&str; 14] = [
    "robin", "sam", "jo", "nic", "val", "alex", "charlie", "ash", "lee", "kim", "pat", "max",
    "toni", "ray",
];

impl World {
    /// Everything that anyone can read, as one text each: every route of the description, and the pages.
    pub async fn everything_read(&self, pages: bool) -> Vec<String> {
        let described = self
            .demo
            .get(&self.toni, "/api/v1/openapi.json")
            .await
            .json();
        let paths: Vec<_> = described["paths"]
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, item)| item.get("get").is_some())
            .map(|(path, _)| path.clone())
            .collect();
        let mut texts = Vec::new();
        for short in EVERYONE {
            let who = self.demo.person(name_of(short)).await;
            for path in paths.iter().flat_map(|path| self.named(path)) {
                texts.push(self.demo.get(&who, &path).await.text);
            }
            if pages {
                texts.extend(self.crawled(short).await);
            }
        }
        texts
    }

    /// A path with every id that is known put where it names one.
    pub fn named(&self, path: &str) -> Vec<String> {
        let Some((before, rest)) = path.split_once('{') else {
            return vec![path.to_owned()];
        };
        let (name, after) = rest.split_once('}').unwrap();
        let named: Vec<String> = match name {
            "book" => vec!["offers".into()],
            "quarter" => vec!["2026-Q3".into()],
            _ => self.ids.clone(),
        };
        named
            .iter()
            .flat_map(|id| self.named(&format!("{before}{id}{after}")))
            .collect()
    }

    /// The pages that someone reaches from the first one, each once.
    pub async fn crawled(&self, short: &str) -> Vec<String> {
        let cookie = self.demo.cookie(short).await;
        let (mut seen, mut texts) = (BTreeSet::new(), Vec::new());
        let mut next = vec!["/".to_owned()];
        while let Some(path) = next.pop() {
            let elsewhere = ["/demo", "/sign-", "/assets", "/api"];
            if seen.len() >= 60 || elsewhere.iter().any(|other| path.starts_with(other)) {
                continue;
            }
            if !seen.insert(path.clone()) {
                continue;
            }
            let headers = [("Cookie", cookie.as_str())];
            let page = self
                .demo
                .send(Method::GET, &path, None, &headers, None)
                .await;
            for part in page.text.split("href=\"").skip(1) {
                let link = part.split(['"', '#']).next().unwrap().replace("&amp;", "&");
                if link.starts_with('/') {
                    next.insert(0, link);
                }
            }
            texts.push(page.text);
        }
        texts
    }

    pub async fn reports(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for short in ["alex", "max"] {
            let who = self.demo.person(name_of(short)).await;
            let described = self.demo.get(&who, "/api/v1/openapi.json").await.json();
            for path in described["paths"].as_object().unwrap().keys() {
                if path.starts_with("/api/v1/reports") {
                    for path in self.named(path) {
                        for more in ["", "?quarter=2026-Q3"] {
                            texts.push(self.demo.get(&who, &format!("{path}{more}")).await.text);
                        }
                    }
                }
            }
        }
        texts
    }
}

/// How often each word stands in these texts, small or capital letters alike.
pub fn hits<T: AsRef<[u8]>>(texts: &[T], words: &[&'static str]) -> Vec<(&'static str, usize)> {
    let texts: Vec<String> = texts
        .iter()
        .map(|text| String::from_utf8_lossy(text.as_ref()).to_lowercase())
        .collect();
    let count = |word: &&'static str| texts.iter().map(|text| text.matches(*word).count()).sum();
    words
        .iter()
        .map(|word| (*word, count(word)))
        .filter(|(_, count)| *count > 0)
        .collect()
}

pub fn files(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => fs::read(path).into_iter().collect(),
        })
        .collect()
}
