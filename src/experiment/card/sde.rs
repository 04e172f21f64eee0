//! The SDE that a rule follows, where one is known.

use super::Subject;
use super::fact::Fact;
use super::given::updates;
use prediction::theory::adai::Inertia;
use report::number::short;
use simulation::optimizer::Values;
use simulation::optimizer::entry::is_decay;
use simulation::optimizer::registry::find;

/// Adaptive rules and their SDEs, where noise dominates the gradient, v = C is at rest, and corrections of bias are gone.
const ADAPTIVE: [(&str, &str); 2] = [
    (
        "rmsprop",
        "dθ = −∇L/(η(√C + ε)) dt + √C/(√C + ε) dW, t = η²n, where noise dominates the gradient (Malladi et al. 2022, Definition 4.1)",
    ),
    (
        "adam",
        "dθ = −m/(η(√C + ε)) dt, dm = (1 − β₁)/η² (∇L − m) dt + (1 − β₁)/η √C dW, t = η²n, where noise dominates the gradient (Malladi et al. 2022, Definition 4.4)",
    ),
];
/// What these rules must not do.
const OFF: [&str; 3] = ["amsgrad", "centered", "mu"];

/// Its SDE in words: of SGD to order 2, of averages with inertia, of any other linear rule its overdamped limit; of the
/// adaptive rules those that are known.
pub fn fact(subject: &Subject) -> Fact {
    let Some(linear) = subject.linear else {
        let known = ADAPTIVE.iter().find(|(name, _)| moves_as(subject, name));
        let none = "none is known here of this rule, which is not linear in its gradients, or not the same at every step";
        return Fact::none("sde", known.map_or(none, |(_, equation)| equation));
    };
    let rate = linear.steady() * linear.filter().gain;
    if !rate.is_finite() {
        return Fact::none("sde", &format!("none: {}", super::exact::LASTS));
    }
    if rate <= 0.0 {
        return Fact::none("sde", "none: it does not go down a steady gradient");
    }
    let s = short(rate, 6);
    let s = if s == "1" { String::new() } else { s };
    let inertia = super::exact::average(&linear.filter())
        .and_then(|(beta1, beta3)| Inertia::of_rule(subject.eta, beta1, beta3).ok());
    let limit = format!("dθ = −{s}∇L dt + {s}√(ηC) dW, t = ηn");
    let how = match inertia {
        _ if linear.looks_ahead() => limit,
        _ if super::exact::order(&linear.filter()) == 0.0 && s.is_empty() => {
            format!("{limit}; to order 2 with L + η|∇L|²/4 in place of L (Li, Tai and E 2019)")
        }
        Some(Inertia { damping, mass }) => format!(
            "{limit}; with inertia M d²θ = −γM dθ − ∇L dt + √(ηC) dW, γ = {}, M = {} (Xie et al. 2022)",
            short(damping, 6),
            short(mass, 6)
        ),
        None => limit,
    };
    Fact::none("sde", &how)
}

/// Whether it makes the steps of a rule of the lab at its hyper-parameters of the same names, to rounding.
fn moves_as(subject: &Subject, name: &str) -> bool {
    let Some(lab) = find(name) else {
        return false;
    };
    let mut values = Values::defaults(lab, subject.eta);
    for (key, value) in &mut values.numbers {
        let own = subject.rule.values.numbers.get(key);
        *value = match own {
            _ if OFF.contains(&key.as_str()) || is_decay(key) => 0.0,
            Some(own) => *own,
            None => *value,
        };
    }
    let gradient = |t: usize| (1.0 + 2.3 * t as f64).sin();
    let own = updates(&*subject.build(), &gradient, 64);
    let theirs = updates(&*(lab.build)(&values), &gradient, 64);
    let mut pairs = own.iter().zip(&theirs);
    pairs.all(|(a, b)| (a - b).abs() <= 1e-9 * b.abs())
}
