//! The driver of a real browser.

use std::path::Path;

use super::folder::Folder;
use super::{Prepared, free_port, layout, tied};

/// In the paths of tests that need it.
pub const TESTS: &str = "in_browser::";

/// Its profiles are made by the tests, one for each.
pub fn prepare(folder: &Folder) -> Result<Prepared, String> {
    let port = free_port()?;
    let home = folder.inner("browser")?;
    let mut nothing = tied(folder, "KILL", Path::new("true"));
    nothing.env("HOME", &home);
    // The driver speaks on its standard output; what we read is the other one.
    let mut server = tied(folder, "TERM", Path::new("/bin/sh"));
    server.env("HOME", &home);
    server.args(["-c", "exec chromedriver --port=\"$0\" --allowed-ips=127.0.0.1 1>&2", &port.to_string()]);
    Ok(Prepared {
        name: "ChromeDriver",
        layout: layout(nothing)?,
        signal: None,
        server,
        ready: "was started successfully",
        stop: "-TERM",
        environment: ("ROLLBOOK_TEST_WEBDRIVER", format!("http://127.0.0.1:{port}")),
    })
}
