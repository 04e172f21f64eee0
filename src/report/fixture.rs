//! Figures and records like those of real experiments, for the tests of this room.

use serde_json::json;

use crate::bibliography::{Published, Work};
use crate::estimates::COMPONENT;
use crate::figure::{Axis, Figure, Map, Mark, Panel, Series};
use crate::manifest::Manifest;
use crate::record::{Record, Section, Statement, Text};
use crate::table::{Column, Table};
use crate::verdicts::Verdicts;
use measurement::Estimate;
use measurement::reading::{Exact, Reading};
use verdict::{Role, Ruling, SelfCheck, Verdict};

fn axis(label: &str, log: bool) -> Axis {
    Axis {
        label: label.into(),
        log,
    }
}

fn series(label: &str, mark: Mark, colour: usize, points: Vec<[f64; 4]>) -> Series {
    let column = |at: usize| points.iter().map(|point| point[at]).collect();
    let (low, high) = match mark {
        Mark::Points | Mark::Band => (column(2), column(3)),
        _ => (vec![], vec![]),
    };
    Series {
        label: label.into(),
        mark,
        colour,
        x: column(0),
        y: column(1),
        low,
        high,
    }
}

fn sample(count: usize, low: f64, high: f64, of: impl Fn(f64) -> [f64; 3]) -> Vec<[f64; 4]> {
    (0..count)
        .map(|i| {
            let x = low + (high - low) * i as f64 / (count - 1) as f64;
            let [y, below, above] = of(x);
            [x, y, below, above]
        })
        .collect()
}

/// −log Γ against 1/k for five optimizers: bars, fits, bands, exact lines.
pub fn escape() -> Figure {
    let mut all = Vec::new();
    let optimizers = [
        ("SGD", 2.0),
        ("Momentum", 2.4),
        ("Adam", 1.1),
        ("AdamW", 1.3),
        ("Adai", 3.0),
    ];
    for (colour, (name, slope)) in optimizers.into_iter().enumerate() {
        let line = move |x: f64| 4.0 + slope * 3.0 * x;
        let noise = |x: f64| 0.35 * (x * 37.0 + colour as f64).sin();
        let bars = sample(7, 0.5, 1.0, |x| {
            let y = line(x) + noise(x);
            [y, y - 0.35, y + 0.4]
        });
        let fit = sample(50, 0.45, 1.05, |x| {
            let y = line(x) + 0.1;
            let half = 0.12 + 0.5 * (x - 0.75).abs();
            [y, y - half, y + half]
        });
        let exact = sample(50, 0.45, 1.05, |x| [line(x), 0.0, 0.0]);
        all.push(series("", Mark::Band, colour, fit.clone()));
        all.push(series(&format!("{name}: exact"), Mark::Line, colour, exact));
        all.push(series(&format!("{name}: fit"), Mark::Dashed, colour, fit));
        all.push(series(name, Mark::Points, colour, bars));
    }
    Figure {
        name: "escape-rate".into(),
        caption:
            "Escape from a sharp minimum: −log Γ against 1/k (1000 particles, standard scale)."
                .into(),
        panels: vec![Panel {
            title: "Styblinski–Tang, d = 10".into(),
            x: axis("inverse sharpness 1/k", false),
            y: axis("−log escape rate, −log Γ", false),
            map: None,
            series: all,
        }],
    }
}

/// Mean exit times over six decades, and beside them their ratio to the exact ones.
pub fn exit_times() -> Figure {
    let exact = |x: f64| 12.0 * (0.28 * x).exp();
    let scatter = |x: f64| 1.0 + 0.05 * (3.0 * x).sin();
    let measured = sample(9, 4.0, 50.0, |x| {
        let y = exact(x) * scatter(x);
        [y, 0.9 * y, 1.12 * y]
    });
    let ratio = measured
        .iter()
        .map(|p| [p[0], scatter(p[0]), p[2] / exact(p[0]), p[3] / exact(p[0])]);
    let theory = sample(80, 3.0, 52.0, |x| [exact(x), 0.0, 0.0]);
    let kramers = sample(80, 3.0, 52.0, |x| {
        [exact(x) * (1.0 - 1.2 / (x + 1.0)), 0.0, 0.0]
    });
    let one = sample(2, 3.0, 52.0, |_| [1.0, 0.0, 0.0]);
    let kramers_ratio = sample(80, 3.0, 52.0, |x| [1.0 - 1.2 / (x + 1.0), 0.0, 0.0]);
    Figure {
        name: "exit-times".into(),
        caption: "Mean exit time of the double well against inverse temperature.".into(),
        panels: vec![
            Panel {
                title: "mean exit time".into(),
                x: axis("inverse temperature 1/T", false),
                y: axis("mean exit time τ (iterations)", true),
                map: None,
                series: vec![
                    series("exact first-passage integral", Mark::Line, 6, theory),
                    series("Kramers (1940)", Mark::Dotted, 7, kramers),
                    series("measured", Mark::Points, 0, measured.clone()),
                ],
            },
            Panel {
                title: "ratio to the exact value".into(),
                x: axis("inverse temperature 1/T", false),
                y: axis("measured τ / exact τ", false),
                map: None,
                series: vec![
                    series("exact first-passage integral", Mark::Line, 6, one),
                    series("Kramers (1940)", Mark::Dotted, 7, kramers_ratio),
                    series("measured", Mark::Points, 0, ratio.collect()),
                ],
            },
        ],
    }
}

