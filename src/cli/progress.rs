//! One progress bar per experiment, on standard error, on a terminal only.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use base::shown;
use experiment::context::{Advance, Progress};

/// A bar that advances with every particle that ends.
pub struct Bar {
    bar: ProgressBar,
    advance: Arc<Advance>,
    ended: Arc<AtomicBool>,
    poll: Option<JoinHandle<()>>,
}

impl Bar {
    /// A bar for the experiment `name` with `cells` cells.
    pub fn new(name: &str, cells: usize) -> Self {
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(cells as u64 * UNIT), target);
        if let Ok(style) = ProgressStyle::with_template(
            "{prefix:28} [{bar:30}] {percent:>3} % {elapsed:>4} {wide_msg}",
        ) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(name.to_string());
        let advance: Arc<Advance> = Arc::default();
        let ended = Arc::new(AtomicBool::new(false));
        let poll = (!bar.is_hidden()).then(|| {
            let (bar, advance, ended) = (bar.clone(), advance.clone(), ended.clone());
            std::thread::spawn(move || {
                while !ended.load(Ordering::Relaxed) {
                    bar.set_position(position(&advance));
                    std::thread::sleep(Duration::from_millis(100));
                }
            })
        });
        Bar {
            bar,
            advance,
            ended,
            poll,
        }
    }

    /// Leaves the finished bar on the screen, with a word on how it ended.
    pub fn finish(mut self, word: &str) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(poll) = self.poll.take() {
            let _ = poll.join();
        }
        self.bar.set_position(position(&self.advance));
        let seen = !self.bar.is_hidden();
        self.bar.abandon_with_message(word.to_string());
        if seen {
            // The bar leaves the cursor at its end.
            eprintln!();
        }
    }
}

/// Bar units in a cell.
const UNIT: u64 = 1000;

fn position(advance: &Advance) -> u64 {
    (advance.cells() * UNIT as f64) as u64
}

impl Progress for Bar {
    fn cell(&self, label: &str, particles: u64, finished: &Arc<AtomicU64>) {
        self.advance.cell(label, particles, finished);
        self.bar.set_message(shown::line(label).into_owned());
    }

    fn cell_done(&self) {
        self.advance.cell_done();
    }
}
