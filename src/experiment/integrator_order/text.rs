//! The words of the report.

use super::spec::OrderSpec;
use report::record::Section;

/// What was computed, and what an order without noise is.
pub fn sections(spec: &OrderSpec) -> Vec<Section> {
    let p = &spec.problem;
    let section = |heading: &str, paragraphs: Vec<String>| Section {
        heading: heading.into(),
        paragraphs,
    };
    vec![
        section(
            "What was computed",
            vec![
                format!(
                    "On the circle: dθ = −sin θ dt + √(2D) dW with D = {} and with D = {}(1 − cos θ + {}), in the Itô reading; the error is the root mean square over all starts of E cos θ and E sin θ at time {}. A scheme's step is its own code, run on a lane for every node of the circle and of the quadrature over its normal; the exact expectation is e^(tG) of the generator.",
                    p.temperature, p.scale, p.floor, p.horizon
                ),
                format!(
                    "On the quadratic ½hθ², h = {}: overdamped at T = {}, and with inertia at friction γ = {}, from θ = 1 at rest; the error is the norm of the differences of mean and covariance of θ, or of (θ, v). A scheme's step is linear there, and read off its code.",
                    p.h, p.temperature, p.friction
                ),
                format!(
                    "Paths: geometric Brownian motion dθ = −hθ dt + √(hs) θ dW, s = {}, for the schemes that take it, the processes on the quadratic for the others; the error is √E(scheme − exact)², both driven by one Brownian path.",
                    p.scale
                ),
            ],
        ),
        section(
            "What an interval means here",
            vec![
                "Nothing is random, so what the fit leaves is the third order in the step, not chance. Student's interval from that remainder says how well two orders describe the errors; a wrong limit, a floor or a wrong order leaves more, and widens or moves it.".into(),
            ],
        ),
        section(
            "What each splitting gets right",
            vec![
                "In the stationary law of a quadratic BAOAB and ABOBA have θ exactly, Var v = T(1 − h dt²/4) and T/(1 − h dt²/4); OBABO has v exactly, and Var θ = (T/h)/(1 − h dt²/4). Leimkuhler–Matthews has θ exactly, though its order at a fixed time is 1.".into(),
            ],
        ),
    ]
}
