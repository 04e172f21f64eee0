//! Rare exits by adaptive multilevel splitting: the mean exit step of a process that brute force would
//! wait for in vain.
//!
//! A path that leaves A = {level ≤ basin} and passes the surface Σ = {level > surface} either falls back
//! into A or reaches B = {level > exit}, which it does with a small probability p. With every path that
//! reaches B put back at the start, the renewal theorem (Hill's relation) makes the mean exit step
//!
//! ```text
//! ⟨n⟩ = ⟨steps of a cycle A → Σ → A or B⟩ / p
//! ```
//!
//! exactly, the cycles being those of the stationary regime. p comes from N replicas, each of which
//! passes Σ from a cycle of its own: the level z that the k worst of them have not exceeded is taken, all
//! replicas whose highest level is at most z are dropped (those that tie with it among them), and each is
//! replaced by a copy of a survivor up to its first passage of z, from where it goes on with random
//! numbers of its own. p̂ = Π (1 − Kⱼ/N) × (share that reached B) is unbiased for every N, k and level
//! function, and its relative variance is about −ln p/N at best.
//!
//! Source: Cérou and Guyader, Stoch. Anal. Appl. 25 (2007) 417; in discrete time and with ties, where
//! only this form is unbiased, Bréhier, Gazeau, Goudenège, Lelièvre and Rousset, Ann. Appl. Probab. 26
//! (2016) 3559.

mod cycles;
mod level;
mod path;
mod wander;

pub use level::Level;

use path::{Path, State};
use wander::Wanderers;

use super::Process;
use crate::random::{Purpose, Stream};
use crate::trace;
use base::error::Result;

/// What to run; levels are those of [`Level::of`], upwards towards the exit.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheme {
    /// θ at the start, and wherever a path is put back that has left. It lies in A.
    pub start: Vec<f64>,
    /// The reaction coordinate.
    pub level: Level,
    /// A: levels up to this.
    pub basin: f64,
    /// Σ: passed by the first level above this.
    pub surface: f64,
    /// B: levels above this.
    pub exit: f64,
    /// N.
    pub replicas: usize,
    /// k, how many are dropped at a time, without ties.
    pub kill: usize,
    /// Cycles of each replica that are not counted, until the process has forgotten its start.
    pub burn_in: u32,
    /// Cycles of each replica that are counted.
    pub cycles: u32,
    /// Steps after which a single path from Σ, or a single cycle, is given up.
    pub max_steps: u64,
}

/// What one run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Split {
    /// p̂, the chance that a path from Σ reaches B before A; 0 where all replicas were dropped at once.
    pub probability: f64,
    /// Mean steps of a cycle.
    pub cycle: f64,
    /// Levels that were passed.
    pub levels: u64,
    /// Steps that particles took, all in all.
    pub steps: u64,
}

/// A process under a scheme, with the random numbers of one run.
pub struct Splitting<'a> {
    /// What moves the particles. Only its grid points count, those of an SDE too.
    pub process: &'a dyn Process,
    /// The run's own random numbers.
    pub stream: &'a Stream,
    /// What to run.
    pub scheme: &'a Scheme,
}

impl Splitting<'_> {
    /// One independent run, on the calling thread.
    ///
    /// # Errors
    /// A path diverges, or neither returns nor leaves within `max_steps`.
    pub fn run(&self) -> Result<Split> {
        let scheme = self.scheme;
        let mut wanderers = Wanderers::new(self.process, self.stream, scheme);
        let (sources, cycle) = cycles::sources(&mut wanderers)?;
        let mut paths: Vec<Path> = sources.into_iter().map(Path::starting).collect();
        let everyone: Vec<usize> = (0..paths.len()).collect();
        wanderers.complete(&mut paths, &everyone)?;

        let n = paths.len() as f64;
        let (mut weight, mut levels) = (1.0, 0);
        loop {
            let z = kth_lowest(&paths, scheme.kill);
            if z > scheme.exit {
                break;
            }
            let (dropped, kept): (Vec<usize>, Vec<usize>) =
                (0..paths.len()).partition(|i| paths[*i].highest() <= z);
            if kept.is_empty() {
                weight = 0.0;
                break;
            }
            weight *= 1.0 - dropped.len() as f64 / n;
            for &i in &dropped {
                let u = self.stream.uniform(Purpose::Branch, levels, i as u64, 0);
                let parent = kept[((u * kept.len() as f64) as usize).min(kept.len() - 1)];
                paths[i] = paths[parent].until_above(z);
            }
            wanderers.complete(&mut paths, &dropped)?;
            levels += 1;
        }
        let reached = paths.iter().filter(|path| path.highest() > scheme.exit);
        let split = Split {
            probability: weight * reached.count() as f64 / n,
            cycle,
            levels,
            steps: wanderers.steps,
        };
        trace::run(
            "splitting",
            self.stream,
            scheme.replicas as u64,
            &[scheme.max_steps],
            self.process.normals(),
            [
                trace::bits(split.probability),
                trace::bits(split.cycle),
                split.levels,
                split.steps,
            ],
        );
        Ok(split)
    }
}

/// The k-th lowest of the highest levels.
fn kth_lowest(paths: &[Path], k: usize) -> f64 {
    let mut highest: Vec<f64> = paths.iter().map(Path::highest).collect();
    highest.sort_by(f64::total_cmp);
    let at = k.clamp(1, highest.len().max(1)) - 1;
    highest.get(at).copied().unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests;
