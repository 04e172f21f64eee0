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
    let answer = answered("");
    let (paper, exact) = (answer.paper.unwrap(), answer.exact.unwrap());
    assert!(exact.number().abs() < 1e-9);
    close(named(&exact, "variance"), named(&paper, "variance"), 1e-9);
    let density = rows(&exact, "density");
    assert_eq!(density.len(), 9);
    for (row, gibbs) in density.iter().zip(rows(&paper, "density")) {
        assert_eq!(row[0], gibbs[0]);
        assert!((row[1] - gibbs[1]).abs() <= 1e-9 * gibbs[1]);
    }
    // A parabola: variance T/h.
    let bowl = answered("landscape=quadratic h=2 temperature=0.3")
        .exact
        .unwrap();
    close(named(&bowl, "variance"), 0.15, 1e-10);
    let sgd = answered("landscape=quadratic h=2 eta=0.1 noise_variance=6")
        .exact
        .unwrap();
    close(named(&sgd, "variance"), 0.15, 1e-10);
}

#[test]
fn readings_differ_where_the_noise_depends_on_the_place() {
    let at = |reading: &str| {
        let text = format!("eta=0.1 batch=2 floor=0.5 interpretation={reading}");
        let answer = answered(&text);
        let exact = named(&answer.exact.unwrap(), "variance");
        // ∫L′/D of the closed form is adaptive, that of the grid is not: |L″| has kinks between nodes.
        close(exact, named(&answer.paper.unwrap(), "variance"), 1e-3);
        exact
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
    close(two[0][0], one, 1e-3);
    close(two[1][1], one, 1e-3);
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
