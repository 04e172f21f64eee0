//! A linear process as blocks that do not act on one another, and the covariances between them.

use nalgebra::{Complex, DMatrix, DVector};

use super::step::LinearStep;

/// z_b ← (I + D_b) z_b + E_b ξ_b for every block b. Only the noises of blocks are correlated: Cov(ξ_a, ξ_b) = C_ab.
///
/// A quadratic in the axes of its Hessian is a block a direction, so that the law after n steps of d directions costs
/// O(d² log n).
#[derive(Clone, Debug, PartialEq)]
pub struct Modes {
    /// Every block; all have as many slots, and slots as long as their noise.
    pub blocks: Vec<Block>,
    /// C.
    pub noise: DMatrix<f64>,
}

/// One block: slots of m numbers each, θ first and then the memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// D_b, the change of z in a step: next to the identity I + D_b has lost digits that D_b still has.
    pub change: DMatrix<f64>,
    /// E_b, with m columns.
    pub entry: DMatrix<f64>,
}

/// Cov(z_a, z_b) for all blocks a ≤ b; the others are their transposes.
#[derive(Clone, Debug, PartialEq)]
pub struct Covariances(Vec<Vec<DMatrix<f64>>>);

/// Doublings after which a process that has not begun to forget its start never will: 2²²⁰⁰ steps, for rates as small as
/// the smallest doubles have.
const MOST_DOUBLINGS: usize = 2200;
/// Doublings after ‖Aⁿ‖ < 1/2 that leave at most 2⁻⁶⁴ of the start.
const LAST_DOUBLINGS: usize = 6;
/// Newton steps for a root that is known to a few digits.
const MOST_STEPS: usize = 60;

impl Block {
    /// m.
    fn width(&self) -> usize {
        self.entry.ncols()
    }

    /// ‖I + D‖, Frobenius.
    fn norm(change: &DMatrix<f64>) -> f64 {
        (DMatrix::identity(change.nrows(), change.nrows()) + change).norm()
    }

    /// ln ρ(I + D), the long-run growth per step; −∞ where I + D is nilpotent.
    pub fn growth(&self) -> f64 {
        let n = self.change.nrows();
        if self.width() > 1 {
            let (change, noise) = (self.change.clone(), DMatrix::zeros(n, n));
            let rough = LinearStep { change, noise }.growth();
            let slow = self.slowest().map(f64::ln_1p);
            // The slow root is the growth unless another mode outgrows it.
            return slow
                .filter(|slow| (slow - rough).abs() <= 1e-9)
                .unwrap_or(rough);
        }
        let eigenvalues = self.change.complex_eigenvalues();
        let rough = eigenvalues.iter().copied();
        let roots = rough.map(|delta| self.root(delta).unwrap_or(delta));
        let log = |d: Complex<f64>| 0.5 * (2.0 * d.re + d.norm_sqr()).ln_1p();
        let origin = self.root(Complex::new(0.0, 0.0));
        roots
            .chain(origin)
            .map(log)
            .fold(f64::NEG_INFINITY, f64::max)
    }

    /// The real eigenvalue δ of D next to 0, to its own digits: δ is an eigenvalue of
    /// G(δ) = D_θθ + D_θs(δ − D_ss)⁻¹D_sθ, the largest where δ is the growth of the slow modes. `None` where the
    /// iteration does not settle.
    fn slowest(&self) -> Option<f64> {
        let (n, m) = (self.change.nrows(), self.width());
        let part = |rows: std::ops::Range<usize>, columns: std::ops::Range<usize>| {
            self.change.view_range(rows, columns).into_owned()
        };
        let (own, output) = (part(0..m, 0..m), part(0..m, m..n));
        let (drive, memory) = (part(m..n, 0..m), part(m..n, m..n));
        let mut delta = 0.0;
        for _ in 0..MOST_STEPS {
            let solver = (DMatrix::from_diagonal_element(n - m, n - m, delta) - &memory).lu();
            let slow = &own + &output * solver.solve(&drive)?;
            let eigenvalues = slow.complex_eigenvalues();
            let largest = eigenvalues.iter().max_by(|a, b| a.re.total_cmp(&b.re))?;
            let moved = (largest.re - delta).abs();
            delta = largest.re;
            if largest.im != 0.0 || !delta.is_finite() {
                return None;
            }
            if moved <= 1e-15 * delta.abs() {
                return Some(delta);
            }
        }
        None
    }

