//! What makes a gradient stochastic, resolved for one cell: how large it is, and the oracle that draws it.

use std::collections::BTreeMap;
use std::slice::from_ref;

use nalgebra::DMatrix;
use serde::Serialize;

use super::process::law;
use crate::surface::matrix;
use measurement::reading::Facts;
use simulation::driven::Driven;
use simulation::landscape::Landscape;
use simulation::landscape::examples::Origin;
use simulation::landscape::line::curvature_at;
use simulation::noise::covariance::CovarianceField;
use simulation::noise::{
    CovarianceFormula, Drawn, DrawnLaw, Draws, Driving, Exact, ExampleBatch, Examples, Fresh,
    Gaussian, HessianShaped, Minibatch, Oracle, Pool, Replacement, Shape, Size, Stable, Summed,
};
use simulation::random::Stream;

/// What makes the gradient stochastic, resolved for one cell.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Noise {
    /// Additive Gaussian noise.
    Gaussian {
        /// C of one coordinate of the stochastic gradient with respect to θ.
        variance: f64,
    },
    /// Additive Gaussian noise of a full covariance matrix, rows.
    Correlated {
        /// C with respect to θ.
        covariance: Vec<Vec<f64>>,
    },
    /// Batches of the examples whose mean loss the surface is.
    Examples {
        /// B.
        batch: u64,
        /// Whether every example is drawn from all.
        replacement: bool,
        /// l of SVAG, which combines two batches; 1 takes one.
        svag: f64,
        /// B of each step, of which the batch is the largest, where it is not the same at all of them.
        #[serde(skip_serializing_if = "Option::is_none")]
        ramp: Option<Box<Driven>>,
    },
    /// C = (|H| + δ)/B.
    Hessian {
        /// B.
        batch: f64,
        /// δ, with respect to θ.
        floor: f64,
    },
    /// Symmetric α-stable noise of every coordinate.
    Stable {
        /// α.
        alpha: f64,
        /// σ.
        scale: f64,
    },
    /// Batches from a pool.
    Minibatch {
        /// Pool size.
        samples: u64,
        /// B.
        batch: u64,
        /// Law of the data.
        law: String,
        /// Degrees of freedom of Student's law.
        degrees_of_freedom: f64,
        /// Variance of a coordinate of x.
        variance: f64,
        /// Whether a sample may occur twice in an epoch.
        replacement: bool,
    },
    /// Batches of fresh samples.
    Fresh {
        /// B.
        batch: u64,
        /// Law of the data.
        law: String,
        /// Degrees of freedom of Student's law.
        degrees_of_freedom: f64,
        /// Variance of a coordinate of x.
        variance: f64,
    },
    /// Numbers of a law, times a size.
    Drawn {
        /// What is drawn.
        draws: Draws,
        /// What multiplies it.
        size: Amount,
    },
    /// Several that add.
    Sum {
        /// They.
        parts: Vec<Noise>,
    },
}

/// What multiplies the numbers of a law.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Amount {
    /// The same number in every coordinate, everywhere.
    Deviation(f64),
    /// The root of a constant matrix, rows.
    Covariance(Vec<Vec<f64>>),
    /// The root of a covariance by formula.
    Formula {
        /// The formula.
        formula: CovarianceFormula,
        /// The numbers of the noise's own block that it names.
        numbers: BTreeMap<String, f64>,
    },
}

/// A surface that is built as often as it is needed.
pub type Surfaces<'a> = &'a dyn Fn() -> Result<Box<dyn Landscape>, String>;

const NO_EXAMPLES: &str = "the surface is no mean over examples";

