//! The format of numpy's `.npy` files, version 1.0.

use ndarray::ArrayViewD;

/// Numbers, the last axis running fastest.
pub fn numbers(values: ArrayViewD<'_, f64>) -> Vec<u8> {
    let mut bytes = header("<f8", values.shape());
    bytes.reserve_exact(8 * values.len());
    bytes.extend(values.iter().flat_map(|x| x.to_le_bytes()));
    bytes
}

/// Words on one axis, each in UTF-32 and as long as the longest.
pub fn words(words: &[String]) -> Vec<u8> {
    let lengths = words.iter().map(|word| word.chars().count());
    let longest = lengths.max().unwrap_or(0).max(1);
    let mut bytes = header(&format!("<U{longest}"), &[words.len()]);
    for word in words {
        let letters = word.chars().map(u32::from).chain(std::iter::repeat(0));
        bytes.extend(letters.take(longest).flat_map(u32::to_le_bytes));
    }
    bytes
}

/// What stands before the numbers; it ends at a multiple of 64 bytes.
fn header(kind: &str, shape: &[usize]) -> Vec<u8> {
    let shape: String = shape.iter().map(|n| format!("{n}, ")).collect();
    let shape = shape.trim_end();
    let mut text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}");
    while (10 + text.len() + 1) % 64 != 0 {
        text.push(' ');
    }
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_bytes_are_those_that_numpy_writes() {
        let bytes = numbers(array![[1.0, 2.0, 3.0]].t().into_dyn());
        let (header, rest) = bytes.split_at(128);
        assert!(header.starts_with(b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': False, 'shape': (3, 1,), } "));
        assert!(header.ends_with(b" \n"));
        assert_eq!(rest, [1.0f64, 2.0, 3.0].map(f64::to_le_bytes).concat());
        let bytes = words(&["η".into(), "sgd".into()]);
        let letters = "η\0\0sgd".chars().map(|c| (c as u32).to_le_bytes());
        assert_eq!(bytes[128..], letters.collect::<Vec<_>>().concat());
        assert_eq!(words(&[]).len(), 128);
    }
}
