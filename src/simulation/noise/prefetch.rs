//! Asking for memory ahead of its use. A hint: it never fails and changes no result.

/// Has the processor fetch the cache lines of `row`, where it can be asked to.
#[inline(always)]
pub fn prefetch<T>(row: &[T]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        const LINE: usize = 64;
        for offset in (0..size_of_val(row)).step_by(LINE) {
            // SAFETY: every x86-64 processor has the instruction, which faults at no address.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(row.as_ptr().cast::<i8>().wrapping_add(offset)) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = row;
}
