//! The real app in its real webview, driven as a person would: by what is on the screen.

mod browser;
mod conversation;
mod device;
mod driver;
mod keys;
mod pointer;
mod reading;
mod size;
mod window;

pub use self::{
    browser::Browser,
    conversation::Bubble,
    device::{App, Device, Place},
    reading::Watched,
    size::Size,
    window::Window,
};
