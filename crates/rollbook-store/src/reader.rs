//! The store for those who only look.

use std::ops::Deref;
use std::path::Path;

use crate::error::Result;
use crate::sqlite::{Mode, Store};

/// A store that can be read and nothing else: what changes it wants a `&mut Store`, which nobody gets from here.
pub struct Reader(Store);

impl Reader {
    /// Opens the file at `path`, which must be there.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open(path: &Path) -> Result<Reader> {
        Store::open(path, Mode::Read).map(Reader)
    }

    /// Runs `work` on one state of the store: figures read one after another agree with each other.
    ///
    /// # Errors
    /// Those of `work`, and if the store cannot be read.
    pub fn at_one_moment<T>(&self, work: impl FnOnce(&Store) -> Result<T>) -> Result<T> {
        self.0.at_one_moment(work)
    }
}

impl Deref for Reader {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.0
    }
}
