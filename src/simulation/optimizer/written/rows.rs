//! A compiled rule on a block of particles: each instruction runs over a row of lanes.

use std::cell::Cell;

use pulp::bytemuck::cast_slice_mut;
use pulp::{Arch, Scalar, Simd, WithSimd};

use super::Rule;
use super::compiled::{Pass, Program};
use super::graph::Input;
use crate::aligned::Aligned;
use crate::optimizer::block::{Moves, Rows};
use crate::vector::Vector;

/// Lanes of a row: enough that interpretation is paid once for many, few enough that the rows stay in the first-level
/// cache.
const WIDTH: usize = 256;

/// Inputs of a program that are found without memory of their own.
const FEW: usize = 24;

thread_local! {
    // Kept between calls, since a step must not allocate.
    static MEMORY: Cell<Option<Aligned<f64>>> = const { Cell::new(None) };
}

/// One step of a block, or where its gradients are taken.
struct Step<'a, F> {
    rule: &'a Rule,
    pass: &'a Pass,
    lanes: usize,
    gradient: &'a [F],
    taken: &'a [u64],
    fresh: &'a [F],
    kept: Kept<'a, F>,
}

/// What a pass reads and writes.
enum Kept<'a, F> {
    /// θ and what is remembered of it, which the pass takes on.
    Moved(&'a mut [F], &'a mut [F], &'a mut [f64]),
    /// The same, which stays; the last is what is made of it.
    Still(&'a [F], &'a [F], &'a [f64], &'a mut [F]),
}

impl<F> Kept<'_, F> {
    fn read(&self) -> (&[F], &[F], &[f64]) {
        match self {
            Kept::Moved(theta, states, scalars) => (theta, states, scalars),
            Kept::Still(theta, states, scalars, _) => (theta, states, scalars),
        }
    }
}

impl<F: Vector> Moves<F> for Rule {
    fn step(
        &self,
        theta: &mut [F],
        gradient: &[F],
        lanes: usize,
        taken: &[u64],
        memory: Rows<'_, F>,
    ) {
        Arch::new().dispatch(Step {
            rule: self,
            pass: &self.compiled.step,
            lanes,
            gradient,
            taken,
            fresh: memory.fresh,
            kept: Kept::Moved(theta, memory.coordinates, memory.scalars),
        });
    }

    fn aim(
        &self,
        theta: &[F],
        lanes: usize,
        taken: &[u64],
        (coordinates, scalars): (&[F], &[f64]),
        to: &mut [F],
    ) {
        if let Some(pass) = &self.compiled.at {
            Arch::new().dispatch(Step {
                rule: self,
                pass,
                lanes,
                gradient: &[],
                taken,
                fresh: &[],
                kept: Kept::Still(theta, coordinates, scalars, to),
            });
        }
    }
}

impl<F: Vector> WithSimd for Step<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if self.lanes.is_multiple_of(F::width::<S>()) {
            self.registers(simd);
        } else {
            self.registers(Scalar);
        }
    }
}

