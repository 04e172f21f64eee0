//! Tests of `predict stationary-density`.

use super::super::asked::{self, close, named};
use super::*;

fn answered(text: &str) -> Answer {
    asked::answered(STATIONARY_DENSITY.name, text)
}

fn refused(text: &str) -> String {
    asked::refused(STATIONARY_DENSITY.name, text)
}

fn rows(prediction: &Prediction, name: &str) -> Vec<Vec<f64>> {
    match prediction.values.iter().find(|(n, _)| *n == name) {
        Some((_, Figure::Rows(rows))) => rows.clone(),
        other => panic!("{name} has no rows: {other:?}"),
    }
}

#[test]
fn constant_noise_gives_gibbs() {
    let exact = answered("").exact.unwrap();
    assert!(exact.number().abs() < 1e-12);
    // ∫θ²e^{−L/T}/∫e^{−L/T} of θ⁴/4 − θ²/2 at T = 0.05, by 30-digit arithmetic.
    close(named(&exact, "variance"), 0.936_833_940_412, 1e-12);
    assert_eq!(rows(&exact, "density").len(), 9);
    // A parabola: variance T/h.
    for text in [
        "landscape=quadratic h=2 temperature=0.3",
        "landscape=quadratic h=2 eta=0.1 noise_variance=6",
    ] {
        close(
            named(&answered(text).exact.unwrap(), "variance"),
            0.15,
            1e-12,
        );
    }
}

/// Values by 40-digit quadrature.
#[test]
fn what_a_fixed_grid_misses() {
    for (text, variance) in [
        (
            "expression=0.1*tanh(100000*x)+x^2/2 temperature=0.1",
            0.0630746582399,
        ),
        (
            "expression=log((exp(10*x)+exp(-10*x))/2)/10 eta=1 batch=0.16666666666666666 floor=0.001",
            0.134655,
        ),
        ("expression=abs(x) temperature=1", 2.0),
    ] {
        let exact = answered(text).exact.unwrap();
        close(named(&exact, "variance"), variance, 4e-6);
        assert!(named(&exact, RELATIVE_ERROR) < 1e-9);
    }
}

#[test]
fn readings_differ_where_the_noise_depends_on_the_place() {
    let at = |reading: &str| {
        let text = format!("eta=0.1 batch=2 floor=0.5 interpretation={reading}");
        let exact = answered(&text).exact.unwrap();
        // Finite volumes on 4000 intervals, whose error is of second order.
        let surface = simulation::landscape::double_well::DoubleWell::new(1).unwrap();
        let problem = Problem {
            surface: &surface,
            diffusion: Diffusion {
                factor: 0.05,
                noise: GradientNoise::Hessian {
                    batch: 2.0,
                    floor: 0.5,
                },
            },
            reading: match reading {
                "ito" => Interpretation::Ito,
                "stratonovich" => Interpretation::Stratonovich,
                _ => Interpretation::AntiIto,
            },
        };
        let grid = problem.on_grid(&[[-6.0, 6.0]], 8000).unwrap();
        let variance = named(&exact, "variance");
        close(variance, grid.covariance[0][0], 1e-5);
        variance
    };
    let [ito, middle, anti] = ["ito", "stratonovich", "anti-ito"].map(at);
    assert!((middle / ito - 1.0).abs() > 0.01 && (anti / middle - 1.0).abs() > 0.01);
}

#[test]
fn a_ring_in_two_dimensions() {
    let answer = answered("landscape=ring temperature=0.05");
    let (paper, exact) = (answer.paper.unwrap(), answer.exact.unwrap());
    let (covariance, gibbs) = (rows(&exact, "variance"), rows(&paper, "variance"));
    for i in 0..2 {
        assert!((covariance[i][i] / gibbs[i][i] - 1.0).abs() < 1e-6);
        assert!(rows(&exact, "mean")[0][i].abs() < 1e-9);
    }
    assert!(covariance[0][1].abs() < 1e-9);
    assert_eq!(rows(&exact, "density").len(), 81);
    assert_eq!(rows(&exact, "density")[0].len(), 3);
}

#[test]
fn two_coordinates_that_know_nothing_of_each_other() {
    let one = named(
        &answered("batch=2 floor=0.5 eta=0.1").exact.unwrap(),
        "variance",
    );
    let two = answered("dim=2 batch=2 floor=0.5 eta=0.1");
    assert!(two.paper.is_none());
    let two = rows(&two.exact.unwrap(), "variance");
    close(two[0][0], one, 1e-13);
    close(two[1][1], one, 1e-13);
}

#[test]
fn unusable_input_is_refused() {
    assert!(refused("temprature=1").contains("did you mean `temperature`?"));
    assert!(refused("landscape=valley").contains("confine"));
    assert!(refused("landscape=cubic").contains("confine"));
    assert!(refused("landscape=ring batch=1 eta=0.1").contains("full matrix"));
    assert!(refused("dim=3").contains("one axis or two"));
    assert!(refused("intervals=2").contains("from 4"));
    assert!(refused("low=1 high=-1").contains("order"));
    assert!(refused("interpretation=itto").contains("did you mean"));
    assert!(answered("landscape=valley low=-2 high=2").exact.is_some());
}

