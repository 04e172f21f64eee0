//! Examples with a class each.

use base::error::{Error, Result};

/// Examples with a class each.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// The shape of one example: `[64]`, or `[channels, height, width]`.
    pub shape: Vec<usize>,
    /// The inputs, one example after another, each in row order of its shape.
    pub inputs: Vec<f32>,
    /// The class of each example, below `classes`.
    pub labels: Vec<u32>,
    /// How many classes there are.
    pub classes: usize,
}

/// A set in two parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// What is trained on.
    pub train: Labelled,
    /// What is not.
    pub test: Labelled,
}

impl Labelled {
    /// A set, checked.
    ///
    /// # Errors
    /// Inputs and labels do not fit together, a label is not below `classes`, or an input is not finite.
    pub fn new(
        shape: Vec<usize>,
        inputs: Vec<f32>,
        labels: Vec<u32>,
        classes: usize,
    ) -> Result<Self> {
        let set = Labelled {
            shape,
            inputs,
            labels,
            classes,
        };
        if set.inputs.len() != set.len() * set.width() {
            return Err(Error::Input(format!(
                "{} numbers are not {} examples of shape {:?}",
                set.inputs.len(),
                set.len(),
                set.shape
            )));
        }
        let bad = |label: &u32| *label as usize >= classes;
        if let Some(i) = set.labels.iter().position(bad) {
            return Err(Error::Input(format!(
                "example {i} has label {}, but there are {classes} classes, counted from 0",
                set.labels[i]
            )));
        }
        if let Some(i) = set.inputs.iter().position(|x| !x.is_finite()) {
            return Err(Error::Input(format!(
                "example {} has an input that is {}",
                i / set.width(),
                set.inputs[i]
            )));
        }
        Ok(set)
    }

    /// How many examples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Numbers in one example: the product of `shape`.
    pub fn width(&self) -> usize {
        self.shape.iter().product()
    }

    /// The inputs of example i < `len`.
    pub fn example(&self, i: usize) -> &[f32] {
        let width = self.width();
        &self.inputs[i * width..(i + 1) * width]
    }

    /// The examples of these numbers, each below `len`, in this order; a number may come more than once.
    pub fn subset(&self, which: &[usize]) -> Labelled {
        let mut inputs = Vec::with_capacity(which.len() * self.width());
        for i in which {
            inputs.extend_from_slice(self.example(*i));
        }
        Labelled {
            shape: self.shape.clone(),
            inputs,
            labels: which.iter().map(|i| self.labels[*i]).collect(),
            classes: self.classes,
        }
    }

    /// The same numbers as examples without an inner shape, `[width]`.
    pub fn flattened(mut self) -> Labelled {
        self.shape = vec![self.width()];
        self
    }

    /// The same numbers as images: `[n²]` becomes `[1, n, n]`.
    ///
    /// # Errors
    /// The examples are neither images nor of square length.
    pub fn as_image(mut self) -> Result<Labelled> {
        self.shape = self.image_shape()?.to_vec();
        Ok(self)
    }

    /// Images whose pixels are means over squares of `factor` × `factor` pixels. Flat examples are taken as square
    /// images of one channel, and stay flat.
    ///
    /// # Errors
    /// The examples are not images, or `factor` does not divide their sides.
    pub fn pooled(&self, factor: usize) -> Result<Labelled> {
        let [channels, height, width] = self.image_shape()?;
        if factor == 0 || height % factor != 0 || width % factor != 0 {
            return Err(Error::Input(format!(
                "images of {height} × {width} pixels cannot be pooled by {factor}, which does not divide their sides"
            )));
        }
        let (rows, columns) = (height / factor, width / factor);
        let share = 1.0 / (factor * factor) as f32;
        let mut inputs = Vec::with_capacity(self.len() * channels * rows * columns);
        for plane in 0..self.len() * channels {
            let plane = &self.inputs[plane * height * width..(plane + 1) * height * width];
            for row in 0..rows {
                for column in 0..columns {
                    let first = row * factor * width + column * factor;
                    let lines = (0..factor).map(|y| &plane[first + y * width..][..factor]);
                    inputs.push(share * lines.flatten().sum::<f32>());
                }
            }
        }
        let shape = if self.shape.len() == 1 {
            vec![rows * columns]
        } else {
            vec![channels, rows, columns]
        };
        Ok(Labelled {
            shape,
            inputs,
            labels: self.labels.clone(),
            classes: self.classes,
        })
    }

    /// The same examples in two classes: 1 for those of a class below `class`, 0 for the rest.
    #[must_use]
    pub fn below(mut self, class: u32) -> Labelled {
        for label in &mut self.labels {
            *label = u32::from(*label < class);
        }
        self.classes = 2;
        self
    }

    /// `[channels, height, width]` of an example, which may be a flat square.
    pub(super) fn image_shape(&self) -> Result<[usize; 3]> {
        match self.shape[..] {
            [channels, height, width] => Ok([channels, height, width]),
            [n] if n.isqrt() * n.isqrt() == n => Ok([1, n.isqrt(), n.isqrt()]),
            _ => Err(Error::Input(format!(
                "examples of shape {:?} are not images: [channels, height, width], or the square of a number",
                self.shape
            ))),
        }
    }
}

