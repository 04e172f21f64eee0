//! Values that are not known well enough are not given, and those that are given are as far off as they say, at most.

use measurement::reading::Reading;

use super::{readings, study};

fn of(all: &[Reading], quantity: &str) -> Vec<Option<[f64; 2]>> {
    let own = all.iter().filter(|reading| reading.quantity == quantity);
    own.map(|r| r.exact.as_ref().map(|e| [e.value, e.error]))
        .collect()
}

/// Six examples ±1, ±1, ±½ by which a loss is multiplied or moved.
fn pool(loss: &str, rest: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("z.csv");
    std::fs::write(&path, "z\n-1\n1\n-1\n1\n0.5\n-0.5\n").unwrap();
    let text = format!(
        "[landscape]\nloss = \"{loss}\"\nvariables = [\"w\"]\ndata = {{ file = \"{}\" }}\n[noise]\nname = \"minibatch\"\n{rest}[ensemble]\nparticles = 50\n",
        path.display()
    );
    // The table is read when the study is.
    std::mem::forget(folder);
    text
}

/// The chain w ← w(1 − 0.3z) − 0.012w³ shrinks, E log|1 − 0.3z| = −0.035 < 0, so that its law gathers at 0, where no grid resolves it.
#[test]
fn a_law_that_gathers_at_a_place() {
    let all = readings(&pool(
        "0.5*z*w^2 + 0.01*w^4",
        "batch = 1\n[start]\nat = [0.5]\n[[process]]\noptimizer = \"sgd\"\neta = 0.3\n[[observe]]\nlabel = \"st\"\nname = \"moment\"\nof = \"w^2\"\ntime = \"stationary\"\nstat = [\"mean\", \"variance\"]\n",
    ));
    let found = of(&all, "st");
    assert!(
        found.len() == 2 && found.iter().all(Option::is_none),
        "{found:?}"
    );
    // dx = (0.1x − x³) dt + x dW shrinks too: 0.1 − ½ < 0.
    let all = readings(
        "[landscape]\nexpression = \"0.5*x^2\"\n[start]\nat = [1.0]\n[[sde]]\nname = \"s\"\ndrift = [\"0.1*x - x^3\"]\nnoise = [\"x\"]\n[[process]]\nsde = \"s\"\ndt = 0.01\n[[observe]]\nlabel = \"st\"\nname = \"moment\"\nof = \"x^2\"\ntime = \"stationary\"\n[ensemble]\nparticles = 40\n",
    );
    let found = of(&all, "st");
    assert!(found.len() == 1 && found[0].is_none(), "{found:?}");
}

/// By symmetry the mean of w is 0 at every step, and the variance at the start is 0: what is printed lies no further off than its error.
#[test]
fn numbers_that_cancel_have_the_error_of_what_cancels() {
    let all = readings(&pool(
        "0.5*(w - z)^2",
        "batch = 2\n[start]\nat = [0.0]\n[[process]]\noptimizer = \"sgd\"\neta = 0.5\n[[observe]]\nlabel = \"m\"\nname = \"moment\"\nof = \"w\"\nsteps = [0, 1, 5]\n",
    ));
    for found in of(&all, "m") {
        let [value, error] = found.unwrap();
        assert!(value.abs() <= error, "{value:e} ± {error:e}");
    }
    let all = readings(&pool(
        "0.25*(w^2 - 1)^2 + 1.5*z*w",
        "batch = 2\n[start]\nat = [-1.0]\n[[process]]\noptimizer = \"sgd\"\neta = 0.3\n[[observe]]\nlabel = \"v\"\nname = \"moment\"\nof = \"w\"\nstat = \"variance\"\nsteps = [0]\n",
    ));
    let [value, error] = of(&all, "v")[0].unwrap();
    assert!(value >= 0.0 && value <= error, "{value:e} ± {error:e}");
}

/// Where no noise acts there is no equation in two coordinates to solve; that is seen at once.
#[test]
fn what_does_not_diffuse_has_no_passage() {
    let all = readings(
        "[landscape]\nexpression = \"0.5*x^2 + 0.5*y^2\"\n[start]\nat = [0.5, 0.0]\n[[sde]]\nname = \"s\"\ndrift = [\"-x + 3*y\", \"-y - 3*x\"]\nnoise = [\"0\", \"0\"]\n[[process]]\nsde = \"s\"\ndt = 0.01\n[[observe]]\nlabel = \"out\"\nname = \"exit\"\nuntil = \"x > 1\"\nmax_steps = 100\n[ensemble]\nparticles = 20\n",
    );
    assert!(of(&all, "out.exit_step")[0].is_none());
}

