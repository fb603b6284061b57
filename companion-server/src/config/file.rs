//! The TOML file of settings: each key a setting, each value of the setting's kind; whatever else is refused.

use std::{collections::HashMap, path::Path};

use toml::de::{DeTable, DeValue};

use super::{
    ConfigError, Given, Origin,
    settings::{Kind, Setting},
};

/// The settings of a file, by their names.
#[derive(Default)]
pub(super) struct Settings(HashMap<&'static str, Given>);

impl Settings {
    pub(super) fn get(&self, name: &str) -> Option<Given> {
        self.0.get(name).cloned()
    }
}

/// Reads the text of the file at `path`.
pub(super) fn parse(path: &Path, text: &str) -> Result<Settings, ConfigError> {
    let line_of = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
    let failed = |at: usize, problem: String| {
        Err(ConfigError::Line { path: path.to_owned(), line: line_of(at), problem })
    };
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            return failed(at, error.message().to_owned());
        }
    };
    let mut settings = HashMap::new();
    for (key, value) in table {
        let at = key.span().start;
        let Some(setting) = Setting::named(key.get_ref()) else {
            return failed(at, format!("there is no setting {:?}", key.get_ref()));
        };
        match text_of(setting.kind, value.get_ref()) {
            Ok(text) => {
                let origin = Origin::Line(path.to_owned(), line_of(at));
                settings.insert(setting.name, Given { text, origin });
            }
            Err(wanted) => return failed(at, format!("{} must be {wanted}", setting.name)),
        }
    }
    Ok(Settings(settings))
}

/// The value as the environment would hold it, or what it should have been.
fn text_of(kind: Kind, value: &DeValue<'_>) -> Result<String, &'static str> {
    match kind {
        Kind::Text | Kind::Path | Kind::Secret => value.as_str().map(str::to_owned).ok_or("a text in quotes"),
        Kind::Number => {
            let number = value.as_integer().filter(|number| number.radix() == 10);
            number.map(|number| number.as_str().to_owned()).ok_or("a whole number")
        }
        Kind::Switch => match value.as_bool() {
            Some(on) => Ok(on.to_string()),
            None => value.as_str().map(str::to_owned).ok_or("true or false"),
        },
        Kind::List => {
            let texts = value.as_array().and_then(|values| {
                values.iter().map(|value| value.get_ref().as_str()).collect::<Option<Vec<_>>>()
            });
            texts.map(|texts| texts.join(",")).ok_or("a list of texts, such as [\"one\", \"two\"]")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, String> {
        parse(Path::new("roost.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn values_keep_the_line_they_stand_on() {
        let settings = read(
            "# a school\nname = \"Northside\"\n\nlegacy-sockets = true\ncors-origin = [\"https://a\", \"https://b\"]\n",
        );
        let settings = settings.unwrap();
        for (name, text, line) in [
            ("name", "Northside", 2),
            ("legacy-sockets", "true", 4),
            ("cors-origin", "https://a,https://b", 5),
        ] {
            let given = settings.get(name).unwrap();
            assert_eq!((given.text.as_str(), given.origin), (text, Origin::Line("roost.toml".into(), line)));
        }
        assert!(settings.get("listen").is_none());
    }

    #[test]
    fn what_is_no_setting_is_refused_with_its_line() {
        for (text, problem) in [
            ("\nnmae = \"x\"", "roost.toml line 2: there is no setting \"nmae\""),
            ("name = 5", "roost.toml line 1: name must be a text in quotes"),
            ("\n\nlegacy-sockets = 1", "roost.toml line 3: legacy-sockets must be true or false"),
            ("cors-origin = \"x\"", "roost.toml line 1: cors-origin must be a list of texts"),
            ("[name]\nx = 1", "roost.toml line 1: name must be a text in quotes"),
            ("name = \"a\"\nname = \"b\"", "roost.toml line 2: duplicate key"),
            ("listen = ", "roost.toml line 1: "),
        ] {
            let error = read(text).err().unwrap();
            assert!(error.starts_with(problem), "{text:?}: {error}");
        }
    }
}
