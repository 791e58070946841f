//! Where Parquet goes: a folder for each account and day, named as Hive, Spark and DuckDB expect it.
//!
//! `OUT/account=default/day=2026-10-05/qos.parquet`. The name is always the same, so writing a day again replaces what
//! was written of it before; other days, and what others put there, stay.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, IntoInnerError};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::civil::Date;

use crate::cli::UsageError;

/// The folder that was named, which Parquet needs.
///
/// # Errors
/// If none was.
pub fn folder(out: Option<&Path>) -> Result<&Path, UsageError> {
    out.filter(|out| *out != Path::new("-")).ok_or_else(|| {
        UsageError("Parquet is written to a folder, not to standard output; name one with --out".to_owned())
    })
}

/// A folder of partitions.
#[derive(Debug)]
pub struct Partitions {
    out: PathBuf,
    /// What the files in it are called.
    name: &'static str,
}

impl Partitions {
    /// Opens the folder, and makes it where there is none.
    ///
    /// # Errors
    /// If it is a file, or cannot be made.
    pub fn open(out: &Path, name: &'static str) -> anyhow::Result<Partitions> {
        if out.exists() && !out.is_dir() {
            anyhow::bail!(
                "cannot write {}: it is no folder, and Parquet is written as a folder with one for each account and \
                 day in it; name another one",
                out.display()
            );
        }
        fs::create_dir_all(out).with_context(|| cannot(out))?;
        Ok(Partitions { out: out.to_path_buf(), name })
    }

    /// Begins the file of one account and day. Until it is complete it has another name, which readers pass over.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn begin(&self, account: &str, day: Date) -> anyhow::Result<(BufWriter<File>, Part)> {
        let folder = self.out.join(format!("account={}", escaped(account))).join(format!("day={day}"));
        let part = folder.join(format!(".{}.{}.part", self.name, std::process::id()));
        fs::create_dir_all(&folder).with_context(|| cannot(&folder))?;
        let file = File::create(&part).with_context(|| cannot(&part))?;
        Ok((BufWriter::new(file), Part { part, path: folder.join(self.name) }))
    }
}

fn cannot(path: &Path) -> String {
    format!("cannot write {}; check that its folder exists and may be written to", path.display())
}

/// A file that is being written. It is taken away again unless it is finished.
#[derive(Debug)]
pub struct Part {
    part: PathBuf,
    path: PathBuf,
}

impl Part {
    /// Whether an earlier export wrote this account and day.
    pub fn is_there(&self) -> bool {
        self.path.exists()
    }

    /// Gives a complete file its own name; what had it before is replaced.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn finish(self, file: BufWriter<File>) -> io::Result<()> {
        file.into_inner().map_err(IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&self.part, &self.path)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Gone already, where it was finished.
        let _ = fs::remove_file(&self.part);
    }
}

/// A value as it may stand in a folder's name, with `%` and two digits for what has a meaning there to some reader or
/// file system. Letters of other scripts stay: Spark does not put them together again.
fn escaped(value: &str) -> String {
    let mut name = String::with_capacity(value.len());
    for c in value.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') || !c.is_ascii() {
            name.push(c);
        } else {
            let _ = write!(name, "%{:02X}", u32::from(c));
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const DAY_ONE: Date = date(2026, 10, 5);
    const DAY_TWO: Date = date(2026, 10, 6);

    fn write(partitions: &Partitions, account: &str, day: Date, text: &str) {
        let (mut file, part) = partitions.begin(account, day).unwrap();
        io::Write::write_all(&mut file, text.as_bytes()).unwrap();
        part.finish(file).unwrap();
    }

    /// Every file below, by its path.
    fn files(folder: &Path) -> Vec<(String, String)> {
        fn below(root: &Path, folder: &Path, found: &mut Vec<(String, String)>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    below(root, &path, found);
                } else {
                    let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                    found.push((name, fs::read_to_string(&path).unwrap()));
                }
            }
        }
        let mut found = Vec::new();
        below(folder, folder, &mut found);
        found.sort();
        found
    }

    fn check(folder: &Path, expected: &[(&str, &str)]) {
        let found = files(folder);
        let found: Vec<(&str, &str)> = found.iter().map(|(name, text)| (&**name, &**text)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn names_of_accounts_can_stand_in_a_path() {
        let check = |account, expected| assert_eq!(escaped(account), expected);
        check("default", "default");
        check("North-2_b.c", "North-2_b.c");
        check("a/b\\c", "a%2Fb%5Cc");
        check("50% of=it", "50%25%20of%3Dit");
        check("línea\n", "línea%0A");
    }

    #[test]
    fn a_day_written_again_replaces_its_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let partitions = Partitions::open(&folder.path().join("new/out"), "qos.parquet").unwrap();
        write(&partitions, "a", DAY_ONE, "old");
        write(&partitions, "a", DAY_TWO, "other day");
        let theirs = folder.path().join("new/out/account=a/day=2026-10-05/theirs.txt");
        fs::write(theirs, "theirs").unwrap();
        assert!(partitions.begin("a", DAY_ONE).unwrap().1.is_there());
        assert!(!partitions.begin("b", DAY_ONE).unwrap().1.is_there());
        write(&partitions, "a", DAY_ONE, "new");
        let unfinished = partitions.begin("a", DAY_TWO).unwrap();
        drop(unfinished);
        check(
            folder.path(),
            &[
                ("new/out/account=a/day=2026-10-05/qos.parquet", "new"),
                ("new/out/account=a/day=2026-10-05/theirs.txt", "theirs"),
                ("new/out/account=a/day=2026-10-06/qos.parquet", "other day"),
            ],
        );
    }

    #[test]
    fn a_file_is_no_place_for_partitions() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("qos.parquet");
        fs::write(&file, "").unwrap();
        let error = Partitions::open(&file, "qos.parquet").unwrap_err().to_string();
        assert!(error.contains("no folder"), "{error}");
    }
}
