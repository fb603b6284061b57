//! MongoDB's extended JSON, canonical and relaxed, as far as the documented models use it.

use chrono::DateTime;
use protocol::{ObjectId, Timestamp};
use serde_json::Value;

/// An id: its digits, `{"$oid": digits}`, or a whole document that has one.
pub(super) fn id(value: &Value) -> Option<ObjectId> {
    let own = |value: &Value| value.as_str().or_else(|| value.get("$oid")?.as_str())?.parse().ok();
    own(value).or_else(|| own(value.get("_id")?))
}

/// A time: `{"$date": …}` with a text, a number of milliseconds or `{"$numberLong": digits}`; or any of these alone.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    let value = value.get("$date").unwrap_or(value);
    match value.as_str() {
        Some(text) => {
            let time = DateTime::parse_from_rfc3339(text)
                .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
            Timestamp::from_millis(time.ok()?.timestamp_millis()).ok()
        }
        None => Timestamp::from_millis(number(value)?).ok(),
    }
}

/// Yes or no.
pub(super) fn flag(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| match number(value)? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    })
}

/// A text; absent and `null` are empty.
pub(super) fn text<'a>(document: &'a Value, field: &str) -> &'a str {
    document.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value) -> Option<i64> {
    let wrapped = ["$numberLong", "$numberInt", "$numberDouble"].iter().find_map(|kind| value.get(kind));
    match wrapped.and_then(Value::as_str) {
        Some(digits) => digits.parse().ok().or_else(|| whole(digits.parse().ok()?)),
        None => value.as_i64().or_else(|| whole(value.as_f64()?)),
    }
}

/// A double that is a whole number: its text never has an exponent, so it is digits alone then and only then.
fn whole(double: f64) -> Option<i64> {
    double.to_string().parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_way_to_write_an_id_is_read() {
        let digits = "507f1f77bcf86cd799439011";
        for value in [
            json!(digits),
            json!({"$oid": digits}),
            json!({"_id": digits, "firstName": "Ana"}),
            json!({"_id": {"$oid": digits}}),
        ] {
            assert_eq!(id(&value).unwrap().to_string(), digits, "{value}");
        }
        for value in
            [json!(null), json!(7), json!("ana"), json!({"$oid": 7}), json!({"_id": {"_id": digits}})]
        {
            assert_eq!(id(&value), None, "{value}");
        }
    }

    #[test]
    fn every_way_to_write_a_time_is_read() {
        let millis = 1_759_919_400_123;
        for value in [
            json!({"$date": "2025-10-08T10:30:00.123Z"}),
            json!({"$date": "2025-10-08T12:30:00.123+0200"}),
            json!({"$date": {"$numberLong": "1759919400123"}}),
            json!({"$date": 1_759_919_400_123_i64}),
            json!("2025-10-08T10:30:00.123Z"),
            json!(1_759_919_400_123_i64),
            json!(1_759_919_400_123.0),
            json!({"$date": {"$numberDouble": "1759919400123.0"}}),
            json!({"$numberDouble": "1.759919400123E+12"}),
        ] {
            assert_eq!(time(&value).map(Timestamp::millis), Some(millis), "{value}");
        }
        for value in [
            json!(null),
            json!("yesterday"),
            json!({"$date": {}}),
            json!({"$date": {"$numberLong": "x"}}),
            json!(1.5),
            json!(1e300),
            json!({"$numberDouble": "1.7599194001235E+12"}),
            json!({"$numberDouble": "1E+19"}),
            json!({"$numberDouble": "Infinity"}),
            json!({"$numberDouble": "NaN"}),
        ] {
            assert_eq!(time(&value), None, "{value}");
        }
    }

    #[test]
    fn flags_may_be_numbers() {
        assert_eq!(flag(&json!(true)), Some(true));
        assert_eq!(flag(&json!({"$numberInt": "0"})), Some(false));
        assert_eq!(flag(&json!("yes")), None);
    }
}
