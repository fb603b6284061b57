//! The real app in its real webview, driven as a person would: by what is on the screen.

mod device;
mod driver;
mod window;

pub use self::{
    device::{App, Device, Place},
    window::{Bubble, Window},
};
