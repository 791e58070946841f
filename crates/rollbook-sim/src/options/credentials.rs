//! Who may ask the pretend Zoom.

/// What the token endpoint accepts, and tokens that work without it.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Account of the server-to-server app.
    pub account_id: String,
    /// Name of the app.
    pub client_id: String,
    /// Secret of the app.
    pub client_secret: String,
    /// Access tokens that are good from the start and never expire.
    pub access_tokens: Vec<String>,
    /// Scopes a token carries, parted by spaces. Empty text means every scope there is.
    pub scopes: String,
    /// Seconds a token lives.
    pub token_seconds: u32,
    /// The `api_url` told with a token; without it the address the client itself used.
    pub api_url: Option<String>,
}

impl Default for Credentials {
    /// `account`, `client`, `secret`, and the ready token `token`.
    fn default() -> Credentials {
        Credentials {
            account_id: "account".into(),
            client_id: "client".into(),
            client_secret: "secret".into(),
            access_tokens: vec!["token".into()],
            scopes: String::new(),
            token_seconds: 3600,
            api_url: None,
        }
    }
}
