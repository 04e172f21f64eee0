//! What the columns of every table are: names, units, meanings, in one place.

use serde::Serialize;

/// A column.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Field<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its unit; empty for words, and for numbers without one.
    pub unit: &'a str,
    /// What it says.
    pub meaning: &'a str,
}

/// A table of a record.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Sheet {
    /// Its file, without the suffix.
    pub name: &'static str,
    /// The protocols whose tables are like this; all where none is named.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub protocols: &'static [&'static str],
    /// What a row is.
    pub row: &'static str,
    /// Its columns.
    pub columns: &'static [Field<'static>],
}

impl Sheet {
    /// Whether a column of that name is among them.
    pub fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|field| field.name == name)
    }
}

const fn field(name: &'static str, unit: &'static str, meaning: &'static str) -> Field<'static> {
    Field {
        name,
        unit,
        meaning,
    }
}

const OWN: &str = "that of the quantity";
const CELL: Field<'static> = field("cell", "", "label of the cell");
const SEED: Field<'static> = field("seed", "count", "which training or repetition, from 0");
const STEP: Field<'static> = field("step", "steps", "steps taken");
const ETA: Field<'static> = field("eta", "", "η, learning rate");
const SE: Field<'static> = field("standard_error", OWN, "standard error of it");
const PARTICLES: Field<'static> = field("particles", "count", "particles in it");
const DIVERGED: Field<'static> = field(
    "diverged",
    "count",
    "particles that were not finite, and are not in it",
);

const DIVERGED_PARTICLE: Field<'static> = field("diverged", "", "whether it was no longer finite");

/// What every table of estimates has, beside a column for each axis.
pub const ESTIMATES: Sheet = Sheet {
    name: "estimates",
    protocols: &[],
    row: "what was read of a cell: measured, known exactly, or both; a column for each axis stands between `cell` and `quantity`",
    columns: &[
        CELL,
        field(
            "quantity",
            "",
            "what was read, with its unit where it has one",
        ),
        field(
            "component",
            "",
            "which part of a quantity of several parts; empty where it has one",
        ),
        field(
            "value",
            OWN,
            "the point estimate; missing where the data only bound it, or nothing was measured",
        ),
        field(
            "standard_error",
            OWN,
            "standard deviation of the estimate, where it was estimated",
        ),
        field("ci_low", OWN, "lower end of the interval"),
        field("ci_high", OWN, "upper end of the interval"),
        field(
            "confidence",
            "probability",
            "coverage of the interval; missing where nothing was measured",
        ),
        field(
            "n",
            "count",
            "sample size: exits of a rate, particles of a mean, cells of a slope",
        ),
        field("method", "", "how it was measured"),
        field(
            "exact",
            OWN,
            "what it is without random numbers, where that is known",
        ),
        field(
            "exact_error",
            OWN,
            "how far the exact value may be off, beside rounding",
        ),
        field("exact_method", "", "how the exact value was computed"),
    ],
};

/// What may be swept, by its name in the experiment file; hyper-parameters that few rules have stand with the rules.
pub const AXES: &[Field<'static>] = &[
    field(
        "process",
        "",
        "the series: an optimizer or SDE by its label in the file",
    ),
    field("optimizer", "", "the update rule"),
    field("integrator", "", "the scheme of an SDE"),
    field("noise", "", "the kind of noise"),
    ETA,
    field("beta0", "", "β₀, weight of the negative momentum"),
    field("beta1", "", "β₁, decay of the momentum"),
    field("beta2", "", "β₂, decay of the second moment"),
    field("beta3", "", "β₃, weight of the fresh gradient"),
    field("epsilon", "", "ε, beside the root"),
    field(
        "sharpness",
        "",
        "k, what the surface's curvature is multiplied by",
    ),
    field("temperature", "loss", "T of Langevin dynamics"),
    field(
        "variance",
        "gradient²",
        "variance of one coordinate of a gradient, or of the data",
    ),
    field("batch", "count", "B, examples in a batch"),
    field("floor", "curvature", "δ of C = (|H| + δ)/B"),
    field("eta_over_batch", "", "η/B of the SDE of SGD"),
    field("b_over_eta", "", "B/η"),
    field(
        "alpha",
        "",
        "α: of stable noise, of β = 1 − cη^α, or the decay of a second moment",
    ),
    field("scale", "", "σ of stable noise, or s of D = s(|H| + δ)"),
    field("dof", "", "degrees of freedom of Student's law"),
    field("friction", "1/time", "γ of Langevin dynamics with inertia"),
    field(
        "damping",
        "1/time",
        "γ of the heavy ball's Klein–Kramers particle",
    ),
    field("exit", "θ", "where a particle ends"),
    field("dt", "time", "step of a scheme"),
    field(
        "step",
        "steps, or time",
        "steps taken; of the protocol friction the time of one step",
    ),
    field(
        "steps",
        "steps",
        "steps of the whole course, where it sets η",
    ),
    field("dim", "count", "coordinates, or the length of a patch"),
    field("h", "loss/θ²", "curvature along the coordinate"),
    field("beta", "", "β, decay of the momentum"),
    field("l", "count", "l of SVAG: l times the steps at η/l"),
    field(
        "two_batch",
        "",
        "β₀ of the gradient (1 + β₀)g⁽ᵃ⁾ − β₀g⁽ᵇ⁾ of two batches",
    ),
    field("problem", "", "what is solved"),
    field("surface", "", "the surface"),
    field("form", "", "how the momentum is written"),
    field("estimator", "", "the estimator that is put to the test"),
    field(
        "effect",
        "standard errors",
        "the truth's distance beyond the edge of a tolerance",
    ),
    field(
        "labels",
        "",
        "whose labels: the data's, or drawn from the model",
    ),
    field(
        "over",
        "",
        "over what the noise is a sample: minibatches, or parameters",
    ),
    field("loss", "", "what is trained: the network, or its expansion"),
    field("teacher", "", "kind of the network that labels"),
    field("student", "", "kind of the network that learns"),
    field("precision", "", "what numbers the ensemble is made of"),
];

