//! Small byte strings by the million: one allocation for many of a size, and four bytes to name each.

/// The step between sizes, in bytes.
const STEP: usize = 8;

/// How many sizes there are; what is longer than the last has an allocation of its own.
const SIZES: usize = 30;

/// About how many bytes one allocation has.
const CHUNK: usize = 64 << 10;

/// How many bits of a handle number the slot: more than there can be visitors.
const SLOT_BITS: u32 = 27;

/// Names a byte string of a [`Slab`], or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Handle(u32);

impl Handle {
    fn new(size: usize, slot: u32) -> Self {
        debug_assert!(slot >> SLOT_BITS == 0, "there are fewer visitors than slots");
        Self(u32::try_from(size + 1).unwrap_or(0) << SLOT_BITS | slot)
    }

    /// The size's number and the slot.
    fn place(self) -> Option<(usize, u32)> {
        let size = (self.0 >> SLOT_BITS) as usize;
        (size > 0).then(|| (size - 1, self.0 & ((1 << SLOT_BITS) - 1)))
    }
}

/// Byte strings, packed by size. Whoever reads one must be able to tell where it ends: it may have bytes behind it.
#[derive(Debug, Default)]
pub struct Slab {
    sizes: [Size; SIZES],
    long: Vec<Option<Box<[u8]>>>,
    free_long: Vec<u32>,
}

/// All strings of one size.
#[derive(Debug, Default)]
struct Size {
    chunks: Vec<Box<[u8]>>,
    /// The first free slot, counted from 1, in whose bytes the next free one stands; 0 where none is free.
    free: u32,
    /// How many slots were ever used.
    used: u32,
}

impl Slab {
    /// Keeps a copy of `bytes`.
    pub fn put(&mut self, bytes: &[u8]) -> Handle {
        let size = bytes.len().div_ceil(STEP).max(1) - 1;
        match self.sizes.get_mut(size) {
            Some(own) => Handle::new(size, own.put(bytes, (size + 1) * STEP)),
            None => Handle::new(SIZES, self.put_long(bytes)),
        }
    }

    fn put_long(&mut self, bytes: &[u8]) -> u32 {
        let slot = self.free_long.pop().unwrap_or_else(|| {
            self.long.push(None);
            u32::try_from(self.long.len() - 1).unwrap_or(u32::MAX)
        });
        self.long[slot as usize] = Some(bytes.into());
        slot
    }

    /// What a handle names; empty where it names none.
    pub fn get(&self, handle: Handle) -> &[u8] {
        match handle.place() {
            None => &[],
            Some((size, slot)) => match self.sizes.get(size) {
                Some(own) => own.get(slot, (size + 1) * STEP),
                None => self.long[slot as usize].as_deref().unwrap_or_default(),
            },
        }
    }

    /// Gives up what a handle names.
    pub fn free(&mut self, handle: Handle) {
        let Some((size, slot)) = handle.place() else { return };
        match self.sizes.get_mut(size) {
            Some(own) => own.give_back(slot, (size + 1) * STEP),
            None => {
                self.long[slot as usize] = None;
                self.free_long.push(slot);
            }
        }
    }
}

impl Size {
    fn put(&mut self, bytes: &[u8], size: usize) -> u32 {
        let slot = match self.free.checked_sub(1) {
            Some(slot) => {
                let next = self.get(slot, size);
                self.free = u32::from_le_bytes([next[0], next[1], next[2], next[3]]);
                slot
            }
            None => self.another(size),
        };
        self.slot_mut(slot, size)[..bytes.len()].copy_from_slice(bytes);
        slot
    }

    /// A slot that was never used.
    fn another(&mut self, size: usize) -> u32 {
        let of_chunk = CHUNK / size;
        if self.used as usize == self.chunks.len() * of_chunk {
            self.chunks.push(vec![0; of_chunk * size].into());
        }
        self.used += 1;
        self.used - 1
    }

    fn get(&self, slot: u32, size: usize) -> &[u8] {
        let of_chunk = CHUNK / size;
        let from = slot as usize % of_chunk * size;
        &self.chunks[slot as usize / of_chunk][from..from + size]
    }

    fn slot_mut(&mut self, slot: u32, size: usize) -> &mut [u8] {
        let of_chunk = CHUNK / size;
        let from = slot as usize % of_chunk * size;
        &mut self.chunks[slot as usize / of_chunk][from..from + size]
    }

    fn give_back(&mut self, slot: u32, size: usize) {
        let next = self.free.to_le_bytes();
        self.slot_mut(slot, size)[..next.len()].copy_from_slice(&next);
        self.free = slot + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn what_was_put_in_is_there_until_it_is_given_up(
            steps in proptest::collection::vec((any::<bool>(), 0..300_usize, any::<u8>()), 1..2_000)
        ) {
            let mut slab = Slab::default();
            let mut kept: Vec<(Handle, Vec<u8>)> = Vec::new();
            for (number, (frees, length, fill)) in steps.into_iter().enumerate() {
                if frees && !kept.is_empty() {
                    let (handle, bytes) = kept.swap_remove(length % kept.len());
                    prop_assert_eq!(&slab.get(handle)[..bytes.len()], &bytes[..]);
                    slab.free(handle);
                } else {
                    let bytes: Vec<u8> = (0..length).map(|at| fill ^ (at as u8) ^ (number as u8)).collect();
                    kept.push((slab.put(&bytes), bytes));
                }
            }
            for (handle, bytes) in kept {
                prop_assert_eq!(&slab.get(handle)[..bytes.len()], &bytes[..]);
            }
        }
    }

    #[test]
    fn room_that_was_given_up_is_used_again() {
        let mut slab = Slab::default();
        let handles: Vec<_> = (0..10_000).map(|_| slab.put(&[7; 90])).collect();
        let chunks = slab.sizes[11].chunks.len();
        handles.iter().for_each(|handle| slab.free(*handle));
        let again: Vec<_> = (0..10_000).map(|_| slab.put(&[8; 91])).collect();
        assert_eq!(slab.sizes[11].chunks.len(), chunks);
        assert!(again.iter().all(|handle| slab.get(*handle)[..91] == [8; 91]));
        assert_eq!(slab.get(Handle::default()), [] as [u8; 0]);
    }
}
