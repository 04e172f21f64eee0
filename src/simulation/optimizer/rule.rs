//! What an update rule is: some memory per coordinate, some per particle, and the arithmetic.

use super::{Rate, Real};

/// An update rule θ ← θ − u(g₁, …, g_t).
///
/// A step runs [`tick`](Rule::tick) once per particle, then, if the rule is
/// [`COUPLED`](Rule::COUPLED), [`couple`](Rule::couple) for every coordinate, whose mean over all
/// coordinates goes into [`update`](Rule::update).
pub trait Rule: Clone + Send + Sync + 'static {
    /// Memory per coordinate: `[N; K]`.
    type Coordinate<N: Real>: Slots<N>;
    /// Memory per particle, such as the weights 1 − βᵗ of a bias correction: scalars that depend on the number of
    /// steps alone, kept in double precision whatever the coordinates are made of.
    type Particle<N: Real>: Slots<N>;

    /// The names of what a coordinate remembers, slot by slot, as the rule's formula has them.
    const MEMORY: &'static [&'static str] = &[];
    /// True when coordinates interact through a mean over all of them.
    const COUPLED: bool = false;

    /// Value of a per-coordinate slot before the first step.
    fn coordinate_start(&self, slot: usize) -> f64 {
        let _ = slot;
        0.0
    }

    /// Value of a per-particle slot before the first step.
    fn particle_start(&self, slot: usize) -> f64 {
        let _ = slot;
        0.0
    }

    /// Advances the per-particle memory to the step about to be taken, in doubles.
    #[inline(always)]
    fn tick<N: Real>(&self, particle: &mut Self::Particle<N>) {
        let _ = particle;
    }

    /// First pass over the coordinates: takes in the gradient, returns what is averaged.
    #[inline(always)]
    fn couple<N: Real>(
        &self,
        gradient: N,
        coordinate: &mut Self::Coordinate<N>,
        particle: &Self::Particle<N>,
    ) -> N {
        let _ = (coordinate, particle);
        gradient.like(0.0)
    }

    /// The update u of one coordinate; `mean` is what `couple` averaged to.
    fn update<N: Real>(
        &self,
        gradient: N,
        coordinate: &mut Self::Coordinate<N>,
        particle: &Self::Particle<N>,
        mean: N,
        rate: &Rate<N>,
    ) -> N;

    /// c_t, by which the rule scales weight decay that acts beside the gradient.
    #[inline(always)]
    fn decay_scale<N: Real>(&self, particle: &Self::Particle<N>, mean: &N) -> N {
        let _ = particle;
        mean.like(1.0)
    }
}

/// Values in the longest memory of a rule.
pub const MOST_SLOTS: usize = 8;

/// A fixed number of values: the memory of a rule. Implemented by arrays of up to `MOST_SLOTS`.
pub trait Slots<N>: Clone {
    /// How many.
    const COUNT: usize;
    /// Slot k is `value(k)`.
    fn from_fn(value: impl FnMut(usize) -> N) -> Self;
    /// Hands every slot to `take`, with its index.
    fn for_each(self, take: impl FnMut(usize, N));
}

// Written out for each length: the standard library's array iterators are not inlined into code that
// is compiled for wider registers, and would pass every register through memory.
macro_rules! slots {
    ($count:literal: $($name:ident $index:literal),*) => {
        impl<N: Clone> Slots<N> for [N; $count] {
            const COUNT: usize = $count;

            #[inline(always)]
            fn from_fn(value: impl FnMut(usize) -> N) -> Self {
                #[allow(unused_mut, unused_variables)]
                let mut value = value;
                [$(value($index)),*]
            }

            #[inline(always)]
            fn for_each(self, take: impl FnMut(usize, N)) {
                #[allow(unused_mut, unused_variables)]
                let mut take = take;
                let [$($name),*] = self;
                $(take($index, $name);)*
            }
        }
    };
}
slots!(0:);
slots!(1: a 0);
slots!(2: a 0, b 1);
slots!(3: a 0, b 1, c 2);
slots!(4: a 0, b 1, c 2, d 3);
slots!(5: a 0, b 1, c 2, d 3, e 4);
slots!(6: a 0, b 1, c 2, d 3, e 4, f 5);
slots!(7: a 0, b 1, c 2, d 3, e 4, f 5, g 6);
slots!(8: a 0, b 1, c 2, d 3, e 4, f 5, g 6, h 7);
