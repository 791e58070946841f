//! Pages of a list: opaque tokens, bound to their parameters and dead after 15 minutes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::ask::Ask;
use super::json::Object;
use super::reply::{Reply, Step};
use crate::chance::Chance;
use crate::limit::Label;
use crate::world::World;

/// Seconds a page token lives.
const TOKEN_LIVES: i64 = 15 * 60;
/// Rows of a page nobody asked a size for.
const DEFAULT_SIZE: u32 = 30;
/// Rows of the largest page.
const SIZE_MAX: u32 = 300;
/// The same on Heavy lists where the guide is right and the schemas are not (quirk 47).
const SMALL_SIZE_MAX: u32 = 100;

/// The part of a list a call asked for.
pub(super) struct Page {
    pub(super) size: u32,
    offset: usize,
    list: u64,
    is_first: bool,
    token: String,
    /// Rows the list had when the token was given.
    total: Option<usize>,
}

/// What a token holds: which list, since when, from which row, of how many.
const TOKEN_BYTES: usize = 24;

impl Page {
    /// The page this call wants.
    pub(super) fn of(world: &World, ask: &mut Ask) -> Result<Page, Reply> {
        Page::at_most(world, ask, SIZE_MAX)
    }

    /// The page this call wants, of a list with a cap of its own.
    pub(super) fn at_most(world: &World, ask: &mut Ask, cap: u32) -> Result<Page, Reply> {
        Page::sized(world, ask, (DEFAULT_SIZE, cap))
    }

    /// The page this call wants, of a list with a default and a cap of its own.
    pub(super) fn sized(world: &World, ask: &mut Ask, (default, cap): (u32, u32)) -> Result<Page, Reply> {
        let faults = &world.options.faults;
        let is_small = faults.small_pages && ask.operation.label() == Label::Heavy;
        let cap = if is_small { cap.min(SMALL_SIZE_MAX) } else { cap };
        let size = match ask.parameter("page_size").map(str::parse::<u32>) {
            None => default.min(cap),
            Some(Ok(size)) if size > 0 => size.min(cap),
            Some(_) => return Err(Reply::invalid_field("page_size", "Invalid field.")),
        };
        let list = list_of(ask);
        let mut page = Page { size, offset: 0, list, is_first: true, token: String::new(), total: None };
        let Some(token) = ask.parameter("next_page_token").map(str::to_owned) else { return Ok(page) };
        let is_dead = ask.dice.hit(faults.dead_page_tokens) && ask.is_faulty;
        let is_refused = ask.dice.hit(faults.refused_mid_list) && ask.is_faulty;
        let moves = ask.dice.hit(faults.moving_rows) && ask.is_faulty;
        let back = ask.dice.between(1, 3) as usize;
        let (of, since, offset, total) = open(world, &token).ok_or_else(expired)?;
        if of != list || !(0..=TOKEN_LIVES).contains(&(ask.now - since)) || is_dead {
            return Err(expired());
        }
        if is_refused {
            return Err(Reply { status: 429, is_spurious: true, ..Reply::default() });
        }
        page.is_first = false;
        page.total = Some(total);
        page.offset = if moves { offset.saturating_sub(back) } else { offset };
        Ok(page)
    }

    /// Refuses the token of a list that has grown since: its later pages would hide rows, and nobody could tell.
    pub(super) fn check_grown(&self, total: usize) -> Result<(), Reply> {
        if self.total.is_some_and(|then| then != total) { Err(expired()) } else { Ok(()) }
    }

    /// The rows of this page, and the token of the next one.
    pub(super) fn cut<'a, T>(&mut self, world: &World, ask: &Ask, rows: &'a [T]) -> &'a [T] {
        let from = self.offset.min(rows.len());
        let to = (from + self.size as usize).min(rows.len());
        if to < rows.len() {
            self.token = seal(world, self.list, ask.now, (to, rows.len()));
        }
        &rows[from..to]
    }

    /// Writes the fields every list begins with.
    pub(super) fn head(&self, object: &mut Object<'_>, total: usize) {
        object.text("next_page_token", &self.token);
        object.bare("page_count", total.div_ceil(self.size as usize));
        object.bare("page_size", self.size).bare("total_records", total);
    }

    /// Writes the fields with which the lists begin that tell no count.
    pub(super) fn short_head(&self, object: &mut Object<'_>) {
        object.text("next_page_token", &self.token).bare("page_size", self.size);
    }

    /// The token of the next page; blank at the end.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// The finished page.
    pub(super) fn reply(self, body: String) -> Reply {
        let step = Step { list: self.list, is_first: self.is_first, has_more: !self.token.is_empty() };
        Reply { step: Some(step), ..Reply::ok(body) }
    }
}

fn expired() -> Reply {
    Reply::error(400, 300, "The next page token is invalid or expired.")
}

/// A name for the list: the call without its token.
fn list_of(ask: &Ask) -> u64 {
    let mut hash = Sha256::new();
    hash.update(format!("{} {}", ask.operation.path(), ask.id));
    for (name, value) in ask.query.iter().filter(|(name, _)| *name != "next_page_token") {
        hash.update(format!("&{name}={value}"));
    }
    let hash = hash.finalize();
    u64::from_le_bytes(hash[..8].try_into().expect("a digest has 32 bytes"))
}

fn seal(world: &World, list: u64, since: i64, (offset, total): (usize, usize)) -> String {
    let mut bytes = [0; TOKEN_BYTES];
    bytes[..8].copy_from_slice(&list.to_le_bytes());
    bytes[8..16].copy_from_slice(&since.to_le_bytes());
    bytes[16..20].copy_from_slice(&(offset as u32).to_le_bytes());
    bytes[20..].copy_from_slice(&(total as u32).to_le_bytes());
    scramble(world, &mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn open(world: &World, token: &str) -> Option<(u64, i64, usize, usize)> {
    let mut bytes: [u8; TOKEN_BYTES] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
    scramble(world, &mut bytes);
    let list = u64::from_le_bytes(bytes[..8].try_into().ok()?);
    let since = i64::from_le_bytes(bytes[8..16].try_into().ok()?);
    let offset = u32::from_le_bytes(bytes[16..20].try_into().ok()?);
    let total = u32::from_le_bytes(bytes[20..].try_into().ok()?);
    Some((list, since, offset as usize, total as usize))
}

/// Makes tokens look as opaque as they are; its own inverse.
fn scramble(world: &World, bytes: &mut [u8; TOKEN_BYTES]) {
    let mut dice = Chance::named(world.options.seed, "page tokens").at(0);
    let (first, second) = (dice.bytes(), dice.bytes());
    for (byte, mask) in bytes.iter_mut().zip(first.iter().chain(&second)) {
        *byte ^= mask;
    }
}
