//! Other people's words for the lab's keys.

/// A word, and the keys that may be meant.
const SYNONYMS: &[(&str, &[&str])] = &[
    ("lr", &["eta"]),
    ("learning_rate", &["eta"]),
    ("stepsize", &["eta", "dt"]),
    ("step_size", &["eta", "dt"]),
    ("timestep", &["dt"]),
    ("delta_t", &["dt"]),
    ("momentum", &["beta1", "mu"]),
    ("beta", &["beta1", "mu", "beta"]),
    ("betas", &["beta1"]),
    ("rho", &["beta2"]),
    ("alpha", &["beta2", "eta"]),
    ("eps", &["epsilon"]),
    ("dampening", &["tau"]),
    (
        "weight_decay",
        &[
            "l2",
            "decoupled_decay",
            "stable_decay",
            "scheduled_decay",
            "fixed_decay",
        ],
    ),
    (
        "wd",
        &[
            "l2",
            "decoupled_decay",
            "stable_decay",
            "scheduled_decay",
            "fixed_decay",
        ],
    ),
    (
        "lambda",
        &[
            "l2",
            "decoupled_decay",
            "stable_decay",
            "scheduled_decay",
            "fixed_decay",
        ],
    ),
    ("gamma", &["damping"]),
    ("friction", &["damping"]),
    ("sigma", &["variance", "noise_variance", "temperature"]),
    ("sigma2", &["variance", "noise_variance", "temperature"]),
    ("std", &["variance", "noise_variance"]),
    ("noise", &["noise_variance", "variance", "noise_covariance"]),
    ("covariance", &["noise_covariance"]),
    ("temp", &["temperature"]),
    ("t", &["temperature", "horizon"]),
    ("kt", &["temperature"]),
    ("time", &["horizon"]),
    ("batch_size", &["batch"]),
    ("batchsize", &["batch"]),
    ("b", &["batch"]),
    ("h", &["hessian"]),
    ("k", &["sharpness"]),
    ("d", &["dim"]),
    ("dimension", &["dim"]),
    ("x0", &["start"]),
    ("theta0", &["start"]),
    ("init", &["start"]),
    ("initial", &["start"]),
    ("boundary", &["exit"]),
    ("threshold", &["exit"]),
    ("n", &["particles", "samples", "seeds"]),
    ("walkers", &["particles"]),
    ("replicas", &["particles", "seeds"]),
    ("runs", &["particles", "seeds"]),
    ("steps", &["max_steps", "steps"]),
    ("iterations", &["max_steps", "steps"]),
    ("epochs", &["max_steps", "steps"]),
    ("formula", &["expression"]),
    ("function", &["expression"]),
    ("potential", &["landscape", "expression"]),
    ("loss", &["landscape", "expression"]),
    ("surface", &["landscape"]),
    ("method", &["name"]),
    ("scheme", &["name"]),
    ("type", &["name"]),
];

/// The known key that another word for it stands for.
pub fn meant<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let plain = word.to_lowercase().replace('-', "_");
    let (_, keys) = SYNONYMS.iter().find(|(synonym, _)| *synonym == plain)?;
    let mut keys = keys.iter();
    keys.find_map(|key| known.iter().copied().find(|k| k == key))
}
