//! Asking for memory ahead of its use. A hint: it never fails and changes no result.

/// Has the processor fetch the cache line in which an element of `memory` begins, where it can be asked to. An element
/// beyond `memory` does no harm.
#[inline(always)]
pub fn prefetch<T>(memory: &[T], element: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let address = memory.as_ptr().wrapping_add(element);
        // SAFETY: every x86-64 processor has the instruction, which faults at no address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (memory, element);
}
