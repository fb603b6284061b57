//! The server side of Roost: the contract's REST and Socket.IO API with the extensions of `GET /api/capabilities`.
//!
//! [`rest`] and [`realtime`] translate, [`model`] decides, [`store`] keeps. Handlers hold no SQL and rows render no
//! JSON. [`serve`] puts the parts together on a listener; [`cli`] is the command line.

pub mod activity;
pub mod app;
pub mod auth;
pub mod backup;
pub mod cli;
pub mod clock;
pub mod config;
pub mod doctor;
mod failpoint;
pub mod import;
mod limits;
mod metrics;
pub mod model;
pub mod realtime;
pub mod rest;
pub mod serve;
pub mod store;
