use super::super::cosine::Cosine;
use super::super::double_well::DoubleWell;
use super::super::expression::{Expression, Formula};
use super::*;

fn formula(text: &str, search: f64) -> Expression {
    let formula = Formula {
        search,
        ..Formula::new(text)
    };
    Expression::new(&formula, None).unwrap()
}

fn beyond(at: f64) -> Boundary {
    Boundary {
        coordinate: Some(0),
        at,
        above: true,
    }
}

fn below(at: f64) -> Boundary {
    Boundary {
        above: false,
        ..beyond(at)
    }
}

const TILTED: &str = "0.25*(x^2-1)^2 + 0.1*x";
/// The roots of x³ − x + 0.1.
const ROOTS: [f64; 3] = [
    -1.046_680_531_804_602,
    0.101_031_257_881_011,
    0.945_649_273_923_591,
];

#[test]
fn each_start_has_the_minimum_that_it_falls_to() {
    let line = formula(TILTED, 10.0);
    for (start, root) in [
        (-30.0, 0),
        (-1.2, 0),
        (0.1, 0),
        (0.102, 2),
        (0.9, 2),
        (50.0, 2),
    ] {
        let rest = Way::basin(&line, &[start]).unwrap();
        assert!(
            (rest.point.theta[0] - ROOTS[root]).abs() < 1e-12,
            "{start}: {rest:?}"
        );
    }
}

#[test]
fn the_barrier_is_that_on_the_way_in_either_direction() {
    let line = formula(TILTED, 10.0);
    let up = Way::of(&line, &[-1.1], beyond(0.5)).unwrap();
    let down = Way::of(&line, &[0.9456], below(-0.6)).unwrap();
    assert_eq!(up.saddle, down.saddle);
    assert!((up.saddle.point.theta[0] - ROOTS[1]).abs() < 1e-12);
    assert!(up.height() > 0.35 && down.height() < 0.16);
    assert_eq!([up.wells, down.wells], [0, 0]);
    // x = −1.0467 lies before −2.
    assert_eq!(Way::of(&line, &[0.9], below(-2.0)).unwrap().wells, 1);
    assert!(
        Way::to_saddle(&line, &[0.9], None, false)
            .unwrap()
            .ends_at_saddle
    );
}

#[test]
fn where_there_is_no_barrier_a_sentence_says_why() {
    let line = formula(TILTED, 10.0);
    let refused = |start: f64, boundary| Way::of(&line, &[start], boundary).unwrap_err();
    assert!(refused(0.27, beyond(0.3)).contains("falls over the exit"));
    assert!(refused(-1.1, beyond(-0.5)).contains("no saddle lies between"));
    assert!(refused(ROOTS[1], beyond(0.3)).contains("on top of a barrier"));
    let falling = formula("x", 10.0);
    let refused = Way::of(&falling, &[0.0], beyond(1.0)).unwrap_err();
    assert!(refused.contains("falls without end"), "{refused}");
    let pole = formula("ln(abs(x))*x^2/(x^2+1) - 1/x^2", 10.0);
    let refused = Way::of(&pole, &[-0.5], beyond(0.5)).unwrap_err();
    assert!(refused.contains("breaks off"), "{refused}");
}

#[test]
fn wells_beyond_what_is_listed_are_seen() {
    let pendulum = Cosine::new(1).unwrap();
    let far = Way::of(&pendulum, &[12.0], beyond(23.0)).unwrap();
    let turn = 2.0 * std::f64::consts::PI;
    assert!((far.minimum.point.theta[0] - 2.0 * turn).abs() < 1e-12);
    assert!((far.saddle.point.theta[0] - 2.5 * turn).abs() < 1e-12);
    assert_eq!(far.wells, 1);
    let back = Way::to_saddle(&pendulum, &[0.3], None, false).unwrap();
    assert!((back.boundary.at + 0.5 * turn).abs() < 1e-12);
    let double = DoubleWell::new(1).unwrap();
    assert_eq!(Way::of(&double, &[-1.0], beyond(2.0)).unwrap().wells, 1);
    assert_eq!(Way::of(&double, &[-1.0], beyond(1.0)).unwrap().wells, 0);
}

