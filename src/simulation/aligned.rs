//! Memory for rows of lanes that starts where a cache line starts, so that no register straddles two.

use std::ops::{Deref, DerefMut};

/// Bytes in a cache line, and in the widest register.
const LINE: usize = 64;

/// A slice of fixed length, aligned to a cache line.
#[derive(Debug)]
pub struct Aligned<T> {
    memory: Vec<T>,
    first: usize,
    len: usize,
}

impl<T: Copy> Aligned<T> {
    /// `len` times `value`.
    pub fn new(value: T, len: usize) -> Self {
        let spare = LINE / size_of::<T>().max(1);
        let memory = vec![value; len + spare];
        // Where the line cannot be found the memory is merely slower.
        let first = memory.as_ptr().align_offset(LINE);
        Aligned {
            first: if first <= spare { first } else { 0 },
            memory,
            len,
        }
    }
}

impl<T: Copy + Default> FromIterator<T> for Aligned<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let values: Vec<T> = values.into_iter().collect();
        let mut aligned = Aligned::new(T::default(), values.len());
        aligned.copy_from_slice(&values);
        aligned
    }
}

/// A copy lies elsewhere, so its start is sought again.
impl<T: Copy + Default> Clone for Aligned<T> {
    fn clone(&self) -> Self {
        self.iter().copied().collect()
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.memory[self.first..][..self.len]
    }
}

impl<T> DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.memory[self.first..][..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_on_a_line_and_holds_what_it_is_given() {
        for len in [0, 1, 7, 640] {
            let made = Aligned::new(1.5, len);
            let copied: Aligned<f64> = made.clone();
            for aligned in [made, copied] {
                assert_eq!(aligned.as_ptr() as usize % LINE, 0);
                assert_eq!(*aligned, vec![1.5; len]);
            }
        }
        let counted: Aligned<u64> = (0..20).collect();
        assert_eq!(*counted, Vec::from_iter(0..20));
    }
}
