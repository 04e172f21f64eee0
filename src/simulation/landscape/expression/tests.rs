use super::super::{Kind, barrier, styblinski_tang::StyblinskiTang};
use super::*;

fn surface(text: &str, dim: Option<usize>) -> Expression {
    Expression::new(&Formula::new(text), dim).unwrap()
}

fn with(text: &str, parameters: &[(&str, f64)]) -> Formula {
    Formula {
        parameters: parameters
            .iter()
            .map(|(n, v)| (n.to_string(), *v))
            .collect(),
        ..Formula::new(text)
    }
}

/// The formula of a built-in surface has its critical points to rounding, Σᵢ f(θᵢ) for any dim.
#[test]
fn a_formula_finds_the_critical_points_of_the_surface_it_writes_down() {
    for dim in [1, 3] {
        let own = surface("0.5*(x^4 - 16*x^2 + 5*x)", Some(dim));
        let known = StyblinskiTang::new(dim).unwrap();
        let (own, known) = (barrier(&own).unwrap(), barrier(&known).unwrap());
        let height = |[minimum, saddle]: &[CriticalPoint; 2]| saddle.value - minimum.value;
        assert!((height(&own) - height(&known)).abs() < 1e-12);
        for (a, b) in own[1].theta.iter().zip(&known[1].theta) {
            // A root of f′ to rounding in f′: a few ε of 46, divided by f″ ≥ 15.
            assert!((a - b).abs() < 1e-14, "{a:e} {b:e}");
        }
    }
}

#[test]
fn parameters_count_and_the_variables_come_in_order() {
    let own = Expression::new(&with("a*y^2 + x*b*y", &[("a", 2.0), ("b", -1.0)]), None).unwrap();
    assert_eq!(own.value(&[3.0, 5.0]), 2.0 * 9.0 - 15.0);
    let listed = Formula {
        variables: vec!["x".into(), "y".into()],
        ..with("a*y^2 + x*b*y", &[("a", 2.0), ("b", -1.0)])
    };
    let own = Expression::new(&listed, None).unwrap();
    assert_eq!(own.value(&[3.0, 5.0]), 2.0 * 25.0 - 15.0);
    let mut gradient = [0.0; 2];
    own.gradient(&[3.0, 5.0], 1, &mut gradient);
    assert_eq!(gradient, [-5.0, 20.0 - 3.0]);
    assert_eq!(
        own.hessian(&[3.0, 5.0]),
        DMatrix::from_row_slice(2, 2, &[0.0, -1.0, -1.0, 4.0])
    );
}

/// Müller–Brown, the customary test of saddle searches: three minima and two saddles, published to three
/// digits (Müller and Brown, Theor. Chim. Acta 53 (1979) 75).
#[test]
fn the_saddles_of_the_mueller_brown_surface_are_found() {
    let formula = Formula {
        search: 2.0,
        ..Formula::new(
            "-200*exp(-(x-1)^2 - 10*y^2) - 100*exp(-x^2 - 10*(y-0.5)^2)
             - 170*exp(-6.5*(x+0.5)^2 + 11*(x+0.5)*(y-1.5) - 6.5*(y-1.5)^2)
             + 15*exp(0.7*(x+1)^2 + 0.6*(x+1)*(y-1) + 0.7*(y-1)^2)",
        )
    };
    let points = Expression::new(&formula, None).unwrap().critical_points();
    for (kind, x, y, value) in [
        (Kind::Minimum, -0.558, 1.442, -146.700),
        (Kind::Minimum, 0.623, 0.028, -108.167),
        (Kind::Minimum, -0.050, 0.467, -80.768),
        (Kind::Saddle, -0.822, 0.624, -40.665),
        (Kind::Saddle, 0.212, 0.293, -72.249),
    ] {
        let near = |p: &&CriticalPoint| {
            p.kind == kind && (p.theta[0] - x).abs() < 6e-4 && (p.theta[1] - y).abs() < 6e-4
        };
        let found = points
            .iter()
            .find(near)
            .unwrap_or_else(|| panic!("{x} {y}: {points:?}"));
        assert!((found.value - value).abs() < 6e-4, "{found:?}");
    }
}

#[test]
fn many_coupled_variables_have_their_saddle() {
    // A chain of double wells: the lowest saddle lies between (−1, …, −1) and (1, …, 1).
    let d = 6;
    let wells: Vec<String> = (0..d).map(|i| format!("(x{i}^2-1)^2/4")).collect();
    let springs: Vec<String> = (1..d).map(|i| format!("0.5*(x{i}-x{})^2", i - 1)).collect();
    let text = format!("{} + {} + 0.02*x0", wells.join("+"), springs.join("+"));
    let own = surface(&text, None);
    let [minimum, saddle] = barrier(&own).unwrap();
    assert!(minimum.theta.iter().all(|x| *x < -0.9));
    let bends = own.hessian(&saddle.theta).symmetric_eigenvalues();
    assert_eq!(bends.iter().filter(|l| **l < 0.0).count(), 1);
}

#[test]
fn kinks_are_where_an_absolute_value_turns() {
    let own = surface("abs(x-1) + max(x, 2)^2 + x^2", None);
    let kinks = own.kinks();
    assert_eq!(kinks.len(), 2, "{kinks:?}");
    assert!((kinks[0] - 1.0).abs() < 1e-14 && (kinks[1] - 2.0).abs() < 1e-14);
    assert!(surface("x^4", None).kinks().is_empty());
}

#[test]
fn no_minimum_and_no_saddle_are_no_error_of_the_surface() {
    assert!(surface("x^3 + x", None).critical_points().is_empty());
    assert!(barrier(&surface("x^2", None)).is_none());
    assert!(barrier(&surface("ln(x)", None)).is_none());
    assert!(surface("x + y", None).critical_points().is_empty());
    let flat = surface("x^4", None).critical_points();
    assert_eq!(flat[0].kind, Kind::Minimum);
}

#[test]
fn names_that_make_no_surface_are_refused() {
    let listed = |variables: &[&str]| Formula {
        variables: variables.iter().map(|v| v.to_string()).collect(),
        ..Formula::new("x^2")
    };
    let many: Vec<String> = (0..101).map(|i| format!("x{i}")).collect();
    for (formula, dim, what) in [
        (Formula::new("3"), None, "no variable"),
        (Formula::new("q^2"), None, "no variable"),
        (Formula::new("q^2 + x"), None, "unknown name `q`"),
        (with("x^2", &[("a", 1.0)]), None, "does not occur"),
        (with("a*x", &[("a", f64::NAN)]), None, "not finite"),
        (with("pi*x", &[("pi", 3.0)]), None, "meaning already"),
        (with("x*y", &[("x", 3.0)]), Some(2), ""),
        (Formula::new("x*y"), Some(3), "dim = 3"),
        (Formula::new("x"), Some(0), "dim = 0"),
        (listed(&["x", "x"]), None, "listed twice"),
        (listed(&["2x"]), None, "no name"),
        (listed(&["sin"]), None, "no name"),
        (listed(&["y"]), None, "unknown name `x`"),
        (Formula::new(&many.join("+")), None, "at most 100"),
        (Formula::new(&"x+".repeat(20_000)), None, "more than 20000"),
    ] {
        match Expression::new(&formula, dim) {
            Ok(_) => assert_eq!(what, "", "{formula:?} was accepted"),
            Err(found) => assert!(found.what.contains(what) && !what.is_empty(), "{found}"),
        }
    }
    assert_eq!(
        Formula::parameters_of("a*x^2 + sin(b*y1)").unwrap(),
        ["a", "b"]
    );
}
