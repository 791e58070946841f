use super::*;

/// RFC 4231's second case has a readable key and message: "Jefe", "what do ya want for nothing?".
const KEY: &str = "Jefe";

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

#[test]
fn the_mac_is_the_standards() {
    let mut mac = keyed(&secret(KEY));
    mac.update(b"what do ya want for nothing?");
    let mut hex = String::new();
    push_hex(&mut hex, &mac.finalize().into_bytes());
    assert_eq!(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/// Made with `printf 'v0:1739923528:{"a":"Ł"}' | openssl dgst -sha256 -hmac s3cret`.
#[test]
fn quirk_73_a_signature_covers_the_raw_bytes() {
    let body = r#"{"a":"Ł"}"#.as_bytes();
    let signature = "v0=5b9dc64ed40ba884d2ba68e92663dc65c2f5559b54e4ec3fe8c837d6c850b5a7";
    assert_eq!(sign(&secret("s3cret"), "1739923528", body), signature);
    let check =
        |body: &[u8]| verify(&secret("s3cret"), at(1_739_923_528), Some("1739923528"), Some(signature), body);
    assert_eq!(check(body), Ok(at(1_739_923_528)));
    assert_eq!(check(br#"{"a":"\u0141"}"#), Err(Refusal::WrongSignature));
    assert_eq!(check(br#"{ "a":"L" }"#), Err(Refusal::WrongSignature));
}

/// Verifies a body signed at `signed` (header text) as of `now` (Unix seconds).
fn check(signed: &str, now: i64, expected: Result<Timestamp, Refusal>) {
    let signature = sign(&secret("s"), signed, b"{}");
    assert_eq!(verify(&secret("s"), at(now), Some(signed), Some(&signature), b"{}"), expected);
}

#[test]
fn the_timestamp_may_be_seconds_or_milliseconds() {
    check("1739923528", 1_739_923_530, Ok(at(1_739_923_528)));
    check("1739923528123", 1_739_923_530, Ok(Timestamp::from_millisecond(1_739_923_528_123).unwrap()));
    for odd in ["", "soon", "-5", "1.5", "17399235281234", "+1739923528", " 1739923528"] {
        check(odd, 1_739_923_530, Err(Refusal::BadTimestamp));
    }
}

#[test]
fn the_last_retry_passes_even_if_signed_by_the_first_try() {
    let now = 1_739_923_528;
    check("1739923528", now + 85 * 60 + 9, Ok(at(now)));
    check("1739923528", now - 25 * 60, Ok(at(now)));
    check("1739923528", now + 7_201, Err(Refusal::TooOld(SignedDuration::from_secs(7_201))));
    check("1739923528", now - 7_201, Err(Refusal::TooOld(SignedDuration::from_secs(7_201))));
}

#[test]
fn no_other_secret_and_no_other_signature_passes() {
    let good = sign(&secret("s"), "1739923528", b"{}");
    let now = at(1_739_923_528);
    let check = |secret_: &str, signature: Option<&str>, expected| {
        assert_eq!(verify(&secret(secret_), now, Some("1739923528"), signature, b"{}"), Err(expected));
    };
    check("t", Some(&good), Refusal::WrongSignature);
    check("s", None, Refusal::Unsigned);
    check("s", Some(""), Refusal::WrongSignature);
    check("s", Some(&good[3..]), Refusal::WrongSignature);
    check("s", Some(&good.to_uppercase()), Refusal::WrongSignature);
    check("s", Some(&format!("{good} ")), Refusal::WrongSignature);
}

#[test]
fn a_validation_is_answered_with_the_tokens_mac() {
    // `printf qgg8vlvZRS6UYooatFL8Aw | openssl dgst -sha256 -hmac s3cret`
    assert_eq!(
        encrypted_token(&secret("s3cret"), "qgg8vlvZRS6UYooatFL8Aw").as_deref(),
        Some("f54f2d5fee8f181aab8371bada7fed9bb675eae464f18ed4fb91715244b58ef4")
    );
}

/// Else anybody could have an event of their own signed by asking for its validation.
#[test]
fn what_could_be_a_signed_event_is_no_token() {
    let forged = r#"v0:1739923528:{"event":"meeting.ended"}"#;
    for text in [forged, "v0:1:x", "", "a b", "ä", &"a".repeat(257)] {
        assert_eq!(encrypted_token(&secret("s3cret"), text), None, "{text}");
    }
}

#[test]
fn no_refusal_holds_what_was_sent_or_the_secret() {
    let words = Refusal::TooOld(SignedDuration::from_secs(7_260)).to_string();
    assert_eq!(words, "the request was signed 2 h 1 min ahead of or behind this machine's clock");
}
