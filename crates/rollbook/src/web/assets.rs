//! Style sheet and scripts, all from this program: no page asks another host for anything.

use std::io::Write;
use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::problem::Problem;
use super::route::{Needs, Route};

/// One file.
struct Asset {
    name: &'static str,
    kind: &'static str,
    plain: Vec<u8>,
    packed: Vec<u8>,
    /// The address, which changes with the content, so that browsers may keep it for ever.
    path: String,
}

/// Addresses of what pages need.
#[derive(Debug, Clone, Copy)]
pub struct Links {
    /// The style sheet.
    pub style: &'static str,
    /// Live parts, charts.
    pub script: &'static str,
    /// Sets the theme before anything is drawn.
    pub theme: &'static str,
    /// The chart library.
    pub charts: &'static str,
    /// The picture in the browser's tab.
    pub icon: &'static str,
}

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/assets/{name}", Needs::Nothing, asset)]
}

/// The addresses.
pub fn links() -> Links {
    let path = |name: &str| {
        let found = assets().iter().find(|asset| asset.name == name);
        found.map_or("", |asset| asset.path.as_str())
    };
    Links {
        style: path("app.css"),
        script: path("app.js"),
        theme: path("theme.js"),
        charts: path("charts.js"),
        icon: path("icon.svg"),
    }
}

fn assets() -> &'static [Asset] {
    static ASSETS: OnceLock<Vec<Asset>> = OnceLock::new();
    ASSETS.get_or_init(|| {
        vec![
            made("app.css", "text/css; charset=utf-8", include_str!("../../assets/app.css").into()),
            made("app.js", "text/javascript; charset=utf-8", include_str!("../../assets/app.js").into()),
            made("theme.js", "text/javascript; charset=utf-8", include_str!("../../assets/theme.js").into()),
            made("icon.svg", "image/svg+xml", include_str!("../../assets/icon.svg").into()),
            made("charts.js", "text/javascript; charset=utf-8", chart_library().into()),
        ]
    })
}

fn made(name: &'static str, kind: &'static str, plain: Vec<u8>) -> Asset {
    let mut packer = GzEncoder::new(Vec::new(), Compression::new(6));
    let packed = packer.write_all(&plain).and_then(|()| packer.finish());
    let digest = Sha256::digest(&plain);
    let mark: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let (stem, end) = name.rsplit_once('.').expect("assets have an ending");
    Asset {
        name,
        kind,
        packed: packed.expect("packing into memory cannot fail"),
        path: format!("/assets/{stem}-{mark}.{end}"),
        plain,
    }
}

/// The script that the plotly crate carries, without the element around it.
fn chart_library() -> String {
    let sources = plotly::Plot::offline_js_sources();
    let scripts = sources.split("<script type=\"text/javascript\">").skip(1);
    let bodies = scripts.filter_map(|script| script.split_once("</script>").map(|(body, _)| body));
    // The other one draws formulas, of which there are none here.
    bodies.max_by_key(|body| body.contains("plotly.js v")).unwrap_or_default().to_owned()
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let path = format!("/assets/{name}");
    let asset = assets()
        .iter()
        .find(|asset| asset.path == path)
        .ok_or_else(|| Problem::not_found("There is no such file; load the page again."))?;
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let is_packed = accepts.contains("gzip");
    let body: &'static [u8] = if is_packed { &asset.packed } else { &asset.plain };
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_packed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chart_library_is_in_the_program() {
        let library = chart_library();
        assert!(library.contains("Plotly") && library.len() > 1_000_000, "{}", library.len());
        assert!(!library.contains("</script>"));
    }
}
