//! Where settings come from, the first that has one wins: flags, variables, files of variables, the TOML file.

use std::{fmt, fs, io::Read as _, path::PathBuf};

use clap::ArgMatches;

use super::{
    ConfigError, file,
    settings::{Kind, Setting},
};

/// Everything that may hold settings.
pub struct Sources<'a> {
    flags: &'a ArgMatches,
    variable: &'a dyn Fn(&str) -> Option<String>,
    file: file::Settings,
}

/// A setting's text, not checked yet.
#[derive(Debug, Clone)]
pub struct Given {
    /// The text.
    pub text: String,
    /// Who said it.
    pub origin: Origin,
}

/// Where a setting came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag.
    Flag(String),
    /// A variable of the environment.
    Variable(String),
    /// The file that a variable names.
    VariableFile(String, PathBuf),
    /// A line of the TOML file.
    Line(PathBuf, usize),
}

/// The argument of every command that reads settings.
pub(crate) const CONFIG_FLAG: &str = "config";

/// The largest file that is read as settings.
const FILE_BYTES: u64 = 1024 * 1024;

impl<'a> Sources<'a> {
    /// Reads the TOML file, if `--config` or `ROOST_CONFIG` names one. `variable` is the environment.
    ///
    /// # Errors
    /// [`ConfigError`], where the file can't be read, or holds what is no setting.
    pub fn open(
        flags: &'a ArgMatches,
        variable: &'a dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let flag = argument(flags, CONFIG_FLAG).map(|path| (path, Origin::Flag("--config".to_owned())));
        let named = flag.or_else(|| {
            variable("ROOST_CONFIG").map(|path| (path, Origin::Variable("ROOST_CONFIG".to_owned())))
        });
        let file = match named {
            Some((path, origin)) => {
                let path = PathBuf::from(path);
                let text = read(&path, &origin)?;
                file::parse(&path, &text)?
            }
            None => file::Settings::default(),
        };
        Ok(Self { flags, variable, file })
    }

    /// What is said of a setting; `None` leaves it at its default.
    ///
    /// # Errors
    /// [`ConfigError`], where it is said twice or its file can't be read.
    pub fn given(&self, setting: &Setting) -> Result<Option<Given>, ConfigError> {
        if let Some(text) = self.flag(setting) {
            return Ok(Some(Given { text, origin: Origin::Flag(format!("--{}", setting.name)) }));
        }
        if let Some(given) = self.environment(setting)? {
            return Ok(Some(given));
        }
        Ok(self.file.get(setting.name))
    }

    fn flag(&self, setting: &Setting) -> Option<String> {
        if setting.kind != Kind::List {
            return argument(self.flags, setting.name);
        }
        let values = self.flags.try_get_many::<String>(setting.name).ok().flatten()?;
        Some(values.map(String::as_str).collect::<Vec<_>>().join(","))
    }

    fn environment(&self, setting: &Setting) -> Result<Option<Given>, ConfigError> {
        let name = setting.variable();
        let file = format!("{name}_FILE");
        match ((self.variable)(&name), (self.variable)(&file)) {
            (_, Some(_)) if setting.kind == Kind::Path => return Err(ConfigError::FileOfPath(name)),
            (Some(_), Some(_)) => return Err(ConfigError::Twice(name)),
            (Some(text), None) => return Ok(Some(Given { text, origin: Origin::Variable(name) })),
            (None, Some(path)) => {
                let path = PathBuf::from(path);
                let text = read(&path, &Origin::Variable(file.clone()))?;
                let text = text.trim_end_matches(['\r', '\n']).to_owned();
                return Ok(Some(Given { text, origin: Origin::VariableFile(file, path) }));
            }
            (None, None) => {}
        }
        let given = |name: &&str| {
            Some(Given { text: (self.variable)(name)?, origin: Origin::Variable((*name).to_owned()) })
        };
        Ok(setting.other_variables().iter().find_map(given))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => write!(f, "from {name}"),
            Self::VariableFile(name, path) => write!(f, "from {name}, {}", path.display()),
            Self::Line(path, line) => write!(f, "from {} line {line}", path.display()),
        }
    }
}

/// The text of an argument that the command may or may not have.
fn argument(flags: &ArgMatches, name: &str) -> Option<String> {
    flags.try_get_one::<String>(name).ok().flatten().cloned()
}

fn read(path: &PathBuf, origin: &Origin) -> Result<String, ConfigError> {
    let failed = |problem: String| ConfigError::File { path: path.clone(), origin: origin.clone(), problem };
    let file = fs::File::open(path).map_err(|error| failed(error.to_string()))?;
    let mut text = String::new();
    let length = file.take(FILE_BYTES + 1).read_to_string(&mut text);
    match length.map_err(|error| failed(error.to_string()))? as u64 {
        0..=FILE_BYTES => Ok(text),
        _ => Err(failed(format!("it is larger than {FILE_BYTES} bytes"))),
    }
}
