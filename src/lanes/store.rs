//! A lane's visitors while they are idle: bytes in a slab, four more to find them.

use super::frozen::Freezer;
use super::slab::{Handle, Slab};
use super::traveller::Traveller;
use crate::instant::Instant;

/// All visitors of one lane.
#[derive(Debug)]
pub struct Store {
    handles: Vec<Handle>,
    slab: Slab,
    freezer: Freezer,
    bytes: Vec<u8>,
}

impl Store {
    /// Room for so many visitors, of whom nothing is known yet.
    pub fn new(visitors: usize, t0: Instant) -> Self {
        Self {
            handles: vec![Handle::default(); visitors],
            slab: Slab::default(),
            freezer: Freezer::new(t0),
            bytes: Vec::new(),
        }
    }

    /// Takes a visitor out; a new one where nothing is known of it.
    pub fn take(&mut self, place: u32) -> Traveller {
        let handle = std::mem::take(&mut self.handles[place as usize]);
        if handle == Handle::default() {
            return Traveller::default();
        }
        let traveller = self.freezer.thaw(self.slab.get(handle)).expect("what was frozen can be thawed");
        self.slab.free(handle);
        traveller
    }

    /// Puts a visitor back; the session that it had before is forgotten unless it will be asked for.
    pub fn put(&mut self, place: u32, traveller: &Traveller, keeps_previous: bool) {
        self.freezer.freeze(traveller, keeps_previous, &mut self.bytes);
        self.handles[place as usize] = self.slab.put(&self.bytes);
    }
}
