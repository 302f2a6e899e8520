//! A poster of a team, to print and hang up: a square to point a phone at, which opens the request with the team filled in.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_domain::directory_facts::UnitLevel;
use pipss_domain::ids::UnitId;
use pipss_domain::refusal::Refusal;
use qrcode::{Color, EcLevel, QrCode};
use serde::Serialize;

use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::routes::Routes;
use crate::urgent::{self, Ring};
use crate::visitor::Visitor;

/// What stands empty around a square, so that phones find it.
const QUIET: usize = 4;

/// The poster.
pub fn routes(routes: Routes) -> Routes {
    routes.page("/teams/{team}/poster", &[], read)
}

#[derive(Serialize)]
struct PosterPage {
    team: String,
    /// Where the square leads.
    address: String,
    /// What can be typed instead.
    short: String,
    square: Square,
    telephone: Option<Ring>,
    urgent_help: Vec<Ring>,
}

impl View for PosterPage {
    const TEMPLATE: &'static str = "poster.html";

    fn title(&self) -> String {
        format!("Poster for {}", self.team)
    }
}

/// A square of small squares.
#[derive(Serialize)]
struct Square {
    /// Its side.
    side: usize,
    /// The dark ones, as a path.
    path: String,
}

async fn read(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(team): Path<String>,
) -> Answer {
    let team: UnitId = team.parse().map_err(|_| Refusal::NotFound)?;
    let known = pages.app.teams(&visitor.actor)?.teams;
    let mut known = known
        .into_iter()
        .filter(|unit| unit.level == UnitLevel::Team);
    let unit = known
        .find(|unit| unit.team == team)
        .ok_or(Refusal::NotFound)?;
    let base = pages.base_url.trim_end_matches('/');
    let address = format!("{base}/ask?team={team}");
    let view = PosterPage {
        team: unit.name,
        square: square(&address),
        address,
        short: format!("{base}/ask"),
        telephone: urgent::staff_support(&pages),
        urgent_help: urgent::now(&pages),
    };
    Ok(pages.page(&visitor, &view))
}

fn square(address: &str) -> Square {
    let code = QrCode::with_error_correction_level(address, EcLevel::M);
    let code = code.expect("an address is short enough");
    let width = code.width();
    let mut path = String::new();
    for (n, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (n % width + QUIET, n / width + QUIET);
            let _ = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    Square {
        side: width + 2 * QUIET,
        path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_stands_free_and_has_its_three_corners() {
        let drawn =
            square("https://pipss.example.test/ask?team=6f1b9a52-0d5e-5a54-8c1e-1f2f3a4b5c6d");
        for corner in [
            (0, 0),
            (drawn.side - 2 * QUIET - 7, 0),
            (0, drawn.side - 2 * QUIET - 7),
        ] {
            let at = format!("M{} {}h1", corner.0 + QUIET, corner.1 + QUIET);
            assert!(drawn.path.contains(&at), "{at}");
        }
        assert!(!drawn.path.contains("M3 ") && !drawn.path.contains(" 3h1"));
    }

    /// What a phone sees: the small squares of the path, eight points wide each.
    #[test]
    fn a_decoder_reads_the_address_from_what_is_drawn() {
        const POINTS: usize = 8;
        let address = "https://pipss.example.test/ask?team=6f1b9a52-0d5e-5a54-8c1e-1f2f3a4b5c6d";
        let drawn = square(address);
        let dark = drawn
            .path
            .split('M')
            .filter_map(|one| one.strip_suffix("h1v1h-1z"));
        let dark: std::collections::HashSet<(usize, usize)> = dark
            .map(|at| {
                let (x, y) = at.split_once(' ').unwrap();
                (x.parse().unwrap(), y.parse().unwrap())
            })
            .collect();
        let side = drawn.side * POINTS;
        let mut seen = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| {
            if dark.contains(&(x / POINTS, y / POINTS)) {
                0
            } else {
                255
            }
        });
        let found = seen.detect_grids();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].decode().unwrap().1, address);
    }
}