impl Noise {
    /// The shape of Gaussian noise of constant covariance, which singles are written for too.
    ///
    /// # Errors
    /// It is another noise.
    pub fn shape(&self) -> Result<Shape, String> {
        match self {
            Noise::Gaussian { variance } => Ok(Shape::Isotropic(variance.sqrt())),
            Noise::Correlated { covariance } => Shape::from_covariance(matrix(covariance)),
            _ => Err(
                "\"f32\" is for Gaussian noise of constant covariance; other noises take \"f32-noise\""
                    .into(),
            ),
        }
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Noise::Gaussian { .. } => "gaussian",
            Noise::Correlated { .. } => "correlated",
            Noise::Hessian { .. } => "hessian",
            Noise::Stable { .. } => "stable",
            Noise::Minibatch { .. } | Noise::Examples { .. } => "minibatch",
            Noise::Fresh { .. } => "fresh",
            Noise::Drawn { draws, .. } => draws.law.name(),
            Noise::Sum { .. } => "sum",
        }
    }

    /// Its name to the model of cost.
    pub fn kind(&self) -> &'static str {
        match self {
            Noise::Drawn { draws, size } => match (draws.is_normal(), size) {
                (true, Amount::Formula { .. }) => "hessian",
                (true, _) => "correlated",
                _ => "stable",
            },
            Noise::Sum { parts } => parts.first().map_or("none", Noise::kind),
            other => other.name(),
        }
    }

    /// Its numbers, by the names of `[noise]`.
    pub fn facts(&self) -> Facts {
        let facts = Facts::default().with("noise", self.name());
        match self {
            Noise::Gaussian { variance } => facts.with("variance", *variance),
            Noise::Correlated { .. } | Noise::Sum { .. } => facts,
            Noise::Examples {
                ramp: Some(_),
                svag,
                ..
            } => facts.with("svag", *svag),
            Noise::Examples { batch, svag, .. } => facts.with("batch", *batch).with("svag", *svag),
            Noise::Hessian { batch, floor } => facts.with("batch", *batch).with("floor", *floor),
            Noise::Stable { alpha, scale } => facts.with("alpha", *alpha).with("scale", *scale),
            Noise::Minibatch {
                batch,
                degrees_of_freedom,
                variance,
                ..
            }
            | Noise::Fresh {
                batch,
                degrees_of_freedom,
                variance,
                ..
            } => facts
                .with("batch", *batch)
                .with("dof", *degrees_of_freedom)
                .with("variance", *variance),
            Noise::Drawn { draws, size } => {
                let mut facts = facts;
                match draws.law {
                    DrawnLaw::Student(nu) => facts = facts.with("dof", nu),
                    DrawnLaw::Stable(alpha) => facts = facts.with("alpha", alpha),
                    _ => {}
                }
                if let Some(bound) = draws.bound {
                    facts = facts.with("bound", bound);
                }
                if draws.mean_of > 1 {
                    facts = facts.with("mean_of", draws.mean_of);
                }
                match (size, draws.law) {
                    (Amount::Deviation(scale), DrawnLaw::Stable(_)) => facts.with("scale", *scale),
                    (Amount::Deviation(sigma), _) => facts.with("variance", sigma * sigma),
                    (Amount::Covariance(_), _) => facts,
                    (Amount::Formula { numbers, .. }, _) => {
                        let all = numbers.iter();
                        all.fold(facts, |facts, (name, x)| facts.with(name, *x))
                    }
                }
            }
        }
    }

    /// The noises that add, or the one that it is.
    pub fn parts(&self) -> &[Noise] {
        match self {
            Noise::Sum { parts } => parts,
            one => from_ref(one),
        }
    }

    /// Whether what is added is normal at every place.
    pub fn is_gaussian(&self) -> bool {
        self.parts().iter().all(|part| match part {
            Noise::Gaussian { .. } | Noise::Correlated { .. } | Noise::Hessian { .. } => true,
            Noise::Stable { alpha, .. } => *alpha == 2.0,
            Noise::Drawn { draws, .. } => draws.is_gaussian(),
            Noise::Minibatch { .. }
            | Noise::Examples { .. }
            | Noise::Fresh { .. }
            | Noise::Sum { .. } => false,
        })
    }

    /// Whether all that it draws are the normals of the process.
    pub fn is_of_normals(&self) -> bool {
        self.parts().iter().all(|part| match part {
            Noise::Gaussian { .. } | Noise::Correlated { .. } | Noise::Hessian { .. } => true,
            Noise::Fresh { law, .. } => law == "normal",
            Noise::Drawn { draws, .. } => draws.is_normal(),
            Noise::Stable { .. }
            | Noise::Minibatch { .. }
            | Noise::Examples { .. }
            | Noise::Sum { .. } => false,
        })
    }

    /// C of one coordinate, where it is the same of all and everywhere.
    pub fn variance(&self) -> Option<f64> {
        let of = |part: &Noise| match part {
            Noise::Gaussian { variance } => Some(*variance),
            Noise::Correlated { covariance } => unit(covariance),
            Noise::Stable { alpha, scale } => (*alpha == 2.0).then_some(2.0 * scale * scale),
            Noise::Drawn { draws, size } => {
                let one = draws.variance()?;
                match size {
                    Amount::Deviation(sigma) => Some(one * sigma * sigma),
                    Amount::Covariance(rows) => Some(one * unit(rows)?),
                    Amount::Formula { .. } => None,
                }
            }
            _ => None,
        };
        self.parts().iter().map(of).sum()
    }

    /// C, where it is the same everywhere.
    pub fn covariance(&self, dim: usize) -> Option<DMatrix<f64>> {
        let mut sum = DMatrix::zeros(dim, dim);
        for part in self.parts() {
            sum += match part {
                Noise::Correlated { covariance } => matrix(covariance),
                Noise::Drawn {
                    draws,
                    size: Amount::Covariance(rows),
                } => matrix(rows) * draws.variance()?,
                other => DMatrix::from_diagonal_element(dim, dim, other.variance()?),
            };
        }
        Some(sum)
    }

    /// B, where there is one.
    pub fn batch(&self) -> Option<f64> {
        self.parts().iter().find_map(|part| match part {
            Noise::Examples { ramp: Some(_), .. } => None,
            Noise::Hessian { batch, .. } => Some(*batch),
            Noise::Minibatch { batch, .. }
            | Noise::Fresh { batch, .. }
            | Noise::Examples { batch, .. } => Some(*batch as f64),
            Noise::Drawn {
                size: Amount::Formula { numbers, .. },
                ..
            } => numbers.get("batch").copied(),
            _ => None,
        })
    }

    /// The part of a formula that is evaluated on a surface, for each of the parts that have one.
    ///
    /// # Errors
    /// The surface refuses its parameters.
    pub fn fields(&self, surface: Surfaces<'_>) -> Result<Vec<(f64, CovarianceField)>, String> {
        let mut found = Vec::new();
        for part in self.parts() {
            if let Noise::Drawn {
                draws,
                size: Amount::Formula { formula, .. },
            } = part
            {
                let one = draws.variance().unwrap_or(f64::NAN);
                found.push((one, field(formula, surface, 1.0)?));
            }
        }
        Ok(found)
    }

    /// C(θ) before the first step; `None` where it is not known.
    ///
    /// # Errors
    /// It is none there.
    pub fn covariance_at(
        &self,
        surface: Surfaces<'_>,
        theta: &[f64],
    ) -> Result<Option<DMatrix<f64>>, String> {
        let dim = theta.len();
        let mut sum = DMatrix::zeros(dim, dim);
        for part in self.parts() {
            sum += match part {
                Noise::Hessian { batch, floor } => {
                    let eigen = surface()?.hessian(theta).symmetric_eigen();
                    let sizes = eigen.eigenvalues.map(|x| (x.abs() + floor) / batch);
                    let axes = &eigen.eigenvectors;
                    axes * DMatrix::from_diagonal(&sizes) * axes.transpose()
                }
                Noise::Drawn {
                    draws,
                    size: Amount::Formula { formula, .. },
                } => match draws.variance() {
                    Some(one) => field(formula, surface, 1.0)?.at(theta)? * one,
                    None => return Ok(None),
                },
                Noise::Examples {
                    batch,
                    replacement,
                    svag,
                    ramp: None,
                } => {
                    let surface = surface()?;
                    let mean = surface.examples().ok_or(NO_EXAMPLES)?;
                    let n = mean.table().rows() as f64;
                    // Of a batch without replacement, which a table of one leaves nothing random of.
                    let left = match (mean.origin(), replacement) {
                        (Origin::Table, false) if n == 1.0 => 0.0,
                        (Origin::Table, false) => (n - *batch as f64) / (n - 1.0),
                        _ => 1.0,
                    };
                    mean.covariance(theta) * (svag * left / *batch as f64)
                }
                other => match other.covariance(dim) {
                    Some(own) => own,
                    None => return Ok(None),
                },
            };
        }
        Ok(Some(sum))
    }

    /// C(x) in one coordinate; `None` where it is not known, or changes along a path that stays where it is.
    ///
    /// # Errors
    /// The surface refuses its parameters.
    pub fn along(&self, surface: Surfaces<'_>) -> Result<Option<Along>, String> {
        if let Some(c) = self.variance() {
            return Ok(Some(Box::new(move |_| c)));
        }
        let mut parts: Vec<Along> = Vec::new();
        for part in self.parts() {
            parts.push(match part {
                Noise::Hessian { batch, floor } => {
                    let (line, batch, floor) = (surface()?, *batch, *floor);
                    Box::new(move |x| (curvature_at(&*line, x).abs() + floor) / batch)
                }
                Noise::Drawn {
                    draws,
                    size: Amount::Formula { formula, .. },
                } => {
                    let field = field(formula, surface, 1.0)?;
                    match draws.variance() {
                        Some(one) if !field.is_driven() => Box::new(move |x| {
                            let mut c = [f64::NAN];
                            field.variances(&[x], 1, &mut c);
                            one * c[0]
                        }),
                        _ => return Ok(None),
                    }
                }
                other => match other.variance() {
                    Some(c) => Box::new(move |_| c),
                    None => return Ok(None),
                },
            });
        }
        Ok(Some(Box::new(move |x| parts.iter().map(|c| c(x)).sum())))
    }

    /// What is wrong with it at a place before the first step, in words.
    ///
    /// # Errors
    /// A formula or a surface that is none.
    pub fn wrong_at(&self, surface: Surfaces<'_>, theta: &[f64]) -> Result<Option<String>, String> {
        let fields = self.fields(surface)?;
        Ok(fields
            .iter()
            .find_map(|(_, field)| field.wrong_at(theta, 0)))
    }

    /// The stochastic gradient of a surface, a step of which takes `clock`; `pool` draws the samples of data, of which k is the
    /// sharpness.
    ///
    /// # Errors
    /// A covariance that is none.
    pub fn oracle(
        &self,
        surface: Surfaces<'_>,
        (sharpness, clock): (f64, f64),
        pool: &Stream,
    ) -> Result<Box<dyn Oracle>, String> {
        let mut whole = driving(surface, clock)?;
        let driven = whole.is_some();
        let mut added = Vec::new();
        let parts = self.parts();
        for part in parts {
            match part.addend(surface, clock, parts.len() > 1 || driven)? {
                Some(drawn) => added.push(drawn),
                None if driven => {
                    return Err(
                        "this noise makes gradients itself, of a landscape that stands still; on one that changes with step or time take gaussian, student, laplace, two-point or stable, whose size may be a formula".into(),
                    );
                }
                None => {
                    let own = part.alone(surface()?, sharpness, pool)?;
                    whole = Some(match whole {
                        None => own,
                        Some(first) => Box::new(Summed {
                            landscape: surface()?,
                            first,
                            second: own,
                        }),
                    });
                }
            }
        }
        let mut oracle = match whole {
            Some(whole) => whole,
            None => Box::new(Exact(surface()?)),
        };
        // Numbers that are drawn beside those of data have a stream of their own too.
        let first = u64::from(parts.len() > added.len());
        for (part, (draws, size)) in (first..).zip(added) {
            oracle = Box::new(Drawn {
                inner: oracle,
                draws,
                size,
                part,
            });
        }
        Ok(oracle)
    }

    /// What is added to a gradient; `None` of a noise that makes its gradients itself.
    fn addend(
        &self,
        surface: Surfaces<'_>,
        clock: f64,
        among_others: bool,
    ) -> Result<Option<(Draws, Size)>, String> {
        let gaussian = Draws::new(DrawnLaw::Gaussian, 1, None)?;
        Ok(match self {
            Noise::Drawn { draws, size } => Some((
                *draws,
                match size {
                    Amount::Deviation(sigma) => Size::Deviation(*sigma),
                    Amount::Covariance(rows) => Size::Factor(root(rows)?),
                    Amount::Formula { formula, .. } => {
                        Size::Field(Box::new(field(formula, surface, clock)?))
                    }
                },
            )),
            Noise::Gaussian { variance } if among_others => {
                Some((gaussian, Size::Deviation(variance.sqrt())))
            }
            Noise::Correlated { covariance } if among_others => {
                Some((gaussian, Size::Factor(root(covariance)?)))
            }
            Noise::Stable { alpha, scale } if among_others => Some((
                Draws::new(DrawnLaw::Stable(*alpha), 1, None)?,
                Size::Deviation(*scale),
            )),
            _ => None,
        })
    }

    /// The stochastic gradient of a noise that makes it itself.
    fn alone(
        &self,
        surface: Box<dyn Landscape>,
        sharpness: f64,
        pool: &Stream,
    ) -> Result<Box<dyn Oracle>, String> {
        Ok(match self {
            Noise::Gaussian { variance } => {
                Box::new(Gaussian::new(surface, Shape::Isotropic(variance.sqrt())))
            }
            Noise::Correlated { covariance } => {
                let shape = Shape::from_covariance(matrix(covariance))?;
                Box::new(Gaussian::new(surface, shape))
            }
            Noise::Hessian { batch, floor } => {
                Box::new(HessianShaped::new(surface, *batch, *floor))
            }
            Noise::Stable { alpha, scale } => Box::new(Stable::new(surface, *alpha, *scale)),
            Noise::Examples {
                batch,
                replacement,
                svag,
                ramp,
            } => {
                let mean = surface.examples().ok_or(NO_EXAMPLES)?;
                let replacement = match replacement {
                    true => Replacement::With,
                    false => Replacement::Without,
                };
                let examples = match mean.origin() {
                    Origin::Fresh(drawn) => Examples::Fresh(drawn.clone()),
                    Origin::Table | Origin::Moment => {
                        Examples::Pool(mean.table().clone(), replacement)
                    }
                };
                let loss = mean.loss().clone();
                let batches = ExampleBatch::new(loss, examples, *batch as usize, *svag);
                Box::new(batches.with_ramp(ramp.as_deref().cloned()))
            }
            Noise::Minibatch {
                samples,
                batch,
                law: name,
                degrees_of_freedom,
                variance,
                replacement,
            } => {
                let law = law(name, *degrees_of_freedom);
                let n = *samples as usize;
                let data = Pool::draw(pool, law, *variance, sharpness, n, surface.dim());
                let replacement = if *replacement {
                    Replacement::With
                } else {
                    Replacement::Without
                };
                Box::new(Minibatch::new(surface, data, *batch as usize, replacement))
            }
            Noise::Fresh {
                batch,
                law: name,
                degrees_of_freedom,
                variance,
            } => Box::new(Fresh::new(
                surface,
                law(name, *degrees_of_freedom),
                variance / sharpness,
                *batch as usize,
            )),
            Noise::Drawn { .. } | Noise::Sum { .. } => {
                return Err("a noise that is added to a gradient makes none".into());
            }
        })
    }
}

