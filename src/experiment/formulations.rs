//! One path of SGD with momentum, written in all the ways that are said to be one (protocol `formulations`).

use std::path::Path;

use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

use super::claim::Stated;
use super::context::{Context, Progress};
use super::finding::Finding;
use super::kept::{Piece, each, kept};
use super::plan::Planned;
use super::protocol::Protocol;
use super::spec::Section;
use super::surface::Surface;
use base::error::Result;
use measurement::Estimate;
use measurement::reading::{Exact, Reading};
use report::record::Section as Words;
use report::table::{Column, Table};
use report::verdicts::Verdicts;
use simulation::landscape::Landscape;
use simulation::optimizer::entry::{Entry, Values};
use simulation::optimizer::heavy_ball::HEAVY_BALL;
use simulation::optimizer::momentum::MOMENTUM;
use simulation::optimizer::sgdm::SGDM;
use simulation::optimizer::trajectory::Trajectory;
use simulation::random::{Purpose, Sequence, Stream, cell_key};
use verdict::Ruling;
use verdict::decide;

/// Largest |θ − θ′|/(1 + |θ′|) that counts as rounding. A step rounds by 1e-16, a difference of two points loses
/// 1/(1 − β) = 100 of that, and on the way over a saddle of curvature h it grows by e^{|h|ηn}, by a thousand or so.
const ROUNDING: f64 = 1e-11;

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct FormulationsSpec {
    name: String,
    landscape: Surface,
    /// Variance of a gradient in every coordinate.
    variance: f64,
    start: Vec<f64>,
    eta: f64,
    beta: Vec<f64>,
    steps: u64,
    claims: Vec<ClaimSpec>,
}

#[derive(Clone, Debug, Serialize)]
struct ClaimSpec {
    #[serde(flatten)]
    stated: Stated,
    /// Which formulation.
    form: &'static str,
}

/// How far a formulation strays from m ← βm + (1 − β)g, θ ← θ − ηm.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Compared {
    form: String,
    beta: f64,
    /// max |θ − θ′|/(1 + |θ′|) over all steps and coordinates.
    worst: f64,
}

/// θ after every step, given η, β and a gradient at (θ, step).
type Walk = fn(&Way<'_>) -> Vec<f64>;

/// Every formulation: its name, what it is, and how it goes.
const FORMS: &[(&str, &str, Walk)] = &[
    (
        "heavy-ball",
        "m ← βm + g, θ ← θ − η(1 − β)m",
        |way| {
            let eta = way.eta * (1.0 - way.beta);
            way.rule(&HEAVY_BALL, eta, &[("beta1", way.beta), ("beta3", 1.0)])
        },
    ),
    (
        "library",
        "b₁ = g₁, b ← βb + g, θ ← θ − η(1 − β)b, the libraries' rule without dampening",
        |way| {
            let eta = way.eta * (1.0 - way.beta);
            way.rule(&MOMENTUM, eta, &[("mu", way.beta), ("tau", 0.0)])
        },
    ),
    (
        "two-point",
        "θ ← θ − η(1 − β)g + β(θ − θ of a step before)",
        |way| way.two_point(),
    ),
    (
        "auxiliary",
        "y ← y − ηg(θ), θ ← βθ + (1 − β)y, that is y = θ − ηβm/(1 − β)",
        |way| way.auxiliary(),
    ),
    (
        "library-dampened",
        "b₁ = g₁, b ← βb + (1 − β)g, θ ← θ − ηb, the libraries' rule with dampening τ = β",
        |way| way.rule(&MOMENTUM, way.eta, &[("mu", way.beta), ("tau", way.beta)]),
    ),
];

/// One particle on its way.
struct Way<'a> {
    surface: &'a dyn Landscape,
    sigma: f64,
    start: &'a [f64],
    eta: f64,
    beta: f64,
    steps: u64,
    stream: &'a Stream,
}

