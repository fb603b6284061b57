//! The search filter of `POST /message/search`: a small typed language in the document's notation (C9).
//!
//! ```text
//! filter    = { "$or": [filter…] | "$and": [filter…] | field: value | field: { operator: value } … }
//! field     = _id | sender | receiver | content | isRead | sentAt
//! operator  = $eq | $in | $gt | $gte | $lt | $lte
//! ```
//!
//! The entries of one object hold together (AND). `content` is a substring without regard to case; the others
//! are equal to their value. The order operators serve `_id` and `sentAt`. Anything else is refused by name, so
//! that no operator of a database ever reaches one.

use serde_json::{Map, Value};

use crate::{MessageId, Timestamp, UserId, error, limits, request::Invalid};

/// A search as a client asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// What a message must fulfil.
    pub condition: Condition,
    /// Whether `$or` or `$and` stands at the top: then the answer is an array, otherwise one message.
    pub many: bool,
}

/// A condition on a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Each of these; none at all is always true.
    All(Vec<Condition>),
    /// At least one of these; never empty.
    Any(Vec<Condition>),
    /// The id compares so.
    Id(Comparison<MessageId>),
    /// The sender is one of these.
    Sender(Vec<UserId>),
    /// The receiver is one of these.
    Receiver(Vec<UserId>),
    /// The content contains one of these, without regard to case.
    Content(Vec<String>),
    /// The read state is one of these.
    IsRead(Vec<bool>),
    /// The time compares so.
    SentAt(Comparison<Timestamp>),
}

/// A comparison with a value that has an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison<T> {
    /// Equal to one of these.
    In(Vec<T>),
    /// Greater than this.
    Gt(T),
    /// Greater than or equal to this.
    Gte(T),
    /// Less than this.
    Lt(T),
    /// Less than or equal to this.
    Lte(T),
}

impl Filter {
    /// Reads the body of a search. `None` stands for a request without a body.
    ///
    /// # Errors
    /// Where it is no filter; the text names the field or the operator, or the bound that it passes
    /// ([`limits::FILTER_DEPTH`], [`limits::FILTER_TERMS`]).
    pub fn parse(body: Option<&Value>) -> Result<Self, Invalid> {
        let fields = body.and_then(Value::as_object).ok_or(error::MESSAGE_DATA_REQUIRED)?;
        let condition = Parser { terms: 0 }.object(fields, 1)?;
        Ok(Self { condition, many: fields.contains_key("$or") || fields.contains_key("$and") })
    }
}

struct Parser {
    terms: usize,
}

impl Parser {
    fn object(&mut self, fields: &Map<String, Value>, depth: usize) -> Result<Condition, Invalid> {
        if depth > limits::FILTER_DEPTH {
            return Err(invalid(format!(
                "Search is nested too deeply: at most {} levels",
                limits::FILTER_DEPTH
            )));
        }
        let mut all = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            match name.as_str() {
                "$or" => all.push(Condition::Any(self.list(name, value, depth)?)),
                "$and" => all.push(Condition::All(self.list(name, value, depth)?)),
                _ => self.field(name, value, &mut all)?,
            }
        }
        Ok(Condition::All(all))
    }

    fn list(&mut self, operator: &str, value: &Value, depth: usize) -> Result<Vec<Condition>, Invalid> {
        let filters = value.as_array().filter(|filters| !filters.is_empty());
        let filters = filters.ok_or_else(|| invalid(format!("{operator} needs a list of filters")))?;
        filters
            .iter()
            // An empty filter holds no condition, so the bound on conditions would not bound a list of them.
            .map(|filter| match filter.as_object().filter(|fields| !fields.is_empty()) {
                Some(fields) => self.object(fields, depth + 1),
                None => Err(invalid(format!("{operator} needs a list of filters"))),
            })
            .collect()
    }

    fn field(&mut self, name: &str, value: &Value, all: &mut Vec<Condition>) -> Result<(), Invalid> {
        let Some(operators) = value.as_object() else {
            all.push(self.term(name, "$eq", value)?);
            return Ok(());
        };
        if operators.is_empty() {
            return Err(invalid(format!("{name} needs a value")));
        }
        for (operator, value) in operators {
            all.push(self.term(name, operator, value)?);
        }
        Ok(())
    }

    fn term(&mut self, field: &str, operator: &str, value: &Value) -> Result<Condition, Invalid> {
        let values = match operator {
            "$in" => value
                .as_array()
                .map(Vec::as_slice)
                .filter(|values| !values.is_empty())
                .ok_or_else(|| invalid(format!("$in of {field} needs a list of values")))?,
            "$eq" | "$gt" | "$gte" | "$lt" | "$lte" => std::slice::from_ref(value),
            _ => return Err(invalid(format!("Operator {operator} is not supported"))),
        };
        self.terms += values.len();
        if self.terms > limits::FILTER_TERMS {
            return Err(invalid(format!("Search has too many conditions: at most {}", limits::FILTER_TERMS)));
        }
        let ordered = !matches!(operator, "$eq" | "$in");
        match field {
            "sender" | "receiver" | "content" | "isRead" if ordered => {
                Err(invalid(format!("Operator {operator} is not supported for {field}")))
            }
            "_id" => Ok(Condition::Id(comparison(operator, ids(field, values)?)?)),
            "sender" => Ok(Condition::Sender(ids(field, values)?)),
            "receiver" => Ok(Condition::Receiver(ids(field, values)?)),
            "content" => Ok(Condition::Content(texts(values)?)),
            "isRead" => Ok(Condition::IsRead(booleans(values)?)),
            "sentAt" => Ok(Condition::SentAt(comparison(operator, times(values)?)?)),
            _ => Err(invalid(format!("Field {field} is not supported in a search"))),
        }
    }
}

