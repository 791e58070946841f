//! What nobody can type into a name: corrections by hand, e-mails, and e-mails known by way of an id.

use std::collections::BTreeMap;

use super::{Candidate, Confidence, Correction, Identity, Known, PersonKey, Sighting, keys};
use crate::roster::User;

/// What a correction says, if there is one for this person. Of several the one for the strongest key counts.
pub(super) fn corrected(sighting: &Sighting, known: &Known<'_>) -> Option<(Identity, bool)> {
    let found = keys(sighting, known.roster.course.id)
        .into_iter()
        .find_map(|key| known.corrections.get(&key).map(|correction| (key, *correction)))?;
    let (key, correction) = found;
    let is_name = matches!(key, PersonKey::Name(..));
    // A name can be typed by anybody, so a decision about a name does not make the next who types it certain.
    let is_provable = !is_name && !sighting.is_tied_by_name;
    let confidence = if is_provable { Confidence::Certain } else { Confidence::Likely };
    let (user, confidence, evidence) = match correction {
        Correction::Nobody => (None, confidence, format!("decided by hand: {key} is nobody on this site")),
        Correction::User(id) => match known.user(id) {
            Some(user) => {
                (Some(id), confidence, format!("decided by hand: {key} is {} ({id})", user.full_name()))
            }
            None => {
                let gone = format!(
                    "decided by hand: {key} is user {id}, who is neither enrolled nor found on the site any more"
                );
                (None, Confidence::Unknown, gone)
            }
        },
    };
    Some((Identity { user, confidence, rule: "correction", evidence, candidates: Vec::new() }, is_name))
}

/// What e-mails prove, if anything.
pub(super) fn proved(sighting: &Sighting, known: &Known<'_>) -> Option<Identity> {
    let mut found: BTreeMap<i64, Proof<'_>> = BTreeMap::new();
    for email in &sighting.emails {
        add(&mut found, known, email, None);
    }
    // What Zoom tells here counts more than what it told elsewhere.
    if found.is_empty() {
        let registrants =
            sighting.registrant_ids.iter().map(|id| ("registrant", PersonKey::Registrant(id.clone())));
        let zoom = sighting.zoom_user_ids.iter().map(|id| ("Zoom user", PersonKey::ZoomUser(id.clone())));
        for (rule, key) in registrants.chain(zoom) {
            for email in known.linked.emails(&key) {
                add(&mut found, known, email, Some(rule));
            }
        }
    }
    let mut proofs = found.into_values();
    let first = proofs.next()?;
    let others: Vec<Proof<'_>> = proofs.collect();
    Some(if others.is_empty() { first.identity(sighting, known) } else { disputed(&first, &others) })
}

struct Proof<'a> {
    user: &'a User,
    rule: &'static str,
    email: String,
    by_way_of: Option<&'static str>,
}

fn add<'a>(
    found: &mut BTreeMap<i64, Proof<'a>>,
    known: &Known<'a>,
    email: &str,
    by_way_of: Option<&'static str>,
) {
    let address = super::known::address(email);
    for user in known.at_address(&address) {
        let is_email = super::known::address(&user.email) == address;
        let rule = by_way_of.unwrap_or(if is_email { "e-mail" } else { "identifier" });
        found.entry(user.id).or_insert_with(|| Proof { user, rule, email: address.clone(), by_way_of });
    }
}

impl Proof<'_> {
    fn identity(&self, sighting: &Sighting, known: &Known<'_>) -> Identity {
        let mut evidence = format!("{} is {} ({})", self.email, self.user.full_name(), self.user.id);
        if let Some(way) = self.by_way_of {
            evidence.push_str(&format!("; Zoom told this e-mail elsewhere of the same {way}"));
        }
        if !known.is_member(self.user.id) {
            evidence.push_str("; not enrolled here");
        }
        let confidence = if sighting.is_tied_by_name {
            evidence.push_str("; some of the connections belong to it by their name alone");
            Confidence::Likely
        } else {
            Confidence::Certain
        };
        Identity { user: Some(self.user.id), confidence, rule: self.rule, evidence, candidates: Vec::new() }
    }
}

fn disputed(first: &Proof<'_>, others: &[Proof<'_>]) -> Identity {
    let all = std::iter::once(first).chain(others);
    let claims: Vec<String> =
        all.clone().map(|p| format!("{} is {} ({})", p.email, p.user.full_name(), p.user.id)).collect();
    Identity {
        user: None,
        confidence: Confidence::Ambiguous,
        rule: first.rule,
        evidence: claims.join("; "),
        candidates: all
            .map(|proof| Candidate { user: proof.user.id, full_name: proof.user.full_name(), likeness: 1.0 })
            .collect(),
    }
}
