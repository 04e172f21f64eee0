//! The SDE that a rule follows, where one is known.

use super::Subject;
use super::fact::Fact;
use prediction::theory::adai::Inertia;
use report::number::short;

/// Its SDE in words: of SGD to order 2, of averages with inertia, of any other linear rule its overdamped limit.
pub fn fact(subject: &Subject) -> Fact {
    let Some(linear) = subject.linear else {
        return Fact::none(
            "sde",
            "none is known here of a rule that is not linear in its gradients",
        );
    };
    let rate = linear.steady() * linear.filter().gain;
    if !(rate.is_finite() && rate > 0.0) {
        return Fact::none("sde", "none: it does not go down a steady gradient");
    }
    let s = short(rate, 6);
    let s = if s == "1" { String::new() } else { s };
    let inertia = super::exact::average(&linear.filter())
        .and_then(|(beta1, beta3)| Inertia::of_rule(subject.eta, beta1, beta3).ok());
    let limit = format!("dθ = −{s}∇L dt + {s}√(ηC) dW, t = ηn");
    let how = match inertia {
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
