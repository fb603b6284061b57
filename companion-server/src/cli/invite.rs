//! `companion-server invite …`: invitations from the command line. It works on the database itself, also while a server
//! runs on it.

use std::io::Write as _;

use clap::{Arg, ArgMatches, Command, value_parser};
use protocol::{InviteId, Role, Timestamp, limits};

use super::{Failure, settings, store};
use crate::{
    auth::invite_code::InviteCode,
    model::{audit::Actor, form},
    store::{InviteStore as _, NewInvite},
};

const EXAMPLES: &str = "\
Examples:
  companion-server invite create
  companion-server invite create --role coordinator --expires 48 --note \"for Rosa\"
  companion-server invite create --uses 30 --expires 720 --public-url https://chat.example.org
  companion-server invite list
  companion-server invite revoke 6912f0a1c3d4e5f607182930

`create` prints the link to give away; it can't be shown again. The link begins with the setting public-url.";

const HOUR: i64 = 60 * 60 * 1000;

/// The most invitations that `list` prints.
const LISTED: u32 = 10_000;

pub(super) fn command() -> Command {
    Command::new("invite")
        .about("Invite people, also while the server runs")
        .after_help(EXAMPLES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(create_command())
        .subcommand(
            Command::new("list").about("Print every invitation, newest first").args(settings::of_data_dir()),
        )
        .subcommand(
            Command::new("revoke")
                .about("Take an invitation back; accounts that were made with it stay")
                .args(settings::of_data_dir())
                .arg(Arg::new("id").value_name("ID").required(true).value_parser(value_parser!(InviteId))),
        )
        .mut_subcommands(|command| command.after_help(EXAMPLES))
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("create", matches)) => create(matches),
        Some(("list", matches)) => list(matches),
        Some(("revoke", matches)) => revoke(matches),
        _ => Err("say what to do with invitations: create, list or revoke".into()),
    }
}

fn create_command() -> Command {
    let number = |id: &'static str, help: String| {
        Arg::new(id).long(id).value_name("NUMBER").value_parser(value_parser!(u64)).help(help)
    };
    let hours = limits::INVITE_HOURS_DEFAULT;
    Command::new("create")
        .about("Make an invitation and print its link")
        .args(settings::all())
        .arg(
            Arg::new("role")
                .long("role")
                .value_name("ROLE")
                .default_value("student")
                .help("What whoever uses it becomes: admin, coordinator or student"),
        )
        .arg(number("expires", format!("For how many hours it is good [default: {hours}]")))
        .arg(number("uses", "How many accounts may be made with it [default: 1]".to_owned()))
        .arg(
            Arg::new("note")
                .long("note")
                .value_name("TEXT")
                .default_value("")
                .help("What tells it from others; whoever is invited does not see it"),
        )
}

fn create(matches: &ArgMatches) -> Result<(), Failure> {
    let text = |id: &str| matches.get_one::<String>(id).map(String::as_str).unwrap_or_default();
    let number = |id: &str| matches.get_one::<u64>(id).copied();
    let role = text("role");
    let role: Role = role.parse().map_err(|error| format!("--role is {role:?}: {error}"))?;
    let hours =
        form::count("--expires", number("expires"), limits::INVITE_HOURS_DEFAULT, limits::INVITE_HOURS_MAX)?;
    let uses = form::count("--uses", number("uses"), 1, limits::INVITE_USES_MAX.into())?;
    let note = form::note(text("note"))?;
    let config = settings::read(matches)?;
    let code = InviteCode::random();
    let new = NewInvite {
        code: code.hash,
        role,
        note,
        lasts: i64::try_from(hours)?.saturating_mul(HOUR),
        max_uses: u32::try_from(uses)?,
        by: Actor::Console,
    };
    store::with_new(&config.data_dir, async |store| store.add_invite(new).await)??;
    writeln!(std::io::stdout(), "{}", code.link(&config.url()))?;
    Ok(())
}

fn list(matches: &ArgMatches) -> Result<(), Failure> {
    let (invites, now) = store::with(&settings::data_dir(matches)?, async |store| {
        (store.invites(None, None, LISTED).await, store::now())
    })?;
    let mut out = std::io::stdout().lock();
    for invite in invites? {
        let state = state(&invite, now);
        writeln!(
            out,
            "{}  {:<11}  {state:<8}  {}/{} used  until {}  {}",
            invite.id,
            invite.role.as_str(),
            invite.uses,
            invite.max_uses,
            invite.expires_at,
            invite.note
        )?;
    }
    Ok(())
}

fn state(invite: &crate::model::Invite, now: Timestamp) -> &'static str {
    match invite {
        invite if invite.revoked_at.is_some() => "revoked",
        invite if invite.uses >= invite.max_uses => "used up",
        invite if invite.expires_at <= now => "expired",
        _ => "open",
    }
}

fn revoke(matches: &ArgMatches) -> Result<(), Failure> {
    let id = *matches.get_one::<InviteId>("id").ok_or("say which invitation")?;
    store::with(&settings::data_dir(matches)?, async |store| store.revoke_invite(id, Actor::Console).await)??;
    Ok(())
}
