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
fn minima_at_kinks_and_in_narrow_dents_are_found() {
    let tip = surface("abs(x)", None).critical_points();
    assert_eq!(
        (tip.len(), tip[0].kind, tip[0].theta[0]),
        (1, Kind::Minimum, 0.0)
    );
    // A dent of width 1e-4, 25 times as narrow as a step of the search.
    let dent = surface("x^2/2 - exp(-((x-0.1371)/1e-4)^2)", None);
    let [minimum, saddle] = barrier(&dent).unwrap();
    assert!((minimum.theta[0] - 0.1371).abs() < 1e-6, "{minimum:?}");
    assert!((saddle.theta[0] - 0.1371).abs() < 1e-3, "{saddle:?}");
}

/// A search of a hundred variables ends, and says what it has not looked at.
#[test]
fn a_search_that_would_take_minutes_is_cut_short_and_says_so() {
    let squares: Vec<String> = (1..=100).map(|i| format!("x{i}^2")).collect();
    let springs: Vec<String> = (2..=100)
        .map(|i| format!("0.1*(x{i}-x{})^4", i - 1))
        .collect();
    let own = surface(
        &format!("{} + {}", squares.join("+"), springs.join("+")),
        None,
    );
    let points = own.critical_points();
    assert_eq!(points[0].kind, Kind::Minimum);
    assert!(points[0].theta.iter().all(|x| x.abs() < 1e-6));
    let said = own.sought().unwrap();
    assert!(
        said.contains("cut short") && said.contains("of 400 points"),
        "{said}"
    );
    assert_eq!(surface("x^2 + y^2", None).sought(), None);
}

