//! Tests of `predict stationary`.

use super::super::answer::Figure;
use super::super::asked::{answered, close, named, refused};

#[test]
fn pnm_beside_the_paper() {
    let answer = answered(
        "stationary",
        "optimizer=pnm eta=0.1 h=1 noise_variance=1 beta1=0.9 beta0=1",
    );
    // γη/2 against 0.429534607833 η/2; the momentum in closed form.
    close(answer.paper.as_ref().unwrap().number(), 0.25, 1e-14);
    let exact = answer.exact.unwrap();
    close(exact.number(), 0.05 * 0.429534607833, 2e-12);
    let u = 0.1 / 5f64.sqrt();
    let momentum = 2.0 * 0.19 / ((2.0 - 3.0 * u) * (1.81 + u * 2.62));
    close(named(&exact, "var_m"), momentum, 1e-13);
    // B in place of the variance: C = |h|/B.
    let batch = answered("stationary", "optimizer=pnm batch=1");
    close(batch.exact.unwrap().number(), exact.number(), 1e-14);
}

#[test]
fn every_rule_has_its_numbers() {
    for (text, paper, exact) in [
        ("optimizer=sgd", Some(0.05), 0.05 * 1.052631578947),
        ("optimizer=sgdm", Some(0.05), 0.05 * 1.002638522427),
        ("optimizer=heavy-ball", Some(0.5), 0.5 * 1.027027027027),
        ("optimizer=momentum", Some(0.5), 0.5 * 1.027027027027),
        ("optimizer=two-batch", Some(0.25), 0.05 * 5.263157894737),
        // v = C = 1: the learning rate itself.
        ("optimizer=adam epsilon=0", None, 0.05 * 1.002638522427),
        ("optimizer=adapnm epsilon=0", None, 0.05 * 0.429534607833),
        // One coordinate: 1 − β₁ = β₀ = 0.1.
        ("optimizer=adai", None, 0.05 * 1.002638522427),
    ] {
        let answer = answered("stationary", text);
        close(answer.exact.unwrap().number(), exact, 1e-11);
        let value = answer.paper.map(|paper| paper.number());
        assert_eq!(value.is_some(), paper.is_some(), "{text}");
        if let (Some(value), Some(paper)) = (value, paper) {
            close(value, paper, 1e-13);
        } else {
            assert!(answer.notes[0].contains("no paper"), "{:?}", answer.notes);
        }
    }
    let nesterov = answered("stationary", "optimizer=momentum nesterov=true");
    assert!(nesterov.paper.is_none() && nesterov.exact.is_some());
}

#[test]
fn matrices_that_do_not_commute() {
    let text = "optimizer=sgdm eta=0.1 hessian=[[2,0.5],[0.5,1]] \
                noise_covariance=[[1,-0.3],[-0.3,0.5]] beta1=0.9";
    let answer = answered("stationary", text);
    let (paper, exact) = (answer.paper.clone().unwrap(), answer.exact.clone().unwrap());
    assert!(exact.number().is_nan());
    let json = serde_json::to_value(&answer).unwrap();
    assert_eq!(json["exact"]["value"], json["exact"]["values"]["var_theta"]);
    let entry = |side: &str, i: usize, j: usize| json[side]["value"][i][j].as_f64().unwrap();
    // The diffusion: 0.1 · [0.3023809524, −0.2095238095, 0.3547619048].
    close(entry("paper", 0, 0), 0.03023809524, 1e-9);
    close(entry("paper", 0, 1), -0.02095238095, 1e-9);
    close(entry("paper", 1, 1), 0.03547619048, 1e-9);
    // Kronecker's solution of the 4 × 4 recursion, in forty digits.
    close(entry("exact", 0, 0), EXACT[0], 1e-12);
    close(entry("exact", 0, 1), EXACT[1], 1e-12);
    close(entry("exact", 1, 0), EXACT[1], 1e-12);
    close(entry("exact", 1, 1), EXACT[2], 1e-12);
    // The lag of momentum is a condition where the two do not commute.
    assert_eq!(paper.validity.len(), 2, "{:?}", paper.validity);
    // One row is still a matrix.
    let one = answered("stationary", "hessian=[[1]]").exact.unwrap();
    assert!(matches!(&one.values[0].1, Figure::Rows(rows) if rows.len() == 1));
}

const EXACT: [f64; 3] = [
    0.028150284087595547,
    -0.01877184616839221,
    0.03776213546213473,
];

#[test]
fn unstable_settings_are_refused_with_the_range() {
    for (text, message) in [
        (
            "optimizer=sgd eta=3.1",
            "eta = 3.1: sgd on this quadratic diverges for eta ≥ 2.000000",
        ),
        ("optimizer=pnm eta=1.5", "eta ≥ 1.490712"),
        ("optimizer=sgd eta=2", "that is eta·h ≥ 2.000000"),
        (
            "optimizer=sgd hessian=[[4,0],[0,1]] eta=0.5",
            "largest h = 4",
        ),
    ] {
        let refusal = refused("stationary", text);
        assert!(refusal.contains(message), "{refusal}");
    }
}

#[test]
fn what_makes_no_sense_is_one_sentence() {
    for (text, message) in [
        ("h=-1", "h = -1: must be positive"),
        ("h=1 hessian=[[1]]", "h = 1: hessian gives the curvature"),
        ("hessian=[[1,0],[0,-1]]", "eigenvalue -1; near a minimum"),
        ("hessian=[[1,0.5],[0,1]]", "must be symmetric"),
        ("hessian=[[1,2,3]]", "must be square"),
        ("hessian=[]", "must be square and not empty"),
        ("hessian=1", "must be rows of numbers"),
        (
            "hessian=[[1,0],[0,1]] noise_covariance=[[1]]",
            "must be alike",
        ),
        (
            "hessian=[[1]] noise_covariance=[[-1]]",
            "has the eigenvalue -1",
        ),
        ("noise_covariance=[[1]]", "give hessian too"),
        (
            "batch=4 noise_variance=1",
            "noise_variance = 1: batch gives the variance",
        ),
        (
            "hessian=[[1]] noise_covariance=[[1]] batch=2",
            "batch = 2: noise_covariance gives the noise",
        ),
        ("noise_varience=1", "did you mean `noise_variance`?"),
        (
            "optimizer=yogi",
            "optimizer = yogi: its direction is not linear",
        ),
        ("optimizer=sgmd", "did you mean \"sgdm\"?"),
        ("optimizer=sgd beta1=0.9", "beta1 = 0.9: sgd has none"),
        ("eta=0", "eta = 0: must be positive"),
        ("noise_variance=0", "must be positive"),
    ] {
        let refusal = refused("stationary", text);
        assert!(refusal.starts_with("predict stationary: "), "{refusal}");
        assert!(refusal.contains(message), "{refusal}");
    }
}
