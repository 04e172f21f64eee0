//! The learning rate of one step.

/// η_t and how it came about.
#[derive(Clone, Copy, Debug)]
pub struct Rate<N> {
    /// η_t = η · factor.
    pub eta: N,
    /// What the schedule multiplies η by at this step; rules with a second rate (AdaBound's α*) need it.
    pub factor: N,
}
