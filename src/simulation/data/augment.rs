//! Random crops and mirror images.

use super::draw::{Decision, below, uniforms};
use crate::random::Stream;
use base::error::{Error, Result};

/// What is done to an image every time it is trained on: a frame of zeros is put around it, a part of the old size is
/// cut out at a random place, and the part is mirrored left to right half of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Augmentation {
    /// Width of the frame in pixels; 4 is usual for 32 × 32. 0 crops nothing.
    pub padding: usize,
    /// Whether half of the images are mirrored.
    pub flip: bool,
}

impl Augmentation {
    /// Writes what becomes of `image` of `shape` `[channels, height, width]` to `out`, which is as long. All channels
    /// move together. The draws depend on the stream, the step and the example's number alone.
    ///
    /// The frame is 0 in whatever units the image has: black where pixels run from 0 to 1, the mean where they are
    /// standardised.
    ///
    /// # Errors
    /// `shape` has not three dimensions, the lengths do not fit it, or the frame is as wide as the image.
    pub fn apply(
        &self,
        shape: &[usize],
        image: &[f32],
        stream: &Stream,
        step: u64,
        example: usize,
        out: &mut [f32],
    ) -> Result<()> {
        let [channels, height, width] = *shape else {
            return Err(Error::Input(format!(
                "examples of shape {shape:?} cannot be cropped or mirrored: images are [channels, height, width]"
            )));
        };
        if self.padding > 0 && self.padding >= height.min(width) {
            return Err(Error::Input(format!(
                "padding = {}: a frame as wide as an image of {height} × {width} pixels leaves nothing of it in some crops",
                self.padding
            )));
        }
        if image.len() != channels * height * width || out.len() != image.len() {
            return Err(Error::Input(format!(
                "an image of {} numbers into {} does not fit the shape {shape:?}",
                image.len(),
                out.len()
            )));
        }
        let (down, right) = uniforms(stream, Decision::Crop, step, example);
        let [down, right] = [down, right].map(|u| below(2 * self.padding + 1, u));
        let (side, _) = uniforms(stream, Decision::Flip, step, example);
        let crop = Crop {
            padding: self.padding,
            down,
            right,
            mirrored: self.flip && side < 0.5,
        };
        if height * width > 0 {
            let planes = image.chunks_exact(height * width);
            for (plane, out) in planes.zip(out.chunks_exact_mut(height * width)) {
                crop.apply(plane, width, out);
            }
        }
        Ok(())
    }
}

/// One crop: its upper left corner in the framed image.
struct Crop {
    padding: usize,
    down: usize,
    right: usize,
    mirrored: bool,
}

impl Crop {
    fn apply(&self, plane: &[f32], width: usize, out: &mut [f32]) {
        for (y, row) in out.chunks_exact_mut(width).enumerate() {
            let source = (y + self.down)
                .checked_sub(self.padding)
                .and_then(|y| plane.chunks_exact(width).nth(y));
            for (x, pixel) in row.iter_mut().enumerate() {
                let column = (x + self.right).checked_sub(self.padding);
                let found = source.zip(column).and_then(|(row, x)| row.get(x));
                *pixel = found.copied().unwrap_or(0.0);
            }
            if self.mirrored {
                row.reverse();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: [usize; 3] = [2, 2, 3];

    fn image() -> Vec<f32> {
        (1..=12).map(|i| i as f32).collect()
    }

    fn augmented(augmentation: Augmentation, step: u64, example: usize) -> Vec<f32> {
        let mut out = vec![f32::NAN; 12];
        let stream = Stream::new(12, 0);
        augmentation
            .apply(&SHAPE, &image(), &stream, step, example, &mut out)
            .unwrap();
        out
    }

    /// The plane 1 2 3 / 4 5 6 in a frame of one pixel.
    #[test]
    fn crops_by_hand() {
        let crop = |down, right, mirrored| {
            let mut out = vec![f32::NAN; 6];
            let crop = Crop {
                padding: 1,
                down,
                right,
                mirrored,
            };
            crop.apply(&image()[..6], 3, &mut out);
            out
        };
        assert_eq!(crop(1, 1, false), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(crop(0, 0, false), [0.0, 0.0, 0.0, 0.0, 1.0, 2.0]);
        assert_eq!(crop(2, 2, false), [5.0, 6.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(crop(1, 0, true), [2.0, 1.0, 0.0, 5.0, 4.0, 0.0]);
    }

    #[test]
    fn without_padding_and_flip_nothing_changes() {
        let nothing = Augmentation {
            padding: 0,
            flip: false,
        };
        for step in 0..10 {
            assert_eq!(augmented(nothing, step, 3), image());
        }
    }

    /// Seed 12, 18 000 draws: the 9 places and 2 sides of a frame of one pixel are equally likely by χ² with 17
    /// degrees of freedom, critical value 60.1 at α = 1e-6; channels move together.
    #[test]
    fn places_and_sides_are_equally_likely() {
        let both = Augmentation {
            padding: 1,
            flip: true,
        };
        let mut counts = std::collections::BTreeMap::new();
        for draw in 0..18_000u64 {
            let found = augmented(both, draw / 100, (draw % 100) as usize);
            let moved: Vec<f32> = found[..6]
                .iter()
                .map(|x| if *x > 0.0 { x + 6.0 } else { 0.0 })
                .collect();
            assert_eq!(found[6..], moved);
            let key: Vec<u32> = found.iter().map(|x| x.to_bits()).collect();
            *counts.entry(key).or_insert(0.0) += 1.0;
        }
        assert_eq!(counts.len(), 18);
        let chi2: f64 = counts
            .values()
            .map(|count| (count - 1000f64).powi(2) / 1000.0)
            .sum();
        assert!(chi2 < 60.1, "{chi2}");
        assert_eq!(augmented(both, 7, 8), augmented(both, 7, 8));
    }

    #[test]
    fn what_is_no_image_is_refused() {
        let augmentation = Augmentation {
            padding: 1,
            flip: true,
        };
        let stream = Stream::new(1, 1);
        let apply = |shape: &[usize], from: usize, to: usize| {
            augmentation.apply(shape, &vec![0.0; from], &stream, 0, 0, &mut vec![0.0; to])
        };
        assert!(apply(&[64], 64, 64).is_err());
        assert!(apply(&[1, 8, 8], 64, 63).is_err());
        assert!(apply(&[1, 8, 8], 63, 64).is_err());
        assert!(apply(&[1, 1, 64], 64, 64).is_err());
        assert!(apply(&[0, 8, 8], 0, 0).is_ok());
    }
}