/// A single measured point.
pub fn one_point() -> Figure {
    let point = vec![[0.1, 3.2e-5, 2.9e-5, 3.6e-5]];
    Figure {
        name: "one-point".into(),
        caption: "One cell.".into(),
        panels: vec![Panel {
            title: String::new(),
            x: axis("learning rate η", true),
            y: axis("variance of θ", true),
            map: None,
            series: vec![series("measured", Mark::Points, 1, point)],
        }],
    }
}

/// Four panels that try every edge: thirty decades, nothing to show, gaps and bars beyond the
/// frame, long labels with signs that markup must escape.
pub fn hostile() -> Figure {
    let decades = sample(40, -22.0, 8.0, |x| [10f64.powf(x), 0.0, 0.0]);
    let decades = decades
        .into_iter()
        .map(|[x, y, ..]| [10f64.powf(x / 3.0), y, 0.0, 0.0])
        .collect();
    let unshowable = vec![[f64::NAN, 1.0, 0.0, 2.0], [1.0, f64::INFINITY, 0.0, 2.0]];
    let bars = vec![
        [1.0, 1.0, f64::NEG_INFINITY, 1.5],
        [2.0, 1.2, 0.9, 1e12],
        [3.0, f64::NAN, 0.0, 1.0],
        [4.0, 1.1, f64::NAN, 1.3],
        [5.0, 1.3, 1.1, 1.4],
    ];
    let gap = vec![
        [1.0, 0.8, 0.5, 1.0],
        [3.0, f64::NAN, 0.6, f64::NAN],
        [4.0, 1.0, 0.7, 1e9],
        [5.0, 0.9, 0.2, 1.0],
    ];
    let tiny = sample(5, 1.0001, 1.0002, |x| [3e5 + x, 0.0, 0.0]);
    let long = "Styblinski–Tang function in ten dimensions, minibatch noise with B < 16 & ηH > 1, from a sharp minimum";
    Figure {
        name: "hostile".into(),
        caption: "Everything at once.".into(),
        panels: vec![
            Panel {
                title: long.into(),
                x: axis(
                    "inverse temperature 1/T, in units of the barrier between the two minima",
                    true,
                ),
                y: axis(
                    "mean exit time τ over the mean exit time of the corresponding diffusion",
                    true,
                ),
                map: None,
                series: vec![series("thirty decades", Mark::Line, 0, decades)],
            },
            Panel {
                title: String::new(),
                x: axis("x", false),
                y: axis("y", false),
                map: None,
                series: vec![series("nothing", Mark::Points, 1, unshowable)],
            },
            Panel {
                title: "bars beyond the frame".into(),
                x: axis("x", false),
                y: axis("y", false),
                map: None,
                series: vec![
                    series(
                        "a band that leaves the frame, with a label that is too long for one line",
                        Mark::Band,
                        2,
                        gap.clone(),
                    ),
                    series("a broken line", Mark::Dotted, 2, gap),
                    series("bars", Mark::Points, 8, bars),
                ],
            },
            Panel {
                title: "a narrow range".into(),
                x: axis("x", true),
                y: axis("y", false),
                map: None,
                series: vec![series("narrow", Mark::Dashed, 3, tiny)],
            },
        ],
    }
}

/// Tiles on logarithmic axes, one of them without a colour, and a line over them.
pub fn heat_map() -> Figure {
    let places: Vec<(f64, f64)> = [0.03, 0.1, 0.3]
        .into_iter()
        .flat_map(|x| [1.0, 10.0, 33.0].map(|y| (x, y)))
        .collect();
    let shade = |at: usize| if at == 4 { f64::NAN } else { at as f64 / 8.0 };
    Figure {
        name: "heat-map".into(),
        caption: "Nine tiles.".into(),
        panels: vec![Panel {
            title: "small-margin accuracy".into(),
            x: axis("learning rate η", true),
            y: axis("1/(1 − γ)", true),
            map: Some(Map {
                x: places.iter().map(|p| p.0).collect(),
                y: places.iter().map(|p| p.1).collect(),
                shade: (0..9).map(shade).collect(),
                text: (0..9).map(|at| format!("0.{at}2")).collect(),
            }),
            series: vec![series(
                "η/(1 − γ) = 1",
                Mark::Dashed,
                6,
                vec![[0.03, 33.0, 0.0, 0.0], [0.3, 3.3, 0.0, 0.0]],
            )],
        }],
    }
}

/// All the figures above.
pub fn figures() -> Vec<Figure> {
    vec![escape(), exit_times(), one_point(), hostile(), heat_map()]
}

