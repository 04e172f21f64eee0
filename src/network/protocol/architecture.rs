//! The section `[model]`: which network, of which sizes.

use crate::model::registry::Architecture;
use base::error::Result;
use experiment::spec::Section;

/// Reads the kind of network and its sizes.
///
/// # Errors
/// An unknown network, or a size out of range.
pub fn read(section: &Section<'_>) -> Result<Architecture> {
    let sizes = |key, default: &[f64], why| -> Result<Vec<usize>> {
        let given = match section.get(key) {
            Some(_) => section.list(key)?,
            None => default.to_vec(),
        };
        let whole = |x: &f64| x.fract() == 0.0 && (1.0..=1e6).contains(x);
        if !given.iter().all(whole) {
            return Err(section.error(key, format!("whole numbers from 1 on: {why}")));
        }
        Ok(given.iter().map(|x| *x as usize).collect())
    };
    let whole = |key, default, why| -> Result<usize> {
        Ok(section.integer(key, Some(default), 1..=100_000, why)? as usize)
    };
    Ok(match section.choice("name", None, &Architecture::NAMES)? {
        "linear" => Architecture::Linear,
        "mlp" => Architecture::Mlp {
            hidden: sizes("hidden", &[32.0], "units of each hidden layer")?,
        },
        "cubic" => Architecture::Cubic {
            neurons: whole("neurons", 5, "neurons")?,
            init: section.number("init", Some(0.1), 1e-9..=1e3, "σ₀ of the first weights")?,
        },
        "conv-net" => Architecture::ConvNet {
            channels: sizes("channels", &[8.0, 16.0], "channels of each convolution")?,
        },
        "resnet-18" => Architecture::ResNet18 {
            width: whole("width", 64, "channels of the first stage")?,
        },
        "resnet-32" => Architecture::ResNet32 {
            width: whole("width", 16, "channels of the first stage")?,
        },
        _ => Architecture::Lstm {
            hidden: whole("hidden", 200, "units of a layer")?,
            depth: whole("depth", 2, "layers")?,
        },
    })
}

/// The network in words.
pub fn words(model: &Architecture) -> String {
    match model {
        Architecture::Linear => "linear".to_string(),
        Architecture::Mlp { hidden } => {
            let units: Vec<String> = hidden.iter().map(ToString::to_string).collect();
            format!("fully connected with {} hidden units", units.join("–"))
        }
        Architecture::Cubic { neurons, .. } => format!("cubic with {neurons} neurons"),
        Architecture::ConvNet { channels } => {
            let channels: Vec<String> = channels.iter().map(ToString::to_string).collect();
            format!("convolutional with {} channels", channels.join("–"))
        }
        Architecture::ResNet18 { width } => {
            format!("a ResNet-18 of {width} channels in the first stage")
        }
        Architecture::ResNet32 { width } => {
            format!("a ResNet-32 of {width} channels in the first stage")
        }
        Architecture::Lstm { hidden, depth } => {
            format!("an LSTM of {depth} layers of {hidden} units")
        }
    }
}
