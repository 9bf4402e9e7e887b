//! The pages of a SQLite file (<https://www.sqlite.org/fileformat2.html#b_tree_pages>).

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::record::{SalvagedRow, values, varint};

/// How a SQLite file begins.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// The size of our pages in bytes, where the file does not tell it any more.
const PAGE_BYTES: u32 = 4096;
/// The bytes of the file's header, on its first page.
const HEADER_BYTES: usize = 100;

/// The first byte of a page of a table that names other pages.
const INTERIOR: u8 = 0x05;
/// The first byte of a page of a table that holds rows.
const LEAF: u8 = 0x0d;

/// A page of a table.
#[derive(Debug)]
pub(super) enum Node {
    /// The pages below it.
    Interior(Vec<u32>),
    Leaf {
        rows: Vec<SalvagedRow>,
        /// How many of its rows are not whole.
        broken: u64,
    },
}

/// A file's pages.
#[derive(Debug)]
pub(super) struct Pages {
    file: RefCell<File>,
    page_bytes: u32,
    /// The bytes of a page that are used.
    usable: usize,
    pub(super) count: u32,
}

impl Pages {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut header = Vec::new();
        file.by_ref().take(HEADER_BYTES as u64).read_to_end(&mut header)?;
        let (page_bytes, reserved) = of_header(&header).unwrap_or((PAGE_BYTES, 0));
        let count = u32::try_from(length / u64::from(page_bytes)).unwrap_or(u32::MAX);
        let usable = usize::try_from(page_bytes).unwrap_or(usize::MAX) - usize::from(reserved);
        Ok(Self { file: RefCell::new(file), page_bytes, usable, count })
    }

    /// Reads a page, from 1.
    fn read(&self, number: u32) -> Option<Vec<u8>> {
        let place = u64::from(number.checked_sub(1)?) * u64::from(self.page_bytes);
        let mut page = vec![0; usize::try_from(self.page_bytes).ok()?];
        let mut file = self.file.borrow_mut();
        file.seek(SeekFrom::Start(place)).ok()?;
        file.read_exact(&mut page).ok()?;
        Some(page)
    }

    /// Reads a page of a table; `None` when it is damaged, or is another kind of page.
    pub(super) fn node(&self, number: u32) -> Option<Node> {
        let page = self.read(number)?;
        let start = if number == 1 { HEADER_BYTES } else { 0 };
        let kind = *page.get(start)?;
        let cells = usize::from(short(&page, start + 3)?);
        let pointers = start + if kind == INTERIOR { 12 } else { 8 };
        if pointers + 2 * cells > self.usable {
            return None;
        }
        let cell = |index| short(&page, pointers + 2 * index).map(usize::from);
        match kind {
            INTERIOR => {
                let mut children = Vec::with_capacity(cells + 1);
                for index in 0..cells {
                    children.push(long(&page, cell(index)?)?);
                }
                children.push(long(&page, start + 8)?);
                Some(Node::Interior(children))
            }
            LEAF => {
                let found: Vec<Option<SalvagedRow>> =
                    (0..cells).map(|index| self.row(page.get(cell(index)?..)?)).collect();
                let broken = found.iter().filter(|row| row.is_none()).count();
                Some(Node::Leaf {
                    rows: found.into_iter().flatten().collect(),
                    broken: u64::try_from(broken).unwrap_or(u64::MAX),
                })
            }
            _ => None,
        }
    }

    /// Reads a row, also where the end of it lies on other pages.
    fn row(&self, cell: &[u8]) -> Option<SalvagedRow> {
        let (length, rest) = varint(cell)?;
        let (rowid, rest) = varint(rest)?;
        let length = usize::try_from(length).ok()?;
        let most = self.usable - 35;
        let here = if length <= most {
            length
        } else {
            let least = (self.usable - 12) * 32 / 255 - 23;
            let some = least + (length - least) % (self.usable - 4);
            if some <= most { some } else { least }
        };
        let (begin, rest) = rest.split_at_checked(here)?;
        let mut record = begin.to_vec();
        let mut next = if here < length { long(rest, 0)? } else { 0 };
        let mut left = self.count;
        while record.len() < length {
            left = left.checked_sub(1)?;
            let page = self.read(next)?;
            next = long(&page, 0)?;
            let wanted = (length - record.len()).min(self.usable - 4);
            record.extend(page.get(4..4 + wanted)?);
        }
        Some(SalvagedRow { rowid: rowid.cast_signed(), values: values(&record)? })
    }
}

/// Reads the size of a page and how much of its end is reserved.
fn of_header(header: &[u8]) -> Option<(u32, u8)> {
    if !header.starts_with(MAGIC) {
        return None;
    }
    let page_bytes = match short(header, 16)? {
        1 => 65_536,
        other => u32::from(other),
    };
    let reserved = *header.get(20)?;
    ((512..=65_536).contains(&page_bytes) && page_bytes.is_power_of_two() && reserved <= 32)
        .then_some((page_bytes, reserved))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
