//! A register of lanes of either precision, through [`pulp::Simd`].

use pulp::Simd;

use super::float::Float;

/// Lanes of the widest register there is, of the smallest numbers.
pub const MOST_LANES: usize = 16;

/// A [`Float`] with the vector instructions for it. Every operation is the IEEE one on each lane.
pub trait Vector: Float {
    /// A register of lanes.
    type Register<S: Simd>: Copy;
    /// One truth value for each lane.
    type Mask<S: Simd>: Copy;
    /// Lanes in the widest register there is.
    const WIDEST: usize = 64 / size_of::<Self>();
    /// Beyond this a number counts as diverged; sums of the squares of many smaller ones are finite.
    const DIVERGED: Self;

    /// Every lane equal to `value`.
    fn splat<S: Simd>(simd: S, value: Self) -> Self::Register<S>;
    /// a + b.
    fn sum<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Register<S>;
    /// a − b.
    fn difference<S: Simd>(
        simd: S,
        a: Self::Register<S>,
        b: Self::Register<S>,
    ) -> Self::Register<S>;
    /// a · b.
    fn product<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Register<S>;
    /// a / b.
    fn quotient<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Register<S>;
    /// The larger; b where either is not a number.
    fn larger<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Register<S>;
    /// The smaller; b where either is not a number.
    fn smaller<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Register<S>;
    /// −a.
    fn negative<S: Simd>(simd: S, a: Self::Register<S>) -> Self::Register<S>;
    /// |a|.
    fn size<S: Simd>(simd: S, a: Self::Register<S>) -> Self::Register<S>;
    /// √a.
    fn root<S: Simd>(simd: S, a: Self::Register<S>) -> Self::Register<S>;
    /// a · b + c, rounded once.
    fn fused<S: Simd>(
        simd: S,
        a: Self::Register<S>,
        b: Self::Register<S>,
        c: Self::Register<S>,
    ) -> Self::Register<S>;
    /// a < b.
    fn less<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Mask<S>;
    /// a ≤ b.
    fn at_most<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Mask<S>;
    /// a = b.
    fn equal<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Mask<S>;
    /// Both.
    fn both<S: Simd>(simd: S, a: Self::Mask<S>, b: Self::Mask<S>) -> Self::Mask<S>;
    /// Whether it is true in every lane.
    fn everywhere<S: Simd>(simd: S, mask: Self::Mask<S>) -> bool;
    /// `yes` where `mask` is true, else `no`.
    fn select<S: Simd>(
        simd: S,
        mask: Self::Mask<S>,
        yes: Self::Register<S>,
        no: Self::Register<S>,
    ) -> Self::Register<S>;
    /// The whole registers at the start of `row`.
    fn registers<S: Simd>(row: &[Self]) -> &[Self::Register<S>];
    /// The same, to be written.
    fn registers_mut<S: Simd>(row: &mut [Self]) -> &mut [Self::Register<S>];

    /// The register whose lanes are these doubles, each rounded; as many as it has lanes.
    fn rounded<S: Simd>(doubles: &[f64]) -> Self::Register<S>;

    /// Lanes in a register.
    #[inline(always)]
    fn width<S: Simd>() -> usize {
        size_of::<Self::Register<S>>() / size_of::<Self>()
    }
}

macro_rules! vector {
    (
        $float:ty, $lanes:ident, $mask:ident, diverged $diverged:literal, splat $splat:ident, negative $neg:ident,
        size $abs:ident, root $sqrt:ident, fused $fused:ident, and $and:ident, not $not:ident, first $first:ident, select $select:ident,
        view $view:ident, view_mut $view_mut:ident, rounded |$doubles:ident| $row:expr, binary { $($method:ident $simd_method:ident)* },
        compare { $($comparison:ident $simd_comparison:ident)* }
    ) => {
        impl Vector for $float {
            type Register<S: Simd> = S::$lanes;
            type Mask<S: Simd> = S::$mask;
            const DIVERGED: Self = $diverged;

            #[inline(always)]
            fn splat<S: Simd>(simd: S, value: Self) -> S::$lanes {
                simd.$splat(value)
            }
            #[inline(always)]
            fn negative<S: Simd>(simd: S, a: S::$lanes) -> S::$lanes {
                simd.$neg(a)
            }
            #[inline(always)]
            fn size<S: Simd>(simd: S, a: S::$lanes) -> S::$lanes {
                simd.$abs(a)
            }
            #[inline(always)]
            fn root<S: Simd>(simd: S, a: S::$lanes) -> S::$lanes {
                simd.$sqrt(a)
            }
            #[inline(always)]
            fn fused<S: Simd>(simd: S, a: S::$lanes, b: S::$lanes, c: S::$lanes) -> S::$lanes {
                simd.$fused(a, b, c)
            }
            $(
                #[inline(always)]
                fn $method<S: Simd>(simd: S, a: S::$lanes, b: S::$lanes) -> S::$lanes {
                    simd.$simd_method(a, b)
                }
            )*
            $(
                #[inline(always)]
                fn $comparison<S: Simd>(simd: S, a: S::$lanes, b: S::$lanes) -> S::$mask {
                    simd.$simd_comparison(a, b)
                }
            )*
            #[inline(always)]
            fn both<S: Simd>(simd: S, a: S::$mask, b: S::$mask) -> S::$mask {
                simd.$and(a, b)
            }
            #[inline(always)]
            fn everywhere<S: Simd>(simd: S, mask: S::$mask) -> bool {
                simd.$first(simd.$not(mask)) >= Self::width::<S>()
            }
            #[inline(always)]
            fn select<S: Simd>(simd: S, mask: S::$mask, yes: S::$lanes, no: S::$lanes) -> S::$lanes {
                simd.$select(mask, yes, no)
            }
            #[inline(always)]
            fn rounded<S: Simd>($doubles: &[f64]) -> S::$lanes {
                Self::registers::<S>($row)[0]
            }
            #[inline(always)]
            fn registers<S: Simd>(row: &[Self]) -> &[S::$lanes] {
                S::$view(row).0
            }
            #[inline(always)]
            fn registers_mut<S: Simd>(row: &mut [Self]) -> &mut [S::$lanes] {
                S::$view_mut(row).0
            }
        }
    };
}

vector!(
    f64, f64s, m64s, diverged 1e100, splat splat_f64s, negative neg_f64s, size abs_f64s, root sqrt_f64s, fused mul_add_f64s,
    and and_m64s, not not_m64s, first first_true_m64s, select select_f64s,
    view as_simd_f64s, view_mut as_mut_simd_f64s, rounded |doubles| doubles,
    binary { sum add_f64s difference sub_f64s product mul_f64s quotient div_f64s larger max_f64s smaller min_f64s },
    compare { less less_than_f64s at_most less_than_or_equal_f64s equal equal_f64s }
);
vector!(
    f32, f32s, m32s, diverged 1e15, splat splat_f32s, negative neg_f32s, size abs_f32s, root sqrt_f32s, fused mul_add_f32s,
    and and_m32s, not not_m32s, first first_true_m32s, select select_f32s,
    view as_simd_f32s, view_mut as_mut_simd_f32s, rounded |doubles| &{
        let mut row = [0.0; MOST_LANES];
        row.iter_mut().zip(doubles).for_each(|(x, double)| *x = *double as f32);
        row
    },
    binary { sum add_f32s difference sub_f32s product mul_f32s quotient div_f32s larger max_f32s smaller min_f32s },
    compare { less less_than_f32s at_most less_than_or_equal_f32s equal equal_f32s }
);