    /// The eigenvalue δ of D next to `rough`, to its own digits however small it is: the root of
    /// δ = D_θθ + D_θs(δ − D_ss)⁻¹D_sθ, in which nothing cancels; `None` where Newton's method does not find it.
    fn root(&self, rough: Complex<f64>) -> Option<Complex<f64>> {
        let complex = self.change.map(|x| Complex::new(x, 0.0));
        let k = complex.nrows() - 1;
        let memory = complex.view((1, 1), (k, k)).into_owned();
        let drive = complex.view((1, 0), (k, 1)).into_owned();
        let output = complex.view((0, 1), (1, k)).into_owned();
        let mut delta = rough;
        for _ in 0..MOST_STEPS {
            let solver = (DMatrix::from_diagonal_element(k, k, delta) - &memory).lu();
            let response = solver.solve(&drive)?;
            let slope = solver.solve(&response)?;
            let value = complex[(0, 0)] + (&output * &response)[0] - delta;
            let step = value / ((&output * &slope)[0] + 1.0);
            delta += step;
            if !delta.re.is_finite() || !delta.im.is_finite() {
                return None;
            }
            if step.norm() <= 1e-15 * delta.norm() {
                return Some(delta);
            }
        }
        None
    }
}

impl Modes {
    /// E_a C_ab E_bᵀ.
    fn kicks(&self) -> Covariances {
        let starts = self.starts();
        Covariances::of(self.blocks.len(), |a, b| {
            let (left, right) = (&self.blocks[a], &self.blocks[b]);
            let noise = self
                .noise
                .view((starts[a], starts[b]), (left.width(), right.width()));
            &left.entry * noise * right.entry.transpose()
        })
    }

    /// Where the numbers of each block begin among those of a slot of all.
    pub fn starts(&self) -> Vec<usize> {
        let widths = self.blocks.iter().map(Block::width);
        widths
            .scan(0, |next, width| {
                Some(std::mem::replace(next, *next + width))
            })
            .collect()
    }

    /// The law `steps` steps after one with these covariances.
    pub fn after(&self, steps: u64, start: &Covariances) -> Covariances {
        let (mut law, mut kicks, mut left) = (start.clone(), self.kicks(), steps);
        let mut powers: Vec<DMatrix<f64>> = self.changes();
        while left > 0 {
            if left % 2 == 1 {
                law = law.carried(&powers).plus(&kicks);
            }
            left /= 2;
            if left > 0 {
                kicks = kicks.carried(&powers).plus(&kicks);
                powers.iter_mut().for_each(double);
            }
        }
        law
    }

    /// The means `steps` steps later.
    pub fn mean_after(&self, steps: u64, start: &[DVector<f64>]) -> Vec<DVector<f64>> {
        let carry = |(block, start): (&Block, &DVector<f64>)| {
            let (mut mean, mut power, mut left) = (start.clone(), block.change.clone(), steps);
            while left > 0 {
                if left % 2 == 1 {
                    mean += &power * mean.clone();
                }
                left /= 2;
                if left > 0 {
                    double(&mut power);
                }
            }
            mean
        };
        self.blocks.iter().zip(start).map(carry).collect()
    }

    /// The covariances that do not change: Σ = AΣAᵀ + ECEᵀ, by doubling; `None` where some eigenvalue of an A is not
    /// inside the unit circle. That it is is proved by a power of A whose Frobenius norm is below one. Relative
    /// accuracy about 1e-14.
    pub fn stationary(&self) -> Option<Covariances> {
        let (mut law, mut powers) = (self.kicks(), self.changes());
        let mut last = None;
        for doubling in 0..MOST_DOUBLINGS {
            if last.is_none() && powers.iter().all(|power| Block::norm(power) < 0.5) {
                last = Some(doubling + LAST_DOUBLINGS);
            }
            if last == Some(doubling) {
                return Some(law);
            }
            law = law.carried(&powers).plus(&law);
            powers.iter_mut().for_each(double);
            if !powers.iter().flat_map(DMatrix::iter).all(|x| x.is_finite()) {
                return None;
            }
        }
        None
    }

