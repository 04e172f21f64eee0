use super::*;
use crate::exact::Interpretation;
use crate::exact::first_passage::FirstPassage;

fn loss(x: f64) -> f64 {
    0.25 * x.powi(4) - 0.5 * x * x
}

fn slope(x: f64) -> f64 {
    x * x * x - x
}

fn quartic(temperature: f64, damping: f64) -> Particle<'static> {
    Particle {
        loss: &loss,
        slope: &slope,
        temperature,
        damping,
        mass: 1.0,
    }
}

#[test]
fn hop_rates_of_the_quartic_well() {
    // λ₁/2 by an independent Hermite × sinc discretisation, to the digits that it gave.
    for (temperature, damping, rate, digits) in [
        (0.05, 0.1, 7.4597e-4, 2e-5),
        (0.05, 0.2, 1.032_868_86e-3, 1e-8),
        (0.05, 0.5, 1.108_407_07e-3, 5e-9),
        (0.05, 1.0, 8.926_750_988_1e-4, 1e-10),
        (0.05, 2.0, 5.894_777_387_6e-4, 1e-10),
        (0.05, 5.0, 2.690_328_143_5e-4, 1e-10),
        (0.05, 10.0, 1.376_859_755_9e-4, 1e-10),
        // That one gave 6.0591544e-5; at 150 nodes and 220 levels it too has this.
        (0.031_25, 0.2, 6.059_155_03e-5, 1e-9),
        (0.031_25, 0.5, 5.705_324_416e-5, 1e-9),
        (0.031_25, 1.0, 4.517_877_521_6e-5, 1e-10),
        (0.031_25, 2.0, 3.002_605_619_4e-5, 1e-10),
        (0.031_25, 5.0, 1.381_777_729_7e-5, 1e-10),
        (0.031_25, 10.0, 7.085_525_074_2e-6, 1e-10),
    ] {
        let found = quartic(temperature, damping).relaxation(-1.0, 0.0).unwrap();
        assert!(
            (found.hop_rate / rate - 1.0).abs() < digits,
            "T = {temperature}, γ = {damping}: {found:?}"
        );
        assert!((found.eigenvalue / found.hop_rate - 2.0).abs() < 1e-9);
    }
}

#[test]
fn a_heavier_particle_is_the_same_in_other_units() {
    // With time in units of √M: γ → γ√M, rate → rate/√M.
    let light = quartic(0.05, 1.0).relaxation(-1.0, 0.0).unwrap();
    let heavy = Particle {
        mass: 4.0,
        damping: 0.5,
        ..quartic(0.05, 1.0)
    };
    let heavy = heavy.relaxation(-1.0, 0.0).unwrap();
    assert!((2.0 * heavy.eigenvalue / light.eigenvalue - 1.0).abs() < 1e-9);
}

#[test]
fn an_uneven_well_has_two_rates_in_detailed_balance() {
    let tilted = Particle {
        loss: &|x| loss(x) + 0.04 * x,
        slope: &|x| slope(x) + 0.04,
        ..quartic(0.05, 1.0)
    };
    let there = tilted.relaxation(-1.0193, 0.0401).unwrap();
    let back = tilted.relaxation(0.9788, 0.0401).unwrap();
    let sum = there.hop_rate + back.hop_rate;
    // Both boxes end where e^−L/2T is 1e-13 at most, and the saddle lies between nodes.
    assert!(
        (sum / there.eigenvalue - 1.0).abs() < 1e-3,
        "{there:?} {back:?}"
    );
    assert!(there.hop_rate < back.hop_rate);
}

