//! Rows as `COPY … (FORMAT binary)` takes them.

use stillup::model::moment::Moment;

/// Milliseconds from 1970 to 2000, where Postgres begins to count.
const POSTGRES_BEGINS: i64 = 946_684_800_000;

/// Rows of one table.
#[derive(Default)]
pub(crate) struct Rows(Vec<u8>);

impl Rows {
    /// Begins a row of so many columns.
    pub(crate) fn row(&mut self, columns: i16) -> &mut Self {
        if self.0.is_empty() {
            self.0.extend(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
        }
        self.0.extend(columns.to_be_bytes());
        self
    }

    pub(crate) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.0.extend((value.len() as i32).to_be_bytes());
        self.0.extend(value);
        self
    }

    pub(crate) fn null(&mut self) -> &mut Self {
        self.0.extend((-1_i32).to_be_bytes());
        self
    }

    pub(crate) fn at(&mut self, at: Moment) -> &mut Self {
        self.bytes(&((at.millis() - POSTGRES_BEGINS) * 1_000).to_be_bytes())
    }

    pub(crate) fn int(&mut self, value: u64) -> &mut Self {
        self.bytes(&(value as i32).to_be_bytes())
    }

    pub(crate) fn small(&mut self, value: u16) -> &mut Self {
        self.bytes(&(value as i16).to_be_bytes())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them, with their end; none stay.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        if !self.0.is_empty() {
            self.0.extend((-1_i16).to_be_bytes());
        }
        std::mem::take(&mut self.0)
    }
}