/// A well behind a barrier of hundreds of T, and a broad one beside a narrow deeper one. Values by composite quadrature
/// in 80-bit arithmetic between given points.
#[test]
fn no_well_hides_another() {
    for (text, variance) in [
        ("expression=0.25*(x^2-1)^2 temperature=0.001", 0.9989969757),
        ("expression=(x^2-100)^2/400 temperature=0.1", 99.8996976),
        ("expression=abs(abs(x-5)-5) temperature=0.01", 25.0002),
        (
            "expression=min((x-5)^2,(x+5)^2+0.001) temperature=0.005",
            24.754157,
        ),
        (
            "expression=x^2/2-400*exp(-((x+25)/0.01)^2) temperature=1",
            1.25472e-7,
        ),
        (
            "expression=-6.2*exp(-(x/0.001)^2)-6*exp(-((x-3)/0.5)^2)+x^2/50 temperature=0.1",
            0.668819,
        ),
        (
            "expression=min(x^2,(x-60)^2+0.01) temperature=0.01",
            707.808,
        ),
        (
            "expression=-5*exp(-(x/0.001)^2)-5*exp(-((x-3)/0.5)^2)+x^2/50 temperature=0.01",
            6.9609e-5,
        ),
    ] {
        let exact = answered(text).exact.unwrap();
        close(named(&exact, "variance"), variance, 8e-6);
    }
}

/// Values by quadrature of Gibbs' law in each well by itself, to the digits given.
#[test]
fn a_far_well_counts_however_narrow() {
    let narrow =
        "expression=-6.0*exp(-((x-1.3)/0.00001)^2)-4.5*exp(-((x-3)/0.5)^2)+x^2/50 temperature=0.1";
    for (text, mean, variance, digits) in [
        (
            "expression=min(x^2,1000*(x-60)^2) temperature=0.01",
            1.83921,
            106.9745,
            3e-6,
        ),
        (
            "expression=min(x^2,1000*(x-60)^2) temperature=0.01 low=-100 high=100",
            1.83921,
            106.9745,
            3e-6,
        ),
        (narrow, 1.306939, 0.0117356, 3e-6),
        // Γ(6) and a scale of 0.1, on the side of its minimum.
        ("expression=-0.5*ln(x)+x temperature=0.1", 0.6, 0.06, 1e-11),
    ] {
        let exact = answered(text).exact.unwrap();
        close(named(&exact, "mean"), mean, digits);
        close(named(&exact, "variance"), variance, digits);
    }
    // The side of a pole that has a minimum.
    let exact = answered("expression=1/x+x temperature=0.1").exact.unwrap();
    assert!(named(&exact, "mean") > 1.0);
}

/// A well that lies beyond a cusp, beyond where 1/cosh has left the doubles, or whose kinks lie next to the ends of other
/// marks, on either side. By hand where both are parabolas, else by quadrature with 25 digits.
#[test]
fn nothing_on_a_barrier_hides_the_well_behind_it() {
    for (text, mean, digits) in [
        (
            "min(1.5877*x^2,475.6*(x-52.7642)^2-0.1897) temperature=0.1159",
            12.079_060,
            1e-6,
        ),
        (
            "min(1.5877*x^2,475.6*(x-20)^2-0.1897) temperature=0.1159",
            4.578_505_9,
            1e-6,
        ),
        (
            "min(x^2,(x-30)^2-0.05)-0.2/cosh((x+0.8)/0.03) temperature=0.1",
            18.663_268_593_432,
            1e-11,
        ),
    ] {
        for sign in [1.0, -1.0] {
            let formula = match sign {
                1.0 => text.to_string(),
                _ => text.replace("x-", "(-x)-").replace("x+", "(-x)+"),
            };
            let exact = answered(&format!("expression={formula}")).exact.unwrap();
            close(sign * named(&exact, "mean"), mean, digits);
        }
    }
    let cusp = answered("expression=min(x^2,(x-40)^2-0.05)+sqrt(abs(x-30)) temperature=0.1");
    assert!(cusp.exact.is_none(), "{cusp}");
}

/// D = 0.05(|3x² − 1| + 0.01), by quadrature on cells that close in on 1/√3.
#[test]
fn a_noise_that_all_but_vanishes() {
    for (reading, variance) in [
        ("ito", 0.914_084),
        ("stratonovich", 1.055_401),
        ("anti-ito", 1.198_541),
    ] {
        let text = format!("eta=0.1 batch=1 floor=0.01 interpretation={reading}");
        let exact = answered(&text).exact.unwrap();
        close(named(&exact, "variance"), variance, 1e-6);
    }
}

#[test]
fn a_look_that_is_cut_short_is_told() {
    let waves = answered("expression=0.6451*sqrt(1+x^2)+0.3*sin(3.9035*x) temperature=0.25");
    assert!(
        waves.notes.iter().any(|n| n.contains("as far as")),
        "{:?}",
        waves.notes
    );
    let plain = answered("expression=x^2/2 temperature=0.25");
    assert!(plain.notes.is_empty(), "{:?}", plain.notes);
    // A loss that breaks off confines nothing, and is no kink.
    let open = answered("expression=acos(x) temperature=0.1");
    assert!(
        open.exact.is_none() && open.notes[0].contains("θ = -1"),
        "{:?}",
        open.notes
    );
}
