//! Examples as tensors.

use tch::{Device, Kind, Tensor};

use simulation::data::{Labelled, Text};

/// Examples with their classes: one set for all members, or one for each.
#[derive(Debug)]
pub struct Examples {
    /// sets × examples × the shape of one.
    inputs: Tensor,
    /// sets × examples, and × time for texts: whole numbers from 0.
    classes: Tensor,
}

/// Examples for every member of an ensemble.
#[derive(Debug)]
pub struct Batch {
    /// members × examples × the shape of one.
    pub inputs: Tensor,
    /// members × examples, and × time for texts.
    pub classes: Tensor,
}

impl Examples {
    /// The examples of a data set.
    pub fn of(set: &Labelled, kind: Kind, device: Device) -> Self {
        let mut shape = vec![1, set.len() as i64];
        shape.extend(set.shape.iter().map(|n| *n as i64));
        let classes: Vec<i64> = set.labels.iter().map(|c| i64::from(*c)).collect();
        Examples {
            inputs: Tensor::from_slice(&set.inputs)
                .reshape(shape)
                .to_kind(kind)
                .to_device(device),
            classes: Tensor::from_slice(&classes).unsqueeze(0).to_device(device),
        }
    }

    /// Windows of `time` words, one after another, each with the words that follow as its classes.
    pub fn of_text(text: &Text, time: usize, device: Device) -> Self {
        let words: Vec<i64> = text.tokens.iter().map(|word| i64::from(*word)).collect();
        let windows = words.len().saturating_sub(1) / time.max(1);
        let cut = |from: usize| {
            Tensor::from_slice(&words[from..][..windows * time])
                .reshape([1, windows as i64, time as i64])
                .to_device(device)
        };
        Examples {
            inputs: cut(0),
            classes: cut(1),
        }
    }

    /// One set for each member, from as many sets of the same size.
    pub fn stack(sets: &[&Examples]) -> Self {
        let all = |of: fn(&Examples) -> &Tensor| {
            let parts = sets.iter().map(|set| of(set));
            Tensor::cat(&parts.collect::<Vec<_>>(), 0)
        };
        Examples {
            inputs: all(|set| &set.inputs),
            classes: all(|set| &set.classes),
        }
    }

    /// The set of one member.
    pub fn member(&self, member: usize) -> Self {
        let set = (member as i64).min(self.inputs.size()[0] - 1);
        Examples {
            inputs: self.inputs.narrow(0, set, 1),
            classes: self.classes.narrow(0, set, 1),
        }
    }

    /// The first `count` examples of each set.
    pub fn first(&self, count: i64) -> Self {
        let count = count.min(self.len());
        Examples {
            inputs: self.inputs.narrow(1, 0, count),
            classes: self.classes.narrow(1, 0, count),
        }
    }

    /// The same inputs with other classes, sets × examples.
    #[must_use]
    pub fn relabelled(&self, classes: Tensor) -> Self {
        Examples {
            inputs: self.inputs.shallow_clone(),
            classes,
        }
    }

    /// Other inputs, sets × examples × the shape of one, with the same classes.
    #[must_use]
    pub fn with_inputs(&self, inputs: Tensor) -> Self {
        Examples {
            inputs,
            classes: self.classes.shallow_clone(),
        }
    }

    /// Their classes: sets × examples.
    pub fn classes(&self) -> &Tensor {
        &self.classes
    }

    /// The shape of one.
    pub fn shape(&self) -> Vec<usize> {
        let size = self.inputs.size();
        size[2..].iter().map(|n| *n as usize).collect()
    }

    /// How many there are in a set.
    pub fn len(&self) -> i64 {
        self.inputs.size()[1]
    }

    /// True where there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where they lie.
    pub fn device(&self) -> Device {
        self.inputs.device()
    }

    /// `count` examples from `first` on for each of `members` members.
    pub fn span(&self, first: i64, count: i64, members: i64) -> Batch {
        let all = |tensor: &Tensor| {
            let part = tensor.narrow(1, first, count);
            let mut shape = part.size();
            shape[0] = members;
            part.expand(shape, false)
        };
        Batch {
            inputs: all(&self.inputs),
            classes: all(&self.classes),
        }
    }

    /// Each of `count` examples from `first` on as the only one of a member of its own.
    pub fn apart(&self, first: i64, count: i64) -> Batch {
        let own = |tensor: &Tensor| tensor.select(0, 0).narrow(0, first, count).unsqueeze(1);
        Batch {
            inputs: own(&self.inputs),
            classes: own(&self.classes),
        }
    }

    /// All examples, at most `most` at a time: where each part begins and how long it is.
    pub fn spans(&self, most: i64) -> impl Iterator<Item = (i64, i64)> {
        let (n, most) = (self.len(), most.max(1));
        (0..n)
            .step_by(most as usize)
            .map(move |first| (first, most.min(n - first)))
    }

    /// The examples at `indices` for every member: a row of `each` indices into its own set.
    pub fn pick(&self, indices: &[i64], each: i64) -> Batch {
        let size = self.inputs.size();
        let (sets, n) = (size[0], size[1]);
        let members = indices.len() as i64 / each.max(1);
        let flat: Vec<i64> = if sets == 1 {
            indices.to_vec()
        } else {
            let rows = indices.chunks(each.max(1) as usize).zip(0..);
            rows.flat_map(|(row, member)| row.iter().map(move |i| member * n + i))
                .collect()
        };
        let flat = Tensor::from_slice(&flat).to_device(self.device());
        let of = |tensor: &Tensor| {
            let mut shape = tensor.size();
            (shape[0], shape[1]) = (members, each);
            tensor.flatten(0, 1).index_select(0, &flat).reshape(shape)
        };
        Batch {
            inputs: of(&self.inputs),
            classes: of(&self.classes),
        }
    }
}
