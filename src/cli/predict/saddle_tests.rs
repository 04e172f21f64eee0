//! Tests of `predict saddle`.

use super::super::answer::{Beyond, Figure, Prediction};
use super::super::asked::{answered, close, named, refused};

#[test]
fn momentum_beside_the_paper_and_its_diffusion() {
    // To the digits printed: the algorithm from rest and from stationary momentum, Theorem 2.
    let text =
        "optimizer=heavy-ball eta=0.1 h=-0.1 noise_variance=0.1 beta1=0.9 beta3=0.1 steps=100";
    let rest = answered("saddle", &format!("{text} momentum=zero"));
    let exact = rest.exact.unwrap();
    close(exact.number(), 0.2001741801, 5e-10);
    // ln of the largest root of z² − (1.9 + 0.001)z + 0.9.
    let root = 0.5 * (1.901 + (1.901f64 * 1.901 - 3.6).sqrt());
    close(named(&exact, "growth_per_step"), root.ln(), 1e-10);
    close(named(&exact, "diffusion_msd") / exact.number(), 0.967, 6e-4);
    let paper = rest.paper.unwrap();
    // 5e-3(1 − e⁻¹⁰)² + 0.05(e² − 1).
    let theorem = 5e-3 * (-10f64).exp_m1().powi(2) + 0.05 * 2f64.exp_m1();
    close(paper.number(), theorem, 1e-13);
    assert!(paper.source.contains("Theorem 2") && paper.validity.len() == 3);
    let settled = answered(
        "saddle",
        "eta=0.1 h=-0.01 noise_variance=0.01 steps=10 momentum=stationary",
    );
    close(settled.exact.unwrap().number(), 3.83992e-4, 2e-6);
    // The defaults are a saddle of C = |h|/B at B = 1.
    let batch = answered("saddle", "batch=1").exact.unwrap();
    close(
        batch.number(),
        answered("saddle", "").exact.unwrap().number(),
        1e-13,
    );
}

#[test]
fn sgd_adam_and_adai() {
    let sgd = answered("saddle", "optimizer=sgd eta=0.1 h=-1 batch=1 steps=100");
    close(sgd.exact.as_ref().unwrap().number(), 9.0431083553e6, 1e-10);
    close(sgd.paper.as_ref().unwrap().number(), 2.4258259720e7, 1e-10);
    close(
        named(sgd.exact.as_ref().unwrap(), "diffusion_msd"),
        2.4258259720e7,
        1e-10,
    );
    assert!(sgd.paper.unwrap().source.contains("Theorem 1"));
    let adam = answered(
        "saddle",
        "optimizer=adam eta=1e-3 h=-1e-4 batch=1 steps=10 epsilon=0",
    );
    close(adam.exact.unwrap().number(), 2.0211108003e-6, 5e-11);
    close(adam.paper.unwrap().number(), 1.1998e-5, 2e-5);
    let text = "optimizer=adai eta=0.1 hessian=[[-0.01,0,0],[0,-0.1,0],[0,0,-1]] batch=1 steps=10";
    let adai = answered("saddle", text);
    let diagonal = |side: &Prediction, i: usize| match &side.values[0].1 {
        Figure::Rows(rows) => rows[i][i],
        Figure::Beyond(beyond) => panic!("{beyond:?}"),
        Figure::Number(_) => f64::NAN,
    };
    let (exact, paper) = (adai.exact.unwrap(), adai.paper.unwrap());
    for (i, (expected, ratio)) in [
        (2.7608742391e-7, 3670.0),
        (2.3570051007e-4, 46.8),
        (9.7210435123e-2, 1.194),
    ]
    .into_iter()
    .enumerate()
    {
        close(diagonal(&exact, i), expected, 1e-10);
        close(diagonal(&paper, i) / diagonal(&exact, i), ratio, 2e-3);
    }
}

/// e^(2·0.0094·1e9) is beyond every double, whatever its parts come to.
#[test]
fn what_outgrows_a_double_is_said_to() {
    for rule in ["sgd", "sgdm", "pnm", "momentum nesterov=1"] {
        let text = format!("optimizer={rule} eta=0.1 h=-0.1 batch=1 steps=1e9");
        let answer = answered("saddle", &text);
        let values = answer.exact.unwrap().values;
        let beyond = values.iter().filter(|(name, _)| name.ends_with("msd"));
        for (name, figure) in beyond {
            assert_eq!(*figure, Figure::Beyond(Beyond::Large), "{rule} {name}");
        }
        let notes = answer.notes.join("\n");
        assert!(notes.contains("beyond the largest double"), "{notes}");
    }
}

#[test]
fn where_no_paper_speaks_a_note_says_so() {
    for (text, message) in [
        ("optimizer=pnm", "none speaks of pnm"),
        ("hessian=[[-1,0.5],[0.5,-1]]", "eigendirections"),
        ("hessian=[[-1,0],[0,1]]", "falling directions"),
    ] {
        let answer = answered("saddle", text);
        assert!(answer.paper.is_none() && answer.exact.is_some());
        assert!(answer.notes[0].contains(message), "{:?}", answer.notes);
    }
    // Beyond the largest double the growth is left.
    let far = answered("saddle", "steps=1000000000");
    assert!(far.notes[0].contains("largest double"));
    let json = serde_json::to_value(&far).unwrap();
    assert!(json["exact"]["value"].is_null());
    assert!(json["exact"]["values"]["growth_per_step"].as_f64().unwrap() > 0.0);
}

#[test]
fn what_makes_no_sense_is_one_sentence() {
    for (text, message) in [
        ("h=0.1", "h = 0.1: must be below 0"),
        ("hessian=[[1,0],[0,2]]", "it is no saddle (ask stationary)"),
        ("steps=1.5", "must be a whole number from 1 to 10^15"),
        ("momentum=some", "expected zero or stationary"),
        ("step=10", "did you mean `steps`?"),
    ] {
        let refusal = refused("saddle", text);
        assert!(refusal.starts_with("predict saddle: "), "{refusal}");
        assert!(refusal.contains(message), "{refusal}");
    }
}