fn comparison<T>(operator: &str, mut values: Vec<T>) -> Result<Comparison<T>, Invalid> {
    let order = match operator {
        "$gt" => Comparison::Gt,
        "$gte" => Comparison::Gte,
        "$lt" => Comparison::Lt,
        "$lte" => Comparison::Lte,
        _ => return Ok(Comparison::In(values)),
    };
    values.pop().map(order).ok_or_else(|| invalid(format!("{operator} needs a value")))
}

fn ids<T: std::str::FromStr>(field: &str, values: &[Value]) -> Result<Vec<T>, Invalid> {
    each(values, |value| value.as_str()?.parse().ok(), || format!("{field} must be an id of 24 hex digits"))
}

fn texts(values: &[Value]) -> Result<Vec<String>, Invalid> {
    let most = limits::CONTENT_CHARS;
    each(
        values,
        |value| value.as_str().filter(|text| text.chars().nth(most).is_none()).map(str::to_owned),
        || format!("content must be a string of at most {most} characters"),
    )
}

fn booleans(values: &[Value]) -> Result<Vec<bool>, Invalid> {
    each(values, Value::as_bool, || "isRead must be true or false".to_owned())
}

fn times(values: &[Value]) -> Result<Vec<Timestamp>, Invalid> {
    each(
        values,
        |value| value.as_str()?.parse().ok(),
        || "sentAt must be a time such as 2025-10-08T10:30:00.000Z".to_owned(),
    )
}

fn each<T>(
    values: &[Value],
    read: impl Fn(&Value) -> Option<T>,
    text: impl Fn() -> String,
) -> Result<Vec<T>, Invalid> {
    values.iter().map(|value| read(value).ok_or_else(|| invalid(text()))).collect()
}

fn invalid(text: String) -> Invalid {
    Invalid(text.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ANA: &str = "507f1f77bcf86cd799439011";
    const BEN: &str = "507f1f77bcf86cd799439012";

    fn refused(body: &Value) -> String {
        Filter::parse(Some(body)).unwrap_err().to_string()
    }

    #[test]
    fn fields_of_one_object_hold_together() {
        let filter = Filter::parse(Some(&json!({"content": "OJT", "sender": ANA}))).unwrap();
        assert!(!filter.many);
        let sender = Condition::Sender(vec![ANA.parse().unwrap()]);
        assert_eq!(filter.condition, Condition::All(vec![Condition::Content(vec!["OJT".into()]), sender]));
    }

    #[test]
    fn the_document_asks_for_a_conversation_with_or() {
        let body = json!({"$or": [{"sender": ANA, "receiver": BEN}, {"sender": BEN, "receiver": ANA}]});
        let filter = Filter::parse(Some(&body)).unwrap();
        assert!(filter.many);
        let Condition::All(top) = filter.condition else { panic!("one object holds together") };
        assert!(matches!(&top[..], [Condition::Any(sides)] if sides.len() == 2));
    }

    #[test]
    fn a_range_is_two_conditions() {
        let body = json!({"sentAt": {"$gte": "2025-10-01T00:00:00Z", "$lt": "2025-11-01T00:00:00Z"}});
        let Condition::All(all) = Filter::parse(Some(&body)).unwrap().condition else { panic!("All") };
        assert!(matches!(
            all[..],
            [Condition::SentAt(Comparison::Gte(_)), Condition::SentAt(Comparison::Lt(_))]
        ));
    }

    #[test]
    fn whatever_is_not_of_the_language_is_refused_by_name() {
        assert_eq!(Filter::parse(None).unwrap_err().to_string(), "Message data are required");
        for (body, text) in [
            (json!([]), "Message data are required"),
            (json!({"$where": "1"}), "Field $where is not supported in a search"),
            (json!({"password": "x"}), "Field password is not supported in a search"),
            (json!({"content": {"$regex": "."}}), "Operator $regex is not supported"),
            (json!({"sender": {"$ne": ANA}}), "Operator $ne is not supported"),
            (json!({"sender": {"$gt": ANA}}), "Operator $gt is not supported for sender"),
            (json!({"sender": {}}), "sender needs a value"),
            (json!({"sender": "ana"}), "sender must be an id of 24 hex digits"),
            (json!({"isRead": "yes"}), "isRead must be true or false"),
            (json!({"content": 7}), "content must be a string of at most 10000 characters"),
            (json!({"sentAt": 7}), "sentAt must be a time such as 2025-10-08T10:30:00.000Z"),
            (json!({"sender": {"$in": []}}), "$in of sender needs a list of values"),
            (json!({"$or": []}), "$or needs a list of filters"),
            (json!({"$and": [1]}), "$and needs a list of filters"),
            (json!({"$or": [{}]}), "$or needs a list of filters"),
        ] {
            assert_eq!(refused(&body), text, "{body}");
        }
    }

    #[test]
    fn depth_and_width_are_bounded() {
        let nest =
            |levels: usize| (1..levels).fold(json!({"isRead": true}), |inner, _| json!({"$or": [inner]}));
        assert!(Filter::parse(Some(&nest(4))).is_ok());
        assert_eq!(refused(&nest(5)), "Search is nested too deeply: at most 4 levels");

        let wide = |terms: usize| json!({"sender": {"$in": vec![ANA; terms]}});
        assert!(Filter::parse(Some(&wide(20))).is_ok());
        assert_eq!(refused(&wide(21)), "Search has too many conditions: at most 20");
    }
}