#[test]
fn a_particle_without_inertia_is_overdamped() {
    // γ = 30: inertia adds (ω/γ)² = 1e-3 to the time beyond the top, and a boundary layer of width
    // √T/γ to that at the saddle, 1.46 √T/γ = 1.1e-2 behind it.
    let overdamped = |exit: f64| {
        let passage = FirstPassage {
            drift: &slope,
            diffusion: &|_: f64| 0.05,
            start: -1.0,
            exit,
            reflecting: None,
            breaks: &crate::exact::smooth,
            interpretation: Interpretation::Ito,
        };
        passage.solve().unwrap().time().unwrap().mean
    };
    let particle = quartic(0.05, 30.0);
    let arrival = |exit| Arrival { start: -1.0, exit };
    let over = particle.passage(arrival(1.0)).unwrap().value / 30.0;
    assert!((over / overdamped(1.0) - 1.0).abs() < 5e-3, "{over}");
    let at = particle.passage(arrival(0.0)).unwrap().value / 30.0;
    // The boundary layer moves the absorbing point outwards (Milne's problem: 1.46 thermal lengths).
    let shifted = overdamped(1.4603 * 0.05f64.sqrt() / 30.0);
    assert!((at / shifted - 1.0).abs() < 5e-3, "{at} {shifted}");
}

#[test]
fn passage_is_the_same_from_either_side() {
    let left = quartic(0.1, 1.0)
        .passage(Arrival {
            start: -1.0,
            exit: 1.0,
        })
        .unwrap();
    let right = quartic(0.1, 1.0)
        .passage(Arrival {
            start: 1.0,
            exit: -1.0,
        })
        .unwrap();
    assert!((left.value / right.value - 1.0).abs() < 1e-9);
}

#[test]
fn arrival_beyond_the_barrier_takes_a_hop_and_a_little_more() {
    // At γ ≥ 1 a particle that has crossed is soon at rest there, so that T ≈ 1/rate; from underdamped
    // motion it may come back first. The grid is converged to 1e-4 or better.
    for (damping, product) in [(0.2, 0.9122), (1.0, 1.0130), (5.0, 1.0136)] {
        let particle = quartic(0.05, damping);
        let time = particle
            .passage(Arrival {
                start: -1.0,
                exit: 1.0,
            })
            .unwrap();
        let rate = particle.relaxation(-1.0, 0.0).unwrap().hop_rate;
        assert!(time.relative_error < 5e-3, "{time:?}");
        assert!(
            (time.value * rate - product).abs() < 2e-4,
            "{}",
            time.value * rate
        );
    }
}

/// At the saddle T is not smooth at v = 0: on grids three times finer the times from −1 at T = 0.2 were 21.8764 (γ = 1, over 0) and 48.7422 (γ = 3, over
/// 0.3), still falling by 4e-3 and 1e-2 from the grid before. The printed errors hold both; three times the last change did not.
#[test]
fn the_printed_error_holds_at_the_corner() {
    for (damping, exit, finer, more) in [(1.0, 0.0, 21.8764, 0.0046), (3.0, 0.3, 48.7422, 0.0106)] {
        let arrival = Arrival { start: -1.0, exit };
        let time = quartic(0.2, damping).passage(arrival).unwrap();
        let off = (time.value - finer).abs() + more;
        assert!(off <= time.value * time.relative_error, "{time:?} {finer}");
        assert!(time.relative_error < 5e-3);
    }
}

#[test]
fn what_has_no_rate_is_told() {
    let cubic = Particle {
        loss: &|x| 0.5 * x * x - x.powi(3) / 3.0,
        slope: &|x| x - x * x,
        ..quartic(0.05, 1.0)
    };
    assert_eq!(cubic.relaxation(0.0, 1.0).unwrap_err().exit_code(), 2);
    assert!(
        cubic
            .passage(Arrival {
                start: 0.0,
                exit: 1.5
            })
            .is_ok()
    );
    assert!(quartic(0.05, 1e-4).relaxation(-1.0, 0.0).is_err());
    assert!(quartic(-0.05, 1.0).relaxation(-1.0, 0.0).is_err());
    assert!(quartic(0.05, f64::NAN).relaxation(-1.0, 0.0).is_err());
    assert!(quartic(0.05, 1.0).relaxation(0.0, 0.0).is_err());
    assert!(
        quartic(0.05, 1.0)
            .passage(Arrival {
                start: 1.0,
                exit: 1.0
            })
            .is_err()
    );
}
