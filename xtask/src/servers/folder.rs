//! The folder that the servers live in.

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use crate::process::{command, output, root};

/// What our folders are called, followed by the number of the process that made it.
const STEM: &str = "rollbook-servers-";

/// A temporary folder, gone when it is dropped.
pub struct Folder {
    pub path: PathBuf,
    /// User and group that it belongs to, where that is not who we are.
    pub owner: Option<(u32, u32)>,
    /// What lets tests in.
    pub password: String,
}

impl Folder {
    /// Makes it, with a certificate for the servers, and removes those that a killed task left behind.
    pub fn create() -> Result<Folder, String> {
        let place = std::env::temp_dir();
        remove_orphans(&place);
        let path = place.join(format!("{STEM}{}", std::process::id()));
        fs::create_dir(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let folder = Folder { path, owner: owner()?, password: password()? };
        folder.own(&folder.path, 0o700)?;
        for name in ["localhost.crt", "localhost.key"] {
            let certificate = root().join("crates/rollbook-zoom/tests/it/tls").join(name);
            let text = fs::read_to_string(&certificate)
                .map_err(|error| format!("{}: {error}", certificate.display()))?;
            folder.write(name, &text)?;
        }
        Ok(folder)
    }

    /// A path in it.
    pub fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file that only the servers may read.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf, String> {
        let path = self.at(name);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        self.own(&path, 0o600)?;
        Ok(path)
    }

    /// Makes a folder in it.
    pub fn inner(&self, name: &str) -> Result<PathBuf, String> {
        let path = self.at(name);
        fs::create_dir(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        self.own(&path, 0o700)?;
        Ok(path)
    }

    fn own(&self, path: &Path, mode: u32) -> Result<(), String> {
        let (user, group) = self.owner.unzip();
        fs::set_permissions(path, Permissions::from_mode(mode))
            .and_then(|()| chown(path, user, group))
            .map_err(|error| format!("{}: {error}", path.display()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed now is an orphan of the next task.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Folders of tasks that are no longer there.
fn remove_orphans(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix(STEM).and_then(|number| number.parse::<u32>().ok());
        if process.is_some_and(|process| !Path::new("/proc").join(process.to_string()).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Servers refuse to run as root; `nobody` is there on every system.
fn owner() -> Result<Option<(u32, u32)>, String> {
    let id = |what: &str, user: Option<&str>| {
        let mut id = command("id");
        id.arg(what).args(user);
        output(id)?.trim().parse::<u32>().map_err(|error| format!("id {what}: {error}"))
    };
    if id("-u", None)? != 0 {
        return Ok(None);
    }
    Ok(Some((id("-u", Some("nobody"))?, id("-g", Some("nobody"))?)))
}

/// Somebody else on this machine could reach the port, too.
fn password() -> Result<String, String> {
    let mut bytes = [0_u8; 16];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(|error| format!("/dev/urandom: {error}"))?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