/// The gradient of a landscape that changes from step to step, where it does.
///
/// # Errors
/// The surface refuses its parameters.
pub fn driving(surface: Surfaces<'_>, clock: f64) -> Result<Option<Box<dyn Oracle>>, String> {
    let surface = surface()?;
    let moved = surface
        .examples()
        .filter(|mean| *mean.origin() == Origin::Moment);
    Ok(moved.map(|mean| {
        let loss = mean.loss().clone();
        Box::new(Driving { loss, clock }) as Box<dyn Oracle>
    }))
}

/// C over a coordinate.
pub type Along = Box<dyn Fn(f64) -> f64 + Send + Sync>;

fn field(
    formula: &CovarianceFormula,
    surface: Surfaces<'_>,
    clock: f64,
) -> Result<CovarianceField, String> {
    CovarianceField::new(formula, surface()?, clock).map_err(|mistake| mistake.to_string())
}

/// c of a matrix cI.
fn unit(rows: &[Vec<f64>]) -> Option<f64> {
    let c = *rows.first()?.first()?;
    let of = |(i, row): (usize, &Vec<f64>)| {
        let mut entries = row.iter().enumerate();
        entries.all(|(j, x)| *x == if i == j { c } else { 0.0 })
    };
    rows.iter().enumerate().all(of).then_some(c)
}

fn root(rows: &[Vec<f64>]) -> Result<DMatrix<f64>, String> {
    match Shape::from_covariance(matrix(rows))? {
        Shape::Full(factor) => Ok(factor),
        Shape::Isotropic(sigma) => Ok(DMatrix::from_diagonal_element(
            rows.len(),
            rows.len(),
            sigma,
        )),
    }
}
