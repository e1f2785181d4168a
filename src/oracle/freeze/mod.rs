//! What is known of a visitor as a few dozen bytes, for as long as the visitor does nothing.
//!
//! Nothing is lost: what is thawed equals what was frozen. The visitor's texts are not in it; a fingerprint of one that
//! the caller keeps anyway is written as its place among these.

mod messages;
mod packed;

use super::life::Gone;
use super::model::{Deletion, Held, Model, Session};
use crate::instant::{Instant, Interval, Length};
use packed::{Packer, Unpacker};

/// What both ends know: the caller gives the same to [`Model::freeze`] and to [`Model::thaw`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Frame {
    /// When the run began: instants are counted from here.
    pub t0: Instant,
    /// The fingerprints of the carrier's value and of the ids of the session now and before, where the caller keeps
    /// these texts; anything elsewhere.
    pub known: [u64; 3],
}

/// A fingerprint that is none of the known ones, and is written out.
const OTHER: u64 = 3;

impl Model {
    /// Appends a short form of it, from which [`Model::thaw`] makes the same again.
    pub fn freeze(&self, frame: &Frame, out: &mut Vec<u8>) {
        let to = &mut Packer::new(*frame, out);
        to.section(|to| self.pack(to));
        if let Some(held) = &self.held {
            to.section(|to| held.pack(to));
        }
        for session in self.current.iter().chain(self.previous.as_deref()).chain(&self.orphans) {
            to.section(|to| session.pack(to, self.held.as_ref()));
        }
    }

    /// The model whose short form `bytes` begin with, and takes that off them; `None` where they begin with none.
    pub fn thaw(frame: &Frame, bytes: &mut &[u8]) -> Option<Self> {
        let mut model = Self::default();
        model.thaw_into(frame, bytes)?;
        Some(model)
    }

    /// Likewise, in the place of another model, whose memory is used again. Where it gives `None`, what stands there
    /// is nobody's.
    pub fn thaw_into(&mut self, frame: &Frame, bytes: &mut &[u8]) -> Option<()> {
        let from = &mut Unpacker::new(*frame, bytes);
        from.section()?;
        let ([held, current, previous], orphans) = self.unpack(from)?;
        self.held = None;
        if held {
            from.section()?;
            self.held = Some(Held::unpack(from)?);
        }
        let held = self.held;
        if current {
            self.current.get_or_insert_with(Session::nobodys).unpack(from, held.as_ref())?;
        } else {
            self.current = None;
        }
        if previous {
            self.previous.get_or_insert_with(|| Box::new(Session::nobodys())).unpack(from, held.as_ref())?;
        } else {
            self.previous = None;
        }
        self.orphans.clear();
        for _ in 0..orphans {
            let mut orphan = Session::nobodys();
            orphan.unpack(from, held.as_ref())?;
            self.orphans.push(orphan);
        }
        *bytes = from.rest();
        Some(())
    }

    fn pack(&self, to: &mut Packer) {
        to.flag(self.held.is_some());
        to.flag(self.current.is_some());
        to.flag(self.previous.is_some());
        option(to, self.access, Packer::interval);
        to.maybe_instant(self.maybe_access);
        to.flag(self.strays);
        to.flag(self.astray);
        option(to, self.late, |to, number| to.number(number.into()));
        place(to, self.cleared);
        let orphans = self.orphans.len() as u64;
        option(to, Some(orphans).filter(|count| *count > 0), Packer::number);
    }

    /// Reads what a model has beside identity and sessions; says which of these follow, and how many orphans.
    fn unpack(&mut self, from: &mut Unpacker) -> Option<([bool; 3], u64)> {
        let follow = [from.flag(), from.flag(), from.flag()];
        self.access = maybe(from, Unpacker::interval)?;
        self.maybe_access = from.maybe_instant()?;
        self.strays = from.flag();
        self.astray = from.flag();
        self.late = maybe(from, Unpacker::small)?;
        self.cleared = unpack_place(from)?;
        Some((follow, maybe(from, Unpacker::number)?.unwrap_or(0)))
    }
}

