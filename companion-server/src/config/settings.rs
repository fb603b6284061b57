//! Every setting: its name, its help, how its text is checked, and how its value is shown.

use std::time::Duration;

use protocol::sync::Registration;
use tracing_subscriber::EnvFilter;

use super::{
    Config, ConfigError, Given, LogFormat, Sources,
    text::{
        joined, list, listen, name, number, on_or_off, origin, path, public_url, registration, secret,
        shown_path, switch,
    },
};
use crate::auth::secret::Secret;

/// One setting. Its default is what [`Config::default`] holds.
#[derive(Debug)]
pub struct Setting {
    /// The flag without its dashes, and the key in the TOML file.
    pub name: &'static str,
    /// What its text stands for.
    pub kind: Kind,
    /// What stands for the value in the help.
    pub value_name: &'static str,
    /// What it does, in a line or two.
    pub help: &'static str,
    /// Variables that other programs use for the same, asked where no `ROOST_…` variable is set.
    also: &'static [&'static str],
    apply: fn(&mut Config, &str) -> Result<(), String>,
    show: fn(&Config) -> String,
}

/// What the text of a setting stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Itself.
    Text,
    /// A whole number.
    Number,
    /// `on` or `off`; the flag alone is `on`.
    Switch,
    /// Several texts with commas between them; the flag may be given several times.
    List,
    /// The path of a file or a folder. No variable names a file that holds it: that would be taken for the file itself.
    Path,
    /// Something that is never shown and has no flag, because others see the flags of a process.
    Secret,
}

