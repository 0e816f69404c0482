//! A value of JSON as the files of the operator have it, read as strictly as they are: a key that is there
//! twice is refused by its name.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use toml::{Table, Value};

/// A value; `None` for a null.
#[derive(Debug)]
pub(super) struct JsonValue(pub(super) Option<Value>);

impl<'de> Deserialize<'de> for JsonValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor).map(Self)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Option<Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value of JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        let whole = i64::try_from(value).map(Value::Integer);
        Ok(Some(whole.unwrap_or(Value::Float(value as f64))))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(value.into()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Some(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(JsonValue(item)) = list.next_element()? {
            items.push(item.ok_or_else(|| A::Error::custom("a null is no item of a list"))?);
        }
        Ok(Some(Value::Array(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut table, mut names) = (Table::new(), Vec::new());
        while let Some((name, JsonValue(value))) = map.next_entry::<String, JsonValue>()? {
            if names.contains(&name) {
                let shown: String = name.chars().take(40).collect();
                return Err(A::Error::custom(format_args!("{shown:?} is there twice")));
            }
            names.push(name.clone());
            // A null is as good as nothing.
            if let Some(value) = value {
                table.insert(name, value);
            }
        }
        Ok(Some(Value::Table(table)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_as_a_file_would_have_it_and_a_key_that_is_there_twice_is_refused() {
        let read = |text: &str| serde_json::from_str::<JsonValue>(text);
        let text = r#"{"a":"b","n":7,"big":18446744073709551615,"f":1.5,"t":true,"none":null,"l":["x",{"y":1}]}"#;
        let want = "a = \"b\"\nn = 7\nbig = 18446744073709551615.0\nf = 1.5\nt = true\nl = [\"x\", { y = 1 }]\n";
        assert_eq!(read(text).unwrap().0.unwrap(), Value::Table(want.parse().unwrap()));
        for (text, want) in [
            (r#"{"lasts":"30m","lasts":"40m"}"#, "\"lasts\" is there twice"),
            (r#"{"a":null,"a":1}"#, "\"a\" is there twice"),
            (r#"{"headers":{"X":"a","X":"b"}}"#, "\"X\" is there twice"),
            (r#"{"sites":["slack.com",null]}"#, "a null is no item of a list"),
            (r#"{"a":1e999}"#, "number out of range"),
            (r#"{"a":"\ud800"}"#, "unexpected end of hex escape"),
        ] {
            let told = read(text).unwrap_err().to_string();
            assert!(told.starts_with(want), "{text}: {told}");
        }
        assert!(read(&"[".repeat(60_000)).unwrap_err().to_string().starts_with("recursion limit"));
    }
}
