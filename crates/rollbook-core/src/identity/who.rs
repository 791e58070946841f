//! The decision itself: corrections, then evidence, then names.

use super::evidence::{corrected, proved};
use super::{Candidate, Confidence, Identity, Known, Sighting};
use crate::roster::User;

/// Says who a person is, with the rule, how sure, and why. Nothing that was typed makes it certain.
pub fn who(sighting: &Sighting, known: &Known<'_>) -> Identity {
    let proof = proved(sighting, known);
    match corrected(sighting, known) {
        // A decision about a name was about somebody of whom nothing else was known; whoever proves to be another
        // is not meant.
        Some((_, true)) if proof.as_ref().is_some_and(|proof| proof.confidence == Confidence::Certain) => {}
        Some((correction, _)) => return correction,
        None => {}
    }
    proof.unwrap_or_else(|| by_name(sighting, known))
}

fn by_name(sighting: &Sighting, known: &Known<'_>) -> Identity {
    let mut fitting: Vec<&User> =
        sighting.names.iter().flat_map(|name| known.named(&super::stored::commas(name))).collect();
    fitting.sort_by_key(|user| user.id);
    fitting.dedup_by_key(|user| user.id);
    let (user, confidence, evidence) = match fitting.as_slice() {
        [] => (None, Confidence::Unknown, "no member has this name".to_owned()),
        [user] => (
            Some(user.id),
            Confidence::Likely,
            format!("the only member named {} ({})", user.full_name(), user.id),
        ),
        several => (None, Confidence::Ambiguous, format!("{} members have this name", several.len())),
    };
    let candidates = |user: &&User| Candidate { user: user.id, full_name: user.full_name(), likeness: 1.0 };
    let candidates = if user.is_none() { fitting.iter().map(candidates).collect() } else { Vec::new() };
    Identity { user, confidence, rule: "name", evidence, candidates }
}

#[cfg(test)]
mod tests;
