//! The REST side: translates requests into what the model and the store understand, and their answers into the
//! documented bodies. [`router`] gathers every route.

mod access;
mod account;
mod activity;
mod admin;
mod capabilities;
mod error;
mod extract;
mod health;
mod invite;
mod join;
mod limits;
mod message;
mod openapi;
mod page;
mod respond;
mod router;
mod sync;
mod user;

pub use error::ApiError;
pub(crate) use limits::address;
pub use openapi::document;
pub use router::{Browsers, router};
pub(crate) use sync::DELIVERIES;