/// All of them, in the order in which people meet them.
pub const TABLE: &[Setting] = &[
    Setting {
        name: "data-dir",
        kind: Kind::Path,
        value_name: "DIR",
        help: "Where the database and the token secret are kept; made if missing, private to its owner",
        also: &[],
        apply: |config, text| {
            config.data_dir = path(text)?;
            Ok(())
        },
        show: |config| config.data_dir.display().to_string(),
    },
    Setting {
        name: "listen",
        kind: Kind::Text,
        value_name: "ADDRESS:PORT",
        help: "Where to listen; port 0 takes a free one. PORT alone is a port on 127.0.0.1",
        also: &["PORT"],
        apply: |config, text| {
            config.listen = listen(text)?;
            Ok(())
        },
        show: |config| config.listen.to_string(),
    },
    Setting {
        name: "public-url",
        kind: Kind::Text,
        value_name: "URL",
        help: "Under which address people reach the server, for links; else where it listens",
        also: &[],
        apply: |config, text| {
            config.public_url = Some(public_url(text)?);
            Ok(())
        },
        show: |config| config.public_url.clone().unwrap_or_default(),
    },
    Setting {
        name: "name",
        kind: Kind::Text,
        value_name: "NAME",
        help: "What people call this server",
        also: &[],
        apply: |config, text| {
            config.name = name(text)?;
            Ok(())
        },
        show: |config| config.name.clone(),
    },
    Setting {
        name: "registration",
        kind: Kind::Text,
        value_name: "open|invite|closed",
        help: "Who may make an account: anyone who reaches the server, whoever is invited, or nobody",
        also: &[],
        apply: |config, text| {
            config.registration = registration(text)?;
            Ok(())
        },
        show: |config| {
            match config.registration {
                Registration::Open => "open",
                Registration::Invite => "invite",
                Registration::Closed => "closed",
            }
            .to_owned()
        },
    },
    Setting {
        name: "jwt-secret",
        kind: Kind::Secret,
        value_name: "SECRET",
        help: "Signs access tokens, at least 32 bytes; else one is made once and kept in the data directory",
        also: &["JWT_SECRET"],
        apply: |config, text| {
            Secret::parse(text).map_err(|error| error.to_string())?;
            config.jwt_secret = Some(text.to_owned());
            Ok(())
        },
        show: |config| secret(config.jwt_secret.as_deref()),
    },
    Setting {
        name: "cors-origin",
        kind: Kind::List,
        value_name: "ORIGIN",
        help: "Let browsers call from this origin only, such as https://chat.example.org; else from any",
        also: &[],
        apply: |config, text| {
            config.cors_origins = list(text, origin)?;
            Ok(())
        },
        show: |config| {
            let origins = config.cors_origins.iter();
            joined(origins.map(|origin| String::from_utf8_lossy(origin.as_bytes()).into_owned()))
        },
    },
    Setting {
        name: "trusted-proxies",
        kind: Kind::List,
        value_name: "ADDRESS",
        help: "Proxies, as addresses or networks such as 10.0.0.0/8, whose X-Forwarded-For is believed",
        also: &[],
        apply: |config, text| {
            config.trusted_proxies = text.parse()?;
            Ok(())
        },
        show: |config| config.trusted_proxies.to_string(),
    },
    Setting {
        name: "tls-cert",
        kind: Kind::Path,
        value_name: "FILE",
        help: "Speak TLS with this certificate and those that vouch for it (PEM); read again when it changes",
        also: &[],
        apply: |config, text| {
            config.tls_cert = Some(path(text)?);
            Ok(())
        },
        show: |config| shown_path(config.tls_cert.as_deref()),
    },
    Setting {
        name: "tls-key",
        kind: Kind::Path,
        value_name: "FILE",
        help: "The key of the certificate (PEM)",
        also: &[],
        apply: |config, text| {
            config.tls_key = Some(path(text)?);
            Ok(())
        },
        show: |config| shown_path(config.tls_key.as_deref()),
    },
    Setting {
        name: "metrics-listen",
        kind: Kind::Text,
        value_name: "ADDRESS:PORT",
        help: "Where to answer GET /metrics for Prometheus, without authentication; else nowhere",
        also: &[],
        apply: |config, text| {
            config.metrics_listen = Some(listen(text)?);
            Ok(())
        },
        show: |config| config.metrics_listen.map(|address| address.to_string()).unwrap_or_default(),
    },
    Setting {
        name: "rate-limits",
        kind: Kind::Switch,
        value_name: "on|off",
        help: "Hold users and addresses to their allowances, see docs/hosting.md; off for benchmarks only [default: on]",
        also: &[],
        apply: |config, text| {
            config.rate_limits = switch(text)?;
            Ok(())
        },
        show: |config| on_or_off(config.rate_limits),
    },
    Setting {
        name: "trust-external-tokens",
        kind: Kind::Switch,
        value_name: "on|off",
        help: "Accept tokens that another system signs with the same secret, and make their users known",
        also: &[],
        apply: |config, text| {
            config.trust_external_tokens = switch(text)?;
            Ok(())
        },
        show: |config| on_or_off(config.trust_external_tokens),
    },
    Setting {
        name: "legacy-sockets",
        kind: Kind::Switch,
        value_name: "on|off",
        help: "INSECURE: let sockets without a token join anybody's room, as old clients do",
        also: &[],
        apply: |config, text| {
            config.legacy_sockets = switch(text)?;
            Ok(())
        },
        show: |config| on_or_off(config.legacy_sockets),
    },
    Setting {
        name: "feed-retention-days",
        kind: Kind::Number,
        value_name: "DAYS",
        help: "How long the change feed reaches back; apps that were away for longer fetch everything anew",
        also: &[],
        apply: |config, text| {
            config.retention.feed_days = number(text, 1..=36_500)?;
            Ok(())
        },
        show: |config| config.retention.feed_days.to_string(),
    },
    Setting {
        name: "max-connections",
        kind: Kind::Number,
        value_name: "COUNT",
        help: "How many connections there may be; the system must allow as many open files",
        also: &[],
        apply: |config, text| {
            config.connections = number(text, 1..=1_000_000)?;
            Ok(())
        },
        show: |config| config.connections.to_string(),
    },
    Setting {
        name: "max-connections-per-client",
        kind: Kind::Number,
        value_name: "COUNT",
        help: "How many of those one address may have (of IPv6, one /64); trusted proxies may have all",
        also: &[],
        apply: |config, text| {
            config.connections_per_client = number(text, 1..=1_000_000)?;
            Ok(())
        },
        show: |config| config.connections_per_client.to_string(),
    },
    Setting {
        name: "log",
        kind: Kind::Text,
        value_name: "FILTER",
        help: "What is logged: off, error, warn, info, debug or trace, also by part: info,access=off",
        also: &["RUST_LOG"],
        apply: |config, text| {
            EnvFilter::builder().parse(text).map_err(|error| error.to_string())?;
            text.clone_into(&mut config.log);
            Ok(())
        },
        show: |config| config.log.clone(),
    },
    Setting {
        name: "log-format",
        kind: Kind::Text,
        value_name: "text|json",
        help: "How it is logged: for people, or one JSON object a line",
        also: &[],
        apply: |config, text| {
            config.log_format = match text {
                "text" => LogFormat::Text,
                "json" => LogFormat::Json,
                _ => return Err("it must be text or json".to_owned()),
            };
            Ok(())
        },
        show: |config| {
            match config.log_format {
                LogFormat::Text => "text",
                LogFormat::Json => "json",
            }
            .to_owned()
        },
    },
    Setting {
        name: "slow-query-ms",
        kind: Kind::Number,
        value_name: "MILLISECONDS",
        help: "Statements of the database that take as long are logged, without their values",
        also: &[],
        apply: |config, text| {
            config.slow_query = Duration::from_millis(number(text, 0..=3_600_000)?);
            Ok(())
        },
        show: |config| config.slow_query.as_millis().to_string(),
    },
];