impl Split {
    /// Both parts with each channel shifted and scaled so that it has mean 0 and variance 1 over the training part;
    /// flat examples are one channel. A channel that does not vary is only shifted.
    pub fn standardised(mut self) -> Split {
        let channels = match self.train.shape[..] {
            [channels, _, _] => channels,
            _ => 1,
        };
        let width = self.train.width();
        if self.train.is_empty() || width == 0 || self.test.shape != self.train.shape {
            return self;
        }
        let pixels = width / channels;
        for channel in 0..channels {
            let of = |inputs: &[f32]| -> Vec<f64> {
                let planes = inputs.chunks_exact(pixels).skip(channel).step_by(channels);
                planes.flatten().map(|x| f64::from(*x)).collect()
            };
            let values = of(&self.train.inputs);
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
            let scale = if variance > 0.0 {
                1.0 / variance.sqrt()
            } else {
                1.0
            };
            for part in [&mut self.train, &mut self.test] {
                let planes = part.inputs.chunks_exact_mut(pixels);
                for x in planes.skip(channel).step_by(channels).flatten() {
                    *x = ((f64::from(*x) - mean) * scale) as f32;
                }
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two images of two channels, 2 × 4 pixels, counted from 0.
    fn counted() -> Labelled {
        let inputs = (0..32).map(|i| i as f32).collect();
        Labelled::new(vec![2, 2, 4], inputs, vec![1, 0], 2).unwrap()
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let build = |n: usize, labels: &[u32], x: f32| {
            Labelled::new(vec![2], vec![x; n], labels.to_vec(), 2).err()
        };
        assert!(build(4, &[0, 1], 0.5).is_none());
        assert!(build(3, &[0, 1], 0.5).is_some());
        let label = build(4, &[0, 2], 0.5).unwrap().to_string();
        assert!(label.contains("example 1 has label 2"), "{label}");
        assert!(build(4, &[0, 1], f32::NAN).is_some());
    }

    #[test]
    fn examples_and_subsets() {
        let set = counted();
        assert_eq!((set.len(), set.width(), set.is_empty()), (2, 16, false));
        let part = set.subset(&[1, 0, 1]);
        assert_eq!(part.labels, [0, 1, 0]);
        assert_eq!(part.example(0), set.example(1));
        assert_eq!(part.example(1)[3], 3.0);
        assert!(set.subset(&[]).is_empty());
    }

    #[test]
    fn pooling_takes_means_of_squares() {
        let pooled = counted().pooled(2).unwrap();
        assert_eq!(pooled.shape, [2, 1, 2]);
        // Pixels 0, 1, 4, 5 have mean 2.5; the next square is 2 further, the next channel 8.
        assert_eq!(
            pooled.inputs,
            [2.5, 4.5, 10.5, 12.5, 18.5, 20.5, 26.5, 28.5]
        );
        let flat = Labelled::new(vec![16], counted().inputs, vec![1, 0], 2).unwrap();
        let pooled = flat.pooled(2).unwrap();
        assert_eq!(pooled.shape, [4]);
        assert_eq!(pooled.inputs[..4], [2.5, 4.5, 10.5, 12.5]);
        for factor in [0, 3, 4] {
            assert!(counted().pooled(factor).is_err());
        }
        assert_eq!(counted().pooled(1).unwrap(), counted());
    }

    #[test]
    fn two_classes_out_of_more() {
        let many = Labelled::new(vec![1], vec![0.0; 4], vec![3, 0, 2, 1], 5).unwrap();
        let two = many.below(2);
        assert_eq!((two.labels, two.classes), (vec![0, 1, 0, 1], 2));
    }

    #[test]
    fn shapes_change_and_numbers_do_not() {
        let flat = counted().flattened();
        assert_eq!((&flat.shape[..], flat.width()), (&[16][..], 16));
        let image = flat.clone().as_image().unwrap();
        assert_eq!(image.shape, [1, 4, 4]);
        assert_eq!(image.inputs, flat.inputs);
        assert_eq!(counted().as_image().unwrap(), counted());
        let odd = Labelled::new(vec![8], counted().inputs, vec![0; 4], 1).unwrap();
        assert!(odd.clone().as_image().is_err());
        assert!(odd.pooled(2).is_err());
    }

    #[test]
    fn standardised_channels_have_mean_0_and_variance_1_over_the_training_part() {
        let split = Split {
            train: counted(),
            test: counted().subset(&[1]),
        };
        let found = split.clone().standardised();
        for channel in 0..2 {
            let plane = |i: usize| &found.train.example(i)[channel * 8..channel * 8 + 8];
            let values: Vec<f32> = (0..2).flat_map(plane).copied().collect();
            let mean = values.iter().sum::<f32>() / 16.0;
            let square = values.iter().map(|x| x * x).sum::<f32>() / 16.0;
            assert!(mean.abs() < 1e-6 && (square - 1.0).abs() < 1e-6);
        }
        assert_eq!(found.test.example(0), found.train.example(1));
        let mut flat = split;
        flat.train.inputs.fill(3.0);
        assert!(flat.standardised().train.inputs.iter().all(|x| *x == 0.0));
    }
}
