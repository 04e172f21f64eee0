//! The sections `[data]` and `[model]`: what is learned, and by which network.

use std::path::PathBuf;

use serde::Serialize;
use tch::{Device, Kind, Tensor};

use crate::error::{Error, Result};
use crate::experiment::context::Context;
use crate::experiment::spec::Section;
use crate::network::loss::Loss;
use crate::network::model::registry::Architecture;
use crate::network::objective::Objective;
use crate::network::set::Examples;
use crate::simulation::data::{
    Augmentation, Corpus, LabelNoise, Labelled, Split, cifar, digits, idx, margin, ptb,
};
use crate::simulation::feature::PatchLaw;
use crate::simulation::random::{Stream, cell_key};
use crate::simulation::student::{Architecture as Teacher, task};

/// Where examples come from.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Source {
    /// 1797 digits of 8 × 8 pixels, part of the program; every seed has a split of its own.
    Digits {
        /// Digits to train on; the rest are to test.
        train: usize,
        /// Pixels that become one, in each direction.
        pool: usize,
        /// Where it is not 0, two classes are told apart: 1 for the digits below it, 0 for the rest.
        binary: u32,
    },
    /// MNIST from a folder.
    Mnist {
        /// The folder.
        folder: PathBuf,
    },
    /// CIFAR-10 from a folder.
    #[serde(rename = "cifar-10")]
    Cifar10 {
        /// The folder.
        folder: PathBuf,
    },
    /// CIFAR-100 from a folder.
    #[serde(rename = "cifar-100")]
    Cifar100 {
        /// The folder.
        folder: PathBuf,
    },
    /// The Penn Treebank from a folder.
    PennTreebank {
        /// The folder.
        folder: PathBuf,
        /// Words in a window.
        window: usize,
    },
    /// Patches with a feature at two margins (Jelassi and Li 2022); every seed has its own.
    Patches {
        /// The law of an example.
        law: PatchLaw,
        /// Examples of large and of small margin to train on; as many to test.
        large: usize,
        /// Those of small margin.
        small: usize,
    },
    /// Gaussian inputs labelled by a random network; every seed has its own.
    Teacher {
        /// The teacher's kind.
        teacher: Teacher,
        /// Its width.
        width: usize,
        /// Numbers of an input.
        dim: usize,
        /// Examples to train on.
        train: usize,
        /// Examples to test on.
        test: usize,
    },
}

/// Images of a small margin among those of a large one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Faint {
    /// The share of the training examples of every class whose contrast is lowered.
    pub share: f64,
    /// What their pixels are multiplied by.
    pub factor: f64,
}

/// What is learned and by which network.
#[derive(Clone, Debug, Serialize)]
pub struct Task {
    /// Where examples come from.
    pub data: Source,
    /// Whether every channel is shifted and scaled to mean 0 and variance 1.
    pub standardised: bool,
    /// Wrong labels, if any: their kind and share.
    pub label_noise: Option<(String, f64)>,
    /// Faint images, if any.
    pub faint: Option<Faint>,
    /// Crops and mirror images, if any: the frame, and whether half are mirrored.
    pub augmented: Option<(usize, bool)>,
    /// The network.
    pub model: Architecture,
    /// λ of the penalty ½λ|θ|², which is part of the loss.
    pub l2: f64,
    /// Whether numbers have 64 bits, or 32.
    pub double: bool,
}

/// The examples of one seed.
pub struct Sets {
    /// What is trained on.
    pub train: Examples,
    /// What is not.
    pub test: Examples,
    /// The test examples with the contrast of faint ones, if any are.
    pub faint: Option<Examples>,
    /// Which training labels are wrong.
    pub wrong: Vec<bool>,
}

const NAMES: [&str; 7] = [
    "digits",
    "mnist",
    "cifar-10",
    "cifar-100",
    "penn-treebank",
    "patches",
    "teacher",
];

