//! Who somebody is to the store: all that one person is known by, and where.

use std::collections::{BTreeMap, BTreeSet};

use rollbook_core::identity::PersonKey;
use rollbook_core::person::people;
use rollbook_core::privacy::{Identifier, Personal, is_erased_text};
use rollbook_core::stay::Stay;
use rusqlite::{Connection, params_from_iter};
use serde::Serialize;

use crate::error::Result;
use crate::sqlite::Store;

/// Rounds of looking for what else somebody is known by; people have a handful of addresses and accounts.
const ROUNDS_MAX: usize = 8;

/// All that one person is known by, where they were seen, and how much is kept of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Portrait {
    /// What means them, each with how we know.
    #[serde(skip)]
    pub identifiers: BTreeMap<Identifier, String>,
    /// Names they used, as typed.
    pub names: BTreeSet<String>,
    /// Instances they were in.
    pub instances: Vec<i64>,
    /// Their stays.
    pub stays: u64,
    /// Of those, stays that are theirs by the same name alone.
    pub stays_by_name: u64,
    /// Connections with call quality.
    pub call_quality: u64,
    /// Instances they hosted.
    pub hosted: u64,
    /// Rows that Moodle was given, by instance and sink.
    pub delivered: u64,
}

impl Store {
    /// Finds all that means a person, beginning with what somebody typed, and counts what is kept of them. Reads every stay
    /// once or twice: some seconds for each ten million.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn portrait(&self, start: &BTreeMap<Identifier, String>) -> Result<Portrait> {
        let mut portrait = Portrait { identifiers: start.clone(), ..Portrait::default() };
        let mut found = BTreeMap::new();
        for _ in 0..ROUNDS_MAX {
            self.add_links(&mut portrait.identifiers)?;
            found = self.stays_of(&portrait.identifiers)?;
            let before = portrait.identifiers.len();
            for (uuid, stays) in found.values() {
                add_seen(&mut portrait.identifiers, uuid, stays);
            }
            self.add_moodle(&mut portrait.identifiers, &found)?;
            if portrait.identifiers.len() == before {
                break;
            }
        }
        self.count(&mut portrait, found)?;
        Ok(portrait)
    }

    /// Who bears a name in an instance: each person's stays, and whether nothing but the name is known of them.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn people_named(&self, instance: i64, name: &str) -> Result<Vec<(Vec<Stay>, bool)>> {
        let stays = self.stays(instance)?;
        let bears = |stay: &Stay| stay.name.as_deref().is_some_and(|told| told.trim() == name.trim());
        let theirs = |person: rollbook_core::person::Person| -> Vec<Stay> {
            person.stays.into_iter().map(|index| stays[index].clone()).collect()
        };
        let named = people(&stays).into_iter().map(theirs).filter(|stays| stays.iter().any(bears));
        Ok(named
            .map(|stays| {
                let is_guest = stays.iter().all(|stay| strong(stay).is_empty());
                (stays, is_guest)
            })
            .collect())
    }

    /// Addresses that Zoom told beside an account or a registration, and corrections that name a Moodle user.
    fn add_links(&self, of: &mut BTreeMap<Identifier, String>) -> Result<()> {
        let links: Vec<(String, String, String)> = {
            let mut statement = self.connection.prepare("select kind, id, email from linked_email")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        let corrections = self.correction_records()?;
        loop {
            let before = of.len();
            for (kind, id, email) in &links {
                let id = match kind.as_str() {
                    "zoom" => Identifier::ZoomUser(id.clone()),
                    _ => Identifier::Registrant(id.clone()),
                };
                tie(of, &id, &Identifier::email(email), "Zoom told both together");
            }
            for line in &corrections {
                let rollbook_core::identity::Correction::User(user) = line.correction else { continue };
                let Some(key) = identifier_of(&line.key) else { continue };
                tie(of, &key, &Identifier::Moodle(user), "somebody decided so by hand");
            }
            if of.len() == before {
                return Ok(());
            }
        }
    }

    /// As whom their connections were delivered, and the connections of a Moodle user.
    fn add_moodle(
        &self,
        of: &mut BTreeMap<Identifier, String>,
        found: &BTreeMap<i64, (String, Vec<Stay>)>,
    ) -> Result<()> {
        let wanted: BTreeSet<i64> = of
            .keys()
            .filter_map(|one| if let Identifier::Moodle(id) = one { Some(*id) } else { None })
            .collect();
        for (instance, (_, stays)) in found {
            for row in self.delivered_rows(*instance)? {
                let is_theirs = stays.iter().any(|stay| stay.user_id == row.zoomuserid);
                if let Some(user) = row.userid.filter(|_| is_theirs) {
                    let said = "delivered to Moodle as this user";
                    of.entry(Identifier::Moodle(user)).or_insert_with(|| said.to_owned());
                }
            }
        }
        for user in wanted {
            for (instance, uuid) in self.delivered_instances()? {
                for row in self.delivered_rows(instance)?.into_iter().filter(|row| row.userid == Some(user)) {
                    let connection = Identifier::Connection { uuid: uuid.clone(), user_id: row.zoomuserid };
                    of.entry(connection).or_insert_with(|| format!("delivered to Moodle as user {user}"));
                }
            }
        }
        Ok(())
    }

    fn delivered_instances(&self) -> Result<Vec<(i64, String)>> {
        let sql = "select distinct r.instance_id, i.uuid from delivery_rows r
            join instance i on i.instance_id = r.instance_id order by 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The stays of an instance's people that some identifier means, by instance.
    fn stays_of(&self, of: &BTreeMap<Identifier, String>) -> Result<BTreeMap<i64, (String, Vec<Stay>)>> {
        let mut found = BTreeMap::new();
        for instance in instances_with(&self.connection, of)? {
            let Some(record) = self.instance(instance)? else { continue };
            let uuid = record.instance.uuid;
            let is_meant = |stay: &Stay| is_meant(of, &uuid, stay);
            let stays: Vec<Stay> = self.stays(instance)?.into_iter().filter(is_meant).collect();
            if !stays.is_empty() {
                found.insert(instance, (uuid, stays));
            }
        }
        Ok(found)
    }

    fn count(&self, portrait: &mut Portrait, found: BTreeMap<i64, (String, Vec<Stay>)>) -> Result<()> {
        for (instance, (uuid, stays)) in &found {
            let all = self.stays(*instance)?;
            let kin: Vec<&Stay> = kin(&all, stays);
            portrait.stays += (stays.len() + kin.len()) as u64;
            portrait.stays_by_name += kin.len() as u64;
            let mut is_theirs: BTreeSet<&str> = stays.iter().map(|stay| stay.user_id.as_str()).collect();
            is_theirs.extend(kin.iter().map(|stay| stay.user_id.as_str()));
            portrait.names.extend(stays.iter().filter_map(|stay| stay.name.clone()));
            let quality = self.quality_keys(*instance)?;
            portrait.call_quality +=
                quality.iter().filter(|key| is_theirs.contains(key.user_id.as_str())).count() as u64;
            let rows = self.delivered_rows(*instance)?;
            portrait.delivered +=
                rows.iter().filter(|row| is_theirs.contains(row.zoomuserid.as_str())).count() as u64;
            for stay in stays.iter().filter(|stay| !stay.user_id.is_empty()) {
                let connection = Identifier::Connection { uuid: uuid.clone(), user_id: stay.user_id.clone() };
                portrait.identifiers.entry(connection).or_insert_with(|| "one of their stays".to_owned());
            }
        }
        portrait.names.retain(|name| !is_erased_text(name));
        portrait.instances = found.into_keys().collect();
        for identifier in portrait.identifiers.keys() {
            if let Identifier::Email(email) = identifier {
                let sql = "select count(*) from instance where lower(trim(host_email)) = ?1";
                let hosted: u64 = self.connection.query_row(sql, [email], |row| row.get(0))?;
                portrait.hosted += hosted;
            }
        }
        Ok(())
    }
}

/// Adds one of two identifiers that belong together, if the other is known.
fn tie(of: &mut BTreeMap<Identifier, String>, one: &Identifier, other: &Identifier, why: &str) {
    for (known, new) in [(one, other), (other, one)] {
        if of.contains_key(known) && !of.contains_key(new) {
            of.insert(new.clone(), format!("with {known}: {why}"));
        }
    }
}

fn identifier_of(key: &PersonKey) -> Option<Identifier> {
    Some(match key {
        PersonKey::ZoomUser(id) => Identifier::ZoomUser(id.clone()),
        PersonKey::Email(email) => Identifier::email(email),
        PersonKey::Registrant(id) => Identifier::Registrant(id.clone()),
        PersonKey::Name(..) => return None,
    })
}

fn strong(stay: &Stay) -> Vec<Identifier> {
    let mut stay = stay.clone();
    let told = stay.told();
    let email = told.email.filter(|text| !text.is_empty()).map(|text| Identifier::email(text));
    let zoom =
        told.zoom_user_id.filter(|text| !text.is_empty()).map(|text| Identifier::ZoomUser(text.clone()));
    let registrant =
        told.registrant_id.filter(|text| !text.is_empty()).map(|text| Identifier::Registrant(text.clone()));
    [email, zoom, registrant].into_iter().flatten().collect()
}

fn is_meant(of: &BTreeMap<Identifier, String>, uuid: &str, stay: &Stay) -> bool {
    let proofs = strong(stay);
    let connection = Identifier::Connection { uuid: uuid.to_owned(), user_id: stay.user_id.clone() };
    let guest =
        stay.name.as_ref().map(|name| Identifier::Guest { uuid: uuid.to_owned(), name: name.clone() });
    proofs.iter().any(|proof| of.contains_key(proof))
        || of.contains_key(&connection)
        || (proofs.is_empty() && guest.is_some_and(|guest| of.contains_key(&guest)))
}

/// What else the stays of one person tell: an address, an account and a registration in one stay are one person's. Of
/// those that a number of a connection alone means, nothing is taken over.
fn add_seen(of: &mut BTreeMap<Identifier, String>, uuid: &str, stays: &[Stay]) {
    for stay in stays {
        let proofs = strong(stay);
        let connection = Identifier::Connection { uuid: uuid.to_owned(), user_id: stay.user_id.clone() };
        let Some(known) = proofs.iter().find(|proof| of.contains_key(proof)).cloned().or_else(|| {
            // The connection of a Moodle user: who that is to Zoom is the next question.
            of.get(&connection).filter(|why| why.starts_with("delivered")).map(|_| connection)
        }) else {
            continue;
        };
        for proof in proofs {
            of.entry(proof).or_insert_with(|| format!("with {known}: in one stay of {uuid}"));
        }
    }
}

/// Stays of the same people by name alone.
fn kin<'a>(all: &'a [Stay], known: &[Stay]) -> Vec<&'a Stay> {
    let is_known =
        |stay: &Stay| known.iter().any(|one| one.user_id == stay.user_id && one.joined_at == stay.joined_at);
    let mut kin = Vec::new();
    for person in people(all) {
        if person.stays.iter().any(|index| is_known(&all[*index])) {
            let others = person.stays.iter().map(|index| &all[*index]);
            kin.extend(others.filter(|stay| !is_known(stay) && strong(stay).is_empty()));
        }
    }
    kin
}

