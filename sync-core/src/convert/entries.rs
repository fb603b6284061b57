//! Lists of which one odd entry must not spoil the rest, and which must not cost more than they are worth: the text of
//! each entry is kept as it stands until it is looked at, and a list of too many is no list at all.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::value::RawValue;

use crate::limits;

use super::wire::{WirePerson, WireRef};

/// The entries of a list, unread.
#[derive(Default)]
pub(super) struct Entries<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {} entries", limits::PAGE_ENTRIES)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = list.next_element::<&RawValue>()? {
                    if entries.len() == limits::PAGE_ENTRIES {
                        return Err(serde::de::Error::invalid_length(entries.len() + 1, &self));
                    }
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_seq(List)
    }
}

impl Entries<'_> {
    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// What can be made of them. The others are left out, with a line in the log that says nothing of their content.
    pub(super) fn read<W: DeserializeOwned, T>(self, what: &str, convert: impl Fn(W) -> Option<T>) -> Vec<T> {
        let total = self.0.len();
        let entries = self.0.into_iter();
        let whole: Vec<T> =
            entries.filter_map(|entry| convert(serde_json::from_str(entry.get()).ok()?)).collect();
        if whole.len() < total {
            tracing::warn!(
                entry = what,
                left_out = total - whole.len(),
                "the server sent entries that make no sense"
            );
        }
        whole
    }
}

/// A text where there is one; anything else, of whatever size, is skipped and counts as none.
#[derive(Default)]
pub(super) struct Text(pub(super) Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(Some(text.to_owned())))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_unit<E>(self) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Text, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

impl<'de> Deserialize<'de> for WireRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reference;

        impl<'de> Visitor<'de> for Reference {
            type Value = WireRef;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id or a person")
            }

            fn visit_str<E: serde::de::Error>(self, id: &str) -> Result<WireRef, E> {
                Ok(WireRef::Id(id.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<WireRef, A::Error> {
                WirePerson::deserialize(MapAccessDeserializer::new(map)).map(WireRef::Person)
            }
        }

        deserializer.deserialize_any(Reference)
    }
}
