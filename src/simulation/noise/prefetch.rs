//! Asking for memory ahead of its use. A hint: it never fails and changes no result.

/// Has the processor fetch the cache lines of the first and the last of `len` elements of `memory` from `first` on, where
/// it can be asked to. A range that reaches beyond `memory` does no harm.
#[inline(always)]
pub fn prefetch<T>(memory: &[T], first: usize, len: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let start = memory.as_ptr().wrapping_add(first);
        for end in [start, start.wrapping_add(len.saturating_sub(1))] {
            // SAFETY: every x86-64 processor has the instruction, which faults at no address.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(end.cast()) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (memory, first, len);
}
