//! The rows on a page, read without the tables that they belong to.

use crate::limits;

use super::pages::Pages;

/// Where the header of a tree's page is on the first page of a database.
const AFTER_FILE_HEADER: usize = 100;

/// A value as `SQLite` stores it. Numbers with a fraction are of no use here.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// A row with its number; rows of tables without numbers have none.
pub(super) struct Record {
    pub(super) rowid: Option<i64>,
    pub(super) values: Vec<Value>,
}

/// The rows on a page that is a leaf of a table, or any page of an index or of a table without row numbers: the rows of
/// these are on inner pages as well. A row that is damaged,
/// or goes on on a page that is, is left out; `false` says that there was one.
pub(super) fn records(pages: &mut Pages, number: u32, page: &[u8]) -> (Vec<Record>, bool) {
    let header = if number == 1 { AFTER_FILE_HEADER } else { 0 };
    // Where the places of the cells are told, what each begins with, and whether its row has a number.
    let (places, child, numbered) = match page.get(header) {
        Some(0x0d) => (8, 0, true),
        Some(0x0a) => (8, 0, false),
        Some(0x02) => (12, 4, false),
        _ => return (Vec::new(), true),
    };
    let (mut found, mut complete) = (Vec::new(), true);
    for cell in 0..short(page, header + 3).unwrap_or(0) {
        let record = short(page, header + places + 2 * usize::from(cell))
            .and_then(|offset| record(pages, page.get(usize::from(offset) + child..)?, numbered));
        match record {
            Some(record) => found.push(record),
            None => complete = false,
        }
    }
    (found, complete)
}

/// A row from its cell, with what goes on on other pages.
fn record(pages: &mut Pages, mut cell: &[u8], numbered: bool) -> Option<Record> {
    let size = usize::try_from(varint(&mut cell)?).ok().filter(|size| *size <= limits::SALVAGED_ROW_BYTES)?;
    let rowid = if numbered { Some(varint(&mut cell)?) } else { None };
    let usable = pages.usable();
    let most = if numbered { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
    let mut payload;
    if size <= most {
        payload = cell.get(..size)?.to_vec();
    } else {
        let least = (usable - 12) * 32 / 255 - 23;
        let here = least + (size - least) % (usable - 4);
        let here = if here <= most { here } else { least };
        payload = cell.get(..here)?.to_vec();
        let mut next = word(cell, here)?;
        while payload.len() < size {
            let page = pages.page(next).filter(|_| next > 0)?;
            let rest = page.bytes.get(4..usable)?;
            payload.extend_from_slice(&rest[..rest.len().min(size - payload.len())]);
            next = word(&page.bytes, 0)?;
        }
    }
    Some(Record { rowid, values: values(&payload)? })
}

/// The values of a record: a header of types, and then the contents.
fn values(payload: &[u8]) -> Option<Vec<Value>> {
    let mut types = payload;
    let length = usize::try_from(varint(&mut types)?).ok()?;
    let mut contents = payload.get(length..)?;
    let mut types = payload.get(payload.len() - types.len()..length)?;
    let mut found = Vec::new();
    while !types.is_empty() {
        found.push(value(varint(&mut types)?, &mut contents)?);
    }
    Some(found)
}

fn value(kind: i64, contents: &mut &[u8]) -> Option<Value> {
    let mut take = |size: usize| contents.split_off(..size);
    Some(match kind {
        0 => Value::Null,
        1..=6 => {
            let bytes = take([1, 2, 3, 4, 6, 8][usize::try_from(kind - 1).ok()?])?;
            let sign = if bytes[0] & 0x80 == 0 { 0 } else { -1 };
            Value::Int(bytes.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte)))
        }
        8 | 9 => Value::Int(kind - 8),
        12.. => {
            let bytes = take(usize::try_from((kind - 12) / 2).ok()?)?.to_vec();
            if kind % 2 == 0 { Value::Blob(bytes) } else { Value::Text(String::from_utf8(bytes).ok()?) }
        }
        // Fractions, which no table here has, and what is reserved.
        _ => return None,
    })
}

/// `SQLite`'s number of one to nine bytes, high bits first.
fn varint(bytes: &mut &[u8]) -> Option<i64> {
    let mut number = 0;
    for _ in 0..8 {
        let byte = *bytes.split_off_first()?;
        number = number << 7 | i64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    Some(number << 8 | i64::from(*bytes.split_off_first()?))
}

fn short(bytes: &[u8], offset: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(offset..)?.first_chunk()?))
}

fn word(bytes: &[u8], offset: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(offset..)?.first_chunk()?))
}
