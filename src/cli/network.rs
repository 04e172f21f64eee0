//! Real networks: what this build knows of them, and how to get what it does not.

use base::error::{Error, Result};
use experiment::vocabulary::Vocabulary;
use simulation::device::Device;

/// Whether this build can train networks.
pub const BUILT: bool = cfg!(feature = "torch");

/// What to do where it cannot.
pub const HOW_TO_GET_IT: &str =
    "run scripts/setup-torch.sh once, then build with --features torch (README, “Real networks”)";

/// The protocols that files may name.
pub fn vocabulary() -> Vocabulary {
    #[cfg(feature = "torch")]
    let known = network::protocol::vocabulary();
    #[cfg(not(feature = "torch"))]
    let known = Vocabulary::default().with_protocols(REFUSED);
    known.with_protocols(&[study::PROTOCOL])
}

/// The protocols of a build with libtorch, here with the sentence how to get it.
#[cfg(not(feature = "torch"))]
const REFUSED: &[experiment::vocabulary::Entry] = {
    const READ: experiment::vocabulary::Read =
        |root, _, _| Err(root.error("protocol", format!("{ABOUT}; {HOW_TO_GET_IT}")));
    &[
        ("network-covariance", ABOUT, READ),
        ("network-escape", ABOUT, READ),
        ("network-noise", ABOUT, READ),
        ("network-posterior", ABOUT, READ),
        ("network-svag", ABOUT, READ),
        ("network-training", ABOUT, READ),
    ]
};

const ABOUT: &str = "it is about real networks, which this build knows nothing of";

/// The refusal of an experiment that this build cannot run.
pub fn not_built(place: &str) -> Error {
    Error::Input(format!("{place}: {ABOUT}; {HOW_TO_GET_IT}"))
}

/// Whether networks can be computed on `device`.
///
/// # Errors
/// A GPU that cannot be used, or any GPU in a build that cannot train networks.
pub fn usable(device: Device) -> Result<()> {
    #[cfg(feature = "torch")]
    return network::device::find(device).map(|_| ());
    #[cfg(not(feature = "torch"))]
    match device {
        Device::Cpu | Device::Auto => Ok(()),
        Device::Cuda(_) => Err(Error::Input(format!(
            "--device {device}: this build computes on the processor only; {HOW_TO_GET_IT}"
        ))),
    }
}