impl Way<'_> {
    /// The stochastic gradient at θ in a step.
    fn gradient(&self, theta: &[f64], step: u64) -> Vec<f64> {
        let mut gradient = vec![0.0; theta.len()];
        self.surface.gradient(theta, 1, &mut gradient);
        let noise = Sequence::new(self.stream, Purpose::Process, 0, step);
        for (g, xi) in gradient.iter_mut().zip(StandardNormal.sample_iter(noise)) {
            let xi: f64 = xi;
            *g += self.sigma * xi;
        }
        gradient
    }

    /// θ after every step of `advance`, which moves θ by the gradient there.
    fn walk(&self, mut advance: impl FnMut(&mut [f64], &[f64])) -> Vec<f64> {
        let mut theta = self.start.to_vec();
        let mut path = Vec::with_capacity(self.steps as usize * theta.len());
        for step in 0..self.steps {
            let gradient = self.gradient(&theta, step);
            advance(&mut theta, &gradient);
            path.extend_from_slice(&theta);
        }
        path
    }

    fn rule(&self, entry: &Entry, eta: f64, numbers: &[(&'static str, f64)]) -> Vec<f64> {
        let mut values = Values::defaults(entry, 0.0).with("eta", eta);
        for (name, number) in numbers {
            values = values.with(name, *number);
        }
        let all = (0..self.start.len()).collect();
        let mut trajectory = Trajectory::new(vec![(entry.build)(&values).group(all)]);
        self.walk(|theta, gradient| trajectory.step(theta, gradient))
    }

    fn two_point(&self) -> Vec<f64> {
        let (eta, beta) = (self.eta * (1.0 - self.beta), self.beta);
        let mut before = self.start.to_vec();
        self.walk(|theta, gradient| {
            for ((theta, before), g) in theta.iter_mut().zip(&mut before).zip(gradient) {
                let next = *theta - eta * g + beta * (*theta - *before);
                *before = *theta;
                *theta = next;
            }
        })
    }

    fn auxiliary(&self) -> Vec<f64> {
        let (eta, beta) = (self.eta, self.beta);
        let mut y = self.start.to_vec();
        self.walk(|theta, gradient| {
            for ((theta, y), g) in theta.iter_mut().zip(&mut y).zip(gradient) {
                *y -= eta * g;
                *theta = beta * *theta + (1.0 - beta) * *y;
            }
        })
    }
}

impl Protocol for FormulationsSpec {
    fn plan(&self) -> Vec<Planned> {
        let cell = |beta: &f64| {
            let plan = Planned::new(&format!("{}/beta={beta}", self.name)).with("beta", *beta);
            plan.runs(1 + FORMS.len() as u64, self.steps)
        };
        self.beta.iter().map(cell).collect()
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let rows = each(&self.beta, |&beta| -> Result<Vec<Compared>> {
            let piece = Piece {
                label: &format!("{}/beta={beta}", self.name),
                settings: serde_json::json!({
                    "landscape": self.landscape, "variance": self.variance, "start": self.start,
                    "eta": self.eta, "steps": self.steps,
                }),
                parts: 1,
            };
            kept(piece, context, progress, folder, |_| {
                self.compare(beta, context.seed).map(Some)
            })
        })?;
        Ok(self.conclude(&rows.concat()))
    }
}

impl FormulationsSpec {
    /// Resolves the sections of the experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown or out of range.
    pub fn read(root: &Section<'_>, name: &str) -> Result<Self> {
        let landscape = Surface::read(&root.required_section("landscape")?)?;
        let noise = root.required_section("noise")?;
        noise.choice("name", Some("gaussian"), &["gaussian"])?;
        let why = "the variance of a gradient in every coordinate";
        let variance = noise.number("variance", None, 0.0..=1e12, why)?;
        noise.finish()?;
        let run = root.required_section("run")?;
        let start = run.number(
            "start",
            None,
            -1e6..=1e6,
            "θ₀, the same in every coordinate",
        )?;
        let eta = run.number("eta", None, f64::MIN_POSITIVE..=1e3, "η, positive")?;
        let beta = run.sweep("beta", None, 0.0..=0.9999, "β, below 1")?;
        let steps = run.integer("steps", None, 2..=10_000_000, "their number")?;
        run.finish()?;
        let claims = root.sections("claim")?;
        Ok(FormulationsSpec {
            name: name.to_string(),
            start: vec![start; landscape.build()?.dim()],
            landscape,
            variance,
            eta,
            beta,
            steps,
            claims: claims.iter().map(ClaimSpec::read).collect::<Result<_>>()?,
        })
    }

    fn compare(&self, beta: f64, seed: u64) -> Result<Vec<Compared>> {
        let surface = self.landscape.build()?;
        let stream = Stream::new(seed, cell_key(&self.name));
        let way = Way {
            surface: &*surface,
            sigma: self.variance.sqrt(),
            start: &self.start,
            eta: self.eta,
            beta,
            steps: self.steps,
            stream: &stream,
        };
        let reference = way.rule(&SGDM, self.eta, &[("beta1", beta)]);
        let compared = |(form, _, walk): &(&str, &str, Walk)| {
            let pairs = walk(&way).into_iter().zip(&reference);
            let strays = pairs.map(|(theta, r)| (theta - r).abs() / (1.0 + r.abs()));
            Compared {
                form: form.to_string(),
                beta,
                worst: strays.fold(0.0, |worst, x| if x <= worst { worst } else { x }),
            }
        };
        Ok(FORMS.iter().map(compared).collect())
    }

    fn conclude(&self, rows: &[Compared]) -> Finding {
        let column = |of: fn(&Compared) -> f64| Column::F64(rows.iter().map(of).collect());
        let forms = rows.iter().map(|r| r.form.clone()).collect();
        let steps = (1 + FORMS.len()) as u64 * self.beta.len() as u64 * self.steps;
        let estimate = |r: &Compared| {
            let cell = format!("{}/beta={}/{}", self.name, r.beta, r.form);
            let worst = Exact::by("maximum over all steps and coordinates", r.worst);
            Reading::known(&cell, "worst deviation of θ", worst)
                .at("beta", r.beta)
                .at("form", &*r.form)
        };
        Finding {
            samples: Table {
                columns: vec![
                    ("form".into(), Column::Text(forms)),
                    ("beta".into(), column(|r| r.beta)),
                    ("worst_deviation".into(), column(|r| r.worst)),
                ],
            },
            estimates: rows.iter().map(estimate).collect(),
            verdicts: Verdicts {
                claims: self.claims.iter().map(|c| c.rule(rows)).collect(),
                self_checks: Vec::new(),
            },
            figures: Vec::new(),
            sections: vec![self.words()],
            particle_steps: steps,
            lane_steps: steps,
            diverged: 0,
        }
    }

    fn words(&self) -> Words {
        let mut paragraphs = vec![format!(
            "m ← βm + (1 − β)g, θ ← θ − ηm for {} steps on {} in {} coordinates, with gradients of variance {}, η = {} and β = {:?}; and, with the same noise, each other formulation from the same θ₀ and an empty buffer:",
            self.steps,
            self.landscape.name,
            self.start.len(),
            self.variance,
            self.eta,
            self.beta
        )];
        paragraphs.extend(
            FORMS
                .iter()
                .map(|(name, formula, _)| format!("{name}: {formula}.")),
        );
        Words {
            heading: "What was run".into(),
            paragraphs,
        }
    }
}

impl ClaimSpec {
    fn read(section: &Section<'_>) -> Result<Self> {
        let stated = Stated::read(section)?;
        let names: Vec<&'static str> = FORMS.iter().map(|(name, ..)| *name).collect();
        let form = section.choice("form", None, &names)?;
        section.finish()?;
        Ok(ClaimSpec { stated, form })
    }

    fn rule(&self, rows: &[Compared]) -> Ruling {
        let own = rows.iter().filter(|r| r.form == self.form);
        let worst = own.fold(0.0, |w: f64, r| if r.worst <= w { w } else { r.worst });
        let quantity = "worst relative deviation of θ over all β, steps and coordinates";
        let mut ruling = self.stated.open(quantity, ROUNDING);
        (ruling.verdict, ruling.why) = decide::identity(worst, ROUNDING);
        ruling.exact = Some(0.0);
        ruling.measured = Some(Estimate::exact(
            worst,
            "identity, compared number by number",
        ));
        self.stated.explained(ruling)
    }
}
