//! The section `[sde]`: a process in continuous time, how it is integrated, and what it sweeps.

use super::cell::{Driver, Scheme, Shape};
use super::drivers::{POSITIVE, Swept, one_sweep};
use super::spec::Axis;
use crate::spec::Section;
use base::error::Result;
use simulation::ensemble::Crossing;
use simulation::sde::Reading;
use simulation::sde::registry::{ENTRIES, find};

/// An SDE whose swept value is still open.
pub struct SdeSpec {
    scheme: Scheme,
    kind: Kind,
    /// Whether every cell also runs at half its step.
    pub halved: bool,
}

enum Kind {
    Langevin,
    Inert {
        friction: f64,
    },
    Shaped {
        shape: Shape,
        eta_over_batch: f64,
        floor: f64,
        reading: Reading,
        axis: Axis,
    },
}

impl SdeSpec {
    /// The driver at sharpness k and at one of the swept values.
    pub fn resolve(&self, k: f64, value: f64) -> Driver {
        let scheme = self.scheme;
        match self.kind {
            Kind::Langevin => Driver::Langevin {
                temperature: value,
                scheme,
            },
            Kind::Inert { friction } => Driver::Inert {
                temperature: value,
                friction,
                scheme,
            },
            Kind::Shaped {
                shape,
                eta_over_batch,
                floor,
                reading,
                axis,
            } => {
                let (eta_over_batch, floor) = match axis {
                    Axis::Floor => (eta_over_batch, value),
                    _ => (value, floor),
                };
                // δ is in units of the unsharpened Hessian, which grows by k; the loss does not.
                let floor = match shape {
                    Shape::Hessian => k * floor,
                    Shape::Loss => floor,
                };
                Driver::Shaped {
                    shape,
                    eta_over_batch,
                    floor,
                    reading,
                    scheme,
                }
            }
        }
    }
}

/// Reads `[sde]`: the SDE, the name of its series, and what it sweeps.
///
/// # Errors
/// Anything missing, unknown, out of range, or impossible together.
pub fn read(section: &Section<'_>) -> Result<(SdeSpec, &'static str, Swept)> {
    let names: Vec<&'static str> = ENTRIES.iter().map(|entry| entry.name).collect();
    let integrator = section.choice("integrator", Some("euler-maruyama"), &names)?;
    let dt = section.number("dt", None, 1e-12..=1e3, "the time step dt, positive")?;
    let crossing = section.choice(
        "crossing",
        Some("bridge"),
        &["bridge", "shifted", "at-grid"],
    )?;
    let crossing = match crossing {
        "bridge" => Crossing::Bridge,
        "shifted" => Crossing::Shifted,
        _ => Crossing::AtGrid,
    };
    let halved = section.switch("halved", false)?;
    let inert =
        find(integrator).is_some_and(|entry| entry.parameters.iter().any(|p| p.name == "friction"));
    let (kind, series, swept) = if inert {
        let friction = section.number("friction", None, 1e-9..=1e9, "the friction γ, positive")?;
        let swept = temperatures(section)?;
        (Kind::Inert { friction }, "Langevin with inertia", swept)
    } else {
        let noises = ["temperature", "hessian", "loss"];
        match section.choice("noise", Some("temperature"), &noises)? {
            "temperature" => (
                Kind::Langevin,
                "overdamped Langevin",
                temperatures(section)?,
            ),
            "hessian" => shaped(section, Shape::Hessian, "SDE of SGD, C = |H|/B")?,
            _ => shaped(section, Shape::Loss, "SDE of SGD, C = (L − L*)/B")?,
        }
    };
    section.finish()?;
    let scheme = Scheme {
        integrator,
        dt,
        crossing,
    };
    let sde = SdeSpec {
        scheme,
        kind,
        halved,
    };
    Ok((sde, series, swept))
}

fn temperatures(section: &Section<'_>) -> Result<Swept> {
    let why = "a temperature is positive";
    Ok(Swept {
        axis: Axis::Temperature,
        values: section.sweep("temperature", None, POSITIVE, why)?,
    })
}

fn shaped(
    section: &Section<'_>,
    shape: Shape,
    series: &'static str,
) -> Result<(Kind, &'static str, Swept)> {
    let why = "η/B is positive: D = (η/2B)(|H| + δ), or of the loss";
    let ratios = section.sweep("eta_over_batch", None, POSITIVE, why)?;
    let why = "the floor δ of the noise, in units of the unsharpened Hessian, or of the loss";
    let floors = section.sweep("floor", Some(0.0), 0.0..=1e12, why)?;
    let reading =
        match section.choice("reading", Some("ito"), &["ito", "stratonovich", "anti-ito"])? {
            "ito" => Reading::Ito,
            "stratonovich" => Reading::Stratonovich,
            _ => Reading::AntiIto,
        };
    let axis = one_sweep(section, Axis::EtaOverBatch, &ratios, Axis::Floor, &floors)?;
    let (eta_over_batch, floor) = (ratios[0], floors[0]);
    let values = if axis == Axis::Floor { floors } else { ratios };
    let kind = Kind::Shaped {
        shape,
        eta_over_batch,
        floor,
        reading,
        axis,
    };
    Ok((kind, series, Swept { axis, values }))
}

#[cfg(test)]
mod tests {
    use crate::load::Experiment;

    const FILE: &str = include_str!("../../../experiments/lab/loss-noise.toml");
    const WELL: &str = include_str!("../../../experiments/adai/langevin-double-well.toml");

    fn parse(text: &str) -> Result<Experiment, String> {
        Experiment::parse("file.toml", text, "standard", &[]).map_err(|e| e.to_string())
    }

    /// Every integrator can be named; what it needs beside is asked for, and what it cannot do is said.
    #[test]
    fn every_integrator_is_reachable_or_says_what_it_needs() {
        for entry in simulation::sde::registry::ENTRIES {
            let named = format!("integrator  = \"{}\"", entry.name);
            let text = WELL.replacen("integrator  = \"euler-maruyama\"", &named, 1);
            assert!(text.contains(&named));
            let inert = entry.parameters.iter().any(|p| p.name == "friction");
            if entry.name == "exact-ou" {
                assert!(parse(&text).unwrap_err().contains("is none"));
            } else if inert {
                assert!(parse(&text).unwrap_err().contains("friction"));
                let text = text.replacen(&named, &format!("{named}\nfriction = 0.5"), 1);
                parse(&text).unwrap();
            } else {
                parse(&text).unwrap();
            }
        }
        let quadratic = WELL
            .replacen("name = \"double-well\"", "name = \"quadratic\"", 1)
            .replacen("\"euler-maruyama\"", "\"exact-ou\"", 1)
            .replacen("[ensemble]", "[ensemble]\nstart = 0.0\nexit = 0.5", 1);
        parse(&quadratic).unwrap();
    }

    #[test]
    fn noise_that_a_scheme_cannot_take_is_refused_with_the_reason() {
        for (old, new, reason) in [
            (
                "\"platen\"",
                "\"leimkuhler-matthews\"",
                "the same everywhere",
            ),
            ("\"platen\"", "\"plate\"", "platen"),
            (
                "name = \"double-well\"",
                "name = \"double-well\"\ndim = 2",
                "depends on θ_i alone",
            ),
            ("\"stratonovich\"", "\"middle\"", "anti-ito"),
        ] {
            assert!(FILE.contains(old), "{old}");
            let why = parse(&FILE.replacen(old, new, 1)).unwrap_err();
            assert!(why.contains(reason), "{why}");
        }
    }
}