impl Source {
    fn read(section: &Section<'_>) -> Result<Self> {
        let folder = |what: &str| -> Result<PathBuf> {
            let given = section.text("folder", Some(""))?;
            if given.is_empty() {
                return Err(section.error(
                    "folder",
                    format!("name the folder that holds {what}: folder = \"…\" here, or --set data.folder=… on the command line"),
                ));
            }
            Ok(PathBuf::from(given))
        };
        let whole = |key, default, least, why| -> Result<usize> {
            Ok(section.integer(key, Some(default), least..=100_000_000, why)? as usize)
        };
        Ok(match section.choice("name", None, &NAMES)? {
            "digits" => Source::Digits {
                train: section.integer("train", Some(1200), 1..=1796, "of 1797 digits")? as usize,
                pool: whole("pool", 1, 1, "pixels that become one, in each direction")?,
                binary: section.integer(
                    "binary",
                    Some(0),
                    0..=9,
                    "the digit below which the class is 1, of two classes; 0 keeps ten",
                )? as u32,
            },
            "mnist" => Source::Mnist {
                folder: folder("the MNIST files")?,
            },
            "cifar-10" => Source::Cifar10 {
                folder: folder("the CIFAR-10 binary version")?,
            },
            "cifar-100" => Source::Cifar100 {
                folder: folder("the CIFAR-100 binary version")?,
            },
            "penn-treebank" => Source::PennTreebank {
                folder: folder("the Penn Treebank texts")?,
                window: whole("window", 35, 1, "words in a window")?,
            },
            "patches" => {
                let number = |key, default, why| section.number(key, default, 0.0..=1e6, why);
                let dim = whole("dim", 30, 2, "numbers of a patch")?;
                let root = (dim as f64).powf(0.49);
                Source::Patches {
                    law: PatchLaw {
                        dim,
                        patches: whole("patches", 5, 2, "patches of an example")?,
                        alpha: number("alpha", Some(root), "the large margin α")?,
                        beta: number("beta", Some(0.3), "the small margin β")?,
                        sigma: number("sigma", Some(1.0 / (dim as f64).sqrt()), "σ of the noise")?,
                    },
                    large: whole("large", 57, 1, "examples of large margin")?,
                    small: whole("small", 3, 0, "examples of small margin")?,
                }
            }
            _ => {
                let kinds: Vec<&'static str> = Teacher::ALL.iter().map(|(_, name)| *name).collect();
                let name = section.choice("teacher", Some("1-mlp"), &kinds)?;
                let teacher = Teacher::ALL.into_iter().find(|(_, known)| *known == name);
                let teacher = teacher.map_or(Teacher::OneMlp, |(teacher, _)| teacher);
                let dim = whole("dim", 30, 10, "numbers of an input")?;
                if !dim.is_multiple_of(5) {
                    return Err(section.error("dim", "teachers convolve patches of 5 numbers"));
                }
                Source::Teacher {
                    teacher,
                    width: whole("width", 10, 1, "width of the teacher")?,
                    dim,
                    train: whole("train", 500, 2, "examples to train on")?,
                    test: whole("test", 5000, 1, "examples to test on")?,
                }
            }
        })
    }

    /// How many examples there are to train on, as far as it is known before any file is read.
    pub fn train_size(&self) -> Option<u64> {
        match self {
            Source::Digits { train, .. } | Source::Teacher { train, .. } => Some(*train as u64),
            Source::Patches { large, small, .. } => Some((large + small) as u64),
            Source::Mnist { .. } => Some(60_000),
            Source::Cifar10 { .. } | Source::Cifar100 { .. } => Some(50_000),
            Source::PennTreebank { .. } => None,
        }
    }

    /// Whether every seed draws examples of its own.
    fn is_drawn(&self) -> bool {
        matches!(
            self,
            Source::Digits { .. } | Source::Patches { .. } | Source::Teacher { .. }
        )
    }

    /// The examples of a seed, all but texts.
    fn split(&self, stream: &Stream, replicate: u64) -> Result<Split> {
        match self {
            Source::Digits {
                train,
                pool,
                binary,
            } => {
                let Split { train, test } = digits::split(stream, replicate, *train)?;
                let image = |set: Labelled| match binary {
                    0 => set.as_image()?.pooled(*pool),
                    digit => Ok(set.as_image()?.pooled(*pool)?.below(*digit)),
                };
                Ok(Split {
                    train: image(train)?,
                    test: image(test)?,
                })
            }
            Source::Mnist { folder } => idx::read(folder),
            Source::Cifar10 { folder } => cifar::ten(folder),
            Source::Cifar100 { folder } => cifar::hundred(folder),
            Source::Patches { law, large, small } => {
                let draw = |turn| law.draw(stream, 2 * replicate + turn, *large, *small);
                Ok(Split {
                    train: draw(0).labelled()?,
                    test: draw(1).labelled()?,
                })
            }
            Source::Teacher {
                teacher,
                width,
                dim,
                train,
                test,
            } => {
                let teacher = teacher.network(*dim, *width);
                task::split(&teacher, *dim, [*train, *test], stream, replicate)
            }
            Source::PennTreebank { .. } => Err(Error::Input(
                "the Penn Treebank is a text, not a set of labelled examples".into(),
            )),
        }
    }
}

