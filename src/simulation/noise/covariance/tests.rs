use std::collections::BTreeMap;

use nalgebra::DMatrix;

use super::super::{Drawn, DrawnLaw, Draws, Exact, Oracle, Place, Size};
use super::*;
use crate::landscape::Landscape;
use crate::landscape::expression::Formula;
use crate::landscape::registry::{Settings, build};
use crate::random::{Address, Stream, fill_normals, period};

fn surface(text: &str) -> Box<dyn Landscape> {
    let settings = Settings {
        formula: Some(Formula::new(text)),
        ..Settings::default()
    };
    build("expression", &settings).unwrap()
}

fn formula(form: Form, variables: &[&str]) -> CovarianceFormula {
    CovarianceFormula {
        form,
        variables: variables.iter().map(|v| v.to_string()).collect(),
        constants: BTreeMap::from([("b".to_string(), 4.0)]),
    }
}

fn entries(rows: &[&[&str]]) -> Form {
    let row = |row: &&[&str]| row.iter().map(|text| text.to_string()).collect();
    Form::Entries(rows.iter().map(row).collect())
}

const BOWL: &str = "0.5*x^2 + x*y + y^2 + 0.25*x^4 + 1";

fn field(form: Form) -> Result<CovarianceField, Mistake> {
    CovarianceField::new(&formula(form, &["x", "y"]), surface(BOWL), 0.5)
}

/// By hand at (1, 2) before the first step: L = 7.75, ∇²L = [[4, 1], [1, 2]], whose eigenvalues are 3 ± √2.
#[test]
fn covariances_are_those_of_hand() {
    let at = |form: Form| field(form).unwrap().at(&[1.0, 2.0]).unwrap();
    let matrix = |a: f64, b: f64, c: f64| DMatrix::from_row_slice(2, 2, &[a, b, b, c]);
    let whole = |text: &str| Form::Whole(text.into());
    for (form, expected) in [
        (whole("2*loss*hessian/b"), matrix(15.5, 3.875, 7.75)),
        (whole("hessian + x"), matrix(5.0, 1.0, 3.0)),
        (whole("y - -hessian"), matrix(6.0, 1.0, 4.0)),
        (whole("(hessian + hessian)/b"), matrix(2.0, 0.5, 1.0)),
        (whole("step + time"), matrix(1.0, 0.0, 1.0)),
        (
            Form::Deviations(vec!["x + y".into()]),
            matrix(9.0, 0.0, 9.0),
        ),
        (
            Form::Deviations(vec!["x".into(), "y".into()]),
            matrix(1.0, 0.0, 4.0),
        ),
        (
            entries(&[&["1", "x*y/4"], &["y*x/b", "1 + x^2"]]),
            matrix(1.0, 0.5, 2.0),
        ),
        (
            entries(&[&["0", "0"], &["0", "1 + x^2"]]),
            matrix(0.0, 0.0, 2.0),
        ),
    ] {
        let found = at(form.clone());
        assert!((found - expected).abs().max() < 1e-14, "{form:?}");
    }
    let top = at(whole("h_top"))[(0, 0)];
    assert!((top - 3.0 - 2f64.sqrt()).abs() < 1e-14);
}

#[test]
fn what_is_no_covariance_is_said() {
    for (form, what) in [
        (
            Form::Whole("hessian*hessian".into()),
            "product of two matrices",
        ),
        (Form::Whole("1/hessian".into()), "divided by a matrix"),
        (Form::Whole("hessian^2".into()), "no powers"),
        (Form::Whole("abs(hessian)".into()), "abs takes numbers"),
        (
            Form::Deviations(vec!["hessian".into()]),
            "a matrix where a number",
        ),
        (
            Form::Deviations(vec!["1".into(); 3]),
            "3 formulas for 2 coordinates",
        ),
        (Form::Whole("q*x".into()), "unknown name `q`"),
        (entries(&[&["1", "0"]]), "1 rows of 2"),
        (entries(&[&["1", "x"], &["y", "1"]]), "not symmetric"),
    ] {
        let Err(mistake) = field(form.clone()) else {
            panic!("{form:?}");
        };
        assert!(mistake.what.contains(what), "{mistake}");
    }
    let wrong = |form: Form, at: [f64; 2]| field(form).unwrap().wrong_at(&at, 6).unwrap();
    let said = wrong(entries(&[&["1", "x"], &["x", "1"]]), [2.0, 0.0]);
    assert!(
        said.contains("x = 2, y = 0, step 7: an eigenvalue is -1"),
        "{said}"
    );
    let said = wrong(Form::Deviations(vec!["x".into()]), [-2.0, 0.0]);
    assert!(
        said.contains("comes to -2") && said.contains("at least 0"),
        "{said}"
    );
    let said = wrong(Form::Deviations(vec!["1/(x - y)".into()]), [2.0, 2.0]);
    assert!(said.contains("comes to inf"), "{said}");
    let said = wrong(Form::Whole("sqrt(x)*hessian".into()), [-2.0, 2.0]);
    assert!(said.contains("comes to NaN"), "{said}");
}

