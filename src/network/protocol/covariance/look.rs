//! What is measured at one point of one training.

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::compare::{Comparison, compare};
use super::spec::{Density, Measure};
use crate::convert::numbers;
use crate::curvature::{Hessian, Spectrum, density, signs, top, trace};
use crate::noise::{by_class, covariance, fisher, per_example};
use crate::protocol::points::Place;
use crate::protocol::task::stream;
use crate::set::Examples;
use experiment::kept::{finite, known, known_all};
use measurement::mean::Moments;
use simulation::random::Purpose;

/// Vectors that the Hessian is applied to at once, and examples whose gradients are taken at once.
const TOGETHER: i64 = 8;
const EXAMPLES_TOGETHER: i64 = 200;
/// Examples that a product with the Hessian takes at a time.
const MOST: i64 = 2000;
/// Eigenvalues that Lanczos finds, its residual relative to the largest, and the products after which it ends.
const TOP: usize = 3;
const TOLERANCE: f64 = 1e-6;
const PRODUCTS: usize = 300;
/// Places at which the density is drawn, and the smoothing as a share of the spectrum's width.
const PLACES: usize = 1000;
const WIDTH: f64 = 0.01;

/// One network at a point.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Look {
    /// The mean loss on the training examples.
    #[serde(deserialize_with = "known")]
    pub loss: f64,
    /// C and H of the data.
    pub data: Comparison,
    /// Those of labels drawn from the network.
    pub model: Option<Model>,
    /// zᵀHz over random vectors of signs z.
    pub trace: Against,
    /// The largest |λ_Lanczos − λ|/λ₁.
    #[serde(deserialize_with = "known")]
    pub lanczos: f64,
    /// The spectral density.
    pub density: Option<Drawn>,
}

/// What labels drawn from the network come to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Model {
    /// C and H of one set of labels.
    pub drawn: Comparison,
    /// tr F, exactly.
    #[serde(deserialize_with = "known")]
    pub fisher: f64,
    /// tr C₁/((1 − 1/n) tr F), set by set.
    #[serde(deserialize_with = "known_all")]
    pub traces: Vec<f64>,
    /// u₁ᵀC₁u₁/((1 − 1/n) u₁ᵀFu₁), set by set; u₁ is the first eigenvector of H of the data.
    #[serde(deserialize_with = "known_all")]
    pub tops: Vec<f64>,
}

/// A mean against its exact value.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Against {
    /// What was measured.
    #[serde(deserialize_with = "known")]
    pub measured: f64,
    /// What it is.
    #[serde(deserialize_with = "known")]
    pub exact: f64,
    /// The exact standard error of what was measured.
    #[serde(deserialize_with = "known")]
    pub error: f64,
}

/// A density by Lanczos quadrature, and the one of all eigenvalues, smoothed alike.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Drawn {
    /// Places λ.
    pub at: Vec<f64>,
    /// Mean over the random vectors.
    pub mean: Vec<f64>,
    /// Its standard error.
    pub error: Vec<f64>,
    /// From all eigenvalues.
    pub exact: Vec<f64>,
    /// ∫λ²ρ, which is ‖H‖²/P.
    pub second: Against,
}

/// Measures it.
pub fn look(how: &Measure, place: &Place<'_>) -> Look {
    let (objective, theta) = (place.objective, &place.theta);
    let hessian = hessian(place, &place.examples);
    let full = hessian.dense();
    let spectrum = Spectrum::of(&full, theta);
    let gradients = per_example(
        objective,
        theta,
        &place.examples,
        &place.statistics,
        EXAMPLES_TOGETHER,
    );
    let data = compare(&covariance(&gradients), &spectrum);

    let vectors = stream(place.root, &format!("probes/{}", place.point.name));
    let first = place.seed * (how.probes + 1);
    let begin = signs(&vectors, first, 1, theta).squeeze_dim(0);
    let found = top(&hessian, &begin, TOP, TOLERANCE, PRODUCTS);
    let largest = spectrum.values.iter().fold(0.0, |a: f64, l| a.max(l.abs()));
    let gaps = found.values.iter().zip(&spectrum.values);
    let probes = signs(&vectors, first + 1, how.probes as i64, theta);
    let images = trace(&hessian, &probes);
    let off_diagonal = full.norm_squared() - full.diagonal().norm_squared();

    let own = |names: &[String]| names.contains(&place.point.name);
    let evaluated = objective.evaluate(theta, &place.examples, &place.statistics, MOST);
    Look {
        loss: finite(evaluated.loss.first().copied().unwrap_or(f64::NAN)),
        model: own(&how.model_labels).then(|| model(how, place, &spectrum)),
        trace: Against {
            measured: finite(images.iter().sum::<f64>() / images.len() as f64),
            exact: finite(full.trace()),
            error: finite((2.0 * off_diagonal / images.len() as f64).sqrt()),
        },
        lanczos: finite(
            gaps.map(|(a, b)| (a - b).abs() / largest)
                .fold(0.0, f64::max),
        ),
        density: how
            .density
            .as_ref()
            .filter(|density| place.seed == 0 && own(&density.at))
            .map(|how| drawn(how, place, &hessian, &full, &spectrum)),
        data,
    }
}

/// ∇²L of the network on these examples.
fn hessian<'a>(place: &'a Place<'_>, examples: &'a Examples) -> Hessian<'a> {
    Hessian {
        objective: place.objective,
        theta: &place.theta,
        examples,
        statistics: &place.statistics,
        most: MOST,
        together: TOGETHER,
    }
}

