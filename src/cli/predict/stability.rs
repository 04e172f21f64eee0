//! `predict stability`: the largest learning rate that is stable on a quadratic.

use super::Quantity;
use super::answer::{Answer, Prediction, numbers};
use super::inputs::Inputs;
use super::optimizer::{self, Asked, OPTIMIZER};
use super::quadratic::{self, HESSIAN, without_noise};
use super::stationary::{MINIMUM, NOISE_VARIANCE, minimum};
use base::error::Result;
use prediction::exact::linear::stability::{bisection, largest_rate};
use report::number::decimals;

/// The quantity.
pub const STABILITY: Quantity = Quantity {
    name: "stability",
    summary: "largest η that is stable on a quadratic: below it every direction settles",
    keys: &[
        &[OPTIMIZER, MINIMUM, HESSIAN, NOISE_VARIANCE],
        quadratic::NOISE_KEYS,
        optimizer::RULE_KEYS,
        optimizer::FROZEN_KEYS,
    ],
    answer,
};

/// What makes a rule on a quadratic, in the order in which it is likelier to be wrong.
pub const DECISIVE: [&str; 9] = [
    "beta0",
    "beta1",
    "beta3",
    "epsilon",
    "noise_variance",
    "batch",
    "h",
    "hessian",
    "optimizer",
];

fn answer(mut inputs: Inputs) -> Result<Answer> {
    inputs.only(&STABILITY.names())?;
    let asked = Asked::any(&mut inputs)?;
    let curvature = minimum(&mut inputs)?;
    let quadratic = if asked.is_frozen() {
        curvature.with_noise(&mut inputs, &NOISE_VARIANCE)?
    } else {
        let why = format!("noise plays no part in the stability of {}", asked.name);
        without_noise(&mut inputs, &NOISE_VARIANCE, &why)?;
        curvature.noiseless().clone()
    };
    let optimizer = inputs.among(&DECISIVE, asked.on(&quadratic))?;
    let rate = inputs.among(&DECISIVE, largest_rate(&optimizer, &quadratic))?;
    let greatest = quadratic.curvatures().1;
    let mut notes = vec!["no paper states a limit of stability".to_string()];
    if asked.is_frozen() {
        notes.push(format!(
            "{} with its second moments frozen at v = C, the variances of the noise",
            asked.name
        ));
    }
    let mut values = numbers([("eta_max", rate / greatest), ("eta_h_max", rate)]);
    if let Some([from, _]) = optimizer.single_rule().and_then(|rule| rule.stable_rates())
        && from > 0.0
    {
        notes.push(format!(
            "{} is unstable for eta·h ≤ {} too, h the curvature of any direction",
            asked.name,
            decimals(from, 6)
        ));
    }
    match bisection(&optimizer, &quadratic) {
        Ok(rate) => values.push(("by_bisection", (rate / greatest).into())),
        Err(why) => notes.push(format!("no check by bisection: {why}")),
    }
    Ok(Answer {
        quantity: STABILITY.name,
        summary: STABILITY.summary,
        inputs: inputs.resolved(),
        paper: None,
        exact: Some(Prediction {
            values,
            unit: "",
            formula: "ρ(A) = 1 for θ ← Aθ, from Jury's conditions on the characteristic polynomial"
                .into(),
            source: "closed form where all directions share a rule; bisection on the spectral radius",
            validity: Vec::new(),
        }),
        notes,
    })
}

#[cfg(test)]
mod tests {
    use simulation::optimizer::registry::Rules;

    use super::super::asked::{answered, close, named, refused};
    use super::super::predict_with;

    #[test]
    fn limits_by_hand() {
        for (text, expected) in [
            ("optimizer=sgd h=4", 0.5),
            ("optimizer=pnm h=1 beta1=0.9 beta0=1", 1.490_711_984_999_86),
            ("optimizer=pnm h=2 beta1=0.5 beta0=2", 0.721110255092798),
            ("optimizer=heavy-ball beta3=0.1", 38.0),
            ("optimizer=sgdm hessian=[[2,0],[0,1]]", 19.0),
            ("optimizer=momentum mu=0.9 nesterov=1", 3.8 / 2.8),
            // η/√C with C = h/B: 2/(h p) = 2√(h/B)/h.
            ("optimizer=adam beta1=0 epsilon=0 h=4 batch=1", 1.0),
            ("optimizer=adai beta0=0.5 h=1", 6.0),
        ] {
            let exact = answered("stability", text).exact.unwrap();
            close(exact.number(), expected, 1e-11);
            close(named(&exact, "by_bisection"), expected, 1e-10);
        }
    }

    /// Rules by formula: integral control is stable to ηh = 4/2.01 and has a law, what grows alone never is, and what grows but pulls back
    /// is from 0.1/1.1 on.
    #[test]
    fn rules_that_remember_for_ever() {
        let rule = |name: &str, state: &str, direction: &str| {
            format!(
                "[[rule]]\nname = \"{name}\"\nstate = {{ d = 0 }}\nstep = \"d = {state}*d + g\\nupdate = eta*({direction})\"\n"
            )
        };
        let text = rule("integ", "1", "g + 0.01*d")
            + &rule("boom", "1.1", "d")
            + &rule("late", "1.1", "g + 0.3*d/1.1");
        let rules = experiment::rules::carried("f.toml", &text, Rules::none()).unwrap();
        let ask = |quantity: &str, text: &str| {
            let given: Vec<String> = text.split_whitespace().map(String::from).collect();
            predict_with(quantity, &given, &rules)
        };
        let integ = ask("stability", "optimizer=integ h=2")
            .unwrap()
            .exact
            .unwrap();
        close(integ.number(), 2.0 / 2.01, 1e-11);
        close(named(&integ, "by_bisection"), 2.0 / 2.01, 1e-10);
        // 1.20515 of that of SGD, η/(2 − η).
        let law = ask("stationary", "optimizer=integ eta=0.05 h=1").unwrap();
        close(law.exact.unwrap().number(), 1.20515 * 0.05 / 1.95, 5e-6);
        let refusal = ask("stability", "optimizer=boom").unwrap_err().to_string();
        assert!(refusal.contains("no learning rate is stable"), "{refusal}");
        let late = ask("stability", "optimizer=late").unwrap();
        assert!(
            late.notes.join(" ").contains("unstable for eta·h ≤"),
            "{:?}",
            late.notes
        );
        let refusal = ask("stationary", "optimizer=late eta=0.05 h=1").unwrap_err();
        assert!(
            refusal.to_string().contains("at so small an eta"),
            "{refusal}"
        );
    }

    #[test]
    fn what_makes_no_sense_is_one_sentence() {
        for (text, message) in [
            ("h=0", "h = 0: must be positive"),
            ("hessian=[[1,2],[2,1]]", "H has the eigenvalue -1"),
            ("optimizer=sgd batch=4", "batch = 4: noise plays no part"),
            ("optimiser=sgd", "did you mean `optimizer`?"),
        ] {
            let refusal = refused("stability", text);
            assert!(refusal.starts_with("predict stability: "), "{refusal}");
            assert!(refusal.contains(message), "{refusal}");
        }
    }
}