/// What the tables of samples have, by protocol.
pub const SAMPLES: &[Sheet] = &[
    samples(
        &["escape", "friction"],
        "a particle",
        &[
            CELL,
            field("particle", "count", "which, from 0"),
            field(
                "exit_step",
                "steps",
                "the step at which it left, or the last that it took",
            ),
            field("censored", "", "whether it was still inside"),
            DIVERGED_PARTICLE,
        ],
    ),
    samples(
        &["study"],
        "a particle of an exit, or of a law at a look",
        &[
            CELL,
            field("observable", "", "the exit or the law"),
            field("particle", "count", "which, from 0"),
            STEP,
            field(
                "value",
                "time, or that of the law",
                "when it left, or what was looked at",
            ),
            field("censored", "", "whether it was still inside"),
            DIVERGED_PARTICLE,
        ],
    ),
    samples(
        &["rare-events"],
        "a run of splitting",
        &[
            CELL,
            field("run", "count", "which, from 0"),
            field("probability", "probability", "p, from Σ to the exit"),
            field(
                "cycle_steps",
                "steps",
                "mean steps from one leaving of Σ to the next",
            ),
            field("levels", "count", "levels until the exit"),
            field("steps", "steps", "all steps of its replicas"),
        ],
    ),
    samples(
        &["posterior", "saddle", "noise-variance"],
        "a second moment",
        &[
            CELL,
            field(
                "quantity",
                "",
                "covariance, mean-square, per-step or spread",
            ),
            field("i", "count", "first coordinate, from 0"),
            field("j", "count", "second coordinate, from 0"),
            STEP,
            field("mean", OWN, "mean over particles"),
            SE,
            PARTICLES,
            DIVERGED,
        ],
    ),
    samples(
        &["stationary-density"],
        "a particle",
        &[
            CELL,
            field("particle", "count", "which, from 0"),
            field("theta", "θ", "where it is after the last step"),
        ],
    ),
    samples(
        &["descent"],
        "a value of η",
        &[
            CELL,
            ETA,
            field("change", "loss", "mean of ΔL over a step"),
            field("change_standard_error", "loss", "standard error of it"),
            field("second_order", "loss", "mean of ΔL − ∇L·Δθ"),
            field(
                "second_order_standard_error",
                "loss",
                "standard error of it",
            ),
            field("change_stated", "loss", "E ΔL by the lemma"),
            field("change_exact", "loss", "E ΔL exactly"),
        ],
    ),
    samples(
        &["formulations"],
        "a formulation at a value of β",
        &[
            field("form", "", "the formulation"),
            field("beta", "", "β"),
            field(
                "worst_deviation",
                "relative",
                "largest deviation of θ over steps and coordinates",
            ),
        ],
    ),
    samples(
        &["scaling-identity"],
        "a rule at a value of k",
        &[
            field("optimizer", "", "the update rule"),
            field("sharpness", "", "k"),
            field(
                "worst_deviation",
                "relative",
                "largest deviation of √k θ from y",
            ),
            field("bitwise", "", "whether they agree in every bit"),
        ],
    ),
    samples(
        &["teacher-student"],
        "a training",
        &[
            CELL,
            SEED,
            field(
                "training_accuracy",
                "share",
                "training data classified rightly",
            ),
            field("test_accuracy", "share", "fresh data classified rightly"),
        ],
    ),
    samples(
        &["slow-manifold"],
        "a cell",
        &[
            CELL,
            field("problem", "", "the surface and its noise"),
            field("series", "", "the rule"),
            ETA,
            field("beta", "", "β of the momentum; 0 is SGD"),
            field("steps", "steps", "steps taken"),
            field("mean", "", "E Y, or E cos Y on the ring"),
            field("mean_standard_error", "", "standard error of it"),
            field("variance", "", "variance of the same"),
            field(
                "distance",
                "",
                "Kolmogorov's distance of Y's law from the slow SDE's",
            ),
        ],
    ),
    samples(
        &["integrator-order"],
        "an integrator on a problem at a step",
        &[
            field("integrator", "", "the scheme"),
            field("problem", "", "the problem"),
            field("dt", "time", "the step"),
            field("error", "", "the weak or strong error"),
        ],
    ),
    samples(
        &["gradient-noise"],
        "a look at a training",
        &[
            SEED,
            STEP,
            field(
                "labels_drawn",
                "",
                "whether labels were drawn from the model",
            ),
            field("loss", "loss", "mean loss"),
            field("trace_ratio", "", "tr C / tr H"),
            field(
                "rank_correlation",
                "",
                "of C's diagonal with H's eigenvalues",
            ),
        ],
    ),
    samples(
        &["svag"],
        "a cumulant",
        &[
            CELL,
            field("l", "count", "l of SVAG"),
            field("of", "", "of what: a gradient, or the end point"),
            field("quantity", "", "which cumulant"),
            field("value", OWN, "the sample's"),
            SE,
        ],
    ),
    samples(
        &["modified-equations"],
        "a surface, an equation and a value of η",
        &[
            CELL,
            ETA,
            field("order", "count", "order of the modified equation, 1 or 2"),
            field("distance", "", "distance of its moments from SGD's"),
        ],
    ),
    samples(
        &["calibration"],
        "an estimator at an effect",
        &[
            field("estimator", "", "the estimator"),
            field(
                "effect",
                "standard errors",
                "the truth's distance beyond the edge",
            ),
            field("confirmed", "count", "data sets with that verdict"),
            field("refuted", "count", "data sets with that verdict"),
            field("inconclusive", "count", "data sets with that verdict"),
        ],
    ),
    samples(
        &["weak-approximation"],
        "a look",
        &[
            CELL,
            ETA,
            field("alpha", "", "α of β = 1 − cη^α"),
            STEP,
            field("quantity", "", "mean, second or strong"),
            field("value", OWN, "how far SGD and SGDM are apart"),
            SE,
            PARTICLES,
            DIVERGED,
        ],
    ),
    samples(
        &["feature-learning"],
        "a save point of a training; the last of a training is its end",
        &[
            CELL,
            SEED,
            STEP,
            field("loss_large", "loss", "mean training loss on large margins"),
            field("loss_small", "loss", "mean training loss on small margins"),
            field(
                "training_accuracy",
                "share",
                "training data classified rightly",
            ),
            field(
                "large_accuracy",
                "share",
                "fresh data of large margin classified rightly",
            ),
            field(
                "small_accuracy",
                "share",
                "fresh data of small margin classified rightly",
            ),
            field("feature", "", "max ⟨w, w*⟩"),
            field(
                "memorised",
                "",
                "mean of yΞ over the training data of small margin",
            ),
            field(
                "noise",
                "",
                "largest |⟨w, X⟩| over the noise of the training data",
            ),
        ],
    ),
    samples(
        &["network-training"],
        "a look at a training; the last of a training is its end",
        &[
            CELL,
            SEED,
            STEP,
            field("train_loss", "loss", "loss on the training examples"),
            field(
                "train_accuracy",
                "share",
                "training examples classified rightly",
            ),
            field("test_loss", "loss", "loss on the test examples"),
            field("test_accuracy", "share", "test examples classified rightly"),
            field(
                "memorised",
                "share",
                "wrong training labels that the network gives",
            ),
            field(
                "faint_accuracy",
                "share",
                "faint test examples classified rightly",
            ),
        ],
    ),
    samples(
        &["network-svag"],
        "a look at a training",
        &[
            CELL,
            SEED,
            field("l", "count", "l of SVAG"),
            STEP,
            field("time", "", "ηk/l"),
            field("train_loss", "loss", "loss on the training examples"),
            field("test_accuracy", "share", "test examples classified rightly"),
        ],
    ),
    samples(
        &["network-posterior"],
        "a chain along a direction",
        &[
            CELL,
            field("chain", "count", "which, from 0"),
            field("curvature", "loss/θ²", "h along the direction"),
            field("second_moment", "θ²", "mean of (u·(θ − θ*))²"),
            field("shift", "θ", "mean of u·(θ − θ*)"),
        ],
    ),
    samples(
        &["network-escape"],
        "a network",
        &[
            CELL,
            field("network", "count", "which, from 0"),
            field("steps", "steps", "the step at which it left, or the last"),
            field("exited", "", "whether it left"),
        ],
    ),
    samples(
        &["network-noise"],
        "a set of minibatches at a point of a training",
        &[
            field("point", "", "rule and steps of training"),
            SEED,
            field("batch", "count", "B"),
            field("over", "", "over what the noise is a sample"),
            field("pass", "share", "samples that pass a test of normality"),
            field("kurtosis", "", "excess kurtosis"),
            field("tail_index", "", "α of a stable law"),
            field("clt", "", "excess kurtosis times B, over that of B = 1"),
            field(
                "exact_kurtosis",
                "",
                "excess kurtosis from every example's gradient",
            ),
        ],
    ),
    samples(
        &["network-covariance"],
        "an eigenvalue of H at a point of a training",
        &[
            field("point", "", "rule and steps of training"),
            SEED,
            field("labels", "", "whose labels"),
            field("index", "count", "which eigenvalue, from 0 for the largest"),
            field("eigenvalue", "loss/θ²", "λ of H"),
            field("diagonal", "gradient²", "C along its eigenvector"),
        ],
    ),
];