fn measured(value: f64) -> Option<Estimate> {
    Some(Estimate {
        standard_error: None,
        value: Some(value),
        ci_low: 0.97 * value,
        ci_high: 1.03 * value,
        confidence: 0.999,
        n: 11_000,
        method: "maximum likelihood, exact χ² interval".into(),
    })
}

/// A record with a claim of two cells, a claim of one, a failed self-check, and three figures.
pub fn record() -> Record {
    let ruling = |id: &str, case: &str, verdict, why: &str| Ruling {
        id: id.into(),
        case: case.into(),
        role: Role::Decides,
        verdict,
        why: why.into(),
        tolerance: 0.2,
        quantity: "mean exit time (iterations)".into(),
        paper: Some(123_400.0),
        rivals: Vec::new(),
        exact: Some(125_000.0),
        measured: measured(124_700.0),
        allowed: None,
    };
    let mut bound = ruling(
        "adai.prop4",
        "",
        Verdict::OutOfScope,
        "ηH = 3.1 > 2: <unstable> & diverging.",
    );
    bound.measured = Some(Estimate {
        value: None,
        ci_low: 410.0,
        ci_high: f64::INFINITY,
        ..measured(1.0).unwrap()
    });
    bound.paper = None;
    let statement = |id: &str, text: &str| Statement {
        id: id.into(),
        paper: "Xie et al. (2022), Proposition 2".into(),
        place: String::new(),
        derived: String::new(),
        statement: text.into(),
        exact: "log τ depends on √k η alone.".into(),
        holds: "Under additive noise.".into(),
    };
    Record {
        manifest: Manifest {
            name: "escape-styblinski-tang".into(),
            source: "Adaptive Inertia (Xie et al. 2022), Fig. 6".into(),
            protocol: "escape".into(),
            spec: json!({"landscape": {"name": "styblinski-tang", "dim": 10}}),
            particles: None,
            seed: 42,
            scale: "standard".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            git_revision: Some("33fff23".into()),
            generator: "Philox 4×32-10".into(),
            threads: 2,
            started: "2026-01-01T00:00:00Z".into(),
            ended: "2026-01-01T00:03:05Z".into(),
            seconds: 185.2,
            particle_steps: 1_234_567_890,
            useful_lane_fraction: 0.97,
            diverged: 3,
            host_features: vec!["avx2".into()],
            cites: vec!["adai".into(), "kramers-1940".into()],
            files: Default::default(),
        },
        paths: None,
        samples: Table {
            columns: vec![
                ("exit_step".into(), Column::U64(vec![10, 20, 1_000_000])),
                ("censored".into(), Column::Bool(vec![false, false, true])),
            ],
        },
        estimates: vec![
            Reading::of(
                "k=1, Adam",
                "mean exit time",
                Some(Estimate { ci_high: f64::INFINITY, ..measured(0.1 + 0.2).unwrap() }),
                Some(Exact::by("closed form", 0.31).within(1e-9)),
            )
            .at("process", "Adam")
            .at("sharpness", 1.0),
            Reading::known("k=4, SGD", "mean exit time", Exact::by("closed form", 2.0)).at("sharpness", 4.0),
            Reading::measured("k=1, Adam", "variance", measured(2.0).unwrap()).at(COMPONENT, "h = 1"),
        ],
        verdicts: Verdicts {
            claims: vec![
                ruling("adai.prop2", "Adam, d = 1", Verdict::Confirmed, "The interval lies within ±20 % of the prediction."),
                ruling("adai.prop2", "Adam, d = 10", Verdict::Refuted, "The interval lies wholly above 1.2 times the prediction."),
                bound,
            ],
            self_checks: vec![
                SelfCheck { id: "escape/k=1".into(), passed: Some(true), z: Some(-0.43), p: Some(0.667), why: "measured 1.247 × 10⁵ against 1.250 × 10⁵".into() },
                SelfCheck { id: "escape/k=2".into(), passed: Some(false), z: Some(9.1), p: Some(9e-20), why: "measured 3 against 2".into() },
            ],
        },
        figures: vec![escape(), exit_times(), one_point()],
        text: Text {
            statements: vec![
                statement("adai.prop2", "Adam's mean escape time grows with √(dimension) & not exponentially."),
                statement("adai.prop4", "Adai's escape time is exponential in ΔL·B/(2ηH)."),
            ],
            departures: vec!["dimension 1 <paper 10>".into()],
            sections: vec![Section {
                heading: "What was run".into(),
                paragraphs: vec!["1000 particles per cell left the minimum at (−2.9, …) of the <Styblinski–Tang> function.".into()],
            }],
            works: Vec::new(),
        },
    }
}

/// The works that a program knows: two of them the record cites.
pub fn works() -> Vec<Work> {
    ["pnm", "adai", "kramers-1940"]
        .map(|key| Work {
            key: key.into(),
            title: format!("On {key}"),
            authors: vec!["Kramers, Hendrik Anthony".into()],
            year: 1940,
            published: Published::Venue("A conference".into()),
            more: Vec::new(),
        })
        .to_vec()
}
