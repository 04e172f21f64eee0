//! The barrier of a surface: from its deepest minimum over its lowest saddle.

use super::{CriticalPoint, Kind, Landscape};

/// A barrier and the two points that it lies between.
#[derive(Clone, Debug, PartialEq)]
pub struct Barrier {
    /// The deepest minimum.
    pub minimum: CriticalPoint,
    /// The lowest saddle.
    pub saddle: CriticalPoint,
    /// ΔL = L(saddle) − L(minimum).
    pub height: f64,
}

/// ΔL from the deepest minimum over the lowest saddle; `None` where the surface has no saddle.
/// Of equally deep points the first listed counts.
pub fn barrier(landscape: &dyn Landscape) -> Option<Barrier> {
    let points = landscape.critical_points();
    let lowest = |kind: Kind| {
        points
            .iter()
            .filter(|point| point.kind == kind)
            .min_by(|a, b| a.value.total_cmp(&b.value))
            .cloned()
    };
    let (minimum, saddle) = (lowest(Kind::Minimum)?, lowest(Kind::Saddle)?);
    let height = saddle.value - minimum.value;
    Some(Barrier {
        minimum,
        saddle,
        height,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{quadratic::Quadratic, styblinski_tang::StyblinskiTang};
    use super::*;
    use nalgebra::DMatrix;

    #[test]
    fn the_deepest_minimum_counts_not_the_nearest() {
        let found = barrier(&StyblinskiTang::new(1).unwrap()).unwrap();
        assert!(found.minimum.theta[0] < 0.0);
    }

    #[test]
    fn a_bowl_has_no_barrier() {
        let bowl = Quadratic::new(DMatrix::identity(2, 2)).unwrap();
        assert_eq!(barrier(&bowl), None);
    }
}
