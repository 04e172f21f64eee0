//! The words of an escape experiment's report: what was run, what was seen, what follows.

use super::cell::{Driver, Noise, Scheme, Shape};
use super::forms::comparison;
use super::outcome::{Bias, Outcome, series_names};
use super::rulings::unstable;
use super::spec::EscapeSpec;
use prediction::exact::averaged_loss::{AveragedStyblinskiTang, Wells};
use report::number::{estimate, short};
use report::record::Section;
use simulation::ensemble::Crossing;
use simulation::sde::Reading;

/// The sections of the report.
pub fn sections(spec: &EscapeSpec, outcomes: &[Outcome]) -> Vec<Section> {
    let mut sections = vec![Section {
        heading: "What was run".into(),
        paragraphs: run(outcomes),
    }];
    let barrier = averaged(outcomes);
    if !barrier.is_empty() {
        sections.push(Section {
            heading: "The averaged loss".into(),
            paragraphs: barrier,
        });
    }
    sections.push(Section {
        heading: "What was seen".into(),
        paragraphs: outcomes.iter().map(cell).collect(),
    });
    let forms = forms(spec, outcomes);
    if !forms.is_empty() {
        sections.push(Section {
            heading: "Functional forms of ln Γ".into(),
            paragraphs: forms,
        });
    }
    let mut notes: Vec<String> = Vec::new();
    for o in outcomes {
        for note in &o.reference.notes {
            let note = format!("{}: {note}.", o.cell.series);
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    if !notes.is_empty() {
        sections.push(Section {
            heading: "Notes on the references".into(),
            paragraphs: notes,
        });
    }
    sections
}

fn run(outcomes: &[Outcome]) -> Vec<String> {
    let Some(first) = outcomes.first() else {
        return Vec::new();
    };
    let c = &first.cell;
    let mut said = vec![format!(
        "{} particles a cell on {} in {} coordinate{}, from θᵢ = {:.6} to the first θᵢ {} {:.6} (at the first cell's sharpness), at most {} steps.",
        c.particles,
        c.landscape,
        c.dim,
        if c.dim == 1 { "" } else { "s" },
        c.start_towards_exit(),
        if c.upwards { ">" } else { "<" },
        c.exit,
        c.max_steps
    )];
    let mut seen = Vec::new();
    for o in outcomes {
        if seen.contains(&&o.cell.series) {
            continue;
        }
        seen.push(&o.cell.series);
        said.push(format!("{}: {}.", o.cell.series, driver(&o.cell.driver)));
    }
    said.extend(outcomes.iter().filter_map(unstable));
    said
}

fn driver(driver: &Driver) -> String {
    match driver {
        Driver::Optimizer { rule, noise } => {
            let noise = match noise {
                Noise::Gaussian { .. } => "additive Gaussian noise".to_string(),
                Noise::Correlated { .. } => "correlated Gaussian noise".to_string(),
                Noise::Hessian { .. } => "Gaussian noise of covariance (|H| + δ)/B".to_string(),
                Noise::Stable { alpha, .. } => format!("symmetric α-stable noise, α = {alpha}"),
                Noise::Minibatch {
                    samples,
                    batch,
                    law,
                    variance,
                    replacement,
                    ..
                } => format!(
                    "minibatches of {batch} from {samples} {law} samples of variance {variance}, {} replacement",
                    if *replacement { "with" } else { "without" }
                ),
                Noise::Examples {
                    batch,
                    ramp: Some(_),
                    ..
                } => format!("minibatches that grow or shrink, of {batch} examples at most"),
                Noise::Examples { batch, .. } => format!("minibatches of {batch} examples"),
                Noise::Fresh {
                    batch,
                    law,
                    variance,
                    ..
                } => format!("minibatches of {batch} fresh {law} samples of variance {variance}"),
                Noise::Drawn { draws, .. } => {
                    format!("additive noise of the law {}", draws.law.name())
                }
                Noise::Sum { parts } => format!("{} noises that add", parts.len()),
            };
            format!("{} with {}; {noise}", rule.entry.name, rule.describe())
        }
        Driver::Langevin { scheme: by, .. } => {
            format!("dθ = −∇L dt + √(2T) dW by {}", scheme(by))
        }
        Driver::Shaped {
            shape,
            reading,
            scheme: by,
            ..
        } => {
            let noise = match shape {
                Shape::Hessian => "|H|",
                Shape::Loss => "L − L*",
            };
            let reading = match reading {
                Reading::Ito => "Itô",
                Reading::Stratonovich => "Stratonovich",
                Reading::AntiIto => "anti-Itô",
            };
            format!(
                "dθ = −∇L dt + √((η/B)({noise} + δ)) dW in the {reading} reading by {}",
                scheme(by)
            )
        }
        Driver::Inert {
            friction,
            scheme: by,
            ..
        } => format!(
            "dθ = v dt, dv = −∇L dt − γv dt + √(2γT) dW with γ = {friction}, from rest, by {}",
            scheme(by)
        ),
    }
}

/// How an SDE was integrated and its exits were found.
fn scheme(by: &Scheme) -> String {
    let between = match (by.crossing, by.bridged()) {
        (Crossing::Bridge, true) => "with the Brownian-bridge test for exits between grid points",
        (Crossing::Shifted, true) => {
            "exits looked for at grid points, behind a boundary moved inwards by 0.5826 √(2D dt)"
        }
        _ => "exits looked for at grid points only",
    };
    format!("{}, dt = {}, {between}", by.integrator, by.dt)
}

/// Whether the loss that minibatches of data estimate has a barrier at all.
fn averaged(outcomes: &[Outcome]) -> Vec<String> {
    let data = outcomes.iter().find_map(|o| match &o.cell.driver {
        Driver::Optimizer {
            noise: Noise::Minibatch { variance, .. } | Noise::Fresh { variance, .. },
            ..
        } if o.cell.landscape == "styblinski-tang" => Some(*variance),
        _ => None,
    });
    let Some(averaged) = data.and_then(|s2| AveragedStyblinskiTang::new(s2).ok()) else {
        return Vec::new();
    };
    let s2 = data.unwrap_or_default();
    let y = |theta: f64, o: &Outcome| theta * o.cell.sharpness.sqrt();
    let (start, exit) = outcomes.first().map_or((0.0, 0.0), |o| {
        (y(o.cell.start_towards_exit(), o), y(o.cell.exit, o))
    });
    let mut said = vec![format!(
        "The loss mean_j f(θ − x_j) is not f. With data of variance {s2} one coordinate of it is ½(y⁴ + ({:.4})y² + 5y) + const, y = √k θ.",
        6.0 * s2 - 16.0
    )];
    said.push(match averaged.wells() {
        Wells::Single { minimum } => format!(
            "It has no barrier at all: its only minimum is y = {minimum:.6}. The start y = {start:.4} lies L = {:.3} up the wall, and the exit y = {exit:.4} is a point on the other wall, {:.3} above the minimum. What is measured is not an escape over a saddle.",
            averaged.value(start) - averaged.value(minimum),
            averaged.value(exit) - averaged.value(minimum)
        ),
        Wells::Double { deep, saddle, .. } => format!(
            "It keeps a double well: minimum y = {deep:.6}, saddle y = {saddle:.6}, barrier {:.4}. The experiment starts at y = {start:.4} and counts an exit at y = {exit:.4}.",
            averaged.value(saddle) - averaged.value(deep)
        ),
    });
    said
}

fn cell(o: &Outcome) -> String {
    let mut said = format!("{}: {} exits", o.cell.label, o.exited);
    if o.censored > 0 {
        said += &format!(", {} still inside at the last step", o.censored);
    }
    if o.diverged > 0 {
        said += &format!(", {} diverged and are counted apart", o.diverged);
    }
    match &o.mean {
        Some(mean) => said += &format!("; mean exit step {}", estimate(mean)),
        None => said += &format!("; rate per step {}", estimate(&o.rate)),
    }
    if let Some(late) = &o.late_rate {
        said += &format!("; rate after the truncation {}", estimate(late));
    }
    if let Some(e) = &o.exponentiality {
        let cv = e.cv.map_or_else(String::new, |cv| format!("cv {cv:.3}, "));
        said += &format!("; {cv}exponential law p = {}", short(e.p_value, 2));
    }
    if let Some(exact) = o.reference.steps {
        said += &format!("; exact {} ({})", short(exact, 7), o.reference.method);
    }
    if o.reference.sde_never_leaves {
        said += "; the SDE never leaves";
    }
    if let Some(sde) = o
        .reference
        .sde_steps
        .filter(|s| Some(*s) != o.reference.steps)
    {
        said += &format!("; the SDE's exact mean is {} steps", short(sde, 7));
    }
    if let Some(stand_in) = o.reference.gaussian_stand_in {
        said += &format!(
            "; Gaussian noise of the same variance: {}",
            short(stand_in, 7)
        );
    }
    said + "."
}

fn forms(spec: &EscapeSpec, outcomes: &[Outcome]) -> Vec<String> {
    if spec.axis != super::spec::Axis::Sharpness {
        return Vec::new();
    }
    series_names(outcomes)
        .into_iter()
        .filter_map(|name| {
            let found = comparison(outcomes, &name, Bias::Kept, spec.confidence)?;
            let best = found.winner().aic;
            let fits: Vec<String> = found
                .ranked
                .iter()
                .map(|f| {
                    format!(
                        "{} (coefficient {}, χ²/dof {:.2}, p = {}, ΔAIC {:.1})",
                        f.form.name(),
                        estimate(&f.coefficient),
                        f.chi2_per_dof,
                        short(f.p_value, 2),
                        f.aic - best
                    )
                })
                .collect();
            Some(format!("{name}, best first: {}.", fits.join("; ")))
        })
        .collect()
}