impl Setting {
    /// The setting of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        TABLE.iter().find(|setting| setting.name == name)
    }

    /// Its variable, such as `ROOST_CORS_ORIGIN`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("ROOST_{}", self.name.replace('-', "_").to_ascii_uppercase())
    }

    /// Variables that other programs use for the same.
    #[must_use]
    pub fn other_variables(&self) -> &'static [&'static str] {
        self.also
    }

    /// Its value for people; empty where there is none, and without what it hides where it is a secret.
    #[must_use]
    pub fn shown(&self, config: &Config) -> String {
        (self.show)(config)
    }

    /// Puts what the sources say into the configuration.
    ///
    /// # Errors
    /// [`ConfigError`], where it can't be used.
    pub fn take(&self, sources: &Sources<'_>, config: &mut Config) -> Result<Option<Given>, ConfigError> {
        let Some(given) = sources.given(self)? else { return Ok(None) };
        (self.apply)(config, &given.text).map_err(|problem| ConfigError::Value {
            setting: self.name,
            // Of several lines, it may be the content of a file that somebody put here by mistake, such as a key.
            value: if self.kind == Kind::Secret || given.text.contains(char::is_control) {
                format!("{} bytes long", given.text.len())
            } else {
                format!("{:?}", given.text)
            },
            origin: given.origin.clone(),
            problem,
        })?;
        Ok(Some(given))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `config show` prints can be written into a file of settings.
    #[test]
    fn what_is_shown_of_the_defaults_means_the_defaults() {
        for setting in TABLE {
            let shown = setting.shown(&Config::default());
            if !shown.is_empty() {
                let mut config = Config::default();
                (setting.apply)(&mut config, &shown).unwrap();
                assert_eq!(setting.shown(&config), shown, "{}", setting.name);
            }
        }
    }

    #[test]
    fn names_and_variables_are_unique() {
        let mut seen = std::collections::HashSet::new();
        for setting in TABLE {
            assert!(seen.insert(setting.variable()), "{}", setting.name);
            for other in setting.other_variables() {
                assert!(seen.insert((*other).to_owned()), "{}", setting.name);
            }
        }
    }
}
