//! The twins of what a profile says of itself: what was recovered, and what it takes of the disk.

use serde::Serialize;
use specta::Type;

/// What came of messages that were damaged on this device.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recovery {
    at: String,
    waiting: u32,
    drafts: u32,
    complete: bool,
}

impl From<sync_core::Recovery> for Recovery {
    fn from(recovery: sync_core::Recovery) -> Self {
        let sync_core::Recovery { at, waiting, drafts, complete } = recovery;
        Self { at: at.to_string(), waiting, drafts, complete }
    }
}

/// What the messages take of the disk. Sizes are in KiB, so that TypeScript's numbers hold them.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Storage {
    kib: u32,
    free_kib: u32,
    aside_kib: u32,
    messages: u32,
    conversations: u32,
    waiting: u32,
    drafts: u32,
}

impl From<sync_core::Storage> for Storage {
    fn from(storage: sync_core::Storage) -> Self {
        let sync_core::Storage { bytes, free, aside, messages, conversations, waiting, drafts } = storage;
        Self {
            kib: bounded(bytes.div_ceil(1_024)),
            free_kib: bounded(free / 1_024),
            aside_kib: bounded(aside.div_ceil(1_024)),
            messages: bounded(messages),
            conversations: bounded(conversations),
            waiting: bounded(waiting),
            drafts: bounded(drafts),
        }
    }
}

fn bounded(number: u64) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}
