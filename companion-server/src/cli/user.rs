//! `companion-server user …`: accounts from the command line. It works on the database itself, also while a server
//! runs on it.

use std::io::Write as _;

use clap::{Arg, ArgAction, ArgMatches, Command};
use protocol::Role;

use super::{Failure, password, settings, store};
use crate::{
    auth,
    model::{audit::Actor, form},
    store::{AccountStore as _, Joining, NewAccount},
};

const EXAMPLES: &str = "\
Examples:
  companion-server user add --user-name ana --first-name Ana --last-name Cruz --email ana@example.org
  ROOST_PASSWORD=… companion-server user add --user-name root --first-name Rosa --email r@example.org --role admin

The password comes from ROOST_PASSWORD, or from the first line of standard input with --password-stdin, or is asked
for on the terminal. The new user's id is printed.";

pub(super) fn add_command() -> Command {
    let text = |id: &'static str, long: &'static str, help: &'static str| {
        Arg::new(id).long(long).value_name("TEXT").help(help)
    };
    Command::new("add")
        .about("Make an account")
        .after_help(EXAMPLES)
        .args(settings::of_data_dir())
        .arg(text("user_name", "user-name", "The name to sign in with").required(true))
        .arg(text("first_name", "first-name", "Given name").required(true))
        .arg(text("last_name", "last-name", "Family name").default_value(""))
        .arg(text("email", "email", "E-mail address").required(true))
        .arg(
            Arg::new("role")
                .long("role")
                .value_name("ROLE")
                .default_value("student")
                .help("admin, coordinator or student"),
        )
        .arg(
            Arg::new("password_stdin")
                .long("password-stdin")
                .action(ArgAction::SetTrue)
                .help("Read the password from the first line of standard input"),
        )
}

pub(super) fn add(matches: &ArgMatches) -> Result<(), Failure> {
    let text = |id: &str| matches.get_one::<String>(id).map(String::as_str).unwrap_or_default();
    let role = text("role");
    let role: Role = role.parse().map_err(|error| format!("--role is {role:?}: {error}"))?;
    let user_name = form::user_name(text("user_name"))?;
    let first_name = form::first_name(text("first_name"))?;
    let last_name = form::last_name(text("last_name"))?;
    let email = form::email(text("email"))?;
    let password = form::password("password", &password::read(matches.get_flag("password_stdin"))?)?;
    let password_hash = auth::password::hash(&password)?;
    let new = NewAccount { user_name, first_name, last_name, email, password_hash };

    let joining = Joining::Added { by: Actor::Console, role };
    let account =
        store::with(&settings::data_dir(matches)?, async |store| store.add_account(new, joining).await)??;
    writeln!(std::io::stdout(), "{}", account.id)?;
    Ok(())
}
