//! The routes of `/api/invite`: invitations (extension `invites`).

pub(super) mod check;
pub(super) mod create;
pub(super) mod list;
pub(super) mod revoke;
