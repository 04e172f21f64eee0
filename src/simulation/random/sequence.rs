//! A sequential view of a stream, so that the laws of `rand_distr` can be drawn from it.

use std::convert::Infallible;

use rand::TryRng;

use super::stream::{Purpose, Stream};

/// The draws at (purpose, particle, round), one after another.
pub struct Sequence<'a> {
    stream: &'a Stream,
    purpose: Purpose,
    particle: u64,
    round: u64,
    next: u64,
}

impl<'a> Sequence<'a> {
    /// Starts at index 0.
    pub fn new(stream: &'a Stream, purpose: Purpose, particle: u64, round: u64) -> Self {
        Sequence {
            stream,
            purpose,
            particle,
            round,
            next: 0,
        }
    }
}

impl TryRng for Sequence<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|word| (word >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let (first, second) =
            self.stream
                .bits(self.purpose, self.particle, self.round, self.next >> 1);
        let word = if self.next & 1 == 0 { first } else { second };
        self.next += 1;
        Ok(word)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}
