//! The sections `[data]` and `[model]`: what is learned, and by which network.

use serde::Serialize;
use tch::{Device, Kind, Tensor};

use super::architecture;
use super::source::Source;
use crate::loss::Loss;
use crate::model::registry::Architecture;
use crate::objective::Objective;
use crate::set::Examples;
use base::error::{Error, Result};
use experiment::context::Context;
use experiment::spec::Section;
use simulation::data::{Augmentation, Corpus, LabelNoise, Labelled, Split, margin, ptb};
use simulation::random::{Stream, cell_key};

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
        let model = architecture::read(&section)?;
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
        let mut said = self.data.words();
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
        let model = architecture::words(&self.model);
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