impl Task {
    /// Reads `[data]` and `[model]`.
    ///
    /// # Errors
    /// Anything unknown, missing, out of range, or impossible together.
    pub fn read(root: &Section<'_>) -> Result<Self> {
        let section = root.required_section("data")?;
        let data = Source::read(&section)?;
        let standardised = section.switch("standardised", false)?;
        let label_noise = match section.section("label_noise")? {
            None => None,
            Some(noise) => {
                let kind = noise.choice("kind", None, &["symmetric", "pair-flip"])?;
                let rate = noise.number("rate", None, 0.0..=1.0, "the share of wrong labels")?;
                noise.finish()?;
                Some((kind.to_string(), rate))
            }
        };
        let faint = match section.section("faint")? {
            None => None,
            Some(faint) => {
                let share = faint.number("share", None, 0.0..=1.0, "the share of faint images")?;
                let why = "what their pixels are multiplied by";
                let factor = faint.number("factor", None, 1e-6..=1.0, why)?;
                faint.finish()?;
                Some(Faint { share, factor })
            }
        };
        let augmented = match section.section("augment")? {
            None => None,
            Some(augment) => {
                let why = "the frame of zeros that crops are cut from";
                let padding = augment.integer("padding", Some(4), 0..=64, why)? as usize;
                let flip = augment.switch("flip", true)?;
                augment.finish()?;
                Some((padding, flip))
            }
        };
        section.finish()?;
        let section = root.required_section("model")?;
        let model = architecture(&section)?;
        let l2 = section.number("l2", Some(0.0), 0.0..=1e3, "λ of the penalty ½λ|θ|²")?;
        let double = section.choice("precision", Some("f64"), &["f64", "f32"])? == "f64";
        section.finish()?;
        let task = Task {
            data,
            standardised,
            label_noise,
            faint,
            augmented,
            model,
            l2,
            double,
        };
        task.fits(root)?;
        Ok(task)
    }

    /// Refuses what cannot be put together, as far as it is known before any file is read.
    fn fits(&self, root: &Section<'_>) -> Result<()> {
        let text = matches!(self.data, Source::PennTreebank { .. });
        let speaks = matches!(self.model, Architecture::Lstm { .. });
        if text != speaks {
            return Err(root.error(
                "model",
                "texts are learned by the lstm, and the lstm learns nothing else",
            ));
        }
        if text && (self.label_noise.is_some() || self.faint.is_some() || self.standardised) {
            return Err(root.error(
                "data",
                "label_noise, faint and standardised are about images, not texts",
            ));
        }
        let cubic = matches!(self.model, Architecture::Cubic { .. });
        if cubic && !matches!(self.data, Source::Patches { .. }) {
            return Err(root.error("model", "the cubic network learns patches, nothing else"));
        }
        Ok(())
    }

    /// The kind of its numbers.
    pub fn kind(&self) -> Kind {
        if self.double {
            Kind::Double
        } else {
            Kind::Float
        }
    }

    /// The loss for that many classes: the logistic one where networks have a single output.
    fn loss(&self) -> Loss {
        match self.data {
            Source::Patches { .. } | Source::Teacher { .. } => Loss::Logistic,
            Source::Digits { binary: 1.., .. } => Loss::Logistic,
            _ => Loss::CrossEntropy,
        }
    }

