//! Gaussian inputs and the labels that a teacher gives them.

use rand_distr::{Distribution, StandardNormal};

use super::network::{Network, Pass};
use crate::data::{Labelled, Split};
use crate::random::{Purpose, Sequence, Stream};
use crate::rows::row_length;
use base::error::Result;

/// Inputs x ~ N(0, I): one row per coordinate, one lane per example, zeros in the lanes that fill up a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Inputs {
    /// The rows.
    pub values: Vec<f64>,
    /// How many examples.
    pub n: usize,
}

/// Inputs with their labels ±1.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The inputs.
    pub inputs: Inputs,
    /// The labels.
    pub labels: Vec<f64>,
}

impl Inputs {
    /// `n` examples of `dim` coordinates; `replicate` chooses independent sets under one `stream`.
    pub fn draw(stream: &Stream, replicate: u64, n: usize, dim: usize) -> Self {
        let length = row_length(n);
        let mut values = vec![0.0; dim * length];
        for example in 0..n {
            let mut normals = Sequence::new(stream, Purpose::Pool, replicate, example as u64);
            for coordinate in 0..dim {
                values[coordinate * length + example] = StandardNormal.sample(&mut normals);
            }
        }
        Inputs { values, n }
    }

    /// Lanes in a row.
    pub fn length(&self) -> usize {
        row_length(self.n)
    }

    /// What a network makes of each.
    pub fn through(&self, network: &Network, parameters: &[f64]) -> Vec<f64> {
        let mut pass = Pass::new(network, self.length());
        pass.outputs(parameters, &self.values)[..self.n].to_vec()
    }
}

/// Labels sign(teacher(x) − median) for several sets of inputs, the median being that over all of them, so that
/// the classes are equally large.
pub fn label(teacher: &Network, parameters: &[f64], sets: Vec<Inputs>) -> Vec<Task> {
    let outputs: Vec<Vec<f64>> = sets
        .iter()
        .map(|set| set.through(teacher, parameters))
        .collect();
    let mut all: Vec<f64> = outputs.iter().flatten().copied().collect();
    all.sort_by(f64::total_cmp);
    let median = all.get(all.len() / 2).copied().unwrap_or(0.0);
    let sign = |f: &f64| if *f >= median { 1.0 } else { -1.0 };
    sets.into_iter()
        .zip(outputs)
        .map(|(inputs, outputs)| Task {
            inputs,
            labels: outputs.iter().map(sign).collect(),
        })
        .collect()
}

/// Inputs of `dim` coordinates with the labels of a random `teacher`, as examples to train and to test on of these
/// `sizes`; class 1 is y = 1.
///
/// # Errors
/// None, as long as every number is finite.
pub fn split(
    teacher: &Network,
    dim: usize,
    sizes: [usize; 2],
    stream: &Stream,
    replicate: u64,
) -> Result<Split> {
    let truth = teacher.draw(stream, replicate);
    let draw = |(n, turn)| Inputs::draw(stream, 2 * replicate + turn, n, dim);
    let sets = sizes.into_iter().zip(0..).map(draw).collect();
    let of = |task: &Task| {
        let length = task.inputs.length();
        let inputs = (0..task.inputs.n).flat_map(|example| {
            (0..dim).map(move |k| task.inputs.values[k * length + example] as f32)
        });
        let labels = task.labels.iter().map(|y| u32::from(*y > 0.0)).collect();
        Labelled::new(vec![dim], inputs.collect(), labels, 2)
    };
    let tasks = label(teacher, &truth, sets);
    Ok(Split {
        train: of(&tasks[0])?,
        test: of(&tasks[1])?,
    })
}

impl Task {
    /// Share of the examples on whose side of 0 the outputs fall.
    pub fn accuracy(&self, outputs: &[f64]) -> f64 {
        let right = self
            .labels
            .iter()
            .zip(outputs)
            .filter(|(y, f)| **y * **f > 0.0);
        right.count() as f64 / self.labels.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::student::network::Architecture;

    #[test]
    fn a_linear_teacher_labels_half_of_its_inputs_each_way() {
        let stream = Stream::new(4, 4);
        let sets = vec![
            Inputs::draw(&stream, 0, 301, 30),
            Inputs::draw(&stream, 1, 700, 30),
        ];
        let teacher = Architecture::Linear.network(30, 1);
        let parameters = teacher.draw(&stream, 2);
        let own: f64 = (0..30)
            .map(|k| parameters[k] * sets[0].values[k * sets[0].length() + 5])
            .sum();
        let outputs = sets[0].through(&teacher, &parameters);
        assert!((outputs[5] - own).abs() < 1e-13);
        let tasks = label(&teacher, &parameters, sets);
        let positive = |task: &Task| task.labels.iter().filter(|y| **y > 0.0).count();
        assert_eq!(positive(&tasks[0]) + positive(&tasks[1]), 501);
        let wrong: Vec<f64> = tasks[0].labels.iter().map(|y| -y).collect();
        assert_eq!(
            (
                tasks[0].accuracy(&tasks[0].labels),
                tasks[0].accuracy(&wrong)
            ),
            (1.0, 0.0)
        );
    }
}