#[test]
fn a_kink_is_a_minimum_or_a_barrier_without_curvature() {
    let line = formula("abs(x) - 2*abs(x-1)", 10.0);
    let way = Way::of(&line, &[0.2], beyond(0.5));
    assert!(way.is_err(), "{way:?}");
    let line = formula("min(abs(x), 2 - x)", 10.0);
    let way = Way::of(&line, &[0.3], beyond(1.5)).unwrap();
    assert_eq!(way.minimum.point.theta, [0.0]);
    assert!((way.saddle.point.theta[0] - 1.0).abs() < 1e-12);
    assert!(way.minimum.curvatures.is_none() && way.saddle.curvatures.is_none());
}

/// Three wells in a row, tilted, the second coordinate dragged along: minima near (−1.97, −0.59), (0, 0), (2, 0.6).
const THREE: &str = "0.03*x^2*(x^2-4)^2 - 0.1*x + 0.5*(y-0.3*x)^2";

#[test]
fn of_several_saddles_that_at_the_border_of_the_starts_well_counts() {
    let surface = formula(THREE, 3.0);
    // The second coordinate follows, so that ΔL is that of one: roots of its slope by hand.
    let line = formula("0.03*x^2*(x^2-4)^2 - 0.1*x", 3.0);
    for (start, exit) in [(-1.9, -0.5), (-2.2, -0.5), (0.1, 1.8)] {
        let one = Way::of(&line, &[start], beyond(exit)).unwrap();
        let two = Way::of(&surface, &[start, 0.4], beyond(exit)).unwrap();
        assert!((one.height() - two.height()).abs() < 1e-9, "{start}");
        assert!((one.saddle.point.theta[0] - two.saddle.point.theta[0]).abs() < 1e-6);
        assert_eq!([one.wells, two.wells], [0, 0]);
    }
    assert_eq!(
        Way::of(&surface, &[-1.9, 0.4], beyond(1.8)).unwrap().wells,
        1
    );
    let left = Way::to_saddle(&surface, &[0.0, 0.0], None, false).unwrap();
    assert_eq!(left.boundary.coordinate, Some(0));
    assert!(left.boundary.at < -1.0);
    let refused = Way::of(&surface, &[-1.9, 0.4], beyond(-1.6)).unwrap_err();
    assert!(
        refused.contains("cuts through the start's well"),
        "{refused}"
    );
    let refused = Way::of(&formula("x^2+y^2+x*y", 3.0), &[0.1, 0.2], beyond(1.0)).unwrap_err();
    assert!(refused.contains("no saddle was found"), "{refused}");
}

#[test]
fn the_basin_of_a_stiff_valley_is_the_flows_own() {
    // x̂ follows its own tilted double well once y has fallen onto the parabola, a thousand times as fast.
    let surface = formula("0.25*(x^2-1)^2 + 0.1*x + 500*(y-0.5*x^2)^2", 3.0);
    for (start, root) in [([-1.1, 0.3], 0), ([0.3, 0.045], 2), ([0.05, 0.0], 0)] {
        let rest = Way::basin(&surface, &start).unwrap();
        assert!(
            (rest.point.theta[0] - ROOTS[root]).abs() < 1e-9,
            "{start:?}: {rest:?}"
        );
    }
}

#[test]
fn the_flow_is_followed_to_the_end_that_a_fine_euler_scheme_reaches() {
    // Müller–Brown: basins curl, so that a Newton step from afar ends in another one.
    let surface = formula(
        "-200*exp(-(x-1)^2 - 10*y^2) - 100*exp(-x^2 - 10*(y-0.5)^2)
         - 170*exp(-6.5*(x+0.5)^2 + 11*(x+0.5)*(y-1.5) - 6.5*(y-1.5)^2)
         + 15*exp(0.7*(x+1)^2 + 0.6*(x+1)*(y-1) + 0.7*(y-1)^2)",
        2.0,
    );
    for i in 0..7 {
        for j in 0..7 {
            let start = [-1.4 + 0.37 * f64::from(i), -0.3 + 0.31 * f64::from(j)];
            let found = Way::basin(&surface, &start).unwrap().point.theta;
            let mut theta = start;
            for _ in 0..200_000 {
                let mut slope = [0.0; 2];
                crate::landscape::Gradient::<f64>::gradient(&surface, &theta, 1, &mut slope);
                let size = slope[0].hypot(slope[1]);
                let step = 2e-5 * f64::min(1.0, 100.0 / size);
                theta[0] -= step * slope[0];
                theta[1] -= step * slope[1];
            }
            let apart = (theta[0] - found[0]).hypot(theta[1] - found[1]);
            assert!(apart < 1e-3, "{start:?}: {theta:?} {found:?}");
        }
    }
}
