//! What people do with the app, from the first start to signing out, in the real window: each journey at the size of a
//! desktop's window and of a phone's screen, with the same steps.
//!
//! They are modules of one program so that those that mostly wait run beside those that mostly work. What the screen
//! looked like at the moments that matter is left in `artifacts/journeys`.

mod account;
mod change;
mod entry;
mod finding;
mod keyboard;
mod scroll;
mod sending;
mod settings;
mod stage;
mod unread;

/// Makes a test of each journey at each size.
macro_rules! at_both_sizes {
    ($($journey:ident),+ $(,)?) => {$(
        mod $journey {
            use roost_tests::Size;

            #[tokio::test]
            async fn on_a_desktop() -> crate::stage::Journey {
                super::$journey(Size::Desktop).await
            }

            #[tokio::test]
            async fn on_a_phone() -> crate::stage::Journey {
                super::$journey(Size::Phone).await
            }
        }
    )+};
}
use at_both_sizes;
