//! The cubic patch network of Jelassi and Li (2022).

use tch::Tensor;

use super::{Model, Statistics};
use crate::layout::{Layout, Start};

/// f(x) = Σ_r Σ_j ⟨w_r, x_j⟩³ over neurons r and patches j (eq. CNN).
pub struct Cubic {
    layout: Layout,
}

impl Cubic {
    /// `neurons` neurons on patches of `dim` numbers, weights N(0, `sigma`²).
    pub fn new(dim: i64, neurons: i64, sigma: f64) -> Self {
        let mut layout = Layout::default();
        layout.push("weight", &[dim, neurons], Start::Normal(sigma));
        Cubic { layout }
    }
}

impl Model for Cubic {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Inputs: members × examples × patches × dim.
    fn outputs(&self, weights: &[Tensor], inputs: &Tensor, _: &Statistics) -> Tensor {
        let size = inputs.size();
        let patches = inputs.reshape([size[0], size[1] * size[2], size[3]]);
        let each = patches.bmm(&weights[0]);
        let cubes = &each * &each * &each;
        cubes
            .reshape([size[0], size[1], -1])
            .sum_dim_intlist(-1, true, inputs.kind())
    }
}
