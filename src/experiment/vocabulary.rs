//! What an experiment file may name: the lab's protocols and update rules, a program's own, and papers with their claims.

use std::sync::Arc;

use crate::calibration::CalibrationSpec;
use crate::convergence::ConvergenceSpec;
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
use crate::pac_bayes::PacBayesSpec;
use crate::paper::Papers;
use crate::protocol::Protocol;
use crate::rare_events::RareSpec;
use crate::scaling::ScalingSpec;
use crate::slow::SlowSpec;
use crate::spec::Section;
use crate::svag::SvagSpec;
use crate::teacher_student::StudentSpec;
use crate::weak::WeakSpec;
use base::error::{Error, Result};
use simulation::optimizer::entry::Entry;
use simulation::optimizer::registry::Rules;

/// How a protocol reads the sections of an experiment of that name.
pub type Read = fn(&Section<'_>, &str, &Rules) -> Result<Arc<dyn Protocol>>;

/// Every protocol by its name in experiment files.
const PROTOCOLS: &[(&str, Read)] = &[
    ("calibration", |root, _, _| {
        Ok(Arc::new(CalibrationSpec::read(root)?))
    }),
    ("convergence", |root, _, rules| {
        Ok(Arc::new(ConvergenceSpec::read(root, rules)?))
    }),
    ("descent", |root, name, _| {
        Ok(Arc::new(DescentSpec::read(root, name)?))
    }),
    ("escape", |root, name, rules| {
        Ok(Arc::new(EscapeSpec::read(root, name, rules)?))
    }),
    ("feature-learning", |root, name, rules| {
        Ok(Arc::new(FeatureSpec::read(root, name, rules)?))
    }),
    ("formulations", |root, name, _| {
        Ok(Arc::new(FormulationsSpec::read(root, name)?))
    }),
    ("friction", |root, name, _| {
        Ok(Arc::new(FrictionSpec::read(root, name)?))
    }),
    ("integrator-order", |root, name, _| {
        Ok(Arc::new(OrderSpec::read(root, name)?))
    }),
    ("modified-equations", |root, name, _| {
        Ok(Arc::new(ModifiedSpec::read(root, name)?))
    }),
    ("pac-bayes", |root, name, rules| {
        Ok(Arc::new(PacBayesSpec::read(root, name, rules)?))
    }),
    ("gradient-noise", |root, _, rules| {
        Ok(Arc::new(GradientNoiseSpec::read(root, rules)?))
    }),
    ("posterior", |root, name, rules| {
        Ok(Arc::new(CovarianceSpec::read(
            root,
            name,
            rules,
            Kind::Posterior,
        )?))
    }),
    ("saddle", |root, name, rules| {
        Ok(Arc::new(CovarianceSpec::read(
            root,
            name,
            rules,
            Kind::Saddle,
        )?))
    }),
    ("noise-variance", |root, name, rules| {
        Ok(Arc::new(CovarianceSpec::read(
            root,
            name,
            rules,
            Kind::NoiseVariance,
        )?))
    }),
    ("rare-events", |root, name, rules| {
        Ok(Arc::new(RareSpec::read(root, name, rules)?))
    }),
    ("scaling-identity", |root, _, rules| {
        Ok(Arc::new(ScalingSpec::read(root, rules)?))
    }),
    ("slow-manifold", |root, name, _| {
        Ok(Arc::new(SlowSpec::read(root, name)?))
    }),
    ("stationary-density", |root, name, _| {
        Ok(Arc::new(DensitySpec::read(root, name)?))
    }),
    ("svag", |root, name, _| {
        Ok(Arc::new(SvagSpec::read(root, name)?))
    }),
    ("weak-approximation", |root, name, _| {
        Ok(Arc::new(WeakSpec::read(root, name)?))
    }),
    ("teacher-student", |root, name, rules| {
        Ok(Arc::new(StudentSpec::read(root, name, rules)?))
    }),
];

/// The protocols, rules and papers that files may name.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    rules: Rules,
    papers: Option<Papers>,
    protocols: Vec<(&'static str, Read)>,
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
    pub fn with_rule(mut self, entry: &'static Entry) -> Self {
        self.rules = self.rules.with(entry);
        self
    }

    /// With these protocols too.
    #[must_use]
    pub fn with_protocols(mut self, protocols: &[(&'static str, Read)]) -> Self {
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
    pub(crate) fn protocols(&self) -> Vec<&'static str> {
        self.protocols.iter().map(|(name, _)| *name).collect()
    }

    /// Reads an experiment of the protocol `kind`.
    pub(crate) fn read(
        &self,
        kind: &str,
        root: &Section<'_>,
        name: &str,
    ) -> Result<Arc<dyn Protocol>> {
        let found = self.protocols.iter().find(|(own, _)| *own == kind);
        let (_, read) = found.ok_or_else(|| Error::Input(format!("unknown protocol `{kind}`")))?;
        read(root, name, &self.rules)
    }
}