#[test]
fn kinks_are_where_an_absolute_value_turns() {
    let own = surface("abs(x-1) + max(x, 2)^2 + x^2", None);
    let kinks = own.structure(-10.0, 10.0).kinks;
    assert_eq!(kinks.len(), 2, "{kinks:?}");
    assert!((kinks[0] - 1.0).abs() < 1e-14 && (kinks[1] - 2.0).abs() < 1e-14);
    assert!(surface("x^4", None).structure(-10.0, 10.0).kinks.is_empty());
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

fn structure(text: &str, low: f64, high: f64) -> Structure {
    surface(text, None).structure(low, high)
}

/// The widest cell that holds x.
fn cell(text: &str, x: f64) -> f64 {
    let cells = structure(text, -5.0, 5.0).cells;
    let around = cells.windows(2).filter(|pair| pair[0] <= x && x <= pair[1]);
    around.map(|pair| pair[1] - pair[0]).fold(0.0, f64::max)
}

#[test]
fn what_is_narrow_has_narrow_cells() {
    for (text, x, width) in [
        ("x^2/2 - exp(-((x-0.137)/0.001)^2)", 0.137, 0.002),
        ("0.1*tanh(100000*x) + x^2/2", 0.0, 1e-4),
        ("x^2 - 1/(1 + ((x-0.7)/1e-4)^2)", 0.7, 2e-4),
        ("sqrt((x+0.3)^2 + 1e-10)", -0.3, 1e-4),
        ("x^2 + 1e-3*sin(2000*x)", 1.234, 2e-3),
        ("x^2 + exp(-exp(50*(x-1)))", 1.0, 0.1),
        ("x^2 + atan((x-0.2)*1e5)", 0.2, 1e-4),
    ] {
        assert!(cell(text, x) <= width, "{text}: {}", cell(text, x));
        // And away from there they are not.
        assert!(text.contains("sin") || cell(text, -4.4) > 0.05, "{text}");
    }
}

#[test]
fn poles_limits_and_kinks_are_told_apart() {
    let near = |found: &[f64], expected: &[f64]| {
        found.len() == expected.len()
            && found
                .iter()
                .zip(expected)
                .all(|(a, b)| (a - b).abs() <= 1e-14)
    };
    for (text, kinks, poles, removable) in [
        ("1/x + x", &[][..], &[0.0][..], &[][..]),
        ("x^-2 + x^2", &[], &[0.0], &[]),
        ("-sin(x)/x + 0.01*x^2", &[], &[], &[0.0]),
        ("(1-cos(x))/x^2", &[], &[], &[0.0]),
        ("x^2/(1-cos(x)) + 1/(x-3)", &[], &[3.0], &[0.0]),
        ("abs(x-1) + max(x,2)^2", &[1.0, 2.0], &[], &[]),
        ("abs(x^2-1e-6)", &[-1e-3, 1e-3], &[], &[]),
        ("abs(x)^3 + x^2", &[], &[], &[]),
        ("abs(x)^0.5", &[0.0], &[], &[]),
        ("ln(x) + x", &[], &[0.0], &[]),
        ("sqrt(x+1)", &[], &[-1.0], &[]),
        ("abs(sin(x))/abs(x)", &[], &[], &[0.0]),
        ("exp(-1/x^2)", &[0.0], &[], &[]),
    ] {
        let found = structure(text, -4.0, 4.0);
        let limits: Vec<f64> = removable.to_vec();
        let turns = found.kinks.iter().filter(|x| x.abs() < 3.1).copied();
        let turns: Vec<f64> = turns.collect();
        assert!(near(&turns, kinks), "{text}: {found:?}");
        assert!(
            near(&found.poles, poles),
            "{text}: {:?} {:?}",
            found.poles,
            found.kinks
        );
        assert!(
            near(&found.removable, &limits),
            "{text}: {:?}",
            found.removable
        );
        assert_eq!(found.unresolved, None, "{text}");
    }
}

/// Values, slopes and curvatures of sin(x)/x from its series, at and about 0 and where the quotient takes over.
#[test]
fn a_limit_has_all_its_digits() {
    let own = surface("sin(x)/x", None);
    for x in [0.0f64, 1e-300, -1e-9, 1e-5, 3e-3, -0.1, 0.5] {
        let (mut value, mut slope, mut bend) = (0.0, 0.0, 0.0);
        let mut c = 1.0;
        for k in 0..12 {
            let n = 2 * k;
            let power = |m: i32| if n >= m { x.powi(n - m) } else { 0.0 };
            value += c * power(0);
            slope += c * f64::from(n) * power(1);
            bend += c * f64::from(n * (n - 1)) * power(2);
            c /= -f64::from((n + 2) * (n + 3));
        }
        let mut found = [0.0];
        own.gradient(&[x], 1, &mut found);
        assert!((own.value(&[x]) - value).abs() < 1e-15, "{x}");
        assert!(
            (found[0] - slope).abs() <= 1e-14 * slope.abs() + 1e-30,
            "{x} {found:?} {slope}"
        );
        assert!((own.hessian(&[x])[(0, 0)] - bend).abs() < 1e-14, "{x}");
    }
    // Of several variables, at the point itself: the limit along each coordinate.
    let two = surface("sin(x+y)/(x+y) + y^2", None);
    let mut gradient = [0.0; 2];
    two.gradient(&[0.0, 0.0], 1, &mut gradient);
    assert_eq!(gradient, [0.0, 0.0]);
    assert_eq!(two.value(&[1.0, -1.0]), 2.0);
    let bend = two.hessian(&[0.0, 0.0]);
    let third = 1.0 / 3.0;
    for (found, expected) in bend.iter().zip([-third, -third, -third, 2.0 - third]) {
        assert!((found - expected).abs() < 1e-14, "{bend}");
    }
}

#[test]
fn what_is_not_chosen_is_of_no_account() {
    let own = surface("min(exp(x^2), 5) + max(-exp(x^2), x)", None);
    for x in [30.0, -40.0] {
        let mut slope = [0.0];
        own.gradient(&[x], 1, &mut slope);
        assert_eq!(slope[0], 1.0);
        assert_eq!(own.value(&[x]), 5.0 + x);
        assert_eq!(own.hessian(&[x])[(0, 0)], 0.0);
    }
    // At the kink itself half of both.
    let mut slope = [0.0];
    surface("max(x, 3*x)", None).gradient(&[0.0], 1, &mut slope);
    assert_eq!(slope[0], 2.0);
}

#[test]
fn the_outside_is_told_at_its_character() {
    let outside = |text: &str, x: f64| surface(text, None).outside(&[x]).unwrap();
    let message = outside("x + ln(x)", -2.0);
    assert!(
        message.starts_with("character 5: `ln` takes an argument above 0"),
        "{message}"
    );
    assert!(
        message.contains("-2 at θ = -2") && message.contains("(0, ∞)"),
        "{message}"
    );
    assert!(outside("sqrt(1-x^2)", 2.0).contains("values in (-1, 1)"));
    assert!(outside("1/(x-1)", 1.0).contains("a divisor other than 0"));
    assert!(outside("x^0.5", -1.0).contains("of at least 0"));
    assert!(outside("acos(x/2)", 3.0).contains("(-2, 2)"));
    assert!(outside("exp(x^2)", 30.0).contains("comes to more than the largest double"));
    assert_eq!(surface("sin(x)/x", None).outside(&[0.0]), None);
    assert_eq!(surface("min(ln(x), 5)", None).outside(&[1.0]), None);
}
