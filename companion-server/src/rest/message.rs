//! The message routes, under both roots.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;
pub(super) mod read;
pub(super) mod read_conversation;
pub(super) mod search;
pub(super) mod update;
pub(super) mod view;
