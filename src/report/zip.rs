//! A zip file of what is not compressed, with sizes in 64 bits, as numpy writes it.

/// A zip file that grows; the same files give the same bytes.
#[derive(Default)]
pub struct Zip {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    files: u64,
}

/// 1 January 1980, the first day that the format knows.
const DATE: u16 = 0x21;
/// The version that knows sizes in 64 bits, and names in UTF-8.
const VERSION: u16 = 45;
const UTF_8: u16 = 1 << 11;
/// In place of a size that stands in the extra field.
const BELOW: u32 = u32::MAX;

impl Zip {
    /// Adds a file. A name is cut at what the format holds, 65535 bytes.
    pub fn add(&mut self, name: &str, content: &[u8]) {
        let name = &name.as_bytes()[..name.len().min(usize::from(u16::MAX))];
        let (at, size) = (self.bytes.len() as u64, content.len() as u64);
        let crc = crc32fast::hash(content);
        let entry = |extra: u16| {
            let first = shorts([VERSION, UTF_8, 0, 0, DATE]);
            let last = shorts([name.len() as u16, extra]);
            [first, ints([crc, BELOW, BELOW]), last].concat()
        };
        self.bytes.reserve_exact(content.len() + name.len() + 64);
        self.bytes.extend(b"PK\x03\x04");
        self.bytes.extend(entry(20));
        self.bytes.extend(name);
        self.bytes.extend(shorts([1, 16]));
        self.bytes.extend(longs([size, size]));
        self.bytes.extend(content);

        self.directory.extend(b"PK\x01\x02");
        self.directory.extend(shorts([VERSION]));
        self.directory.extend(entry(28));
        // No comment, the first disk, no attributes.
        self.directory.extend([0; 10]);
        self.directory.extend(ints([BELOW]));
        self.directory.extend(name);
        self.directory.extend(shorts([1, 24]));
        self.directory.extend(longs([size, size, at]));
        self.files += 1;
    }

    /// The whole file.
    pub fn finish(self) -> Vec<u8> {
        let (files, directory, mut bytes) = (self.files, self.directory, self.bytes);
        let (at, size) = (bytes.len() as u64, directory.len() as u64);
        bytes.extend(directory);
        let end = bytes.len() as u64;
        bytes.extend(b"PK\x06\x06");
        bytes.extend(longs([44]));
        bytes.extend(shorts([VERSION; 2]));
        bytes.extend(ints([0; 2]));
        bytes.extend(longs([files, files, size, at]));
        bytes.extend(b"PK\x06\x07");
        bytes.extend(ints([0]));
        bytes.extend(longs([end]));
        bytes.extend(ints([1]));
        bytes.extend(b"PK\x05\x06");
        // What does not fit into this older end of the format stands above.
        bytes.extend(shorts([0, 0, u16::MAX, u16::MAX]));
        bytes.extend(ints([BELOW; 2]));
        bytes.extend(shorts([0]));
        bytes
    }
}

fn shorts<const N: usize>(all: [u16; N]) -> Vec<u8> {
    all.map(u16::to_le_bytes).as_flattened().to_vec()
}

fn ints<const N: usize>(all: [u32; N]) -> Vec<u8> {
    all.map(u32::to_le_bytes).as_flattened().to_vec()
}

fn longs<const N: usize>(all: [u64; N]) -> Vec<u8> {
    all.map(u64::to_le_bytes).as_flattened().to_vec()
}
