//! A function of one coordinate, at a place or over a row of them.

/// f(θ). A function of one number is one; a surface has its derivatives sooner by rows.
pub trait Function {
    /// f at a place.
    fn at(&self, theta: f64) -> f64;

    /// f at every place of a row, into one as long.
    fn over(&self, theta: &[f64], values: &mut [f64]) {
        for (value, x) in values.iter_mut().zip(theta) {
            *value = self.at(*x);
        }
    }
}

impl<F: Fn(f64) -> f64> Function for F {
    fn at(&self, theta: f64) -> f64 {
        self(theta)
    }
}

/// factor · f(sign · θ).
pub(super) struct Mirrored<'a> {
    pub of: &'a dyn Function,
    /// 1 or −1.
    pub sign: f64,
    pub factor: f64,
}

impl Function for Mirrored<'_> {
    fn at(&self, theta: f64) -> f64 {
        self.factor * self.of.at(self.sign * theta)
    }

    fn over(&self, theta: &[f64], values: &mut [f64]) {
        let there: Vec<f64> = theta.iter().map(|x| self.sign * x).collect();
        self.of.over(&there, values);
        values.iter_mut().for_each(|y| *y *= self.factor);
    }
}
