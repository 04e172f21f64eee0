//! Update rules on the command line: which there are, and their hyper-parameters as assignments.

use std::path::Path;

use super::Program;
use base::error::{Error, Result};
use base::shown::interval;
use experiment::optimizer::Tuned;
use experiment::rules::read;
use experiment::spec::{did_you_mean, nearest, shortened};
use simulation::optimizer::entry::is_decay;
use simulation::optimizer::registry::Rules;
use simulation::optimizer::{Entry, Parameter, Values};

/// The lab's rules, those by formula that the program carries, and those of a file, which go before rules of the same names.
///
/// # Errors
/// The file cannot be read, or what is wrong with a rule in it.
pub fn known(program: &Program, file: Option<&Path>) -> Result<Rules> {
    let own = file.map(read).transpose()?.unwrap_or_default();
    Ok(own.into_iter().fold(program.rules()?, Rules::with))
}

/// The rule of that name.
///
/// # Errors
/// There is none; the nearest is said.
pub fn named(rules: &Rules, name: &str, command: &str) -> Result<&'static Entry> {
    rules.find(name).ok_or_else(|| {
        let names = rules.names();
        let guess = nearest(name, names.iter().copied()).map_or_else(String::new, did_you_mean);
        let name = shortened(name);
        Error::Input(format!(
            "{command}: unknown rule `{name}`{guess} (rules: {}; --rules FILE adds those of a file)",
            names.join(", ")
        ))
    })
}

/// A rule without weight decay at the hyper-parameters that are given as key and value, the others at their defaults, η at
/// `eta`.
///
/// # Errors
/// A key that it does not have, with the nearest; one that is given twice; a value that is no number, or out of range.
pub fn tuned(
    entry: &'static Entry,
    given: &[(&str, &str)],
    eta: f64,
    command: &str,
) -> Result<Tuned> {
    let wrong = |what: String| Error::Input(format!("{command} {}: {what}", entry.name));
    let mut values = Values::defaults(entry, eta).plain();
    let own = || entry.parameters.iter().filter(|p| !is_decay(p.name));
    for (k, (key, text)) in given.iter().enumerate() {
        if is_decay(key) {
            return Err(wrong(format!(
                "{key}: this is of the rule alone, without weight decay; leave it out"
            )));
        }
        let Some(parameter) = own().find(|p| p.name == *key) else {
            let names: Vec<&str> = own().map(|p| p.name).collect();
            let guess = nearest(key, names.iter().copied()).map_or_else(String::new, did_you_mean);
            return Err(wrong(format!(
                "unknown key `{}`{guess} (keys: {})",
                shortened(key),
                names.join(", ")
            )));
        };
        if given[..k].iter().any(|(earlier, _)| earlier == key) {
            return Err(wrong(format!("`{key}` is given twice; give it once")));
        }
        values = values.with(key, number(parameter, text).map_err(wrong)?);
    }
    if let Some(missing) = own().find(|p| {
        p.default.is_none() && p.name != "eta" && !given.iter().any(|(key, _)| *key == p.name)
    }) {
        let what = format!("`{}` has no default; give it, as in {0}=0.5", missing.name);
        return Err(wrong(what));
    }
    Ok(Tuned { entry, values })
}

/// A number, or true and false of a switch, within its range.
fn number(parameter: &Parameter, text: &str) -> std::result::Result<f64, String> {
    let Parameter {
        name,
        low,
        high,
        meaning,
        ..
    } = *parameter;
    let text = text.trim();
    let x: f64 = match (parameter.switch, text) {
        (true, "true") => 1.0,
        (true, "false") => 0.0,
        _ => text.parse().map_err(|_| {
            format!(
                "{name} = {}: it is not a number ({meaning})",
                shortened(text)
            )
        })?,
    };
    let whole = !parameter.switch || x == 0.0 || x == 1.0;
    if (low..=high).contains(&x) && whole {
        return Ok(x);
    }
    let words = if parameter.switch {
        "0 or 1".to_string()
    } else {
        format!("in {}", interval(low, high))
    };
    Err(format!("{name} = {x}: it must be {words} ({meaning})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use simulation::optimizer::registry::find;

    #[test]
    fn hyper_parameters_are_read_and_mistakes_said() {
        let momentum = find("momentum").unwrap();
        let read = |given: &[(&str, &str)]| tuned(momentum, given, 0.05, "card");
        let values = read(&[("mu", "0.5"), ("nesterov", "true")]).unwrap().values;
        assert_eq!(
            (values["mu"], values["nesterov"], values["eta"]),
            (0.5, 1.0, 0.05)
        );
        for (given, what) in [
            (&[("mo", "1")][..], "unknown key `mo`; did you mean `mu`?"),
            (&[("mu", "0.5"), ("mu", "0.6")], "given twice"),
            (&[("mu", "half")], "is not a number"),
            (&[("mu", "1")], "must be in [0, 0.9"),
            (&[("nesterov", "0.5")], "must be 0 or 1"),
            (&[("l2", "0.1")], "without weight decay"),
        ] {
            let said = read(given).unwrap_err().to_string();
            assert!(
                said.starts_with("card momentum: ") && said.contains(what),
                "{said}"
            );
        }
        let said = named(&Rules::default(), "sgdn", "card")
            .unwrap_err()
            .to_string();
        assert!(
            said.contains("did you mean `sgds`?") || said.contains("did you mean `sgdm`?"),
            "{said}"
        );
    }
}
