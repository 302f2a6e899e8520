//! Plots as SVG: title, axes with units, and for every line its own dashes and mark: no colour is needed.

use std::fmt::Write;
use std::fs;
use std::path::Path;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 430.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 560.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 372.0;
const DASHES: [&str; 6] = ["", "7 4", "2 3", "10 3 2 3", "4 4", "1 5"];

/// Lines over two axes.
pub struct Plot<'a> {
    /// What it shows, in one line.
    pub title: &'a str,
    /// What the x axis counts, with its unit.
    pub x: &'a str,
    /// What the y axis counts, with its unit.
    pub y: &'a str,
    /// Does every step on the y axis multiply? The x axis always does.
    pub y_multiplies: bool,
    /// A name, and where the line goes.
    pub lines: Vec<(String, Vec<(f64, f64)>)>,
}

/// An axis: from where to where, its steps, and where that lies on the sheet.
struct Axis {
    multiplies: bool,
    low: f64,
    high: f64,
    steps: Vec<f64>,
    from: f64,
    to: f64,
}

impl Plot<'_> {
    /// Writes it as an SVG file.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::write(path, self.svg())?)
    }

    fn svg(&self) -> String {
        let points = || self.lines.iter().flat_map(|(_, points)| points);
        let x = Axis::named(points().map(|point| point.0).collect());
        let y = Axis::over(points().map(|point| point.1).collect(), self.y_multiplies);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
             font-family=\"Arial, sans-serif\" font-size=\"13\">\n<title>{}</title>\n\
             <desc>{} by {}; the numbers are in the table beside it.</desc>\n\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n",
            self.title, self.y, self.x
        );
        text(&mut out, (LEFT, 26.0), "start\" font-size=\"17", self.title);
        for step in &x.steps {
            let at = x.place(*step);
            line(&mut out, (at, BOTTOM), (at, BOTTOM + 5.0), "#212b32");
            text(&mut out, (at, BOTTOM + 20.0), "middle", &short(*step));
        }
        for step in &y.steps {
            let at = y.place(*step);
            line(&mut out, (LEFT, at), (RIGHT, at), "#d8dde0");
            text(&mut out, (LEFT - 8.0, at + 4.0), "end", &short(*step));
        }
        line(&mut out, (LEFT, BOTTOM), (RIGHT, BOTTOM), "#212b32");
        line(&mut out, (LEFT, TOP), (LEFT, BOTTOM), "#212b32");
        text(
            &mut out,
            ((LEFT + RIGHT) / 2.0, BOTTOM + 44.0),
            "middle",
            self.x,
        );
        let turned = format!(
            "middle\" transform=\"rotate(-90 18 {0})",
            (TOP + BOTTOM) / 2.0
        );
        text(&mut out, (18.0, (TOP + BOTTOM) / 2.0), &turned, self.y);
        for (number, (name, points)) in self.lines.iter().enumerate() {
            let points: Vec<_> = points
                .iter()
                .map(|p| (x.place(p.0), y.place(p.1)))
                .collect();
            drawn(&mut out, number, &points);
            let at = TOP + 12.0 + 24.0 * number as f64;
            drawn(&mut out, number, &[(RIGHT + 14.0, at), (RIGHT + 50.0, at)]);
            text(&mut out, (RIGHT + 60.0, at + 4.0), "start", name);
        }
        out.push_str("</svg>\n");
        out
    }
}

impl Axis {
    /// The x axis: a step wherever something was measured.
    fn named(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        values.dedup();
        Self {
            multiplies: true,
            low: values.first().copied().unwrap_or(1.0),
            high: values.last().copied().unwrap_or(10.0),
            steps: values,
            from: LEFT + 16.0,
            to: RIGHT - 16.0,
        }
    }

    /// The y axis: round steps that reach over everything that was measured.
    fn over(values: Vec<f64>, multiplies: bool) -> Self {
        let high = values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let least = values.into_iter().filter(|v| *v > 0.0).fold(high, f64::min);
        let steps: Vec<f64> = if multiplies {
            let (from, to) = (least.log10().floor() as i32, high.log10().ceil() as i32);
            (from..=to.max(from + 1))
                .map(|power| 10f64.powi(power))
                .collect()
        } else {
            let step = [1.0, 2.0, 5.0, 10.0].map(|n| n * 10f64.powf((high / 5.0).log10().floor()));
            let step = step
                .into_iter()
                .find(|step| step * 5.0 >= high)
                .unwrap_or(high);
            (0..=(high / step).ceil() as u32)
                .map(|n| f64::from(n) * step)
                .collect()
        };
        Self {
            multiplies,
            low: steps[0],
            high: *steps.last().unwrap_or(&1.0),
            steps,
            from: BOTTOM,
            to: TOP,
        }
    }

    fn place(&self, value: f64) -> f64 {
        let share = if self.multiplies {
            (value.max(self.low) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.from + (self.to - self.from) * share
    }
}

fn drawn(out: &mut String, number: usize, points: &[(f64, f64)]) {
    let path: Vec<_> = points
        .iter()
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    let (path, dashes) = (path.join(" "), DASHES[number % DASHES.len()]);
    let _ = writeln!(
        out,
        "<polyline points=\"{path}\" fill=\"none\" stroke=\"#212b32\" stroke-width=\"2\" \
         stroke-dasharray=\"{dashes}\"/>"
    );
    for (x, y) in points {
        let shape = match number % 6 {
            0 => format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"#212b32\"/>"),
            1 => mark(*x, *y, "M-5-5H5V5H-5Z", "#fff"),
            2 => mark(*x, *y, "M0-6L6 5H-6Z", "#212b32"),
            3 => mark(*x, *y, "M0-6L6 0L0 6L-6 0Z", "#fff"),
            4 => mark(*x, *y, "M-5-5L5 5M-5 5L5-5", "none"),
            _ => format!(
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"#fff\" stroke=\"#212b32\" stroke-width=\"2\"/>"
            ),
        };
        let _ = writeln!(out, "{shape}");
    }
}

fn mark(x: f64, y: f64, path: &str, fill: &str) -> String {
    format!(
        "<path d=\"{path}\" transform=\"translate({x:.1} {y:.1})\" fill=\"{fill}\" \
         stroke=\"#212b32\" stroke-width=\"2\"/>"
    )
}

fn line(out: &mut String, from: (f64, f64), to: (f64, f64), colour: &str) {
    let _ = writeln!(
        out,
        "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{colour}\"/>",
        from.0, from.1, to.0, to.1
    );
}

fn text(out: &mut String, at: (f64, f64), anchor: &str, text: &str) {
    let _ = writeln!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\" fill=\"#212b32\">{text}</text>",
        at.0, at.1
    );
}

/// A number as short as a reader wants it on an axis: 10 k, 2.2 M.
fn short(value: f64) -> String {
    let (value, unit) = match value {
        v if v >= 1e6 => (v / 1e6, " M"),
        v if v >= 1e3 => (v / 1e3, " k"),
        v => (v, ""),
    };
    let text = format!("{value:.3}");
    format!("{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
}