/// A temperature and a damping that fall to 0 or below at a step that is looked at are refused with it, before anything runs.
#[test]
fn temperatures_and_dampings_stay_above_0() {
    let text = |temperature: &str, damping: &str| {
        format!(
            "[landscape]\nexpression = \"0.25*(x^2-1)^2\"\n[start]\nat = [-1.0]\n[[process]]\nsde = \"underdamped\"\ntemperature = {temperature}\ndamping = {damping}\ndt = 0.01\n[[observe]]\nname = \"moment\"\nof = \"x\"\ntime = [0.0, 1.0, 2.0]\n"
        )
    };
    for (temperature, damping, place, what) in [
        (
            "\"0.3*(1 - time)\"",
            "1.0",
            "f.toml:7:",
            "temperature comes to 0 at step 101",
        ),
        (
            "0.3",
            "\"1 - time\"",
            "f.toml:8:",
            "damping comes to 0 at step 101",
        ),
        (
            "0.3",
            "\"0*time\"",
            "f.toml:8:",
            "damping comes to 0 at step 1",
        ),
        (
            "0.3",
            "\"1/(step - 1)\"",
            "f.toml:8:",
            "comes to inf at step 1",
        ),
    ] {
        let error = study(&text(temperature, damping)).unwrap_err().to_string();
        assert!(error.contains(place) && error.contains(what), "{error}");
    }
}

/// A schedule of an exit is looked at for as long as particles may take; a continuous path crosses at once what it starts on, a rule's
/// does not.
#[test]
fn exits_that_cannot_be_meant() {
    let file = "[landscape]\nexpression = \"0.25*(x^2-1)^2\"\n[noise]\nname = \"gaussian\"\nvariance = 2.0\n[start]\nat = [-1.0]\n[[process]]\noptimizer = \"sgd\"\neta = \"0.05*(1 - step/2e6)\"\n[[observe]]\nname = \"exit\"\nuntil = \"x > 0\"\nmax_steps = 1_900_000\n";
    let flow = file.replace(
        "optimizer = \"sgd\"\neta = \"0.05*(1 - step/2e6)\"",
        "sde = \"overdamped\"\ntemperature = 0.1\ndt = 0.01",
    );
    super::refused(
        file,
        &[("1_900_000", "3_000_000", "f.toml:10:", "`eta` comes to -")],
    );
    super::refused(
        &flow,
        &[(
            "[-1.0]",
            "[0.0]",
            "f.toml:14:",
            "starts at 0, which is on 0",
        )],
    );
    study(&file.replace("[-1.0]", "[0.0]")).unwrap();
}

/// Examples that are all alike make no noise: θ goes down deterministically, by (1 − ηx²)ⁿ from its start to y/x.
#[test]
fn examples_that_are_all_alike() {
    let all = readings(&pool(
        "0.5*(w*(2 + 0*z) - 1)^2",
        "batch = 2\n[start]\nat = [1.5]\n[[process]]\noptimizer = \"sgdm\"\neta = 0.05\nbeta1 = 0.0\n[[observe]]\nlabel = \"m\"\nname = \"moment\"\nof = \"w\"\nstat = [\"mean\", \"variance\"]\nsteps = [5]\n",
    ));
    let found = of(&all, "m");
    let [mean, _] = found[0].unwrap();
    assert!((mean - (0.5 + 0.8f64.powi(5))).abs() < 1e-12, "{mean}");
    let [variance, error] = found[1].unwrap();
    assert!(variance <= error.max(1e-15), "{variance:e} ± {error:e}");
}

fn of_line(drift: &str, noise: &str, start: f64, rest: &str) -> String {
    format!(
        "[landscape]\nexpression = \"0.5*x^2\"\n[start]\nat = [{start:?}]\n[[sde]]\nname = \"s\"\ndrift = \"x = {drift}\"\nnoise = \"x = {noise}\"\n[[process]]\nsde = \"s\"\ndt = 0.01\n[[observe]]\nlabel = \"m\"\nname = \"moment\"\nof = [\"x\", \"x^2\"]\n{rest}[ensemble]\nparticles = 20\n"
    )
}

/// dx = −x dt + sx dW has E x² = x₀² e^{(s² − 2)t} and reaches over orders of magnitude: what its grids do not resolve is not given. Noise
/// that jumps or vanishes leaves errors of the width of a cell: dx = −x dt + (1 where x > 0, else 0.3) dW is on either
/// side as often as 0.3 : 1, with E x² = 0.5 and 0.045, together 0.15.
#[test]
fn laws_in_noise_that_vanishes_or_jumps() {
    for (s, start) in [(0.5f64, 1.0), (0.5, 2.0), (0.7, 1.0), (1.0, 1.0)] {
        let file = of_line("-x", &format!("{s}*x"), start, "time = [0.1, 1.0, 2.0]\n");
        let all = readings(&file);
        let times = [0.1, 1.0, 2.0];
        let found = of(&all, "m");
        let squares = found.iter().skip(1).step_by(2).zip(times);
        for (found, t) in squares {
            let right = start * start * ((s * s - 2.0) * t).exp();
            if let Some([value, error]) = found {
                assert!(
                    (value - right).abs() <= *error,
                    "{s} {start} {t}: {value} ± {error}, {right}"
                );
            }
        }
    }
    let all = readings(&of_line(
        "-x",
        "where(x > 0, 1, 0.3)",
        0.1,
        "time = \"stationary\"\n",
    ));
    let [value, error] = of(&all, "m")[1].unwrap();
    assert!((value - 0.15).abs() <= error, "{value} ± {error}");
}

