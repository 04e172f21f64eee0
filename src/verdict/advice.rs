//! What it would take to decide what was left open, and what is decided already.

use crate::decide::number;
use crate::power::{Measurement, USUAL};
use crate::{Range, Ruling, Verdict};

/// Times as many particles beyond which no number is given.
const MOST: f64 = 1e6;

impl Ruling {
    /// Adds to the reason of an inconclusive ruling how many particles would decide it, and which margin is decided already; `particles`
    /// are those of the run, where its errors fall with them. Nothing is added where something else than the interval leaves it open, or
    /// the law of its error is not known.
    pub fn advise(&mut self, particles: Option<u64>) {
        if let Some(advice) = self.advice(particles) {
            self.why = format!("{}. {advice}.", self.why.trim_end_matches('.'));
        }
    }

    fn advice(&self, particles: Option<u64>) -> Option<String> {
        let allowed = self
            .allowed
            .filter(|_| self.verdict == Verdict::Inconclusive)?;
        let now = Measurement::of(self).ok()?;
        let measured = self.measured.as_ref()?;
        let (value, low, high) = (measured.value?, measured.ci_low, measured.ci_high);
        let within = low >= allowed.low && high <= allowed.high;
        if within || low > allowed.high || high < allowed.low {
            return None;
        }
        let percent = number(100.0 * USUAL);
        let factor = now.needed(value, USUAL).filter(|factor| *factor <= MOST);
        let more = match (factor, particles) {
            (Some(factor), Some(particles)) => format!(
                "At this margin about {} particles, {} times those of this run and as many times its time, decide it with a chance of {percent} %, if what was measured is true",
                rounded(factor * particles as f64),
                rounded(factor)
            ),
            (Some(factor), None) => format!(
                "At this margin about {} times as many particles or seeds decide it with a chance of {percent} %, if what was measured is true",
                rounded(factor)
            ),
            (None, _) => format!(
                "At this margin not even {} times as many particles decide it, if what was measured is true: it lies on the edge",
                number(MOST)
            ),
        };
        Some(format!("{more}; {}", decided(allowed, low, high)))
    }
}

/// Which margins are decided by an interval already.
fn decided(allowed: Range, low: f64, high: f64) -> String {
    let Range {
        low: least,
        high: most,
    } = allowed;
    if !least.is_finite() {
        return format!(
            "a limit of {} is kept to already, and one below {} is not",
            number(high),
            number(low)
        );
    }
    if !most.is_finite() {
        return format!(
            "a limit of {} is kept to already, and one above {} is not",
            number(low),
            number(high)
        );
    }
    let middle = 0.5 * (least + most);
    let confirmed = (high - middle).max(middle - low);
    let mut text = format!(
        "{} ± {} is confirmed already",
        number(middle),
        number(confirmed)
    );
    let refuted = (low - middle).max(middle - high);
    if refuted > 0.0 {
        text += &format!(", and less than ± {} is refuted", number(refuted));
    }
    text
}

/// Two digits, rounded up.
fn rounded(x: f64) -> String {
    let unit = 10f64.powf(x.log10().floor() - 1.0);
    number((x / unit).ceil() * unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use crate::decide::{self, Tolerance};
    use crate::overall::tests::ruling;
    use measurement::Estimate;

    fn open(value: f64, error: f64, allowed: Range) -> Ruling {
        Ruling {
            measured: Some(Estimate::normal(value, error, 1000, 0.95, "by hand")),
            allowed: Some(allowed),
            why: "it straddles".into(),
            ..ruling("a", Verdict::Inconclusive, Role::Decides)
        }
    }

    /// By hand: 1.06 ± 1.96·0.05 about 1 ± 0.1; confirmed to 0.04 of the edge with 90 % takes s = 0.04/(1.96 + 1.2816) = 0.01234, which
    /// is (0.05/0.01234)² = 16.4 times the particles. With as many of them the interval decides.
    #[test]
    fn an_open_claim_says_what_it_takes() {
        let about = Range::about(1.0, Tolerance::Absolute(0.1));
        let mut found = open(1.06, 0.05, about);
        found.advise(Some(1000));
        for words in [
            "it straddles. At this margin about 17000 particles, 17 times those of this run",
            "1 ± 0.157998 is confirmed already.",
        ] {
            assert!(found.why.contains(words), "{}", found.why);
        }
        let now = Measurement::of(&found).unwrap();
        let factor = now.needed(1.06, USUAL).unwrap();
        assert!((factor - 16.42).abs() < 0.05, "{factor}");
        let mut far = open(1.25, 0.1, about);
        far.advise(None);
        let words = "times as many particles or seeds decide it";
        assert!(
            far.why.contains(words) && far.why.contains("less than ± 0.054"),
            "{}",
            far.why
        );
        let margin = 0.157999;
        let wider = decide::value(
            found.measured.as_ref().unwrap(),
            1.0,
            Tolerance::Absolute(margin),
        );
        assert_eq!(wider.0, Verdict::Confirmed);
        let mut side = open(0.5, 0.1, Range::of(decide::Side::AtMost, 0.6));
        side.advise(None);
        assert!(
            side.why.contains("a limit of 0.695996 is kept to already"),
            "{}",
            side.why
        );
        let mut edge = open(1.1, 0.05, about);
        edge.advise(Some(1000));
        assert!(edge.why.contains("lies on the edge"), "{}", edge.why);
    }

    #[test]
    fn what_is_decided_or_has_no_law_says_nothing_more() {
        let about = Range::about(1.0, Tolerance::Absolute(0.1));
        let mut decided = open(1.06, 0.05, about);
        decided.verdict = Verdict::Confirmed;
        let mut other = open(1.0, 0.001, about);
        let mut lawless = open(1.06, 0.05, about);
        lawless.measured.as_mut().unwrap().standard_error = None;
        for ruling in [&mut decided, &mut other, &mut lawless] {
            ruling.advise(Some(1000));
            assert_eq!(ruling.why, "it straddles");
        }
    }
}