impl Held {
    fn pack(&self, to: &mut Packer) {
        fingerprint(to, self.value);
        to.interval(self.set);
        differing(to, self.set, self.full);
        differing(to, self.full, self.first);
        option(to, self.end, |to, end| to.term(self.set, end));
        option(to, Some(self.renewals).filter(|count| *count > 0), |to, count| to.number(count.into()));
        to.flag(self.maybe_renewed);
    }

    fn unpack(from: &mut Unpacker) -> Option<Self> {
        let value = unpack_fingerprint(from)?;
        let set = from.interval()?;
        let full = unpack_differing(from, set)?;
        let first = unpack_differing(from, full)?;
        let end = maybe(from, |from| from.term(set))?;
        let renewals = maybe(from, Unpacker::small)?.unwrap_or(0);
        Some(Self { value, set, full, end, first, renewals, maybe_renewed: from.flag() })
    }
}

impl Session {
    /// One to thaw another into.
    fn nobodys() -> Self {
        Self::new(0, Interval::default())
    }

    fn pack(&self, to: &mut Packer, held: Option<&Held>) {
        fingerprint(to, self.id);
        pack_identity(to, self.identity, held);
        to.interval(self.created);
        differing(to, self.created, self.access);
        messages::pack(to, &self.messages);
        option(to, self.accessed_before, Packer::interval);
        to.flag(self.agent_saw);
        to.flag(self.agent_saw_address);
        to.flag(self.store_saw);
        to.flag(self.store_saw_address);
        count(to, self.address_rows);
        count(to, self.session_rows);
        count(to, self.log_lines);
        to.flag(self.settled);
        option(to, self.returned_after, |to, pause| pack_pause(to, pause, self.usual_pause()));
        to.maybe_instant(self.maybe_access);
        pack_deletion(to, self.deletion);
        option(to, Some(self.restarts).filter(|count| *count > 0), |to, count| to.number(count.into()));
        to.flag(self.unclear);
        to.flag(self.lost);
        to.choice(self.seen_gone.map_or(0, |gone| 1 + gone as u64), 2);
        self.missed.iter().for_each(|missed| to.flag(*missed));
        to.flag(self.last_second);
        to.flag(self.moved);
        to.flag(self.forged);
        place(to, self.race);
    }

    fn unpack(&mut self, from: &mut Unpacker, held: Option<&Held>) -> Option<()> {
        from.section()?;
        self.id = unpack_fingerprint(from)?;
        self.identity = unpack_identity(from, held)?;
        self.created = from.interval()?;
        self.access = unpack_differing(from, self.created)?;
        messages::unpack(from, &mut self.messages)?;
        self.accessed_before = maybe(from, Unpacker::interval)?;
        self.agent_saw = from.flag();
        self.agent_saw_address = from.flag();
        self.store_saw = from.flag();
        self.store_saw_address = from.flag();
        self.address_rows = unpack_count(from)?;
        self.session_rows = unpack_count(from)?;
        self.log_lines = unpack_count(from)?;
        self.settled = from.flag();
        let usual = self.usual_pause();
        self.returned_after = maybe(from, |from| unpack_pause(from, usual))?;
        self.maybe_access = from.maybe_instant()?;
        self.deletion = unpack_deletion(from)?;
        self.restarts = maybe(from, Unpacker::small)?.unwrap_or(0);
        self.unclear = from.flag();
        self.lost = from.flag();
        self.seen_gone = match from.choice(2) {
            0 => None,
            1 => Some(Gone::Idle),
            _ => Some(Gone::Deleted),
        };
        self.missed.iter_mut().for_each(|missed| *missed = from.flag());
        self.last_second = from.flag();
        self.moved = from.flag();
        self.forged = from.flag();
        self.race = unpack_place(from)?;
        Some(())
    }

    /// The pause before a visit of one load: between the last two accesses.
    fn usual_pause(&self) -> Length {
        Length(self.access.lo.0.wrapping_sub(self.accessed_before.unwrap_or_default().hi.0))
    }
}

