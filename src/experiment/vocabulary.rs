//! What an experiment file may name: the lab's protocols and update rules, a program's own, and papers with their claims.

use std::sync::Arc;

use crate::calibration::CalibrationSpec;
use crate::covariance::{CovarianceSpec, Kind};
use crate::density::DensitySpec;
use crate::descent::DescentSpec;
use crate::escape::EscapeSpec;
use crate::feature_learning::FeatureSpec;
use crate::formulations::FormulationsSpec;
use crate::friction::FrictionSpec;
use crate::gradient_noise::GradientNoiseSpec;
use crate::integrator_order::OrderSpec;
use crate::modified_equations::ModifiedSpec;
use crate::paper::Papers;
use crate::protocol::Protocol;
use crate::rare_events::RareSpec;
use crate::rules;
use crate::scaling::ScalingSpec;
use crate::slow::SlowSpec;
use crate::spec::Section;
use crate::svag::SvagSpec;
use crate::teacher_student::StudentSpec;
use crate::weak::WeakSpec;
use base::error::{Error, Result};
use simulation::optimizer::entry::Entry as Rule;
use simulation::optimizer::registry::Rules;

/// How a protocol reads the sections of an experiment of that name.
pub type Read = fn(&Section<'_>, &str, &Rules) -> Result<Arc<dyn Protocol>>;

/// A protocol: its name in experiment files, what it measures, and how it is read.
pub type Entry = (&'static str, &'static str, Read);

/// Every protocol.
const PROTOCOLS: &[Entry] = &[
    (
        "calibration",
        "how often the lab's own estimators and tests are right, on data of known law",
        |root, _, _| Ok(Arc::new(CalibrationSpec::read(root)?)),
    ),
    (
        "descent",
        "the change of the loss in a step, exact on quadratics",
        |root, name, _| Ok(Arc::new(DescentSpec::read(root, name)?)),
    ),
    (
        "escape",
        "first exits of an optimizer or an SDE against a sharpness, a noise or a temperature: rates, mean times, forms",
        |root, name, rules| Ok(Arc::new(EscapeSpec::read(root, name, rules)?)),
    ),
    (
        "feature-learning",
        "gradient descent with and without momentum on patch data, by the cubic network",
        |root, name, rules| Ok(Arc::new(FeatureSpec::read(root, name, rules)?)),
    ),
    (
        "formulations",
        "formulations of momentum that are one, step by step",
        |root, name, _| Ok(Arc::new(FormulationsSpec::read(root, name)?)),
    ),
    (
        "friction",
        "exits of Langevin dynamics with inertia against the damping",
        |root, name, _| Ok(Arc::new(FrictionSpec::read(root, name)?)),
    ),
    (
        "integrator-order",
        "weak and strong orders of the integrators, without random numbers",
        |root, name, _| Ok(Arc::new(OrderSpec::read(root, name)?)),
    ),
    (
        "modified-equations",
        "weak errors of the modified equations of SGD on the circle",
        |root, name, _| Ok(Arc::new(ModifiedSpec::read(root, name)?)),
    ),
    (
        "gradient-noise",
        "tails and normality of gradient noise, of a formula's data or of softmax regression",
        |root, _, rules| Ok(Arc::new(GradientNoiseSpec::read(root, rules)?)),
    ),
    (
        "posterior",
        "the stationary covariance of optimizers on a quadratic",
        |root, name, rules| {
            Ok(Arc::new(CovarianceSpec::read(
                root,
                name,
                rules,
                Kind::Posterior,
            )?))
        },
    ),
    (
        "saddle",
        "how far optimizers spread from a saddle in given steps",
        |root, name, rules| {
            Ok(Arc::new(CovarianceSpec::read(
                root,
                name,
                rules,
                Kind::Saddle,
            )?))
        },
    ),
    (
        "noise-variance",
        "the covariance of an optimizer's own updates",
        |root, name, rules| {
            Ok(Arc::new(CovarianceSpec::read(
                root,
                name,
                rules,
                Kind::NoiseVariance,
            )?))
        },
    ),
    (
        "rare-events",
        "exits too rare to wait for, by adaptive multilevel splitting",
        |root, name, rules| Ok(Arc::new(RareSpec::read(root, name, rules)?)),
    ),
    (
        "scaling-identity",
        "runs that differ by a scaling and must be one",
        |root, _, rules| Ok(Arc::new(ScalingSpec::read(root, rules)?)),
    ),
    (
        "slow-manifold",
        "the slow law along a valley, against its limit",
        |root, name, _| Ok(Arc::new(SlowSpec::read(root, name)?)),
    ),
    (
        "stationary-density",
        "the stationary law in one coordinate, in three readings of the noise",
        |root, name, _| Ok(Arc::new(DensitySpec::read(root, name)?)),
    ),
    (
        "svag",
        "SGD and its SVAG scalings, by moments",
        |root, name, _| Ok(Arc::new(SvagSpec::read(root, name)?)),
    ),
    (
        "weak-approximation",
        "SGD and momentum against one another in law, against η",
        |root, name, _| Ok(Arc::new(WeakSpec::read(root, name)?)),
    ),
    (
        "teacher-student",
        "small networks on Gaussian data, trained in full batches",
        |root, name, rules| Ok(Arc::new(StudentSpec::read(root, name, rules)?)),
    ),
];

/// The protocols, rules and papers that files may name.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    rules: Rules,
    papers: Option<Papers>,
    protocols: Vec<Entry>,
}

impl Default for Vocabulary {
    fn default() -> Self {
        Vocabulary {
            rules: Rules::default(),
            papers: None,
            protocols: PROTOCOLS.to_vec(),
        }
    }
}

impl Vocabulary {
    /// With a rule of the program's own; a name that exists already then means this one.
    #[must_use]
    pub fn with_rule(mut self, entry: &'static Rule) -> Self {
        self.rules = self.rules.with(entry);
        self
    }

    /// With these protocols too.
    #[must_use]
    pub fn with_protocols(mut self, protocols: &[Entry]) -> Self {
        self.protocols.extend(protocols);
        self
    }

    /// With these papers: ids of claims and keys of works are looked up in them. A vocabulary without any takes every id
    /// and key as it is, and its records have no statements.
    #[must_use]
    pub fn with_papers(mut self, papers: Papers) -> Self {
        self.papers = Some(papers);
        self
    }

    /// The papers, if there are any.
    pub(crate) fn papers(&self) -> Option<&Papers> {
        self.papers.as_ref()
    }

    /// The names of all protocols.
    pub fn protocols(&self) -> Vec<&'static str> {
        self.protocols.iter().map(|(name, ..)| *name).collect()
    }

    /// What the protocol of that name measures.
    pub fn meaning(&self, kind: &str) -> Option<&'static str> {
        let found = self.protocols.iter().find(|(own, ..)| *own == kind)?;
        Some(found.1)
    }

    /// Reads an experiment of the protocol `kind`.
    pub(crate) fn read(
        &self,
        kind: &str,
        root: &Section<'_>,
        name: &str,
    ) -> Result<Arc<dyn Protocol>> {
        let found = self.protocols.iter().find(|(own, ..)| *own == kind);
        let (.., read) = found.ok_or_else(|| Error::Input(format!("unknown protocol `{kind}`")))?;
        read(root, name, &rules::of(root, &self.rules)?)
    }
}
