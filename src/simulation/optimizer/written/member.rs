//! A compiled rule on some coordinates of one particle, whatever a number is.

use super::Rule;
use super::compiled::{Pass, Program};
use super::graph::Input;
use crate::optimizer::trajectory::{Coordinate, Group};
use crate::program::Plain;

/// What a step begins with.
struct Begun<N> {
    hoisted: Vec<N>,
    gradient: Vec<N>,
}

/// A rule on some coordinates.
pub struct Member<N> {
    rule: Rule,
    coordinates: Vec<usize>,
    scalars: Vec<f64>,
    states: Vec<Vec<N>>,
    /// Whether it knows where θ starts.
    awake: bool,
    begun: Begun<N>,
    like: N,
}

impl<N: Coordinate> Member<N> {
    /// A group that has taken no step; `like` is any number of the kind to compute in.
    pub fn new(rule: Rule, coordinates: Vec<usize>, like: &N) -> Self {
        let slots = rule.compiled.states.iter();
        let start: Vec<N> = slots.map(|slot| like.like(slot.start)).collect();
        Member {
            scalars: rule.compiled.scalars.clone(),
            rule,
            states: vec![start; coordinates.len()],
            coordinates,
            awake: false,
            begun: Begun {
                hoisted: Vec::new(),
                gradient: Vec::new(),
            },
            like: like.clone(),
        }
    }

    fn awake(&mut self, theta: &[N]) {
        if std::mem::replace(&mut self.awake, true) {
            return;
        }
        for (&i, own) in self.coordinates.iter().zip(&mut self.states) {
            for (state, slot) in own.iter_mut().zip(&self.rule.compiled.states) {
                if slot.place {
                    *state = theta[i].clone();
                }
            }
        }
    }

    /// The particle's part of a pass: its memory after step t, and what coordinates need of it.
    fn particle(&self, pass: &Pass, t: u64, count: f64) -> (Vec<f64>, Vec<N>) {
        let factor = self.rule.schedule.factor(t);
        let values = run(&pass.particle, &0.0, |input| match input {
            Input::Step => t as f64,
            Input::Eta => factor * self.rule.eta,
            Input::Factor => factor,
            Input::Dim => count,
            Input::Scalar(k) => self.scalars[k],
            _ => f64::NAN,
        });
        let (scalars, hoisted) = values.split_at(pass.scalars);
        let hoisted = hoisted.iter().map(|x| self.like.like(*x)).collect();
        (scalars.to_vec(), hoisted)
    }

    fn run(
        &self,
        program: &Program,
        (own, theta): (usize, &[N]),
        hoisted: &[N],
        means: &[N],
    ) -> Vec<N> {
        run(program, &self.like, |input| match input {
            Input::Gradient => self.begun.gradient[own].clone(),
            Input::Theta => theta[self.coordinates[own]].clone(),
            Input::State(k) => self.states[own][k].clone(),
            Input::Hoisted(k) => hoisted[k].clone(),
            Input::Mean(k) => means[k].clone(),
            _ => self.like.like(f64::NAN),
        })
    }
}

/// What a program comes to.
fn run<N: Coordinate>(program: &Program, like: &N, input: impl Fn(Input) -> N) -> Vec<N> {
    let inputs: Vec<N> = program.inputs.iter().map(|own| input(*own)).collect();
    let mut machine = Plain {
        inputs: &inputs,
        rows: vec![like.clone(); program.rows],
    };
    program.run(&mut machine);
    let outputs = program.outputs.iter();
    outputs.map(|output| machine.value(*output)).collect()
}

impl<N: Coordinate> Group<N> for Member<N> {
    fn coordinates(&self) -> &[usize] {
        &self.coordinates
    }

    fn aim(&mut self, t: u64, theta: &[N], count: f64, to: &mut Vec<N>) {
        let Some(pass) = self.rule.compiled.at.clone() else {
            return;
        };
        self.awake(theta);
        if to.is_empty() {
            to.extend_from_slice(theta);
        }
        let hoisted = self.particle(&pass, t, count).1;
        for own in 0..self.coordinates.len() {
            let mut at = self.run(&pass.coordinate, (own, theta), &hoisted, &[]);
            if let Some(at) = at.pop() {
                to[self.coordinates[own]] = at;
            }
        }
    }

    fn begin(&mut self, t: u64, theta: &[N], gradient: &[N], count: f64) {
        self.awake(theta);
        let (scalars, hoisted) = self.particle(&self.rule.compiled.step, t, count);
        self.scalars = scalars;
        let own = self.coordinates.iter().map(|&i| gradient[i].clone());
        self.begun = Begun {
            hoisted,
            gradient: own.collect(),
        };
    }

    fn means(&self) -> usize {
        self.rule.compiled.step.means.len()
    }

    fn sum(&mut self, theta: &[N], means: &[N]) -> N {
        let mut sum = self.like.like(0.0);
        if let Some(program) = self.rule.compiled.step.means.get(means.len()) {
            for own in 0..self.coordinates.len() {
                let values = self.run(program, (own, theta), &self.begun.hoisted, means);
                for value in values {
                    sum = sum + value.total();
                }
            }
        }
        sum
    }

    fn end(&mut self, theta: &mut [N], means: &[N]) {
        for own in 0..self.coordinates.len() {
            let program = &self.rule.compiled.step.coordinate;
            let mut after = self.run(program, (own, theta), &self.begun.hoisted, means);
            if let Some(moved) = after.pop() {
                theta[self.coordinates[own]] = moved;
            }
            self.states[own] = after;
        }
    }

    fn memory(&self) -> Vec<N> {
        self.states.concat()
    }

    fn remember(&mut self, taken: u64, memory: &[N]) -> Option<()> {
        let each = self.rule.compiled.states.len();
        if memory.len() != each * self.coordinates.len() {
            return None;
        }
        self.scalars = self.rule.compiled.scalars.clone();
        let count = self.coordinates.len() as f64 * self.like.count();
        for t in 1..=taken {
            self.scalars = self.particle(&self.rule.compiled.step, t, count).0;
        }
        for (own, state) in self.states.iter_mut().enumerate() {
            *state = memory[own * each..][..each].to_vec();
        }
        self.awake = taken > 0;
        Some(())
    }
}
