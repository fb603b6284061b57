//! What crosses between Rust and TypeScript, declared once: `ui/src/lib/bindings.ts` is written from it.

use tauri::Wry;
use tauri_specta::{Builder, collect_commands, collect_events};

use crate::{closing, commands, dto, first, links, notify, settings, words};

/// Every command and event, with their types.
pub(crate) fn builder() -> Builder<Wry> {
    Builder::new()
        // Every field is always sent, so one shape of each type is enough.
        .disable_serde_phases()
        .commands(collect_commands![
            commands::open_again,
            commands::start_over,
            commands::recovered,
            commands::forget_recovery,
            commands::storage,
            commands::clear_messages,
            commands::probe_server,
            commands::sign_in,
            commands::sign_in_with_token,
            commands::trust,
            commands::register,
            commands::sign_out,
            commands::session,
            commands::secrets_last,
            commands::connection,
            commands::clock_skew,
            commands::conversations,
            commands::timeline,
            commands::search,
            commands::progress,
            commands::draft,
            commands::set_draft,
            commands::person,
            commands::picture,
            commands::people,
            commands::waiting,
            commands::send_message,
            commands::edit_message,
            commands::delete_message,
            commands::mark_read,
            commands::mark_all_read,
            commands::mark_unread,
            commands::set_pinned,
            commands::set_muted,
            commands::unread,
            commands::set_typing,
            commands::writing,
            commands::presence,
            commands::offers,
            commands::account::devices,
            commands::account::sign_out_device,
            commands::account::sign_out_other_devices,
            commands::account::change_password,
            commands::account::profile,
            commands::account::change_profile,
            commands::account::invite,
            commands::account::reach,
            commands::account::export_messages,
            commands::retry_message,
            commands::retry_now,
            settings::settings,
            settings::set_settings,
            words::set_words,
            notify::set_open_conversation,
            links::take_link,
            links::open_link,
            closing::answer_close,
        ])
        // Not a command's: it stands in the page.
        .typ::<first::First>()
        .events(collect_events![
            dto::Update,
            settings::SettingsChanged,
            links::LinkArrived,
            closing::CloseAsked
        ])
}

#[cfg(test)]
mod tests {
    use std::{env, fs, path::Path};

    use specta_typescript::Typescript;

    /// Set to write the bindings instead of comparing them.
    const UPDATE: &str = "ROOST_UPDATE_BINDINGS";

    #[test]
    fn the_bindings_in_the_chat_are_those_of_this_shell() {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/lib/bindings.ts");
        if env::var_os(UPDATE).is_some() {
            super::builder().export(Typescript::default(), &kept).unwrap();
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let fresh = folder.path().join("bindings.ts");
        super::builder().export(Typescript::default(), &fresh).unwrap();
        assert!(
            fs::read_to_string(&fresh).unwrap() == fs::read_to_string(&kept).unwrap(),
            "ui/src/lib/bindings.ts is stale: run `{UPDATE}=1 cargo test -p roost bindings` and commit it"
        );
    }
}
