//! Where an export goes: standard output, or a file that is complete or not there at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::CANNOT;

/// The destination of an export.
pub enum Destination {
    /// Standard output.
    Standard(BufWriter<io::StdoutLock<'static>>),
    /// A device or pipe that is written as it is.
    Direct(BufWriter<File>),
    /// A file under another name beside its place, until it is complete.
    Beside {
        /// The writer.
        file: BufWriter<File>,
        /// Its name while it is written.
        part: PathBuf,
        /// Its name afterwards.
        path: PathBuf,
    },
}

/// Writes all, or leaves what was there as it was.
///
/// # Errors
/// If `out` cannot be written, or what `write` returns.
pub fn write_whole<T>(
    out: Option<&Path>,
    write: impl FnOnce(&mut Destination) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let mut out = Destination::open(out)?;
    match write(&mut out) {
        Ok(written) => out.finish().map(|()| written).context(CANNOT),
        Err(error) => {
            out.give_up();
            Err(error.context(CANNOT))
        }
    }
}

impl Destination {
    /// Opens it. `-` is standard output.
    fn open(out: Option<&Path>) -> anyhow::Result<Destination> {
        let Some(out) = out.filter(|out| *out != Path::new("-")) else {
            return Ok(Destination::Standard(BufWriter::new(io::stdout().lock())));
        };
        let cannot =
            || format!("cannot write {}; check that its folder exists and may be written to", out.display());
        // A link stays a link: what it points to is replaced.
        let path = std::fs::canonicalize(out).unwrap_or_else(|_| out.to_path_buf());
        let old = std::fs::metadata(&path).ok();
        if old.as_ref().is_some_and(std::fs::Metadata::is_dir) {
            anyhow::bail!(
                "cannot write {}: it is a folder; name a file in it, or have folders written with --format parquet",
                out.display()
            );
        }
        if old.as_ref().is_some_and(|old| !old.is_file()) {
            let file = File::options().write(true).open(&path).with_context(cannot)?;
            return Ok(Destination::Direct(BufWriter::new(file)));
        }
        let Some(name) = path.file_name() else {
            anyhow::bail!("cannot write {}: it names no file", out.display());
        };
        let part = path.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
        let file = File::create(&part).with_context(cannot)?;
        if let Some(old) = old {
            file.set_permissions(old.permissions()).with_context(cannot)?;
        }
        Ok(Destination::Beside { file: BufWriter::new(file), part, path })
    }

    /// Makes it complete: flushed, and under its own name.
    fn finish(self) -> io::Result<()> {
        match self {
            Destination::Standard(mut out) => out.flush(),
            Destination::Direct(mut out) => out.flush(),
            Destination::Beside { file, part, path } => {
                let done = file
                    .into_inner()
                    .map_err(io::IntoInnerError::into_error)
                    .and_then(|file| file.sync_all())
                    .and_then(|()| std::fs::rename(&part, &path));
                if done.is_err() {
                    let _ = std::fs::remove_file(&part);
                }
                done
            }
        }
    }

    /// Takes away what was begun.
    fn give_up(self) {
        if let Destination::Beside { file, part, .. } = self {
            drop(file.into_parts());
            let _ = std::fs::remove_file(part);
        }
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Destination::Standard(out) => out.write(bytes),
            Destination::Direct(out) | Destination::Beside { file: out, .. } => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Destination::Standard(out) => out.flush(),
            Destination::Direct(out) | Destination::Beside { file: out, .. } => out.flush(),
        }
    }
}
