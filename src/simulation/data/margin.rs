//! Images of a small margin: the same features, fainter.

use super::draw::{Decision, probability, uniforms};
use super::labelled::Labelled;
use crate::random::Stream;
use base::error::{Error, Result};

/// Multiplies the inputs of a `share` of every class by `margin` and says which.
///
/// The idea is that of the data distribution of Jelassi & Li (2022), with images in place of patches: some examples
/// have the feature of their class at a small scale, and a network that is linear in its input gives them a margin
/// smaller by that factor. It is not the paper's own way to change CIFAR-10. Of the n examples of a class the
/// share · n (rounded) with the smallest draws are taken, so a smaller share is part of a larger one.
///
/// # Errors
/// `share` is not within 0..=1, or `margin` is not positive and finite.
pub fn shrink(
    set: &mut Labelled,
    share: f64,
    margin: f32,
    stream: &Stream,
    replicate: u64,
) -> Result<Vec<bool>> {
    probability("share", share)?;
    if !(margin > 0.0 && margin.is_finite()) {
        return Err(Error::Input(format!(
            "margin = {margin}: it is a positive factor of the inputs, below 1 to make them fainter"
        )));
    }
    let mut classes = vec![vec![]; set.classes];
    for (i, label) in set.labels.iter().enumerate() {
        let (draw, _) = uniforms(stream, Decision::Margin, replicate, i);
        if let Some(class) = classes.get_mut(*label as usize) {
            class.push((draw, i));
        }
    }
    let (width, mut small) = (set.width(), vec![false; set.len()]);
    for mut class in classes {
        class.sort_by(|a, b| a.0.total_cmp(&b.0));
        let count = (share * class.len() as f64).round() as usize;
        for (_, i) in class.into_iter().take(count) {
            small[i] = true;
            for x in &mut set.inputs[i * width..(i + 1) * width] {
                *x *= margin;
            }
        }
    }
    Ok(small)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::digits;

    fn shrunk(share: f64, replicate: u64) -> (Labelled, Vec<bool>) {
        let mut set = digits::all().unwrap();
        let small = shrink(&mut set, share, 0.25, &Stream::new(2, 2), replicate).unwrap();
        (set, small)
    }

    #[test]
    fn the_share_of_every_class_is_fainter_and_the_rest_is_as_it_was() {
        let (before, (after, small)) = (digits::all().unwrap(), shrunk(0.1, 0));
        let mut counts = [[0, 0]; 10];
        for (i, small) in small.iter().enumerate() {
            counts[before.labels[i] as usize][usize::from(*small)] += 1;
            let factor = if *small { 0.25 } else { 1.0 };
            let pairs = after.example(i).iter().zip(before.example(i));
            assert!(pairs.into_iter().all(|(a, b)| *a == factor * b));
        }
        for [large, small] in counts {
            assert_eq!(small, (0.1 * f64::from(large + small)).round() as i32);
        }
        assert_eq!(after.labels, before.labels);
    }

    #[test]
    fn replicates_differ_and_shares_are_nested() {
        let (ten, twenty) = (shrunk(0.1, 0).1, shrunk(0.2, 0).1);
        assert!(ten.iter().zip(&twenty).all(|(ten, twenty)| *ten <= *twenty));
        assert_ne!(shrunk(0.1, 1).1, ten);
        assert_eq!(shrunk(0.1, 0).1, ten);
        assert!(shrunk(1.0, 0).1.iter().all(|small| *small));
        assert_eq!(shrunk(0.0, 0).0, digits::all().unwrap());
    }

    #[test]
    fn bad_settings_are_refused() {
        let stream = Stream::new(2, 2);
        for (share, margin) in [(1.1, 0.5), (-0.1, 0.5), (0.5, 0.0), (0.5, f32::NAN)] {
            let mut set = digits::all().unwrap();
            assert!(shrink(&mut set, share, margin, &stream, 0).is_err());
        }
    }
}
