//! A time in whole steps.

/// time/step, which must be a whole number of at least 1, up to the rounding of both.
///
/// # Errors
/// It is none: the message says what is near.
pub fn whole_steps(time: f64, step: f64) -> Result<u64, String> {
    // Decimals such as 0.1 and their quotient are rounded by a few parts in 10¹⁶.
    const ROUNDING: f64 = 1e-9;
    let exact = time / step;
    let whole = exact.round();
    if whole >= 1.0 && (exact - whole).abs() <= ROUNDING * whole {
        return Ok(whole as u64);
    }
    let near = whole.max(1.0);
    Err(format!(
        "a time of {time} is {exact} steps of {step}, no whole number; near it lie the time {} and the step {}",
        near * step,
        time / near
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_whole_number_is_refused_with_what_is_near() {
        assert_eq!(whole_steps(2.0, 0.1), Ok(20));
        assert_eq!(whole_steps(0.3, 0.1), Ok(3));
        assert_eq!(whole_steps(1.0, 0.05f64.powi(2)), Ok(400));
        let why = whole_steps(2.0, 0.3).unwrap_err();
        assert!(
            why.contains("6.66") && why.contains("the step 0.2857"),
            "{why}"
        );
        assert!(whole_steps(0.01, 1.0).is_err());
        assert!(whole_steps(1e300, 1e-300).is_err() && whole_steps(f64::NAN, 1.0).is_err());
    }
}
