//! Tests of `predict escape-rate`.

use super::super::asked::{self, close, named};
use super::*;

fn answered(text: &str) -> Answer {
    asked::answered(ESCAPE_RATE.name, text)
}

fn refused(text: &str) -> String {
    asked::refused(ESCAPE_RATE.name, text)
}

#[test]
fn the_quartic_well_to_the_digits_of_the_reference() {
    let answer = answered("");
    let exact = answer.exact.unwrap();
    close(named(&exact, "hop_rate"), 8.926_750_988_1e-4, 1e-10);
    close(exact.number(), 2.0 * 8.926_750_988_1e-4, 1e-10);
    let paper = answer.paper.unwrap();
    close(named(&paper, "kramers") / 8.926_750_988_1e-4, 1.0500, 5e-5);
    close(
        named(&paper, "melnikov_meshkov") / 8.926_750_988_1e-4,
        1.0494,
        5e-5,
    );
    // Theorem 3's |H_b| for √(H_a|H_b|): √2 less.
    close(
        named(&paper, "kramers") / paper.number(),
        2f64.sqrt(),
        1e-12,
    );
    // Another reference, for T = 1/32 and γ = 10.
    let other = answered("temperature=0.03125 damping=10").exact.unwrap();
    close(named(&other, "hop_rate"), 7.085_525_074_2e-6, 1e-10);
}

#[test]
fn the_rate_turns_over_with_friction() {
    let rate = |damping: &str| {
        let answer = answered(&format!("damping={damping}"));
        named(&answer.exact.unwrap(), "hop_rate")
    };
    let rates = ["0.1", "0.4", "10"].map(rate);
    assert!(rates[1] > rates[0] && rates[1] > rates[2], "{rates:?}");
}

#[test]
fn from_rest_to_the_saddle_takes_more_than_half_a_hop() {
    // 1.68 of half of it at γ = 1: an inertial particle may come back from beyond.
    let exact = answered("").exact.unwrap();
    let twice = 2.0 * named(&exact, "mean_passage") * named(&exact, "hop_rate");
    assert!((twice - 1.682).abs() < 5e-3, "{twice}");
    let beyond = answered("exit=1").exact.unwrap();
    assert_eq!(named(&beyond, "hop_rate"), named(&exact, "hop_rate"));
    let product = named(&beyond, "mean_passage") * named(&beyond, "hop_rate");
    assert!((product - 1.0130).abs() < 1e-3, "{product}");
}

#[test]
fn an_open_well_has_a_rate_and_no_slowest_mode() {
    let answer = answered("landscape=cubic temperature=0.03 damping=20");
    assert!(answer.paper.is_some());
    assert!(answer.notes.iter().any(|note| note.contains("confines")));
    let exact = answer.exact.unwrap();
    // Overdamped, in time over γ, to where a particle that has left does not come back: 1 + O(ω²/γ²).
    let passage = "landscape=cubic temperature=0.03 exit=1.6";
    let time = asked::answered("mfpt", passage).exact.unwrap().number();
    let ratio = named(&exact, "rate") * 20.0 * time;
    assert!((ratio - 1.0).abs() < 0.01, "{ratio}");
    assert!(named(&exact, "relative_error") < 0.01);
    assert!(named(&exact, "mean_passage") > 0.0);
}

#[test]
fn unusable_input_is_refused() {
    assert!(refused("dampin=1").contains("did you mean `damping`?"));
    assert!(refused("damping=0").contains("positive"));
    assert!(refused("dim=2").contains("one coordinate"));
    assert!(refused("landscape=quadratic start=1 exit=2").contains("no saddle"));
    assert!(refused("landscape=ring").contains("double-well"));
}
