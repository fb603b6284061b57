//! Schemas of what derives cannot describe: texts of a fixed form, the search filter, and events by their names.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, Object, ObjectBuilder, OneOfBuilder, Ref, RefOr, SchemaFormat,
        schema::{AdditionalProperties, AllOfBuilder, ArrayBuilder, Schema, Type},
    },
};

use crate::{filter::Filter, limits};

/// An event as the OpenAPI document describes it.
pub struct Event {
    /// The name on the wire.
    pub name: &'static str,
    /// To whom it goes and what it means.
    pub description: &'static str,
    /// The schema of its one argument.
    pub payload: RefOr<Schema>,
    /// The schemas that `payload` refers to, by name.
    pub schemas: Vec<(String, RefOr<Schema>)>,
}

impl Event {
    /// The event with this payload.
    #[must_use]
    pub fn of<T: ToSchema>(name: &'static str, description: &'static str) -> Self {
        let mut schemas = Vec::new();
        T::schemas(&mut schemas);
        let payload = if let RefOr::T(Schema::Object(object)) = T::schema()
            && object.properties.is_empty()
        {
            // A plain text or number has no name of its own.
            RefOr::T(Schema::Object(object))
        } else {
            schemas.push((T::name().into(), T::schema()));
            RefOr::Ref(Ref::from_schema_name(T::name()))
        };
        Self { name, description: description.trim(), payload, schemas }
    }
}

/// The body of a search; see [`crate::filter`].
impl PartialSchema for Filter {
    fn schema() -> RefOr<Schema> {
        let ids = || condition(id(), &["$eq"]);
        let ordered = ["$eq", "$gt", "$gte", "$lt", "$lte"];
        let filters = || {
            // Only the filter at the top may be empty.
            let filter = AllOfBuilder::new()
                .item(Ref::from_schema_name(Self::name()))
                .item(ObjectBuilder::new().min_properties(Some(1)));
            ArrayBuilder::new().items(filter).min_items(Some(1)).max_items(Some(limits::FILTER_TERMS))
        };
        let content = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A part of the content, without regard to case"))
            .max_length(Some(limits::CONTENT_CHARS))
            .build();
        ObjectBuilder::new()
            .description(Some("What a message must fulfil; all of it holds together"))
            .property("$or", filters())
            .property("$and", filters())
            .property("_id", condition(id(), &ordered))
            .property("sender", ids())
            .property("receiver", ids())
            .property("content", condition(content, &["$eq"]))
            .property("isRead", condition(Object::with_type(Type::Boolean), &["$eq"]))
            .property("sentAt", condition(time(), &ordered))
            .additional_properties(Some(AdditionalProperties::FreeForm(false)))
            .into()
    }
}

impl ToSchema for Filter {}

/// A value, or an object of operators with their values.
fn condition(value: Object, operators: &[&str]) -> Schema {
    let several = ArrayBuilder::new().items(value.clone());
    let several = several.min_items(Some(1)).max_items(Some(limits::FILTER_TERMS));
    let compared = operators
        .iter()
        .fold(ObjectBuilder::new().property("$in", several), |object, operator| {
            object.property(*operator, value.clone())
        })
        .min_properties(Some(1))
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .build();
    Schema::OneOf(OneOfBuilder::new().item(value).item(compared).build())
}

/// 24 hex digits.
#[must_use]
pub fn id() -> Object {
    text("An id of 24 hex digits", "507f1f77bcf86cd799439011").pattern(Some("^[0-9a-fA-F]{24}$")).build()
}

/// RFC 3339.
#[must_use]
pub fn time() -> Object {
    text("RFC 3339 in UTC, with milliseconds and Z", "2025-10-08T10:30:00.000Z")
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .build()
}

fn text(description: &'static str, example: &'static str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(Cow::Borrowed(description)))
        .examples([example])
}

/// Gives a type that is a text on the wire the schema of that text.
macro_rules! text_of {
    ($type:ident, $schema:expr) => {
        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::RefOr::T($schema.into())
            }
        }

        impl utoipa::ToSchema for $type {}
    };
}

pub(crate) use text_of;
