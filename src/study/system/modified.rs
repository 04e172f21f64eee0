//! The SDEs that rules with momentum and adaptive rules follow to first order, as `[[sde]]` has them.

use base::error::Result;
use experiment::spec::{Document, Node, Section, Value as Toml};

use super::equation::{self, Written};
use super::formula::given;
use super::noise::On;
use crate::file::Block;

/// The rules whose modified equations are known.
pub const RULES: [&str; 5] = ["sgd", "sgdm", "heavy-ball", "rmsprop", "adam"];

/// A rule, its equation, and the time step that is taken if none is given: a sixteenth of a step of the rule.
const KNOWN: [(&str, &str, &str); 4] = [
    // dθ = −M dt, dM = c(∇L − M)dt + c√(ηC) dW at times kη, c = (1 − β)/η (Wang et al. 2024, appendix B.2); v = −M.
    (
        "sgdm",
        r#"
[[sde]]
name = "sgdm"
hyper = { beta1 = 0.9 }
state = { v = 0 }
drift = "theta = v; v = -(1 - beta1)/eta*(g + v)"
noise = "v = (1 - beta1)/eta*sqrt(eta*noise_variance)"
"#,
        "eta/16",
    ),
    // dθ = v dt, dv = −(1 − β₁)/√η v dt − β₃∇L dt + β₃η^¼ √C dW at times k√η (Li, Tai and E 2019, section 5); v = −√η m.
    (
        "heavy-ball",
        r#"
[[sde]]
name = "heavy-ball"
hyper = { beta1 = 0.9, beta3 = 1.0 }
state = { v = 0 }
drift = "theta = v; v = -(1 - beta1)/sqrt(eta)*v - beta3*g"
noise = "v = beta3*eta^0.25*sqrt(noise_variance)"
"#,
        "sqrt(eta)/16",
    ),
    // dθ = −∇L/(η(√C + ε)) dt + √C/(√C + ε) dW at times kη², where noise dominates the gradient and v = C is at rest (Malladi et al.
    // 2022, Definition 4.1, u = 1).
    (
        "rmsprop",
        r#"
[[sde]]
name = "rmsprop"
hyper = { epsilon = 1e-8 }
drift = "theta = -g/(eta*(sqrt(noise_variance) + epsilon))"
noise = "theta = sqrt(noise_variance)/(sqrt(noise_variance) + epsilon)"
"#,
        "eta^2/16",
    ),
    // dθ = −m/(η(√C + ε)) dt, dm = (1 − β₁)/η² (∇L − m) dt + (1 − β₁)/η √C dW at times kη², v = C at rest and the corrections of bias gone
    // (Malladi et al. 2022, Definition 4.4, u = 1, γ₁ = γ₂ = 1).
    (
        "adam",
        r#"
[[sde]]
name = "adam"
hyper = { beta1 = 0.9, epsilon = 1e-8 }
state = { m = 0 }
drift = "theta = -m/(eta*(sqrt(noise_variance) + epsilon)); m = (1 - beta1)/eta^2*(g - m)"
noise = "m = (1 - beta1)/eta*sqrt(noise_variance)"
"#,
        "eta^2/16",
    ),
];

/// The equation of the rule that a process names.
///
/// # Errors
/// A rule whose equation is not known, to this order or at all; a noise that is not the same everywhere.
pub fn read(block: &Block, on: &On<'_>) -> Result<Written> {
    let of = block.word("of").unwrap_or_default();
    let Some((_, text, dt)) = KNOWN.iter().find(|(rule, ..)| *rule == of) else {
        let hint = formula::nearest(of, RULES).map_or_else(String::new, formula::did_you_mean);
        let what = format!(
            "the modified equation of `{of}` is not known here, of {} it is{hint}; a limit of it can be written as [[sde]]",
            RULES.join(", ")
        );
        return Err(block.error("of", what));
    };
    let order = given(block, on.names, "order").map(|given| given.node.value);
    if order.is_some_and(|order| order != Toml::Integer(1) && order != Toml::Float(1.0)) {
        let what = format!("the equation of {of} is known to order 1; that of SGD to order 2");
        return Err(block.error("order", what));
    }
    if given(block, on.names, "eta").is_none() {
        return Err(block.error("eta", "is missing: η of the rule"));
    }
    if let Err(why) = on.names.facts.fact("noise_variance") {
        let what = format!("the equation of {of} needs a noise that is the same everywhere: {why}");
        return Err(block.error("of", what));
    }
    let document = Document::parse(of, text)?;
    let sdes = Block::all(&Section::new("", &document.root)?, "sde")?;
    let mut written = equation::read(&sdes[0], block, on)?;
    if given(block, on.names, "dt").is_none() {
        let node = Node {
            origin: block.node.origin.clone(),
            value: Toml::Text((*dt).into()),
        };
        written.block.set("dt", node);
    }
    Ok(written)
}