fn option<'a, T>(to: &mut Packer<'a>, value: Option<T>, write: impl FnOnce(&mut Packer<'a>, T)) {
    to.flag(value.is_some());
    if let Some(value) = value {
        write(to, value);
    }
}

fn maybe<'a, T>(from: &mut Unpacker<'a>, read: impl FnOnce(&mut Unpacker<'a>) -> Option<T>) -> Option<Option<T>> {
    if from.flag() { read(from).map(Some) } else { Some(None) }
}

fn fingerprint(to: &mut Packer, value: u64) {
    match to.frame.known.iter().position(|known| *known == value) {
        Some(place) => to.choice(place as u64, 2),
        None => {
            to.choice(OTHER, 2);
            to.whole(value);
        }
    }
}

fn unpack_fingerprint(from: &mut Unpacker) -> Option<u64> {
    match from.choice(2) {
        OTHER => from.whole(),
        place => usize::try_from(place).ok().and_then(|place| from.frame.known.get(place)).copied(),
    }
}

/// The identity that a session was given with: none, the one that is held, or any.
fn pack_identity(to: &mut Packer, identity: Option<u64>, held: Option<&Held>) {
    let is_held = identity.is_some() && identity == held.map(|held| held.value);
    to.choice(if is_held { 2 } else { u64::from(identity.is_some()) }, 2);
    if let Some(value) = identity.filter(|_| !is_held) {
        fingerprint(to, value);
    }
}

fn unpack_identity(from: &mut Unpacker, held: Option<&Held>) -> Option<Option<u64>> {
    match from.choice(2) {
        0 => Some(None),
        1 => unpack_fingerprint(from).map(Some),
        _ => held.map(|held| Some(held.value)),
    }
}

/// An interval that is mostly the same as another.
fn differing(to: &mut Packer, usual: Interval, interval: Interval) {
    option(to, Some(interval).filter(|own| *own != usual), Packer::interval);
}

fn unpack_differing(from: &mut Unpacker, usual: Interval) -> Option<Interval> {
    maybe(from, Unpacker::interval).map(|own| own.unwrap_or(usual))
}

/// A count that is mostly none or one.
fn count(to: &mut Packer, count: Option<u32>) {
    match count {
        None => to.choice(0, 2),
        Some(1) => to.choice(1, 2),
        Some(0) => to.choice(2, 2),
        Some(count) => {
            to.choice(3, 2);
            to.number(count.into());
        }
    }
}

fn unpack_count(from: &mut Unpacker) -> Option<Option<u32>> {
    match from.choice(2) {
        0 => Some(None),
        1 => Some(Some(1)),
        2 => Some(Some(0)),
        _ => from.small().map(Some),
    }
}

fn place(to: &mut Packer, place: Option<(u32, u16)>) {
    option(to, place, |to, (stop, step)| {
        to.number(stop.into());
        to.number(step.into());
    });
}

fn unpack_place(from: &mut Unpacker) -> Option<Option<(u32, u16)>> {
    maybe(from, |from| Some((from.small()?, from.small()?)))
}

fn pack_pause(to: &mut Packer, pause: Length, usual: Length) {
    to.signed(pause.0.wrapping_sub(usual.0));
}

fn unpack_pause(from: &mut Unpacker, usual: Length) -> Option<Length> {
    Some(Length(usual.0.wrapping_add(from.signed()?)))
}

fn pack_deletion(to: &mut Packer, deletion: Deletion) {
    match deletion {
        Deletion::No => to.choice(0, 2),
        Deletion::Maybe => to.choice(1, 2),
        Deletion::Certain(at) => {
            to.choice(2, 2);
            to.interval(at);
        }
    }
}

fn unpack_deletion(from: &mut Unpacker) -> Option<Deletion> {
    match from.choice(2) {
        0 => Some(Deletion::No),
        1 => Some(Deletion::Maybe),
        _ => from.interval().map(Deletion::Certain),
    }
}
