//! Sums of call quality by day and value, held in memory once read: a page of a year adds figures up instead of reading
//! every value of every day from the file.
//!
//! What is held is never older than the store: each use first asks which days changed since the last one, and forgets those.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use rollbook_store::{Facet, QualitySum, Result, Store};

/// Sums of one value on one day that are held at most: some 25 MB, two years of a university by everything there is.
const ROWS_MAX: usize = 500_000;

/// The sums, shared by all requests.
#[derive(Clone, Default)]
pub struct Sums(Arc<Mutex<Held>>);

/// Sums by value, most minutes first.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ByValue {
    /// Values that are told one by one.
    pub values: Vec<OfValue>,
    /// All others together, and how many those are; none where there are none.
    pub rest: Option<(usize, OfValue)>,
}

/// One value, or several taken together.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct OfValue {
    /// Zoom's word; empty where it told none.
    pub value: String,
    /// All days.
    pub sum: QualitySum,
    /// Each day that has any, if those are wanted.
    pub days: Vec<(i64, QualitySum)>,
}

/// How much is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Values told one by one.
    pub values: usize,
    /// Of these, told by day too. As many as are told, or more: the rest is told by day as well.
    pub by_day: usize,
}

#[derive(Default)]
struct Held {
    /// The last change of the store that is accounted for.
    seen: i64,
    facets: BTreeMap<Facet, OfFacet>,
}

#[derive(Default)]
struct OfFacet {
    /// Values by their numbers in `days`.
    values: Vec<String>,
    numbers: HashMap<String, u32>,
    /// Days that were read, those without any connection too.
    days: BTreeMap<i64, Vec<(u32, QualitySum)>>,
}

impl Sums {
    /// The sums of a facet over some days (UTC, counted from 1970, inclusive) as they stand in the store. `store` must be
    /// at one moment that begins here: what it sees then is no older than what others have put into memory before.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn read(&self, store: &Store, facet: Facet, days: (i64, i64), wanted: Wanted) -> Result<ByValue> {
        let mut held = self.held();
        held.refresh(store)?;
        held.load(store, facet, days)?;
        Ok(held.facets.get(&facet).map(|facet| facet.by_value(days, wanted)).unwrap_or_default())
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().expect("nobody panics with the sums in hand")
    }
}

impl Held {
    /// Forgets what changed.
    fn refresh(&mut self, store: &Store) -> Result<()> {
        for (day, change) in store.quality_days_changed(self.seen)? {
            self.facets.values_mut().for_each(|facet| drop(facet.days.remove(&day)));
            self.seen = change;
        }
        Ok(())
    }

    /// Reads the days that are not held.
    fn load(&mut self, store: &Store, facet: Facet, (from, to): (i64, i64)) -> Result<()> {
        let rows: usize = self.facets.values().map(OfFacet::rows).sum();
        if rows > ROWS_MAX {
            self.facets.clear();
        }
        let of = self.facets.entry(facet).or_default();
        let lacking: Vec<i64> = (from..=to).filter(|day| !of.days.contains_key(day)).collect();
        for span in lacking.chunk_by(|day, next| day + 1 == *next) {
            let (Some(first), Some(last)) = (span.first(), span.last()) else { continue };
            let read = store.quality_days(facet, *first, *last)?;
            of.days.extend(span.iter().map(|day| (*day, Vec::new())));
            for one in read {
                let number = of.number(one.value);
                of.days.entry(one.day).or_default().push((number, one.sum));
            }
        }
        Ok(())
    }
}

impl OfFacet {
    fn rows(&self) -> usize {
        self.days.values().map(Vec::len).sum()
    }

    fn number(&mut self, value: String) -> u32 {
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        let number = u32::try_from(self.values.len()).expect("there are fewer values than rows are held");
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }

    fn by_value(&self, (from, to): (i64, i64), wanted: Wanted) -> ByValue {
        let mut sums = vec![QualitySum::default(); self.values.len()];
        for (number, sum) in self.days.range(from..=to).flat_map(|(_, rows)| rows) {
            sums[*number as usize].add(*sum);
        }
        let mut order: Vec<usize> = (0..sums.len()).filter(|number| sums[*number].stays > 0).collect();
        order.sort_by(|a, b| {
            sums[*b].minutes.cmp(&sums[*a].minutes).then_with(|| self.values[*a].cmp(&self.values[*b]))
        });
        let others = order.split_off(order.len().min(wanted.values));
        let told = |number: &usize| OfValue {
            value: self.values[*number].clone(),
            sum: sums[*number],
            days: Vec::new(),
        };
        let mut values: Vec<OfValue> = order.iter().map(told).collect();
        let mut rest = OfValue::default();
        others.iter().for_each(|number| rest.sum.add(sums[*number]));
        // By number: its place among those told by day. The rest comes behind all of them.
        let by_day = order.iter().take(wanted.by_day).enumerate();
        let mut places: Vec<Option<usize>> = vec![None; sums.len()];
        by_day.for_each(|(place, number)| places[*number] = Some(place));
        if wanted.by_day >= wanted.values {
            others.iter().for_each(|number| places[*number] = Some(values.len()));
        }
        for (day, rows) in self.days.range(from..=to) {
            for (number, sum) in rows {
                let Some(place) = places[*number as usize] else { continue };
                let of = values.get_mut(place).unwrap_or(&mut rest);
                match of.days.last_mut() {
                    Some((last, held)) if last == day => held.add(*sum),
                    _ => of.days.push((*day, *sum)),
                }
            }
        }
        ByValue { values, rest: (!others.is_empty()).then_some((others.len(), rest)) }
    }
}

#[cfg(test)]
mod tests;