const fn samples(
    protocols: &'static [&'static str],
    row: &'static str,
    columns: &'static [Field<'static>],
) -> Sheet {
    Sheet {
        name: "samples",
        protocols,
        row,
        columns,
    }
}

/// What a table of whole paths has, beside a column for each coordinate.
pub const PATHS: Sheet = Sheet {
    name: "paths",
    protocols: &["study"],
    row: "a place of a particle whose path is kept whole, [ensemble] keep = \"paths\"; a column for each coordinate stands behind `time`",
    columns: &[
        CELL,
        field(
            "observable",
            "",
            "the exit or the condition that ends the path; empty where it goes on to the last look",
        ),
        field("particle", "count", "which, from 0"),
        STEP,
        field("time", "time", "since the start, in the process's own"),
    ],
};

/// What a ruling of `verdicts.json` has.
pub const RULINGS: Sheet = Sheet {
    name: "verdicts.claims",
    protocols: &[],
    row: "a case of a claim",
    columns: &[
        field("id", "", "the claim"),
        field("case", "", "which part of it"),
        field(
            "role",
            "",
            "decides, or control or analogue, which do not count in the claim's verdict",
        ),
        field(
            "verdict",
            "",
            "confirmed, refuted, inconclusive, out-of-scope or not-decided-here",
        ),
        field("why", "", "one sentence with the numbers"),
        field("tolerance", "relative", "δ of the claim"),
        field("quantity", "", "what is measured"),
        field("paper", OWN, "what the paper predicts"),
        field(
            "rivals",
            OWN,
            "what rival theories predict, and whether the interval leaves it out; missing where there are none",
        ),
        field("exact", OWN, "what it is exactly"),
        field("measured", OWN, "the estimate with its interval"),
        field(
            "allowed",
            OWN,
            "the range that the claim allows, `low` to `high`, null for an end that is open; missing where no single estimate is held against a range",
        ),
    ],
};

/// What a self-check of `verdicts.json` has.
pub const SELF_CHECKS: Sheet = Sheet {
    name: "verdicts.self_checks",
    protocols: &[],
    row: "the lab against an exact reference",
    columns: &[
        field("id", "", "experiment and cell"),
        field(
            "passed",
            "",
            "whether both agree; null where there are not enough data",
        ),
        field(
            "z",
            "standard errors",
            "measured less exact, less what is allowed beside chance",
        ),
        field(
            "p",
            "probability",
            "of a difference so large, if the lab is right",
        ),
        field("why", "", "one sentence with the numbers"),
    ],
};

/// What is known of a column of a table of estimates.
pub fn about(name: &str) -> Field<'_> {
    let mut known = ESTIMATES.columns.iter().chain(AXES);
    let found = known.find(|field| field.name == name).copied();
    found.unwrap_or(Field {
        name,
        unit: "",
        meaning: "an axis: the key of that name in the experiment file",
    })
}

/// Every table, axes apart.
pub fn sheets() -> impl Iterator<Item = &'static Sheet> {
    let others = [&RULINGS, &SELF_CHECKS];
    [&ESTIMATES]
        .into_iter()
        .chain(SAMPLES)
        .chain([&PATHS])
        .chain(others)
}
