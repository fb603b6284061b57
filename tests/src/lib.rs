//! The parts of Roost as processes that a test starts, drives, kills and starts again.
//!
//! Everything here is real: the server is the program that people run, the app is the app in its webview, the
//! secret service is the one that desktops have. Each is private to the test that started it: own folders, a free
//! port or display chosen by the system, and it is ended by its process id when the test drops it. Whatever takes
//! time is waited for until it is there, at most [`wait::DEADLINE`].

pub mod agreement;
pub mod app;
pub mod bot;
pub mod chat;
pub mod display;
pub mod fault_proxy;
pub mod history;
pub mod journal;
pub mod people;
pub mod plain_server;
pub mod process;
pub mod programs;
pub mod proof;
pub mod proxy;
pub mod replica;
pub mod rest;
pub mod sandbox;
pub mod scene;
pub mod secret_service;
pub mod secrets;
pub mod server;
pub mod session;
pub mod small_disk;
pub mod traffic;
pub mod wait;

pub use self::{
    app::{App, Browser, Device, Size},
    bot::Bot,
    chat::Chat,
    display::Display,
    fault_proxy::FaultProxy,
    history::History,
    people::Person,
    plain_server::PlainServer,
    replica::Replica,
    scene::Scene,
    secret_service::SecretService,
    server::Server,
};
