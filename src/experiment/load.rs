//! An experiment file, read and resolved: nothing is run before all of it is understood.

use std::path::Path;
use std::sync::Arc;

use crate::error::Result;
use crate::experiment::calibration::CalibrationSpec;
use crate::experiment::convergence::ConvergenceSpec;
use crate::experiment::covariance::{CovarianceSpec, Kind};
use crate::experiment::density::DensitySpec;
use crate::experiment::descent::DescentSpec;
use crate::experiment::escape::EscapeSpec;
use crate::experiment::feature_learning::FeatureSpec;
use crate::experiment::formulations::FormulationsSpec;
use crate::experiment::friction::FrictionSpec;
use crate::experiment::gradient_noise::GradientNoiseSpec;
use crate::experiment::integrator_order::OrderSpec;
use crate::experiment::modified_equations::ModifiedSpec;
use crate::experiment::network;
use crate::experiment::pac_bayes::PacBayesSpec;
use crate::experiment::protocol::Protocol;
use crate::experiment::rare_events::RareSpec;
use crate::experiment::scaling::ScalingSpec;
use crate::experiment::slow::SlowSpec;
use crate::experiment::spec::{Document, Section};
use crate::experiment::svag::SvagSpec;
use crate::experiment::teacher_student::StudentSpec;
use crate::experiment::weak::WeakSpec;
use crate::report::name;
use crate::simulation::optimizer::registry::Rules;

/// A resolved experiment.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// Its name, which is its folder's.
    pub name: String,
    /// The paper, figure or theorem it examines.
    pub source: String,
    /// Keys of the works it rests on.
    pub cites: Vec<String>,
    /// The name of its protocol.
    pub kind: &'static str,
    /// What to do.
    pub protocol: Arc<dyn Protocol>,
}

/// How a protocol reads the sections of an experiment of that name.
pub(super) type Read = fn(&Section<'_>, &str, &Rules) -> Result<Arc<dyn Protocol>>;

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

impl Experiment {
    /// Reads `path` at a scale, with `--set` assignments on top.
    ///
    /// # Errors
    /// Whatever is wrong with the file or an assignment, with its place.
    pub fn read(path: &Path, scale: &str, assignments: &[String]) -> Result<Self> {
        Self::resolve(Document::read(path)?, scale, assignments, &Rules::default())
    }

    /// Resolves the text of an experiment file; `path` is used in messages.
    ///
    /// # Errors
    /// Whatever is wrong with it, with its place.
    pub fn parse(path: &str, text: &str, scale: &str, assignments: &[String]) -> Result<Self> {
        Self::parse_with(path, text, scale, assignments, &Rules::default())
    }

    /// As [`Experiment::parse`], where the file may name `rules` of the program's own.
    ///
    /// # Errors
    /// Whatever is wrong with the text, with its place.
    pub fn parse_with(
        path: &str,
        text: &str,
        scale: &str,
        assignments: &[String],
        rules: &Rules,
    ) -> Result<Self> {
        Self::resolve(Document::parse(path, text)?, scale, assignments, rules)
    }

    fn resolve(
        mut document: Document,
        scale: &str,
        assignments: &[String],
        rules: &Rules,
    ) -> Result<Self> {
        document.apply_scale(scale)?;
        for assignment in assignments {
            document.apply_set(assignment)?;
        }
        let root = Section::new("", &document.root)?;
        let name = root.text("name", None)?;
        name::experiment(&name).map_err(|what| root.error("name", what))?;
        let source = root.text("source", Some(""))?;
        let cites = root.texts("cites")?;
        for key in &cites {
            if crate::report::bibliography::find(key).is_none() {
                let known = crate::report::bibliography::WORKS.iter().map(|w| w.key);
                let known = known.collect::<Vec<_>>().join(", ");
                return Err(root.error("cites", format!("unknown work `{key}`; there are {known}")));
            }
        }
        let own = PROTOCOLS.iter().map(|(name, _)| *name);
        let names: Vec<&'static str> = own.chain(network::NAMES).collect();
        let kind = root.choice("protocol", None, &names)?;
        let own = PROTOCOLS.iter().find(|(name, _)| *name == kind);
        let read = match own {
            Some((_, read)) => *read,
            None => network::protocol(kind, &document.path)?,
        };
        let protocol = read(&root, &name, rules)?;
        root.finish()?;
        Ok(Experiment {
            name,
            source,
            cites,
            kind,
            protocol,
        })
    }
}