impl<F: Vector> Step<'_, F> {
    #[inline(always)]
    fn registers<S: Simd>(mut self, simd: S) {
        let pass = self.pass;
        let (hoisted, means) = (pass.hoisted(), pass.means.len());
        let programs = pass.means.iter().chain([&pass.coordinate]);
        let rows = programs.map(|program| program.rows).max().unwrap_or(0);
        // Doubles of the particle: t, η_t, factor and dim, then rows. Those of the coordinates may be narrower.
        let own = (4 + pass.particle.rows) * WIDTH;
        let all = (hoisted + means + rows) * WIDTH;
        let needed = own + all;
        let kept = MEMORY.take().filter(|memory| memory.len() >= needed);
        let mut memory = kept.unwrap_or_else(|| Aligned::new(0.0, needed));
        {
            let (own, all) = memory.split_at_mut(own);
            let values: &mut [F] = cast_slice_mut(all);
            let (shared, rows) = values.split_at_mut((hoisted + means) * WIDTH);
            for begin in (0..self.lanes).step_by(WIDTH) {
                let count = WIDTH.min(self.lanes - begin);
                self.particle::<S>(begin, count, own, shared);
                self.coordinates(simd, begin, count, shared, rows);
            }
        }
        MEMORY.set(Some(memory));
    }

    /// Advances what the particles remember, and works out what their coordinates share.
    #[inline(always)]
    fn particle<S: Simd>(&mut self, begin: usize, count: usize, own: &mut [f64], shared: &mut [F]) {
        let (pass, lanes) = (self.pass, self.lanes);
        let program = &pass.particle;
        if program.outputs.is_empty() {
            return;
        }
        let (given, rows) = own.split_at_mut(4 * WIDTH);
        self.rates(begin, count, given);
        let scalars = self.kept.read().2;
        run(program, rows, count, |input| match input {
            Input::Step => given,
            Input::Eta => &given[WIDTH..],
            Input::Factor => &given[2 * WIDTH..],
            Input::Dim => &given[3 * WIDTH..],
            Input::Scalar(k) => &scalars[k * lanes + begin..],
            _ => &[],
        });
        let row = |output: usize| &rows[(output - program.inputs.len()) * WIDTH..][..count];
        let (kept, hoisted) = program.outputs.split_at(pass.scalars);
        if let Kept::Moved(_, _, scalars) = &mut self.kept {
            for (k, output) in kept.iter().enumerate() {
                scalars[k * lanes + begin..][..count].copy_from_slice(row(*output));
            }
        }
        for (to, output) in shared.chunks_exact_mut(WIDTH).zip(hoisted) {
            let from = row(*output);
            let width = F::width::<S>();
            let registers = F::registers_mut::<S>(&mut to[..count]);
            for (to, from) in registers.iter_mut().zip(from.chunks_exact(width)) {
                *to = F::rounded::<S>(from);
            }
        }
    }

    /// t, η_t, the factor of the schedule and dim, where a program asks for them.
    #[inline(always)]
    fn rates(&self, begin: usize, count: usize, given: &mut [f64]) {
        let asked = |input: Input| self.pass.particle.inputs.contains(&input);
        let taken = &self.taken[begin..][..count];
        let (step, rest) = given.split_at_mut(WIDTH);
        let (eta, rest) = rest.split_at_mut(WIDTH);
        let (factor, dim) = rest.split_at_mut(WIDTH);
        if asked(Input::Step) {
            for (t, taken) in step.iter_mut().zip(taken) {
                *t = (taken + 1) as f64;
            }
        }
        if asked(Input::Eta) || asked(Input::Factor) {
            let each = factor.iter_mut().zip(eta).zip(taken);
            for ((factor, eta), taken) in each {
                *factor = self.rule.schedule.factor(taken + 1);
                *eta = *factor * self.rule.eta;
            }
        }
        if asked(Input::Dim) {
            dim[..count].fill((self.kept.read().0.len() / self.lanes) as f64);
        }
    }

    /// The means, then the coordinates.
    #[inline(always)]
    fn coordinates<S: Simd>(
        &mut self,
        simd: S,
        begin: usize,
        count: usize,
        shared: &mut [F],
        rows: &mut [F],
    ) {
        let (pass, lanes) = (self.pass, self.lanes);
        let size = self.kept.read().0.len();
        let dim = size / lanes;
        let hoisted = pass.hoisted();
        // Coordinates lie side by side; where all lanes are here, several go through the program as one row.
        let together = match count == lanes {
            true => (WIDTH / lanes).clamp(1, dim),
            false => 1,
        };
        let repeat = |row: &mut [F]| {
            for k in 1..together {
                row.copy_within(..count, k * count);
            }
        };
        let several = || (0..dim).step_by(together);
        let width = |i: usize| together.min(dim - i) * count;
        shared[..hoisted * WIDTH]
            .chunks_exact_mut(WIDTH)
            .for_each(repeat);
        for (k, program) in pass.means.iter().enumerate() {
            let (before, mean) = shared.split_at_mut((hoisted + k) * WIDTH);
            let mean = &mut mean[..WIDTH];
            let sums = F::registers_mut::<S>(&mut mean[..count]);
            sums.fill(F::splat(simd, F::of(0.0)));
            for i in several() {
                self.run(program, i, (begin, width(i)), before, rows);
                let row = (program.outputs[0] - program.inputs.len()) * WIDTH;
                let row = F::registers::<S>(&rows[row..][..width(i)]);
                for own in row.chunks_exact(sums.len()) {
                    for (sum, x) in sums.iter_mut().zip(own) {
                        *sum = F::sum(simd, *sum, *x);
                    }
                }
            }
            let all = F::splat(simd, F::of(dim as f64));
            for sum in sums {
                *sum = F::quotient(simd, *sum, all);
            }
            repeat(mean);
        }
        let program = &pass.coordinate;
        for i in several() {
            let count = width(i);
            self.run(program, i, (begin, count), shared, rows);
            let row = |output: &usize| &rows[(output - program.inputs.len()) * WIDTH..][..count];
            let at = i * lanes + begin;
            let [states @ .., theta] = &program.outputs[..] else {
                continue;
            };
            match &mut self.kept {
                Kept::Moved(to, memory, _) => {
                    for (k, output) in states.iter().enumerate() {
                        memory[k * size + at..][..count].copy_from_slice(row(output));
                    }
                    to[at..][..count].copy_from_slice(row(theta));
                }
                Kept::Still(.., to) => to[at..][..count].copy_from_slice(row(theta)),
            }
        }
    }

    fn run(
        &self,
        program: &Program,
        i: usize,
        (begin, count): (usize, usize),
        shared: &[F],
        rows: &mut [F],
    ) {
        let (theta, states, _) = self.kept.read();
        let (size, at) = (theta.len(), i * self.lanes + begin);
        let hoisted = self.pass.hoisted();
        run(program, rows, count, |input| match input {
            Input::Gradient => &self.gradient[at..],
            Input::Theta => &theta[at..],
            Input::Fresh => &self.fresh[at..],
            Input::State(k) => &states[k * size + at..],
            Input::Hoisted(k) => &shared[k * WIDTH..],
            Input::Mean(k) => &shared[(hoisted + k) * WIDTH..],
            _ => &[],
        });
    }
}

/// Runs a program on rows of `count` lanes, which start `WIDTH` apart.
fn run<'a, F: Vector>(
    program: &Program,
    rows: &mut [F],
    count: usize,
    input: impl Fn(Input) -> &'a [F],
) {
    let mut few: [&[F]; FEW] = [&[]; FEW];
    let many: Vec<&[F]>;
    let n = program.inputs.len();
    let inputs = if n <= FEW {
        for (to, own) in few.iter_mut().zip(&program.inputs) {
            *to = input(*own);
        }
        &few[..n]
    } else {
        many = program.inputs.iter().map(|own| input(*own)).collect();
        &many
    };
    program.on_rows(&inputs, rows, WIDTH, count);
}