/// Instances with a stay or call quality that an identifier may mean; the caller looks more closely.
fn instances_with(connection: &Connection, of: &BTreeMap<Identifier, String>) -> Result<BTreeSet<i64>> {
    let of_kind = |kind: &str| -> Vec<String> {
        let text = |one: &Identifier| match one {
            Identifier::Email(text) | Identifier::ZoomUser(text) | Identifier::Registrant(text) => {
                text.clone()
            }
            Identifier::Connection { uuid, .. } | Identifier::Guest { uuid, .. } => uuid.clone(),
            Identifier::Moodle(id) => id.to_string(),
        };
        of.keys().filter(|one| one.kind() == kind).map(text).collect()
    };
    let mut found = BTreeSet::new();
    for (kind, sql) in [
        ("email", "select distinct instance_id from stay where email <> '' and lower(trim(email)) in"),
        ("zoom", "select distinct instance_id from stay where zoom_user_id in"),
        ("registrant", "select distinct instance_id from stay where registrant_id in"),
        ("connection", "select instance_id from instance where uuid in"),
        ("name", "select instance_id from instance where uuid in"),
    ] {
        let values = of_kind(kind);
        // As many as SQLite binds at once.
        for some in values.chunks(30_000) {
            let marks = vec!["?"; some.len()].join(",");
            let mut statement = connection.prepare(&format!("{sql} ({marks})"))?;
            let rows = statement.query_map(params_from_iter(some), |row| row.get::<_, i64>(0))?;
            for row in rows {
                found.insert(row?);
            }
        }
    }
    Ok(found)
}
