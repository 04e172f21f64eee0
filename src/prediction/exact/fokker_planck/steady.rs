//! The steady state of a closed system.

use super::Generator;
use base::error::{Error, Result};

impl Generator {
    /// The stationary probability of every node, summing to 1: πQ = 0. Divided by
    /// [`Generator::volumes`] it is the density.
    ///
    /// Without absorbing ends and whatever the flux: a current may run round a circle.
    ///
    /// # Errors
    /// [`Error::Failed`] where particles are absorbed, the grid falls into parts, or a weight exceeds the
    /// largest double.
    pub fn steady(&self) -> Result<Vec<f64>> {
        if !self.closed() {
            return Err(Error::Failed(
                "an absorbing end leaves no steady state; make the ends reflecting or periodic"
                    .into(),
            ));
        }
        let pivot = self.peak();
        let mut weights = vec![1.0];
        if self.len() > 1 {
            let mut inflow = vec![0.0; self.len()];
            for &(from, to, rate) in &self.jumps {
                if from == pivot {
                    inflow[to] += rate;
                }
            }
            inflow.remove(pivot);
            weights = self.matrix(Some(pivot), true).factor()?.solve(&inflow);
            weights.insert(pivot, 1.0);
        }
        let total: f64 = weights.iter().sum();
        if !total.is_finite() || weights.iter().any(|w| *w < 0.0) {
            return Err(Error::Failed(
                "the steady state exceeds the arithmetic: its wells are too far apart in weight; narrow \
                 the box or raise the noise"
                    .into(),
            ));
        }
        Ok(weights.into_iter().map(|w| w / total).collect())
    }

    /// A node that all its neighbours flow to: a maximum of the steady state where there is no current.
    fn peak(&self) -> usize {
        let mut ways: Vec<Vec<(usize, f64)>> = vec![Vec::new(); self.len()];
        for &(from, to, rate) in &self.jumps {
            ways[from].push((to, rate));
        }
        let back = |from: usize, to: usize| {
            let found = ways[from].iter().find(|(node, _)| *node == to);
            found.map_or(0.0, |(_, rate)| *rate)
        };
        let mut node = self.len() / 2;
        // On a circle with a current the climb has no end.
        for _ in 0..self.len() {
            let steepest = ways[node]
                .iter()
                .map(|&(to, rate)| (to, rate / back(to, node)))
                .max_by(|a, b| a.1.total_cmp(&b.1));
            match steepest {
                Some((to, ratio)) if ratio > 1.0 => node = to,
                _ => break,
            }
        }
        node
    }
}
