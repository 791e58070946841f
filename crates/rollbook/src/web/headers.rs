//! What every answer tells the browser: trust nothing but this host, and keep nothing personal.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::reached::Reached;

/// Scripts, styles and data from here only, no frames around us, forms to here only. The chart library sets its styles one by
/// one, which this allows, but for two texts that it writes whole into heat maps: an empty one, and how their image is scaled.
/// These are allowed by their hashes, and no others.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      style-src-attr 'unsafe-hashes' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' \
                      'sha256-AR/cKIZjWPcPmBUPDA6oti9XBiTbJvz0Cro2J1VzzS8='; img-src 'self' data:; \
                      font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// Two years, as browsers' own lists ask for.
const HTTPS_ONLY: &str = "max-age=63072000";

/// Adds them.
pub async fn protect(request: Request, next: Next) -> Response {
    let is_secure = request.extensions().get::<Reached>().is_some_and(|reached| reached.is_secure);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HTTPS_ONLY));
    }
    // Assets say that they may be kept. All else is, or may be, about people.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest, Sha256};

    use super::*;

    /// As plotly puts it together from its list of values.
    const SCALED: &str = "image-rendering: optimizeSpeed; image-rendering: -moz-crisp-edges; image-rendering: \
                          -o-crisp-edges; image-rendering: -webkit-optimize-contrast; image-rendering: \
                          optimize-contrast; image-rendering: crisp-edges; image-rendering: pixelated; ";

    #[test]
    fn of_written_styles_only_the_two_of_heat_maps_are_allowed() {
        for text in ["", SCALED] {
            let hash = format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
            assert!(POLICY.contains(&hash), "{text:?}: {hash}");
        }
        assert!(POLICY.matches("sha256-").count() == 2 && !POLICY.contains("unsafe-inline"));
    }
}
