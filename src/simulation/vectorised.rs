//! One plain loop, compiled for AVX-512, AVX2 and the baseline, chosen at run time.

/// Runs `$body` with the widest vector instructions of this machine; the bits do not depend on it.
///
/// `$moved` are the `&mut` captures. Moving them makes the closure callable once only, without which
/// the compiler puts a shim between it and the wide code and compiles the body for the baseline.
macro_rules! vectorised {
    (|$($moved:ident),+| $body:expr) => {
        pulp::Arch::new().dispatch(
            #[inline(always)]
            move || {
                $(let $moved = $moved;)+
                $body
            },
        )
    };
}
pub(crate) use vectorised;
