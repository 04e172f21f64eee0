//! Tests of `predict escape`.

use super::super::asked::{self, close, named};
use super::*;

fn answered(text: &str) -> Answer {
    asked::answered(ESCAPE.name, text)
}

const WELL: &str = "h_min=1 h_saddle=4 barrier=1 eta=0.2 batch=1";

#[test]
fn sgd_in_the_two_temperature_well() {
    // The paper's τ to seven digits, the exact times to eleven.
    let answer = answered(&format!("optimizer=sgd {WELL} s=0.8"));
    let (paper, exact) = (answer.paper.clone().unwrap(), answer.exact.clone().unwrap());
    close(paper.number(), 7.720101e3, 1e-7);
    close(named(&paper, "iterations"), paper.number() / 0.2, 1e-15);
    close(exact.number(), 2.7999834665e4, 5e-11);
    close(named(&exact, "to_top"), 1.2559070924e4, 5e-11);
    close(named(&exact, "anti_ito") / paper.number(), 1.1029, 1e-4);
    // The matched s is the default, and the saddle's sign does not matter.
    let plain = answered("h_min=1 h_saddle=-4 barrier=1 eta=0.2");
    assert_eq!(plain.paper, answer.paper);
    assert_eq!(plain.exact, answer.exact);
}

#[test]
fn another_s_belongs_to_no_well() {
    let answer = answered(&format!("{WELL} s=0.5"));
    assert_eq!(answer.exact, None);
    assert!(
        answer.notes[0].contains("= 0.8, not 0.5"),
        "{:?}",
        answer.notes
    );
    // (2/0.2)(0.5 + 0.125) = 6.25 and 2π/4.
    let tau = 0.5 * std::f64::consts::PI * 6.25f64.exp();
    close(answer.paper.unwrap().number(), tau, 1e-14);
}

#[test]
fn momentum_by_its_rule() {
    let sgdm = answered(&format!("optimizer=sgdm beta1=0.9 {WELL}"));
    let ball = answered(&format!("optimizer=heavy-ball beta1=0.9 beta3=0.1 {WELL}"));
    close(
        ball.paper.unwrap().number(),
        sgdm.paper.as_ref().unwrap().number(),
        1e-13,
    );
    // γM = 1: SGD's exponent; heavy ball with β₃ = 1 has a tenth of it.
    close(named(sgdm.paper.as_ref().unwrap(), "exponent"), 8.5, 1e-14);
    let plain = answered(&format!("optimizer=heavy-ball {WELL}"));
    close(
        named(plain.paper.as_ref().unwrap(), "exponent"),
        0.85,
        1e-13,
    );
    assert_eq!(plain.exact, None);
    assert!(plain.notes[0].contains("more than θ"));
    let validity = plain.paper.unwrap().validity;
    assert!(
        validity[0].starts_with("2γMBΔL/(ηH_ae) = 1.0000"),
        "{validity:?}"
    );
}

#[test]
fn adam_and_adai_have_an_order_only() {
    // 2√9/(0.1·2) and 2·9/(0.1·4).
    for (optimizer, order) in [("adam", 30.0), ("adai", 45.0)] {
        let answer = answered(&format!("optimizer={optimizer} eta=0.1 batch=9 h_min=4"));
        let paper = answer.paper.unwrap();
        close(paper.number(), order, 1e-14);
        close(named(&paper, "log_order"), order, 1e-14);
        assert_eq!(answer.exact, None);
        assert_eq!(answer.notes.len(), 2);
    }
}

#[test]
fn a_time_beyond_all_doubles_keeps_its_exponent() {
    let answer = answered("eta=1e-4");
    let json = serde_json::to_value(&answer).unwrap();
    assert!(json["paper"]["value"].is_null());
    // (2/1e-4)(1/6 + 2/3).
    close(
        json["paper"]["values"]["exponent"].as_f64().unwrap(),
        5e4 / 3.0,
        1e-13,
    );
    assert_eq!(json["exact"], serde_json::Value::Null);
    assert!(
        answer.notes[0].contains("largest double"),
        "{:?}",
        answer.notes
    );
}

#[test]
fn what_makes_no_sense_is_one_sentence() {
    for (text, message) in [
        ("optimizer=adaii", "did you mean \"adai\"?"),
        ("hmin=1", "unknown key `hmin`; did you mean `h_min`?"),
        ("h_min=0", "h_min = 0: must be positive"),
        ("h_saddle=0", "h_saddle = 0: must be finite and not 0"),
        ("s=1.5", "s = 1.5: must be from 0 to 1"),
        ("s=match", "expected a number, matched; did you mean"),
        (
            "beta1=0.9",
            "beta1 = 0.9: the escape time of sgd does not depend on it",
        ),
        (
            "optimizer=sgdm beta3=1",
            "beta3 = 1: sgdm is the exponential average",
        ),
        (
            "optimizer=sgdm beta1=1",
            "beta1 = 1: must be at least 0 and below 1",
        ),
    ] {
        let refusal = asked::refused(ESCAPE.name, text);
        assert!(refusal.starts_with("predict escape: "), "{refusal}");
        assert!(refusal.contains(message), "{refusal}");
    }
}
