//! What can be predicted, and with which keys, as text.

use super::key::{Key, Range};
use super::{QUANTITIES, Quantity, course, find};
use base::error::Result;
use simulation::landscape::registry;

/// The quantities, a line each, and how to ask for one.
pub fn overview() -> String {
    let mut text = String::from("usage: kramers predict QUANTITY key=value... [--json]\n\n");
    for quantity in QUANTITIES {
        text += &format!("  {:<20}{}\n", quantity.name, quantity.summary);
    }
    text
}

/// The keys of one quantity with defaults, ranges and meanings.
///
/// # Errors
/// [`Error::Input`](base::error::Error::Input) for an unknown quantity, with the nearest known.
pub fn help(quantity: &str) -> Result<String> {
    let quantity = find(quantity)?;
    let mut text = format!(
        "usage: kramers predict {} key=value... [--json]\n\n{}\n\n",
        quantity.name, quantity.summary
    );
    for key in quantity.keys.iter().copied().flatten() {
        text += &line(
            key.name,
            key.default.unwrap_or("none"),
            &match key.range {
                Range::Name | Range::Finite | Range::Matrix => key.meaning.to_string(),
                range => format!("{}; {}", key.meaning, range.words()),
            },
        );
    }
    if on_a_landscape(quantity) {
        for entry in registry::ENTRIES {
            let own = course::own_parameters(entry);
            // What follows a line needs a surface that is a sum over coordinates.
            let on_a_line = quantity.names().contains(&course::START.name);
            if own.is_empty() || (on_a_line && !course::is_separable(entry)) {
                continue;
            }
            text += &format!("\nwith landscape={}, {}:\n", entry.name, entry.formula);
            for (name, default) in own {
                let meaning = entry.parameters.iter().find(|p| p.name == name);
                let meaning = meaning.map_or("", |p| p.meaning);
                text += &line(name, &default.to_string(), meaning);
            }
        }
    }
    Ok(text)
}

fn line(name: &str, default: &str, meaning: &str) -> String {
    format!("  {name:<18}{default:<18}{meaning}\n")
}

fn on_a_landscape(quantity: &Quantity) -> bool {
    let takes = |key: &Key| key.name == course::LANDSCAPE;
    quantity.keys.iter().copied().flatten().any(takes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quantity_is_listed() {
        let text = overview();
        for quantity in QUANTITIES {
            assert!(text.contains(quantity.summary));
        }
    }

    #[test]
    fn help_lists_every_key_with_its_default() {
        let text = help("mfpt").unwrap();
        assert!(text.contains("  temperature       0.05              T, the constant diffusion"));
        assert!(text.contains("  reflecting        none "));
        assert!(text.contains("landscape=two-temperature"));
        assert!(text.contains("  barrier           1 "));
        assert!(!text.contains("landscape=ring"));
        assert!(!help("escape").unwrap().contains("landscape="));
        assert!(help("mftp").unwrap_err().to_string().contains("`mfpt`"));
    }
}