    /// The covariance of what the next step adds to z.
    pub fn update(&self, law: &Covariances) -> Covariances {
        let moved = Covariances::of(self.blocks.len(), |a, b| {
            &self.blocks[a].change * law.get(a, b) * self.blocks[b].change.transpose()
        });
        moved.plus(&self.kicks())
    }

    /// Cov(θ, Δθ) of θ with what the next step adds to it, over all blocks: no symmetric matrix.
    pub fn with_update(&self, law: &Covariances) -> DMatrix<f64> {
        let (starts, size) = (self.starts(), self.noise.nrows());
        let mut whole = DMatrix::zeros(size, size);
        for (a, left) in self.blocks.iter().enumerate() {
            for (b, right) in self.blocks.iter().enumerate() {
                let (m, n) = (left.width(), right.width());
                let both = match a <= b {
                    true => law.get(a, b).clone(),
                    false => law.get(b, a).transpose(),
                };
                let part = both.rows(0, m) * right.change.rows(0, n).transpose();
                whole
                    .view_mut((starts[a], starts[b]), (m, n))
                    .copy_from(&part);
            }
        }
        whole
    }

    /// The covariance of slot `i` with itself, over all blocks, block by block.
    pub fn slot(&self, law: &Covariances, i: usize) -> DMatrix<f64> {
        let (starts, size) = (self.starts(), self.noise.nrows());
        let mut whole = DMatrix::zeros(size, size);
        for (a, left) in self.blocks.iter().enumerate() {
            for (b, right) in self.blocks.iter().enumerate().skip(a) {
                let (m, n) = (left.width(), right.width());
                let part = law.get(a, b).view((i * m, i * n), (m, n));
                whole
                    .view_mut((starts[a], starts[b]), (m, n))
                    .copy_from(&part);
                whole
                    .view_mut((starts[b], starts[a]), (n, m))
                    .copy_from(&part.transpose());
            }
        }
        whole
    }

    fn changes(&self) -> Vec<DMatrix<f64>> {
        self.blocks
            .iter()
            .map(|block| block.change.clone())
            .collect()
    }
}

/// Of A = I + D, A² − I.
fn double(change: &mut DMatrix<f64>) {
    *change = &*change * 2.0 + &*change * &*change;
}

impl Covariances {
    /// One for every pair of blocks a ≤ b.
    pub fn of(blocks: usize, of: impl Fn(usize, usize) -> DMatrix<f64>) -> Self {
        let row = |a: usize| (a..blocks).map(|b| of(a, b)).collect();
        Covariances((0..blocks).map(row).collect())
    }

    /// That of blocks a ≤ b.
    pub fn get(&self, a: usize, b: usize) -> &DMatrix<f64> {
        &self.0[a][b - a]
    }

    /// A_a S_ab A_bᵀ with A = I + D, for these D. Symmetric to the last bit where it is to be: the rounding in which two
    /// halves differ would double with every doubling.
    fn carried(&self, changes: &[DMatrix<f64>]) -> Self {
        Self::of(self.0.len(), |a, b| {
            let (s, right) = (self.get(a, b), changes[b].transpose());
            let forward = &changes[a] * s;
            if a == b {
                let sum = s + &forward + forward.transpose() + &forward * right;
                return 0.5 * (&sum + sum.transpose());
            }
            s + s * &right + &forward * &right + forward
        })
    }

    /// √Σ of the squares of all entries of a ≤ b.
    pub fn norm(&self) -> f64 {
        let squares = self.0.iter().flatten().map(DMatrix::norm_squared);
        squares.sum::<f64>().sqrt()
    }

    /// All entries times a number.
    pub fn scale(&mut self, factor: f64) {
        self.0.iter_mut().flatten().for_each(|s| *s *= factor);
    }

    fn plus(mut self, other: &Self) -> Self {
        let own = self.0.iter_mut().flatten();
        own.zip(other.0.iter().flatten()).for_each(|(s, t)| *s += t);
        self
    }
}
