//! Probabilities of hits, by their exact binomial intervals.

use verdict::Verdict;

use super::{one, readings};
use crate::Study;

/// 100 particles of SGD deep in a well: none is beyond 0, all are below.
const NONE: &str = r#"
landscape = { name = "double-well" }
noise = { name = "gaussian", variance = 0.01 }
process = { optimizer = "sgd", eta = 0.1 }
ensemble = { particles = 100 }
start = { x = -1.0 }

[[observe]]
label = "over"
name = "moment"
of = ["where(x > 0, 1, 0)", "where(x < 0, 1, 0)"]
steps = 50

[[observe]]
label = "been"
name = "moment"
of = "ever"
memory = { ever = 0 }
each = "ever = max(ever, where(x > 0, 1, 0))"
steps = 50

[[observe]]
label = "twice"
name = "moment"
of = "where(x > 0, 2, 1)"
steps = 50
"#;

/// No hit of 100 leaves [0, 1 − (α/2)^(1/100)], in memory as at a look, and nothing but hits its mirror image. Of numbers
/// that may be anything but 0 and 1 nothing follows.
#[test]
fn no_hit_bounds_a_probability() {
    let all = readings(NONE);
    let high = 1.0 - 0.0005f64.powf(0.01);
    let found = |quantity, axes: &[(&str, &str)]| {
        one(&all, "sgd", quantity, axes).measured.clone().unwrap()
    };
    for none in [
        found("over", &[("of", "where(x > 0, 1, 0)")]),
        found("been", &[]),
    ] {
        assert_eq!((none.value, none.ci_low), (Some(0.0), 0.0));
        assert!((none.ci_high - high).abs() < 1e-12, "{none:?}");
    }
    let every = found("over", &[("of", "where(x < 0, 1, 0)")]);
    assert_eq!((every.value, every.ci_high), (Some(1.0), 1.0));
    assert!((every.ci_low - (1.0 - high)).abs() < 1e-12);
    let twice = found("twice", &[]);
    assert!(twice.value == Some(1.0) && !twice.has_interval());
}

/// The upper end is 0.0732: below 0.1, not below 0.05, and at a confidence of 0.95 it is 0.0362. A sum of two
/// probabilities of the same particles has a bound too.
#[test]
fn a_claim_is_decided_by_no_hit() {
    let claim = |quantity: &str, at_most: f64, confidence: f64| {
        let text = format!(
            "{NONE}\n[[claim]]\nid = 'own'\nquantity = '{quantity}'\nat_most = {at_most}\nconfidence = {confidence}\n"
        );
        Study::parse(&text).unwrap().run(7).unwrap().rulings[0].clone()
    };
    for (quantity, at_most, confidence, verdict) in [
        ("been", 0.1, 0.999, Verdict::Confirmed),
        ("been", 0.05, 0.999, Verdict::Inconclusive),
        ("been", 0.05, 0.95, Verdict::Confirmed),
        ("been", 0.03, 0.95, Verdict::Inconclusive),
        ("2*been", 0.2, 0.999, Verdict::Confirmed),
        ("2*been", 0.1, 0.999, Verdict::Inconclusive),
    ] {
        let ruling = claim(quantity, at_most, confidence);
        assert_eq!(
            ruling.verdict, verdict,
            "{quantity} {at_most} {confidence}: {}",
            ruling.why
        );
    }
}

/// Where nothing is left to chance, equal numbers are exact; where the start is drawn, they are hits.
#[test]
fn a_start_that_is_drawn_leaves_chance() {
    let text = |start: &str| {
        NONE.replace("noise = { name = \"gaussian\", variance = 0.01 }\n", "")
            .replace("start = { x = -1.0 }", start)
    };
    let width = |text: &str| {
        let all = readings(text);
        let found = one(&all, "sgd", "been", &[]).measured.clone().unwrap();
        found.ci_high - found.ci_low
    };
    assert_eq!(width(&text("start = { x = -1.0 }")), 0.0);
    assert!(width(&text("start = { x = \"normal(-1, 0.01)\" }")) > 0.07);
}