/// What stands in the way of a long run is said as it is.
#[test]
fn why_there_is_no_long_run() {
    for (drift, noise, what) in [
        ("1 - x", "sqrt(x)", "are not both known"),
        ("0.1*x", "1", "does not hold the process back"),
    ] {
        let file = of_line(drift, noise, 0.5, "time = \"stationary\"\n");
        let error = study(&file).and_then(|study| {
            let context =
                experiment::context::Context::new(7, "standard", std::env::temp_dir(), 1)?;
            study.results(&context, &experiment::context::Quiet, &std::env::temp_dir())
        });
        let error = error
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(error.contains(what), "{error}");
    }
}

/// An average without a step in it is refused where it is looked at too early; what is swept twice, and blocks of one name.
#[test]
fn averages_and_sweeps_of_nothing() {
    let file = "[landscape]\nexpression = \"0.5*x^2\"\n[start]\nat = [1.0]\n[[sweep]]\nname = \"a\"\nk = [1, 2]\nzip = { b = [1, 2] }\n[[sweep]]\nname = \"c\"\nk = [3]\nb = [4]\n[[process]]\noptimizer = \"sgd\"\neta = \"0.1*k/b\"\n[[observe]]\nname = \"moment\"\nof = \"avg(x, 0.5)\"\nsteps = [100]\n";
    super::refused(
        file,
        &[
            (
                "steps = [100]",
                "steps = [1]",
                "f.toml:18:",
                "avg has no step in it",
            ),
            (
                "zip = { b",
                "zip = { k = [1, 2], b",
                "f.toml:8:",
                "stands in the block already",
            ),
            ("\"c\"", "\"a\"", "f.toml:10:", "two blocks are called `a`"),
        ],
    );
}

/// Names that two things would have are refused, and a name that a table has not is answered with those that it has.
#[test]
fn names_that_clash() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("z.csv");
    std::fs::write(&path, "z,pi\n1,2\n2,1\n").unwrap();
    let file = format!(
        "[define]\nc = 4\n[landscape]\nloss = \"0.5*(w - z)^2\"\nvariables = [\"w\"]\ndata = {{ file = \"{}\" }}\n[noise]\nname = \"minibatch\"\nbatch = 1\n[start]\nat = [0.5]\n[[process]]\noptimizer = \"sgd\"\neta = 0.1\n[[observe]]\nlabel = \"m\"\nname = \"moment\"\nof = \"w\"\nsteps = [1]\n",
        path.display()
    );
    super::refused(
        &file,
        &[
            ("w - z", "w - pi*z", "f.toml:4:", "a column `pi`"),
            (
                "w - z",
                "w - y",
                "f.toml:4:",
                "unknown name `y`; the columns of",
            ),
            ("\"m\"", "\"c\"", "f.toml:16:", "`c` stands under [define]"),
        ],
    );
}

/// What has no integral is no density, and is seen at once.
#[test]
fn densities_that_are_none() {
    for density in ["exp(x^2)", "1/x", "-exp(-x^2)"] {
        let file = format!(
            "[landscape]\nexpression = \"0.5*x^2\"\n[noise]\nname = \"gaussian\"\nvariance = 1.0\n[start]\nat = [1.0]\n[[process]]\noptimizer = \"sgd\"\neta = 0.1\n[[observe]]\nlabel = \"l\"\nname = \"law\"\nof = \"x\"\nto = \"{density}\"\ntime = [1.0]\n[ensemble]\nparticles = 50\n"
        );
        let study = study(&file).unwrap_or_else(|error| panic!("{error}"));
        let folder = tempfile::tempdir().unwrap();
        let context =
            experiment::context::Context::new(7, "standard", folder.path().into(), 1).unwrap();
        let results = study
            .results(&context, &experiment::context::Quiet, folder.path())
            .unwrap();
        match results.readings(&study) {
            Ok((readings, _)) => {
                let found = readings
                    .iter()
                    .find(|r| r.quantity.starts_with('l'))
                    .unwrap();
                let value = found.measured.as_ref().and_then(|e| e.value);
                assert!(value.is_none_or(f64::is_nan), "{density}: {value:?}");
            }
            Err(error) => assert!(error.to_string().contains("density"), "{error}"),
        }
    }
}

/// Where a rule starts it has a gradient, and looks are at 0 or later.
#[test]
fn starts_and_looks_that_are_none() {
    let file = "[landscape]\nexpression = \"x*log(x)\"\nvariables = [\"x\"]\n[start]\nat = [1.0]\n[[process]]\noptimizer = \"sgd\"\neta = 0.1\n[[observe]]\nname = \"moment\"\nof = \"1 + 0*step\"\ntime = [0.1]\n";
    super::refused(
        file,
        &[
            (
                "[1.0]",
                "[-1.0]",
                "f.toml:6:",
                "the gradient comes to NaN at the start",
            ),
            ("[0.1]", "[-0.1]", "f.toml:12:", "before the start"),
        ],
    );
}