/// What labels drawn from the network come to.
fn model(how: &Measure, place: &Place<'_>, spectrum: &Spectrum) -> Model {
    let (objective, theta, n) = (place.objective, &place.theta, place.examples.len());
    let p = tch::no_grad(|| {
        let inputs = place.examples.span(0, n, 1).inputs;
        let outputs = objective.outputs(theta, &inputs, &place.statistics);
        objective.loss.probabilities(&outputs).squeeze_dim(0)
    });
    let classes = p.size()[1];
    let gradients = by_class(
        objective,
        theta,
        &place.examples,
        &place.statistics,
        classes,
        EXAMPLES_TOGETHER,
    );
    let information = fisher(&gradients, &p);
    let along = spectrum.vector(0);
    let projected = gradients.matmul(&along).flatten(0, 1);
    let rows = gradients.flatten(0, 1);
    let shares: Vec<Vec<f64>> = numbers(&p)
        .chunks(classes as usize)
        .map(<[f64]>::to_vec)
        .collect();
    let labels = stream(place.root, &format!("model-labels/{}", place.point.name));
    let draw = |round: u64| -> Vec<i64> {
        let each = shares.iter().zip(0u64..).map(|(p, example)| {
            let mut left = labels.uniform(Purpose::Fresh, example, round, 0);
            let chosen = p.iter().position(|p| {
                left -= p;
                left <= 0.0
            });
            chosen.unwrap_or(p.len() - 1) as i64
        });
        each.collect()
    };
    let chosen = |drawn: &[i64]| -> Tensor {
        let places = drawn.iter().zip(0..).map(|(class, j)| j * classes + class);
        Tensor::from_slice(&places.collect::<Vec<i64>>()).to_device(theta.device())
    };
    let less = 1.0 - 1.0 / n as f64;
    let exact_top = {
        let weighted = (&projected * &projected) * p.flatten(0, 1);
        weighted.sum(Some(Kind::Double)).double_value(&[]) / n as f64
    };
    // Σ of the variances of the columns.
    let spread = |rows: &Tensor| {
        let centred = rows - rows.mean_dim(0i64, true, rows.kind());
        (&centred * &centred)
            .sum(Some(Kind::Double))
            .double_value(&[])
            / n as f64
    };
    let first = place.seed * how.draws;
    let (mut traces, mut tops) = (Vec::new(), Vec::new());
    for round in first..first + how.draws {
        let picked = chosen(&draw(round));
        traces.push(finite(
            spread(&rows.index_select(0, &picked)) / (less * information.trace()),
        ));
        let along = projected.index_select(0, &picked).unsqueeze(1);
        tops.push(finite(spread(&along) / (less * exact_top)));
    }
    let once = draw(first);
    let relabelled = Tensor::from_slice(&once)
        .unsqueeze(0)
        .to_device(theta.device());
    let examples = place.examples.relabelled(relabelled);
    let own = Spectrum::of(&hessian(place, &examples).dense(), theta);
    let drawn = covariance(&rows.index_select(0, &chosen(&once)));
    Model {
        drawn: compare(&drawn, &own),
        fisher: finite(information.trace()),
        traces,
        tops,
    }
}

/// The density of eigenvalues at a point, by quadrature and exactly.
fn drawn(
    how: &Density,
    place: &Place<'_>,
    hessian: &Hessian<'_>,
    full: &nalgebra::DMatrix<f64>,
    spectrum: &Spectrum,
) -> Drawn {
    let vectors = stream(place.root, &format!("density/{}", place.point.name));
    let probes = signs(&vectors, 0, how.probes as i64, &place.theta);
    let found = density(hessian, &probes, how.steps as usize, PLACES, WIDTH);
    let over: Vec<Moments> = found
        .each
        .iter()
        .map(|e| e.iter().copied().collect())
        .collect();
    let bump = |z: f64| (-0.5 * z * z).exp() / (found.width * (2.0 * std::f64::consts::PI).sqrt());
    let size = spectrum.values.len() as f64;
    let exact = found.at.iter().map(|at| {
        let each = spectrum.values.iter().map(|l| bump((at - l) / found.width));
        finite(each.sum::<f64>() / size)
    });
    let step = found.at[1] - found.at[0];
    // ‖H²‖² less the squares of its diagonal, Σ_j H_ij².
    let fourth: f64 = spectrum.values.iter().map(|l| l.powi(4)).sum();
    let on: f64 = full.row_iter().map(|row| row.norm_squared().powi(2)).sum();
    let off = fourth - on;
    let mean: Vec<f64> = over.iter().map(|m| m.mean().unwrap_or(0.0)).collect();
    let terms = found
        .at
        .iter()
        .zip(&mean)
        .map(|(x, rho)| x * x * rho * step);
    Drawn {
        second: Against {
            // Smoothing adds the Gaussian's own second moment.
            measured: finite(terms.sum::<f64>() - found.width.powi(2)),
            exact: finite(full.norm_squared() / size),
            error: finite((2.0 * off / how.probes as f64).sqrt() / size),
        },
        exact: exact.collect(),
        error: over
            .iter()
            .map(|m| m.standard_error().unwrap_or(0.0))
            .collect(),
        at: found.at,
        mean,
    }
}
