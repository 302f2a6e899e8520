//! Whose pages these are: name, logo and colours are the trust's, not the program's.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

const LOGO_BYTES_MAX: usize = 100_000;

/// How pages look.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brand {
    /// With the NHS logo, which only NHS organisations may use; else a plain header.
    #[serde(default)]
    pub nhs: bool,
    /// The organisation, as it stands in the header.
    #[serde(default)]
    pub organisation: Option<String>,
    /// What people call the service.
    #[serde(default = "service")]
    pub service: String,
    /// A picture for the plain header: an SVG or PNG file of at most 100 kB, drawn 40 pixels high.
    #[serde(default)]
    pub logo: Option<PathBuf>,
    /// The header's background, as in `#005eb8`; text on it is white.
    #[serde(default)]
    pub colour: Option<String>,
    /// Whom to ring about staff support, as on the public page.
    #[serde(default)]
    pub telephone: Option<String>,
}

fn service() -> String {
    "Staff support after incidents".into()
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            nhs: false,
            organisation: None,
            logo: None,
            service: service(),
            colour: None,
            telephone: None,
        }
    }
}

impl Brand {
    /// What cannot be right in it, in a sentence.
    ///
    /// # Errors
    /// A sentence for whoever wrote the configuration.
    pub fn check(&self) -> Result<(), &'static str> {
        let one_line = |text: &String| {
            let chars = text.chars().count();
            (1..=120).contains(&chars) && !text.chars().any(char::is_control)
        };
        let texts = self.organisation.iter().chain(&self.telephone);
        if !texts.chain([&self.service]).all(one_line) {
            return Err("each text of [brand] must be one line of 1 to 120 characters");
        }
        if let Some(Err(sentence)) = self.logo.as_deref().map(Logo::read) {
            return Err(sentence);
        }
        match &self.colour {
            Some(colour) if !dark(colour) => Err(
                "the colour of [brand] must be like #005eb8, and dark enough for white text on it (4.5:1)",
            ),
            _ => Ok(()),
        }
    }

    /// The rules that its colour adds to the styles.
    pub fn styles(&self) -> String {
        self.colour.as_ref().map_or_else(String::new, |colour| {
            format!(".pipss-header,.nhsuk-header{{background-color:{colour}}}\n")
        })
    }
}

/// The picture of the plain header, kept in memory.
pub struct Logo {
    /// Its name in the folder of styles: `logo.svg` or `logo.png`.
    pub name: &'static str,
    /// Its bytes.
    pub data: Vec<u8>,
}

impl Logo {
    /// Reads the file.
    ///
    /// # Errors
    /// A sentence for whoever wrote the configuration.
    pub fn read(file: &Path) -> Result<Self, &'static str> {
        let name = match file.extension().and_then(|ending| ending.to_str()) {
            Some("svg") => "logo.svg",
            Some("png") => "logo.png",
            _ => return Err("the logo of [brand] must be a file that ends in .svg or .png"),
        };
        let data = std::fs::read(file).map_err(|_| "the logo of [brand] cannot be read")?;
        if data.len() > LOGO_BYTES_MAX {
            return Err("the logo of [brand] must be at most 100 kB");
        }
        Ok(Self { name, data })
    }
}

/// Does white text stand out on it? (WCAG 2.2, 1.4.3: 4.5 to 1.)
fn dark(colour: &str) -> bool {
    let part = |n: usize| {
        let part = colour.get(1 + 2 * n..3 + 2 * n)?;
        let value = f64::from(u8::from_str_radix(part, 16).ok()?) / 255.0;
        Some(if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        })
    };
    let well_formed = colour.starts_with('#') && colour.len() == 7;
    match (part(0), part(1), part(2)) {
        (Some(r), Some(g), Some(b)) if well_formed => {
            let luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
            1.05 / (luminance + 0.05) >= 4.5
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_that_cannot_be_read_is_refused_in_a_sentence() {
        for (file, word) in [
            ("/nowhere/logo.svg", "cannot be read"),
            ("logo.gif", "ends in .svg"),
        ] {
            let brand = Brand {
                logo: Some(file.into()),
                ..Brand::default()
            };
            assert!(brand.check().unwrap_err().contains(word), "{file}");
        }
    }

    #[test]
    fn a_colour_must_be_dark_enough_for_white_text() {
        for (colour, right) in [
            ("#005eb8", true),
            ("#003087", true),
            ("#41b6e6", false),
            ("#ffffff", false),
            ("red", false),
            ("#00g000", false),
            ("#005eb8;}", false),
        ] {
            let brand = Brand {
                colour: Some(colour.into()),
                ..Brand::default()
            };
            assert_eq!(brand.check().is_ok(), right, "{colour}");
        }
    }
}
