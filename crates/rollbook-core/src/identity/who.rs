//! The decision itself: corrections, then evidence, then names.

use std::collections::BTreeMap;

use super::by_name::{Named, Says, fits, says, whole_names};
use super::evidence::{corrected, proved};
use super::likeness::{Fit, MemberName};
use super::typed::{Typed, typed};
use super::{Candidate, Confidence, Identity, Known, NO_NAME, Sighting};

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
    let names: Vec<Typed> = sighting.names.iter().map(|name| typed(name)).collect();
    match proof {
        Some(proof) => doubted(proof, &names, known),
        None => by_names(&names, known),
    }
}

/// Evidence stands, whatever was typed. Only if the name is that of another member and nothing like one's own, somebody
/// may be sitting at another's computer, and it is not certain.
fn doubted(mut proof: Identity, names: &[Typed], known: &Known<'_>) -> Identity {
    let Some(user) = proof.user.and_then(|id| known.user(id)) else { return proof };
    if proof.confidence != Confidence::Certain {
        return proof;
    }
    let own = MemberName::new(user);
    if names.iter().any(|name| fits(name, &own, known) > Fit::None) {
        return proof;
    }
    let others = names.iter().rev().flat_map(|name| whole_names(name, known));
    if let Some(other) = others.into_iter().find(|id| *id != user.id).and_then(|id| known.user(id)) {
        proof.confidence = Confidence::Likely;
        proof.evidence.push_str(&format!(
            "; but the name shown is that of {} ({})",
            other.full_name(),
            other.id
        ));
        proof.candidates.push(Candidate { user: other.id, full_name: other.full_name(), likeness: 1.0 });
    }
    proof
}

fn by_names(names: &[Typed], known: &Known<'_>) -> Identity {
    let said: Vec<Says> = names.iter().map(|name| says(name, known)).collect();
    let mut named: BTreeMap<i64, &Named> = BTreeMap::new();
    let mut candidates: BTreeMap<i64, Candidate> = BTreeMap::new();
    let mut doubts: Vec<(&'static str, &str)> = Vec::new();
    let mut is_full = false;
    for says in &said {
        match says {
            Says::One(one) => {
                named.insert(one.user, one);
            }
            Says::Several { rule, evidence, candidates: several } => {
                doubts.push((rule, evidence));
                candidates.extend(several.iter().map(|candidate| (candidate.user, candidate.clone())));
            }
            Says::Nobody { is_full: full } => is_full |= *full,
        }
    }
    let agreed = |user: i64| {
        said.iter().all(|says| match says {
            Says::Several { candidates, .. } => candidates.iter().any(|candidate| candidate.user == user),
            _ => true,
        })
    };
    match (named.len(), named.values().next(), doubts.last()) {
        (1, Some(one), _) if agreed(one.user) => Identity {
            user: Some(one.user),
            confidence: Confidence::Likely,
            rule: one.rule,
            evidence: one.evidence.clone(),
            candidates: Vec::new(),
        },
        (0, _, None) => nobody(is_full),
        (0, _, Some((rule, evidence))) => ambiguous(rule, (*evidence).to_owned(), candidates),
        _ => {
            candidates.extend(named.keys().map(|id| {
                let full_name = known.user(*id).map(|user| user.full_name()).unwrap_or_default();
                (*id, Candidate { user: *id, full_name, likeness: 1.0 })
            }));
            let shown: Vec<String> = names.iter().map(|name| format!("\"{}\"", name.shown)).collect();
            ambiguous(
                "name",
                format!("the names shown are those of different members: {}", shown.join(", ")),
                candidates,
            )
        }
    }
}

fn nobody(is_full: bool) -> Identity {
    let (rule, evidence) = if is_full {
        ("name", "no member has such a name")
    } else {
        (NO_NAME, "nothing shown could be a full name: a device, a room, a telephone or a nickname")
    };
    Identity {
        user: None,
        confidence: Confidence::Unknown,
        rule,
        evidence: evidence.to_owned(),
        candidates: Vec::new(),
    }
}

fn ambiguous(rule: &'static str, evidence: String, candidates: BTreeMap<i64, Candidate>) -> Identity {
    let mut candidates: Vec<Candidate> = candidates.into_values().collect();
    candidates.sort_by(|a, b| b.likeness.total_cmp(&a.likeness).then(a.user.cmp(&b.user)));
    Identity { user: None, confidence: Confidence::Ambiguous, rule, evidence, candidates }
}

#[cfg(test)]
mod props;
#[cfg(test)]
mod tests;
