//! The routes of `/api/admin`: accounts as administrators see and change them (extension `administration`).

pub(super) mod audit;
pub(super) mod change;
pub(super) mod users;

use axum::http::StatusCode;
use protocol::{Role, admin::ManagedUser, error};

use super::ApiError;
use crate::{auth::Identity, model::Account, store::Managed};

/// Refuses everybody but administrators.
fn administrator(caller: &Identity) -> Result<&Account, ApiError> {
    let account = &caller.account;
    if account.role == Role::Admin {
        Ok(account)
    } else {
        Err(ApiError::new(StatusCode::FORBIDDEN, error::ADMIN_ONLY))
    }
}

fn told(managed: &Managed, viewer: &Account) -> ManagedUser {
    ManagedUser {
        user: managed.account.to_wire(viewer),
        disabled: managed.account.disabled,
        external: managed.external,
        created_at: managed.created_at,
        last_seen_at: managed.last_seen_at.filter(|_| !managed.account.privacy.hide_presence),
    }
}
