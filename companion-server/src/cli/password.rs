//! Where a password comes from.

use std::io::{BufRead as _, IsTerminal as _};

use super::Failure;

const VARIABLE: &str = "ROOST_PASSWORD";

/// The password of `ROOST_PASSWORD`, or the first line of standard input, or what is typed on the terminal, unseen.
pub(super) fn read(from_stdin: bool) -> Result<String, Failure> {
    if from_stdin {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    if let Ok(password) = std::env::var(VARIABLE) {
        return Ok(password);
    }
    if !std::io::stdin().is_terminal() {
        return Err(format!("there is no password: set {VARIABLE}, or use --password-stdin").into());
    }
    let password = rpassword::prompt_password("Password: ")?;
    if rpassword::prompt_password("Once more: ")? != password {
        return Err("the two passwords differ".into());
    }
    Ok(password)
}
