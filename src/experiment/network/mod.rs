//! Experiments on real networks. They need the feature `torch`.

#[cfg(feature = "torch")]
pub mod architecture;
#[cfg(feature = "torch")]
pub mod course;
#[cfg(feature = "torch")]
pub mod covariance;
#[cfg(feature = "torch")]
pub mod criterion;
#[cfg(feature = "torch")]
pub mod escape;
#[cfg(feature = "torch")]
pub mod members;
#[cfg(feature = "torch")]
pub mod noise;
#[cfg(feature = "torch")]
pub mod points;
#[cfg(feature = "torch")]
pub mod posterior;
#[cfg(feature = "torch")]
pub mod schooling;
#[cfg(feature = "torch")]
pub mod source;
#[cfg(feature = "torch")]
pub mod svag;
#[cfg(feature = "torch")]
pub mod task;
#[cfg(feature = "torch")]
pub mod training;

use super::load::Read;
use crate::error::{Error, Result};
use crate::simulation::device::Device;

/// Whether this build can train networks.
pub const BUILT: bool = cfg!(feature = "torch");

/// What to do where it cannot.
pub const HOW_TO_GET_IT: &str =
    "run scripts/setup-torch.sh once, then build with --features torch (README, “Real networks”)";

/// The names of the protocols.
pub const NAMES: [&str; 6] = [
    "network-covariance",
    "network-escape",
    "network-noise",
    "network-posterior",
    "network-svag",
    "network-training",
];

/// How the protocol `kind` reads a file; `place` names the file.
///
/// # Errors
/// A build without the feature: what to do.
#[cfg(not(feature = "torch"))]
pub(super) fn protocol(_: &str, place: &str) -> Result<Read> {
    Err(not_built(place))
}

/// How the protocol `kind` reads a file; `place` names the file.
///
/// # Errors
/// There is no such protocol.
#[cfg(feature = "torch")]
pub(super) fn protocol(kind: &str, place: &str) -> Result<Read> {
    use std::sync::Arc;
    Ok(match kind {
        "network-covariance" => |root, name, rules| {
            Ok(Arc::new(covariance::CovarianceSpec::read(
                root, name, rules,
            )?))
        },
        "network-noise" => {
            |root, name, rules| Ok(Arc::new(noise::NoiseSpec::read(root, name, rules)?))
        }
        "network-escape" => {
            |root, name, rules| Ok(Arc::new(escape::EscapeSpec::read(root, name, rules)?))
        }
        "network-posterior" => {
            |root, name, rules| Ok(Arc::new(posterior::PosteriorSpec::read(root, name, rules)?))
        }
        "network-svag" => {
            |root, name, rules| Ok(Arc::new(svag::SvagSpec::read(root, name, rules)?))
        }
        "network-training" => {
            |root, name, rules| Ok(Arc::new(training::TrainingSpec::read(root, name, rules)?))
        }
        other => return Err(Error::Input(format!("{place}: unknown protocol `{other}`"))),
    })
}

/// The refusal of an experiment that this build cannot run.
pub fn not_built(place: &str) -> Error {
    Error::Input(format!(
        "{place} is about real networks, which this build knows nothing of; {HOW_TO_GET_IT}"
    ))
}

/// Whether networks can be computed on `device`.
///
/// # Errors
/// A GPU that cannot be used, or any GPU in a build that cannot train networks.
pub fn usable(device: Device) -> Result<()> {
    #[cfg(feature = "torch")]
    return crate::network::device::find(device).map(|_| ());
    #[cfg(not(feature = "torch"))]
    match device {
        Device::Cpu | Device::Auto => Ok(()),
        Device::Cuda(_) => Err(Error::Input(format!(
            "--device {device}: this build computes on the processor only; {HOW_TO_GET_IT}"
        ))),
    }
}
