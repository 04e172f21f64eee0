//! The embedded typeface: widths of texts, and where they break into lines.

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef};
use plotters::style::{FontStyle, register_font};

use base::error::{Error, Result};

/// The names a viewer of an SVG looks for; Verdana has nearly the same widths.
pub const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

const FONT: &[u8] = include_bytes!("DejaVuSans.ttf");

/// DejaVu Sans: it has the Greek letters and superscripts that the labels need.
pub struct Face {
    font: FontRef<'static>,
    units: f32,
}

impl Face {
    /// The typeface, registered with plotters on first use.
    pub fn embedded() -> Result<&'static Face> {
        static FACE: OnceLock<Option<Face>> = OnceLock::new();
        FACE.get_or_init(Face::register).as_ref().ok_or_else(|| {
            Error::Failed("the embedded font cannot be read: rebuild the lab".into())
        })
    }

    fn register() -> Option<Face> {
        register_font(FAMILY, FontStyle::Normal, FONT).ok()?;
        let font = FontRef::try_from_slice(FONT).ok()?;
        let units = font.units_per_em()?;
        Some(Face { font, units })
    }

    /// Height of a line, ascent to descent, in ems.
    pub fn line(&self) -> f64 {
        f64::from(self.font.height_unscaled() / self.units)
    }

    /// Width of a text set at `em`.
    pub fn width(&self, text: &str, em: f64) -> f64 {
        self.place(text).1 * em
    }

    /// Each character with its left edge of ink, in ems from the start of the text.
    pub fn glyphs(&self, text: &str) -> Vec<(char, f64)> {
        self.place(text).0
    }

    fn place(&self, text: &str) -> (Vec<(char, f64)>, f64) {
        let mut pen = 0.0_f32;
        let mut previous = None;
        let mut placed = Vec::new();
        for character in text.chars() {
            let glyph = self.font.glyph_id(character);
            if let Some(previous) = previous {
                pen += self.font.kern_unscaled(previous, glyph);
            }
            let ink = pen + self.font.h_side_bearing_unscaled(glyph);
            placed.push((character, f64::from(ink / self.units)));
            pen += self.font.h_advance_unscaled(glyph);
            previous = Some(glyph);
        }
        (placed, f64::from(pen / self.units))
    }

    /// Breaks a text at spaces into lines no wider than `limit`, and a longer word within.
    pub fn wrap(&self, text: &str, em: f64, limit: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {word}"), em) <= limit => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.extend(self.pieces(word, em, limit)),
            }
        }
        lines
    }

    fn pieces(&self, word: &str, em: f64, limit: f64) -> Vec<String> {
        let mut pieces = vec![String::new()];
        for character in word.chars() {
            match pieces.last_mut() {
                Some(piece)
                    if piece.is_empty()
                        || self.width(&format!("{piece}{character}"), em) <= limit =>
                {
                    piece.push(character);
                }
                _ => pieces.push(character.to_string()),
            }
        }
        pieces
    }

    /// The widest of some lines.
    pub fn widest(&self, lines: &[String], em: f64) -> f64 {
        lines
            .iter()
            .map(|line| self.width(line, em))
            .fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_every_sign_the_labels_use() {
        let face = Face::embedded().unwrap();
        for sign in "αβγδεηθκλμξρστφψωΓΔΣΩΘ⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉×−±≤≥≈∞√∂∇·–’ℝ𝔼‖→∝".chars()
        {
            assert_ne!(face.font.glyph_id(sign).0, 0, "{sign} is missing");
        }
    }

    #[test]
    fn lines_keep_to_the_limit_and_lose_no_word() {
        let face = Face::embedded().unwrap();
        let text = "mean exit time τ from the left well, in iterations";
        let lines = face.wrap(text, 12.0, 120.0);
        assert!(lines.len() > 1);
        assert!(face.widest(&lines, 12.0) <= 120.0);
        assert_eq!(lines.join(" "), text);
        let pieces = face.wrap("incompressible", 12.0, 40.0);
        assert!(pieces.len() > 1 && face.widest(&pieces, 12.0) <= 40.0);
        assert_eq!(pieces.concat(), "incompressible");
        assert_eq!(
            face.wrap("αβ", 12.0, 0.0),
            ["α", "β"],
            "a line holds at least one character"
        );
        assert!(face.wrap("", 12.0, 1.0).is_empty());
    }
}
