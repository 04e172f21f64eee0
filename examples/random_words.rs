//! The generator's words as raw bytes, for a test battery that reads a pipe:
//! `cargo run --release --example random_words -- 1 | dieharder -g 200 -a`.
//!
//! Words come as the lab keys them: for each step of a block of 512 particles, two words a particle. The argument
//! is the seed.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::ExitCode;

use kramers::simulation::random::{Address, Purpose, Stream, fill_words};

const LANES: u64 = 512;

/// Steps of a block before the next block of particles begins.
const STEPS: u64 = 1000;

fn main() -> ExitCode {
    let Ok(seed) = std::env::args().nth(1).unwrap_or("1".into()).parse() else {
        eprintln!("the seed must be a whole number");
        return ExitCode::from(2);
    };
    match write(seed) {
        // The battery has read what it wanted.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("cannot write: {error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

fn write(seed: u64) -> io::Result<()> {
    let stream = Stream::new(seed, 0);
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let mut words = vec![0u64; 2 * LANES as usize];
    for block in 0.. {
        let particle: Vec<u64> = (block * LANES..(block + 1) * LANES).collect();
        for step in 0..STEPS {
            let step = vec![step; LANES as usize];
            let address = Address {
                particle: &particle,
                step: &step,
            };
            fill_words(&stream, Purpose::Process, address, &mut words);
            for word in &words {
                out.write_all(&word.to_le_bytes())?;
            }
        }
    }
    Ok(())
}
