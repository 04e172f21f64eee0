//! The section `[data]`: where examples come from.

use std::path::PathBuf;

use serde::Serialize;

use base::error::{Error, Result};
use experiment::spec::Section;
use simulation::data::{Labelled, Split, cifar, digits, idx};
use simulation::feature::PatchLaw;
use simulation::random::Stream;
use simulation::student::{Architecture as Teacher, task};

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
    pub(super) fn read(section: &Section<'_>) -> Result<Self> {
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

    /// How many examples there are to train on, as far as it is known before any file is read: of files by their sizes, and as published where they are missing.
    pub fn train_size(&self) -> Option<u64> {
        match self {
            Source::Digits { train, .. } | Source::Teacher { train, .. } => Some(*train as u64),
            Source::Patches { large, small, .. } => Some((large + small) as u64),
            Source::Mnist { .. } => Some(60_000),
            Source::Cifar10 { folder } => Some(cifar::ten_size(folder).unwrap_or(50_000)),
            Source::Cifar100 { folder } => Some(cifar::hundred_size(folder).unwrap_or(50_000)),
            Source::PennTreebank { .. } => None,
        }
    }

    /// Whether every seed draws examples of its own.
    pub(super) fn is_drawn(&self) -> bool {
        matches!(
            self,
            Source::Digits { .. } | Source::Patches { .. } | Source::Teacher { .. }
        )
    }

    /// The examples of a seed, all but texts.
    pub(super) fn split(&self, stream: &Stream, replicate: u64) -> Result<Split> {
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

    /// What it is, in words.
    pub fn words(&self) -> String {
        match self {
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
        }
    }
}
