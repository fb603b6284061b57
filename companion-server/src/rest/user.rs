//! The routes of `/api/user`: people (extension `accounts`). E-mail addresses are told to oneself and to staff only.

pub(super) mod list;
pub(super) mod presence;
pub(super) mod search;
pub(super) mod update;
pub(super) mod view;
