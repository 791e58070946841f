use super::*;

fn load(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::load(&Flags::default(), &Environment::of(pairs.iter().copied()))
}

fn refused(pairs: &[(&str, &str)]) -> String {
    load(pairs).err().expect("it is refused").0
}

#[test]
fn defaults_are_those_of_the_design() {
    let config = load(&[]).unwrap();
    assert_eq!(config.store, PathBuf::from("rollbook.db"));
    let account = &config.accounts[0];
    assert_eq!((account.name.as_str(), account.plan, account.reserve), ("default", Plan::Business, 0.2));
    assert_eq!(account.api_url.as_str(), "https://api.zoom.us/v2");
    assert!(account.credentials.is_none());
}

#[test]
fn what_is_missing_of_the_credentials_is_named() {
    let message = refused(&[("ROLLBOOK_ZOOM_ACCOUNT_ID", "a"), ("ROLLBOOK_ZOOM_CLIENT_ID", "c")]);
    assert_eq!(message, "the credentials are incomplete: set ROLLBOOK_ZOOM_CLIENT_SECRET");
}

#[test]
fn a_simulated_clock_is_refused_when_zoom_could_be_reached() {
    assert!(refused(&[("ROLLBOOK_NOW", "2026-11-21T06:00:00Z")]).contains("api.zoom.us"));
    let local = [
        ("ROLLBOOK_NOW", "2026-11-21T06:00:00Z,60"),
        ("ROLLBOOK_ZOOM_API_URL", "http://127.0.0.1:1/v2"),
        ("ROLLBOOK_ZOOM_OAUTH_URL", "http://[::1]:1/oauth/token"),
    ];
    assert_eq!(load(&local).unwrap().now.unwrap().1, 60.0);
}

#[test]
fn a_token_is_never_sent_unencrypted() {
    assert!(refused(&[("ROLLBOOK_ZOOM_API_URL", "http://api.example.org/v2")]).contains("unencrypted"));
}

#[test]
fn wrong_values_name_their_setting() {
    for (name, value) in [
        ("ROLLBOOK_ZOOM_PLAN", "gold"),
        ("ROLLBOOK_ZOOM_LIMITS", "heavy_week=3"),
        ("ROLLBOOK_ZOOM_API_URL", "zoom"),
        ("ROLLBOOK_TIMEZONE", "Mars/Olympus"),
    ] {
        assert!(refused(&[(name, value)]).contains(name), "{name}");
    }
    assert!(refused(&[("ROLLBOOK_ZOOM_RESERVE", "2")]).contains("reserve"));
    assert!(refused(&[("ROLLBOOK_BREAKOUTS", "perhaps")]).contains("breakouts"));
}

#[test]
fn an_unknown_variable_is_a_warning() {
    let config = load(&[("ROLLBOOK_STROE", "x")]).unwrap();
    assert!(config.warnings[0].contains("ROLLBOOK_STROE"));
}

#[test]
fn unknown_keys_of_the_file_are_errors_with_their_place() {
    for text in ["stroe = 'x'", "[zoom]\nplna = 'pro'", "[[account]]\nname = 'a'\nplna = 'pro'"] {
        let reason = file::parse(text).err().unwrap();
        assert!(reason.contains("stroe") || reason.contains("plna"), "{reason}");
    }
}

#[test]
fn several_accounts_have_pools_of_their_own() {
    let folder = std::env::temp_dir().join(format!("rollbook-config-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("rollbook.toml");
    let text = "[[account]]\nname='north'\naccess_token='t'\nplan='pro'\n[[account]]\nname='south'\naccess_token='u'\npool='north'";
    std::fs::write(&path, text).unwrap();
    let flags = Flags { config: Some(path), ..Flags::default() };
    let config = Config::load(&flags, &Environment::of([("ROLLBOOK_ZOOM_ACCESS_TOKEN", "x")])).unwrap();
    let names: Vec<_> = config.accounts.iter().map(|a| (a.name.as_str(), a.pool.as_str())).collect();
    assert_eq!(names, [("default", "default"), ("north", "north"), ("south", "north")]);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn secrets_are_masked() {
    let config = load(&[
        ("ROLLBOOK_ZOOM_ACCOUNT_ID", "acc"),
        ("ROLLBOOK_ZOOM_CLIENT_ID", "cli"),
        ("ROLLBOOK_ZOOM_CLIENT_SECRET", "hush"),
    ])
    .unwrap();
    assert!(!shown(&config).to_string().contains("hush"));
}

#[test]
fn a_broken_file_is_told_by_its_line_and_never_shows_a_value() {
    for text in [
        "timezone = 'UTC'\n[zoom]\nclient_secret = \"hush",
        "[zoom]\nclient_secret = 4711471147",
        "[[account]]\nname='a'\nclient_secret = 4711471147",
    ] {
        let reason = file::parse(text).err().unwrap();
        assert!(!reason.contains("hush") && !reason.contains("4711471147"), "{reason}");
    }
    assert!(file::parse("timezone = 'UTC'\n[zoom]\nplan = 'pro").err().unwrap().contains("line 3"));
}

#[test]
fn policy_courses_needs_a_moodle() {
    let policy = ("ROLLBOOK_QOS_POLICY", "courses");
    let said = refused(&[policy]);
    assert!(said.contains("ROLLBOOK_MOODLE_DB") && said.contains("large:N"), "{said}");
    let moodle = ("ROLLBOOK_MOODLE_DB", "postgres://u:p@localhost/moodle");
    assert_eq!(load(&[policy, moodle]).unwrap().qos.policy, rollbook_core::quality::policy::Policy::Courses);
}
