//! What may stand in an account's fields; the same over HTTP and on the command line.
//! Of an invitation, too.

use protocol::{limits, request::Invalid};

/// A user name: visible characters without `@`, so that it is never taken for an e-mail address.
///
/// # Errors
/// The sentence that names what is wrong.
pub fn user_name(text: &str) -> Result<String, Invalid> {
    let text = present("userName", text)?;
    let most = limits::USER_NAME_CHARS;
    if text.chars().count() > most {
        return Err(invalid(format!("userName is too long: at most {most} characters")));
    }
    if text.chars().any(|c| c == '@' || c.is_whitespace() || is_hidden(c)) {
        return Err("userName must not contain spaces, @ or control characters".into());
    }
    Ok(text.to_owned())
}

/// An e-mail address, in as far as it can be told without writing to it.
///
/// # Errors
/// The sentence that names what is wrong.
pub fn email(text: &str) -> Result<String, Invalid> {
    let whole = text.len();
    let text = present("email", text)?;
    let well_formed = text
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
    if !well_formed || whole > limits::EMAIL_BYTES || text.chars().any(|c| c.is_whitespace() || is_hidden(c))
    {
        return Err("email must be an e-mail address".into());
    }
    Ok(text.to_owned())
}

/// A given name, which may not be empty.
///
/// # Errors
/// The sentence that names what is wrong.
pub fn first_name(text: &str) -> Result<String, Invalid> {
    present("firstName", text)?;
    name("firstName", text)
}

/// A family name, which may be empty.
///
/// # Errors
/// The sentence that names what is wrong.
pub fn last_name(text: &str) -> Result<String, Invalid> {
    name("lastName", text)
}

/// A password, as it is: spaces count.
///
/// # Errors
/// The sentence that names what is wrong.
pub fn password(field: &str, text: &str) -> Result<String, Invalid> {
    if text.is_empty() {
        return Err(invalid(format!("{field} is required")));
    }
    let (least, most) = (limits::PASSWORD_MIN_CHARS, limits::PASSWORD_MAX_BYTES);
    if text.chars().count() < least {
        return Err(invalid(format!("{field} is too short: at least {least} characters")));
    }
    if text.len() > most {
        return Err(invalid(format!("{field} is too long: at most {most} bytes")));
    }
    Ok(text.to_owned())
}

/// The address of a picture, over HTTPS or HTTP; empty for none.
///
/// # Errors
/// The sentence that names what is wrong.
pub fn avatar(text: &str) -> Result<String, Invalid> {
    let most = limits::AVATAR_BYTES;
    if text.len() > most {
        return Err(invalid(format!("avatar is too long: at most {most} bytes")));
    }
    let text = text.trim();
    let web = ["https://", "http://"].iter().any(|scheme| text.to_ascii_lowercase().starts_with(scheme));
    if !(text.is_empty() || web) || text.chars().any(|c| c.is_whitespace() || is_hidden(c)) {
        return Err("avatar must be an http or https address".into());
    }
    Ok(text.to_owned())
}

/// The note of an invitation, which may be empty.
///
/// # Errors
/// The sentence that names what is wrong.
pub fn note(text: &str) -> Result<String, Invalid> {
    plain("note", text, limits::NOTE_CHARS)
}

/// A number from 1 to `most`, or `default` where none is given.
///
/// # Errors
/// The sentence that names the field and the bounds.
pub fn count(field: &str, given: Option<u64>, default: u64, most: u64) -> Result<u64, Invalid> {
    match given {
        None => Ok(default),
        Some(number) if (1..=most).contains(&number) => Ok(number),
        Some(_) => Err(invalid(format!("{field} must be from 1 to {most}"))),
    }
}

fn name(field: &str, text: &str) -> Result<String, Invalid> {
    plain(field, text, limits::NAME_CHARS)
}

fn plain(field: &str, text: &str, most: usize) -> Result<String, Invalid> {
    if text.chars().any(is_hidden) {
        return Err(invalid(format!("{field} must not contain control characters")));
    }
    if text.chars().count() > most {
        return Err(invalid(format!("{field} is too long: at most {most} characters")));
    }
    Ok(text.trim().to_owned())
}

fn present<'a>(field: &str, text: &'a str) -> Result<&'a str, Invalid> {
    let text = text.trim();
    if text.is_empty() { Err(invalid(format!("{field} is required"))) } else { Ok(text) }
}

/// Control characters, and those that reverse the direction of the text around them.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{feff}')
}

fn invalid(text: String) -> Invalid {
    Invalid(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Check = fn(&str) -> Result<String, Invalid>;

    #[test]
    fn what_is_well_formed_is_trimmed_and_taken() {
        for (check, text, taken) in [
            (user_name as Check, " ana.cruz ", "ana.cruz"),
            (email, "Ana@Example.org", "Ana@Example.org"),
            (first_name, " Ana María ", "Ana María"),
            (last_name, "", ""),
            (avatar, "https://example.org/a.png", "https://example.org/a.png"),
            (avatar, "", ""),
        ] {
            assert_eq!(check(text).as_deref(), Ok(taken));
        }
        assert_eq!(password("password", " eight 8").as_deref(), Ok(" eight 8"));
    }

    #[test]
    fn what_is_not_is_refused_by_name() {
        let long = "x".repeat(2_049);
        for (check, text, error) in [
            (user_name as Check, " ", "userName is required"),
            (user_name, &long, "userName is too long: at most 64 characters"),
            (user_name, "a b", "userName must not contain spaces, @ or control characters"),
            (user_name, "a@b", "userName must not contain spaces, @ or control characters"),
            (email, "", "email is required"),
            (email, "ana", "email must be an e-mail address"),
            (email, "@b", "email must be an e-mail address"),
            (email, "a@b@c", "email must be an e-mail address"),
            (first_name, "", "firstName is required"),
            (first_name, &long, "firstName is too long: at most 100 characters"),
            (last_name, "a\u{202e}b", "lastName must not contain control characters"),
            (avatar, "javascript:alert(1)", "avatar must be an http or https address"),
            (avatar, &long, "avatar is too long: at most 2048 bytes"),
        ] {
            assert_eq!(check(text).unwrap_err().to_string(), error);
        }
        for (text, error) in [
            ("", "newPassword is required"),
            ("seven77", "newPassword is too short: at least 8 characters"),
            (&long, "newPassword is too long: at most 1024 bytes"),
        ] {
            assert_eq!(password("newPassword", text).unwrap_err().to_string(), error);
        }
    }
}
