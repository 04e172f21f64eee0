//! What a solver on a line has to know of a surface: where it is not smooth, and where it is narrow.

/// A surface of one coordinate between two points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Structure {
    /// Ends of intervals, ascending, the first and the last the two points: between two neighbours there
    /// is nothing that a handful of samples would miss.
    pub cells: Vec<f64>,
    /// Where L, L′ or L″ jumps while L goes on.
    pub kinks: Vec<f64>,
    /// Where L has no value and no limit: poles, and the ends of its domain.
    pub poles: Vec<f64>,
    /// Where 0/0 has a limit.
    pub removable: Vec<f64>,
    /// A place at which the cells ran out: what lies there is not known.
    pub unresolved: Option<f64>,
}

/// Cells of a surface that says nothing of itself.
const EVEN: usize = 64;

impl Structure {
    /// A surface that is smooth on the scale of the interval.
    pub fn smooth(low: f64, high: f64) -> Self {
        let at = |i: usize| low + (high - low) * i as f64 / EVEN as f64;
        let mut cells: Vec<f64> = (0..EVEN).map(at).collect();
        cells.push(high);
        Self {
            cells,
            ..Self::default()
        }
    }

    /// The same with kinks at those of `kinks` that lie within.
    pub fn with_kinks(mut self, kinks: &[f64]) -> Self {
        let (low, high) = (self.cells[0], self.cells[self.cells.len() - 1]);
        self.kinks
            .extend(kinks.iter().filter(|x| (low..=high).contains(*x)));
        self.kinks.sort_by(f64::total_cmp);
        self
    }

    /// In the coordinate θ of which this one is a multiple, `factor`·θ.
    pub fn divided(mut self, factor: f64) -> Self {
        let lists = [
            &mut self.cells,
            &mut self.kinks,
            &mut self.poles,
            &mut self.removable,
        ];
        for list in lists {
            list.iter_mut().for_each(|x| *x /= factor);
        }
        self.unresolved = self.unresolved.map(|x| x / factor);
        self
    }

    /// All points that quadrature should begin and end at.
    pub fn breaks(&self) -> Vec<f64> {
        let mut all = [self.cells.as_slice(), &self.kinks, &self.poles].concat();
        all.sort_by(f64::total_cmp);
        all.dedup();
        all
    }

    /// The first place in (a, b) at which L has no value.
    pub fn pole_between(&self, a: f64, b: f64) -> Option<f64> {
        let (low, high) = (a.min(b), a.max(b));
        self.poles.iter().copied().find(|x| low < *x && *x < high)
    }
}