/// Seed 3, 40,000 steps at one place: each entry of the sample covariance within five standard errors of C = 2LH/4
/// (√((CᵢᵢCⱼⱼ + Cᵢⱼ²)/n) of normal numbers, and √2 times that for Laplace's, whose fourth moment is 6; α = 6e-7 each).
#[test]
fn noise_has_the_covariance_of_its_formula() {
    let covariance = [15.5, 3.875, 7.75];
    let lanes = 64;
    for law in [DrawnLaw::Gaussian, DrawnLaw::Laplace] {
        let own = formula(Form::Whole("2*loss*hessian/b".into()), &["x", "y"]);
        let oracle = Drawn {
            inner: Box::new(Exact(surface(BOWL))),
            draws: Draws::new(law, 1, None).unwrap(),
            size: Size::Field(Box::new(
                CovarianceField::new(&own, surface(BOWL), 1.0).unwrap(),
            )),
            part: 0,
        };
        let theta: Vec<f64> = [vec![1.0; lanes], vec![2.0; lanes]].concat();
        let particle: Vec<u64> = (0..lanes as u64).collect();
        let stream = Stream::new(3, 1);
        let per_step = oracle.normals();
        let mut normals = vec![0.0; per_step * lanes * period::<f64>(&stream, per_step) as usize];
        let mut scratch = vec![0.0; oracle.scratch(lanes)];
        let (mut sums, mut n) = ([0.0; 3], 0.0);
        for step in 0..625 {
            let step = vec![2 * step; lanes];
            let address = Address {
                particle: &particle,
                step: &step,
            };
            if per_step > 0 {
                fill_normals(&stream, address, per_step, &mut normals);
            }
            let place = Place {
                lanes,
                theta: &theta,
                particle: &particle,
                step: &step,
                stream: &stream,
                normals: &normals[..per_step * lanes],
                live: &[],
            };
            let mut gradient = vec![0.0; 2 * lanes];
            oracle.gradient(place, &mut gradient, &mut scratch);
            for lane in 0..lanes {
                // ∇L = (x + y + x³, x + 2y) = (4, 5).
                let (a, b) = (gradient[lane] - 4.0, gradient[lanes + lane] - 5.0);
                for (sum, x) in sums.iter_mut().zip([a * a, a * b, b * b]) {
                    *sum += x;
                }
                n += 1.0;
            }
        }
        let spread: f64 = if law == DrawnLaw::Gaussian { 1.0 } else { 2.0 };
        let [a, b, c] = covariance;
        for ((sum, exact), scale) in
            sums.iter()
                .zip(covariance)
                .zip([2.0 * a * a, a * c + b * b, 2.0 * c * c])
        {
            let error = (spread * scale / n).sqrt();
            assert!(
                (sum / n - exact).abs() < 5.0 * error,
                "{law:?}: {} {exact}",
                sum / n
            );
        }
    }
}

/// The place that is told is that of the least step and particle, and of live lanes alone.
#[test]
fn the_first_place_without_a_covariance_is_told() {
    let own = formula(Form::Deviations(vec!["sqrt(x)".into()]), &["x"]);
    let well = || surface("x^2");
    let oracle = Drawn {
        inner: Box::new(Exact(well())),
        draws: Draws::new(DrawnLaw::TwoPoint, 1, None).unwrap(),
        size: Size::Field(Box::new(CovarianceField::new(&own, well(), 1.0).unwrap())),
        part: 0,
    };
    let stream = Stream::new(3, 1);
    let place = Place {
        lanes: 4,
        theta: &[-1.0, 1.0, -2.0, -4.0],
        particle: &[1, 5, 3, 2],
        step: &[5, 5, 5, 5],
        stream: &stream,
        normals: &[],
        live: &[false, true, true, true],
    };
    assert!(oracle.fault().is_none());
    let mut gradient = [0.0; 4];
    oracle.gradient(place, &mut gradient, &mut vec![0.0; oracle.scratch(4)]);
    let said = oracle.fault().unwrap();
    assert!(said.contains("x = -4, step 6 (particle 2)"), "{said}");
    assert!(gradient[1].is_finite() && gradient[3].is_nan());
}
