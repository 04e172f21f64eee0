//! Small files that use every kind of block, so that the reference knows every key.

macro_rules! noise {
    ($keys:literal) => {
        concat!(
            "name = \"noise\"\nprotocol = \"study\"\n[landscape]\nname = \"double-well\"\n[noise]\n",
            $keys,
            "\n[[process]]\noptimizer = \"sgd\"\neta = 0.1\n[[observe]]\nname = \"law\"\nof = \"x\"\nto = \"sgd[step=5]\"\nsteps = [5, 10]\n",
            "[[observe]]\nlabel = \"out\"\nname = \"moment\"\nof = \"x\"\nsteps = 10\n",
        )
    };
}

/// Each is a study that can be read.
pub const EXAMPLES: &[&str] = &[
    noise!("name = \"none\""),
    noise!("name = \"gaussian\"\nvariance = 1.0\nmean_of = 2\nbound = 3.0"),
    noise!("name = \"student\"\ndof = 5\nvariance = 1.0"),
    noise!("name = \"laplace\"\nvariance = 1.0"),
    noise!("name = \"two-point\"\nvariance = 1.0"),
    noise!("name = \"stable\"\nalpha = 1.5\nscale = 0.1"),
    noise!("name = \"hessian\"\nbatch = 4\nfloor = 0.1"),
    noise!("name = \"minibatch\"\nsamples = 100\nbatch = 4\nlaw = \"student\"\nvariance = 0.01"),
    noise!("name = \"fresh\"\nbatch = 4\nlaw = \"student\"\nvariance = 0.01"),
    r#"
name = "equations"
protocol = "study"
yes = true
[landscape]
name = "double-well"
[noise]
name = "gaussian"
variance = 1.0
[start]
at = "saddle"
momentum = "zero"
x = "normal(0.5, 0.1)"
[define]
t = 0.1
[[sweep]]
name = "temperature"
zip = { temperature = [0.1, 0.2], dt = [0.01, 0.02] }
[ensemble]
keep = "paths"
paths = 2
every = 10
[[process]]
label = "over"
sde = "overdamped"
[[process]]
label = "under"
sde = "underdamped"
damping = 1.0
[[sde]]
name = "formula"
source = "an example"
hyper = { w = 1 }
state = { v = 0 }
drift = "theta = v; v = -g - w*v"
noise = "v = sqrt(w)"
reading = "ito"
[[process]]
sde = "formula"
[[process]]
label = "of"
sde = { of = "sgd", order = 2, reading = "ito" }
eta = 0.1
[[process]]
label = "warm"
optimizer = "sgd"
eta = 0.1
start = { after = "first", steps = 10, keep = "theta" }
[[process]]
label = "first"
optimizer = "sgd"
eta = 0.1
schedule = { name = "cosine", steps = 100, warmup = 10 }
[[observe]]
label = "m"
name = "moment"
of = "avg(x)"
stat = "quantile(0.9)"
time = "t*2"
[[observe]]
label = "s"
name = "moment"
memory = { a = 0 }
each = "a = a + x"
of = "a"
steps = 10
"#,
];