    /// The objective and the examples of each seed.
    ///
    /// # Errors
    /// A data set that is not there, or a network that does not take its examples.
    pub fn prepare(
        &self,
        context: &Context,
        seeds: &[u64],
        device: Device,
    ) -> Result<(Objective, Vec<Sets>)> {
        if let Source::PennTreebank { folder, window } = &self.data {
            let Corpus { train, valid, .. } = ptb::read(folder)?;
            if train.tokens.len().min(valid.tokens.len()) <= *window {
                return Err(Error::Input(format!(
                    "the texts in {} are shorter than a window of {window} words; take a smaller data.window",
                    folder.display()
                )));
            }
            let words = train.vocabulary.len();
            let objective = self.objective(&[*window], words)?;
            let of = |text| Examples::of_text(text, *window, device);
            let sets = Sets {
                wrong: Vec::new(),
                train: of(&train),
                test: of(&valid),
                faint: None,
            };
            return Ok((objective, vec![sets]));
        }
        let own = self.data.is_drawn() || self.label_noise.is_some() || self.faint.is_some();
        let seeds = if own { seeds } else { &seeds[..1] };
        let mut objective = None;
        let mut all = Vec::new();
        for &seed in seeds {
            let (split, wrong) = self.examples(context.seed, seed)?;
            if objective.is_none() {
                objective = Some(self.objective(&split.train.shape, split.train.classes)?);
            }
            let of = |set: &Labelled| Examples::of(set, self.kind(), device);
            let faint = match self.faint {
                None => None,
                Some(Faint { factor, .. }) => {
                    let mut set = split.test.clone();
                    for x in &mut set.inputs {
                        *x *= factor as f32;
                    }
                    Some(of(&set))
                }
            };
            all.push(Sets {
                train: of(&split.train),
                test: of(&split.test),
                faint,
                wrong,
            });
        }
        let objective = objective.ok_or_else(|| Error::Failed("no seeds to train".into()))?;
        Ok((objective, all))
    }

    fn objective(&self, shape: &[usize], classes: usize) -> Result<Objective> {
        let loss = self.loss();
        let outputs = loss.outputs(classes).ok_or_else(|| {
            Error::Input(format!(
                "the logistic loss knows two classes, not {classes}"
            ))
        })?;
        Ok(Objective {
            model: self.model.build(shape, outputs)?,
            loss,
            l2: self.l2,
        })
    }

    /// The examples of a seed, with those labels that are wrong.
    fn examples(&self, root: u64, seed: u64) -> Result<(Split, Vec<bool>)> {
        let stream = stream(root, "data");
        let mut split = self.data.split(&stream, seed)?;
        if self.standardised {
            split = split.standardised();
        }
        if let Some(Faint { share, factor }) = self.faint {
            margin::shrink(&mut split.train, share, factor as f32, &stream, seed)?;
        }
        let wrong = match &self.label_noise {
            None => Vec::new(),
            Some((kind, p)) => {
                let noise = match kind.as_str() {
                    "symmetric" => LabelNoise::Symmetric { p: *p },
                    _ => LabelNoise::PairFlip { p: *p },
                };
                noise.apply(&mut split.train, &stream, seed)?
            }
        };
        Ok((split, wrong))
    }

    /// First parameters of each seed.
    pub fn start(
        &self,
        objective: &Objective,
        context: &Context,
        seeds: &[u64],
        device: Device,
    ) -> Tensor {
        let stream = stream(context.seed, "start");
        objective
            .model
            .layout()
            .draw(&stream, seeds, self.kind(), device)
    }

