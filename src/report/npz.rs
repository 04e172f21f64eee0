//! Arrays by name in one file, as numpy's `.npz`.

use ndarray::ArrayViewD;

use crate::npy;
use crate::zip::Zip;

/// The file beside a record.
pub const FILE: &str = "arrays.npz";

/// Arrays by name. `of` is what several of them belong to; whatever it contains, `of` and `of/part` are names that no other takes.
#[derive(Default)]
pub struct Npz(Zip);

impl Npz {
    /// Adds numbers.
    pub fn numbers(&mut self, of: &str, part: Option<&str>, values: ArrayViewD<'_, f64>) {
        self.0.add(&name(of, part), &npy::numbers(values));
    }

    /// Adds words on one axis.
    pub fn words(&mut self, of: &str, part: Option<&str>, words: &[String]) {
        self.0.add(&name(of, part), &npy::words(words));
    }

    /// The bytes of the file.
    pub fn finish(self) -> Vec<u8> {
        self.0.finish()
    }
}

/// Name of a file in the archive. A slash would make a folder, and two dots before it lead elsewhere.
fn name(of: &str, part: Option<&str>) -> String {
    let mut name = of.replace('%', "%25");
    name = name.replace('/', "%2F").replace('\\', "%5C");
    part.map_or(format!("{name}.npy"), |part| format!("{name}/{part}.npy"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// The bytes of the file of that name, read from the end of the archive, as readers do.
    fn file(zip: &[u8], wanted: &str) -> Option<Vec<u8>> {
        let number = |at: usize, size: usize| {
            let bytes = zip[at..at + size].iter().rev();
            bytes.fold(0usize, |all, byte| all << 8 | usize::from(*byte))
        };
        let end = zip.len() - 22;
        assert_eq!(&zip[end..end + 4], b"PK\x05\x06");
        assert_eq!(&zip[end - 20..end - 16], b"PK\x06\x07");
        let whole = number(end - 12, 8);
        assert_eq!(&zip[whole..whole + 4], b"PK\x06\x06");
        let (files, mut at) = (number(whole + 32, 8), number(whole + 48, 8));
        assert_eq!(at + number(whole + 40, 8), whole);
        for _ in 0..files {
            assert_eq!(&zip[at..at + 4], b"PK\x01\x02");
            let long = number(at + 28, 2);
            let (name, extra) = (&zip[at + 46..at + 46 + long], at + 46 + long);
            let (size, local) = (number(extra + 4, 8), number(extra + 20, 8));
            assert_eq!(&zip[local..local + 4], b"PK\x03\x04");
            assert_eq!(&zip[local + 30..local + 30 + long], name);
            let content = &zip[local + 30 + long + 20..][..size];
            assert_eq!(crc32fast::hash(content) as usize, number(at + 16, 4));
            if name == wanted.as_bytes() {
                return Some(content.to_vec());
            }
            at = extra + number(at + 30, 2);
        }
        None
    }

    #[test]
    fn every_array_is_found_by_its_name() {
        let mut npz = Npz::default();
        let values = array![[1.0, f64::NAN], [3.0, f64::INFINITY]].into_dyn();
        npz.numbers("../x", None, values.view());
        npz.words("../x", Some("axes"), &["η".to_string()]);
        let bytes = npz.finish();
        let found = file(&bytes, "..%2Fx.npy").unwrap();
        assert_eq!(found, npy::numbers(values.view()));
        let found = file(&bytes, "..%2Fx/axes.npy").unwrap();
        assert_eq!(found, npy::words(&["η".to_string()]));
        assert_eq!(file(&bytes, "axes.npy"), None);
        assert_eq!(file(&Npz::default().finish(), "x"), None);
    }
}
