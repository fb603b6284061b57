//! `companion-server user …`: accounts from the command line. It works on the database itself, also while a server
//! runs on it.

use std::io::Write as _;

use clap::{Arg, ArgAction, ArgMatches, Command};
use protocol::{Role, UserId, user::InvalidRole};

use super::{Failure, password, settings, store};
use crate::{
    auth,
    model::{admin::AccountOrder, audit::Actor, form},
    store::{AccountStore as _, AdminStore as _, Joining, Managed, NewAccount},
};

const EXAMPLES: &str = "\
Examples:
  companion-server user add --user-name ana --first-name Ana --last-name Cruz --email ana@example.org
  companion-server user list ana
  companion-server user role ana@example.org coordinator
  companion-server user disable ana
  ROOST_PASSWORD=… companion-server user add --user-name root --first-name Rosa --email r@example.org --role admin

The password comes from ROOST_PASSWORD, or from the first line of standard input with --password-stdin, or is asked
for on the terminal. `add` prints the new user's id.";

/// How many accounts are read at a time.
const PAGE: u32 = 1_000;

pub(super) fn command() -> Command {
    Command::new("user")
        .about("Look after accounts, also while the server runs")
        .after_help(EXAMPLES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(add_command())
        .subcommand(list_command())
        .subcommand(
            on_one("passwd", "Set somebody's password, which ends their sessions").arg(password_stdin()),
        )
        .subcommand(
            on_one("role", "Change what somebody is").arg(
                Arg::new("role").value_name("ROLE").required(true).help("admin, coordinator or student"),
            ),
        )
        .subcommand(on_one("disable", "Close an account, which ends its sessions; nobody can write to it"))
        .subcommand(on_one("enable", "Open a closed account again"))
        .mut_subcommands(|command| command.after_help(EXAMPLES))
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("add", matches)) => add(matches),
        Some(("list", matches)) => list(matches),
        Some(("passwd", matches)) => {
            let password = password::read(matches.get_flag("password_stdin"))?;
            let password_hash = Some(auth::password::hash(&form::password("password", &password)?)?);
            order(matches, AccountOrder { password_hash, ..AccountOrder::default() })
        }
        Some(("role", matches)) => {
            let role = matches.get_one::<String>("role").map(String::as_str).unwrap_or_default();
            let role = role.parse().map_err(|error: InvalidRole| error.to_string())?;
            order(matches, AccountOrder { role: Some(role), ..AccountOrder::default() })
        }
        Some(("disable", matches)) => {
            order(matches, AccountOrder { disabled: Some(true), ..AccountOrder::default() })
        }
        Some(("enable", matches)) => {
            order(matches, AccountOrder { disabled: Some(false), ..AccountOrder::default() })
        }
        _ => Err("say what to do with users: add, list, passwd, role, disable or enable".into()),
    }
}

fn list_command() -> Command {
    Command::new("list").about("Print every account").args(settings::of_data_dir()).arg(
        Arg::new("query")
            .value_name("TEXT")
            .default_value("")
            .help("Only those whose name, user name or e-mail address contains this"),
    )
}

/// A command on one account.
fn on_one(name: &'static str, about: &'static str) -> Command {
    let who = Arg::new("who").value_name("USER").required(true);
    Command::new(name)
        .about(about)
        .args(settings::of_data_dir())
        .arg(who.help("A user name, an e-mail address or an id"))
}

fn password_stdin() -> Arg {
    Arg::new("password_stdin")
        .long("password-stdin")
        .action(ArgAction::SetTrue)
        .help("Read the password from the first line of standard input")
}

/// Carries an order out on the account that the command names.
fn order(matches: &ArgMatches, order: AccountOrder) -> Result<(), Failure> {
    let who = matches.get_one::<String>("who").map(String::as_str).unwrap_or_default();
    store::with(&settings::data_dir(matches)?, async |store| {
        let named = match who.parse::<UserId>() {
            Ok(id) => store.account(id).await?,
            Err(_) => store.credentials(who).await?.map(|found| found.account),
        };
        let account = named.ok_or_else(|| format!("there is no user {who:?}"))?;
        store.order(account.id, order, Actor::Console).await?;
        Ok(())
    })?
}

fn list(matches: &ArgMatches) -> Result<(), Failure> {
    let query = matches.get_one::<String>("query").map(String::as_str).unwrap_or_default();
    store::with(&settings::data_dir(matches)?, async |store| {
        let (mut out, mut after) = (std::io::stdout().lock(), None);
        loop {
            let accounts = store.all_accounts(after, query, PAGE).await?;
            for Managed { account, external, .. } in &accounts {
                let state = match (account.disabled, external) {
                    (true, _) => "disabled",
                    (false, true) => "external",
                    (false, false) => "",
                };
                let (role, name) = (account.role.as_str(), &account.user_name);
                writeln!(out, "{}  {role:<11}  {name:<20}  {}  {state}", account.id, account.email)?;
            }
            match accounts.last() {
                Some(last) => after = Some(last.account.id),
                None => return Ok(()),
            }
        }
    })?
}

fn add_command() -> Command {
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
        .arg(password_stdin())
}

fn add(matches: &ArgMatches) -> Result<(), Failure> {
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
        store::with_new(&settings::data_dir(matches)?, async |store| store.add_account(new, joining).await)??;
    writeln!(std::io::stdout(), "{}", account.id)?;
    Ok(())
}