    /// What is learned and by which network, in words.
    pub fn describe(&self) -> String {
        let mut said = match &self.data {
            Source::Digits {
                train,
                pool,
                binary,
            } => format!(
                "The data are 1797 handwritten digits of {} × {} pixels{}, {train} of them to train on, a split of its own for every seed",
                8 / pool,
                8 / pool,
                match binary {
                    0 => String::new(),
                    digit => format!(" in two classes, those below {digit} and the rest"),
                }
            ),
            Source::Mnist { folder } => format!("The data are MNIST, from {}", folder.display()),
            Source::Cifar10 { folder } => {
                format!("The data are CIFAR-10, from {}", folder.display())
            }
            Source::Cifar100 { folder } => {
                format!("The data are CIFAR-100, from {}", folder.display())
            }
            Source::PennTreebank { folder, window } => format!(
                "The data are the Penn Treebank in windows of {window} words, from {}",
                folder.display()
            ),
            Source::Patches { law, large, small } => format!(
                "The data are {} patches of {} numbers with a feature at margin α = {:.3} in {large} examples and β = {} in {small}, drawn anew for every seed",
                law.patches, law.dim, law.alpha, law.beta
            ),
            Source::Teacher {
                teacher,
                dim,
                train,
                ..
            } => format!(
                "The data are {train} Gaussian inputs of {dim} numbers labelled by a random {}, anew for every seed",
                teacher.name()
            ),
        };
        if let Some((kind, rate)) = &self.label_noise {
            let kind = match kind.as_str() {
                "symmetric" => "another class at random",
                _ => "the next class",
            };
            said += &format!("; each training label is {kind} with probability {rate}");
        }
        if let Some(Faint { share, factor }) = self.faint {
            said += &format!(
                "; a share {share} of the training images of every class is faint, its pixels multiplied by {factor}"
            );
        }
        if let Some((padding, flip)) = self.augmented {
            let flip = if flip {
                " and mirrored half of the time"
            } else {
                ""
            };
            said += &format!("; images are cropped from a frame of {padding} pixels{flip}");
        }
        let model = match &self.model {
            Architecture::Linear => "linear".to_string(),
            Architecture::Mlp { hidden } => {
                let units: Vec<String> = hidden.iter().map(ToString::to_string).collect();
                format!("fully connected with {} hidden units", units.join("–"))
            }
            Architecture::Cubic { neurons, .. } => format!("cubic with {neurons} neurons"),
            Architecture::ConvNet { channels } => {
                let channels: Vec<String> = channels.iter().map(ToString::to_string).collect();
                format!("convolutional with {} channels", channels.join("–"))
            }
            Architecture::ResNet18 { width } => {
                format!("a ResNet-18 of {width} channels in the first stage")
            }
            Architecture::ResNet32 { width } => {
                format!("a ResNet-32 of {width} channels in the first stage")
            }
            Architecture::Lstm { hidden, depth } => {
                format!("an LSTM of {depth} layers of {hidden} units")
            }
        };
        let penalty = if self.l2 > 0.0 {
            format!(" with the penalty ½λ|θ|², λ = {}", self.l2)
        } else {
            String::new()
        };
        format!("{said}. The network is {model}{penalty}.")
    }

    /// How images are varied.
    pub fn augmentation(&self) -> Option<Augmentation> {
        self.augmented
            .map(|(padding, flip)| Augmentation { padding, flip })
    }
}

/// The random numbers of networks for that purpose. They depend on the seed and on no rule, so that update rules are
/// compared seed by seed.
pub fn stream(root: u64, purpose: &str) -> Stream {
    Stream::new(root, cell_key(&format!("network/{purpose}")))
}

fn architecture(section: &Section<'_>) -> Result<Architecture> {
    let sizes = |key, default: &[f64], why| -> Result<Vec<usize>> {
        let given = match section.get(key) {
            Some(_) => section.list(key)?,
            None => default.to_vec(),
        };
        let whole = |x: &f64| x.fract() == 0.0 && (1.0..=1e6).contains(x);
        if !given.iter().all(whole) {
            return Err(section.error(key, format!("whole numbers from 1 on: {why}")));
        }
        Ok(given.iter().map(|x| *x as usize).collect())
    };
    let whole = |key, default, why| -> Result<usize> {
        Ok(section.integer(key, Some(default), 1..=100_000, why)? as usize)
    };
    Ok(match section.choice("name", None, &Architecture::NAMES)? {
        "linear" => Architecture::Linear,
        "mlp" => Architecture::Mlp {
            hidden: sizes("hidden", &[32.0], "units of each hidden layer")?,
        },
        "cubic" => Architecture::Cubic {
            neurons: whole("neurons", 5, "neurons")?,
            init: section.number("init", Some(0.1), 1e-9..=1e3, "σ₀ of the first weights")?,
        },
        "conv-net" => Architecture::ConvNet {
            channels: sizes("channels", &[8.0, 16.0], "channels of each convolution")?,
        },
        "resnet-18" => Architecture::ResNet18 {
            width: whole("width", 64, "channels of the first stage")?,
        },
        "resnet-32" => Architecture::ResNet32 {
            width: whole("width", 16, "channels of the first stage")?,
        },
        _ => Architecture::Lstm {
            hidden: whole("hidden", 200, "units of a layer")?,
            depth: whole("depth", 2, "layers")?,
        },
    })
}
