//! What the server decides, as pure functions and plain data: who may do what to a message ([`rules`]), which events
//! follow a commit ([`events`]), where a reader stands in its feed ([`cursor`]), how ids are made
//! ([`ids`]), what may stand in an account ([`form`]), who may invite whom ([`invite`]), what is kept of what
//! administrators did ([`audit`]) and may do ([`admin`]), what is kept of what users did ([`activity`]), what it means that a text contains another ([`text`]).
//!
//! Nothing here awaits, reads a clock or draws a random number. The store calls the rules inside its transactions, so
//! that a decision and the state that it was made on cannot drift apart.

pub mod account;
pub mod activity;
pub mod admin;
pub mod audit;
pub mod cursor;
pub mod events;
pub mod form;
pub mod ids;
pub mod invite;
pub mod message;
pub mod rules;
pub mod text;

pub use account::{Account, Privacy, SessionId};
pub use invite::Invite;
pub use message::{Change, Message};
