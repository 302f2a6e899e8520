//! The program's own description of its interface: what can be asked, and whether an answer is as described.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use serde_json::Value;
use uuid::Uuid;

/// `/api/v1/openapi.json`, read.
pub struct Description {
    whole: Value,
    pub operations: Vec<Operation>,
}

/// Something that can be asked.
#[derive(Clone)]
pub struct Operation {
    pub method: String,
    pub path: String,
    pub parameters: Vec<Parameter>,
    /// The schema of its body, if it has one.
    pub body: Option<Value>,
    /// By status: the media type and the schema.
    answers: BTreeMap<u16, (String, Value)>,
}

/// A part of the path, of the query or of the head.
#[derive(Clone)]
pub struct Parameter {
    pub name: String,
    pub place: String,
    pub required: bool,
    pub schema: Value,
}

impl Description {
    pub fn read(whole: Value) -> Self {
        let mut description = Self {
            operations: Vec::new(),
            whole,
        };
        let paths = description.whole["paths"].as_object().unwrap();
        let each = paths.iter().flat_map(|(path, item)| {
            let operations = item.as_object().unwrap().iter();
            operations.map(move |(method, about)| (method, path, about))
        });
        let operations =
            each.map(|(method, path, about)| description.operation(method, path, about));
        description.operations = operations.collect();
        description
    }

    fn operation(&self, method: &str, path: &str, about: &Value) -> Operation {
        let given = about["parameters"].as_array().into_iter().flatten();
        let parameters = given.map(|given| Parameter {
            name: given["name"].as_str().unwrap().into(),
            place: given["in"].as_str().unwrap().into(),
            required: given["required"] == true,
            schema: given["schema"].clone(),
        });
        let answers = about["responses"].as_object().unwrap().iter();
        let answers = answers.map(|(status, answer)| {
            let content = self.resolved(answer)["content"].as_object().unwrap();
            let (media_type, about) = content.iter().next().unwrap();
            let answer = (media_type.clone(), about["schema"].clone());
            (status.parse().unwrap(), answer)
        });
        let body = &about["requestBody"]["content"]["application/json"]["schema"];
        Operation {
            method: method.to_uppercase(),
            path: path.into(),
            parameters: parameters.collect(),
            body: (!body.is_null()).then(|| body.clone()),
            answers: answers.collect(),
        }
    }

    /// A schema with its references followed.
    pub fn resolved<'d>(&'d self, schema: &'d Value) -> &'d Value {
        match schema["$ref"].as_str() {
            Some(place) => self.resolved(self.whole.pointer(&place[1..]).unwrap()),
            None => schema,
        }
    }

    /// What is wrong with an answer, if anything is.
    pub fn fault(
        &self,
        operation: &Operation,
        status: u16,
        media_type: &str,
        text: &str,
    ) -> Option<String> {
        let Some((described, schema)) = operation.answers.get(&status) else {
            return Some(format!("the status {status} is not described"));
        };
        if media_type != described {
            return Some(format!(
                "its type is {media_type}, and {described} is described"
            ));
        }
        match serde_json::from_str(text) {
            Ok(value) => self.mismatch(schema, &value, ""),
            Err(error) => Some(format!("it is not JSON: {error}")),
        }
    }

    fn mismatch(&self, schema: &Value, value: &Value, at: &str) -> Option<String> {
        let schema = self.resolved(schema);
        let wrong = |what: &str| Some(format!("{at} is not {what}: {value}"));
        if let Some(all) = schema["allOf"].as_array() {
            return all.iter().find_map(|one| self.mismatch(one, value, at));
        }
        if let Some(ways) = schema["oneOf"].as_array() {
            let fits = ways
                .iter()
                .any(|way| self.mismatch(way, value, at).is_none());
            return if fits {
                None
            } else {
                wrong("any of what is described")
            };
        }
        if !is_of_type(&schema["type"], value) {
            return wrong(&schema["type"].to_string());
        }
        if schema["enum"]
            .as_array()
            .is_some_and(|known| !known.contains(value))
        {
            return wrong("one of the codes");
        }
        if value
            .as_str()
            .is_some_and(|text| !has_form(&schema["format"], text))
        {
            return wrong(&schema["format"].to_string());
        }
        self.mismatch_below(schema, value, at)
    }

    fn mismatch_below(&self, schema: &Value, value: &Value, at: &str) -> Option<String> {
        if let Some(items) = value.as_array() {
            let each = items.iter().enumerate();
            let mut each =
                each.map(|(n, item)| self.mismatch(&schema["items"], item, &format!("{at}/{n}")));
            return each.find_map(|wrong| wrong);
        }
        let members = value.as_object()?;
        let required = schema["required"].as_array().into_iter().flatten();
        let mut absent = required.filter(|name| !members.contains_key(name.as_str().unwrap()));
        if let Some(name) = absent.next() {
            return Some(format!("{at} lacks {name}"));
        }
        members
            .iter()
            .find_map(|(name, value)| match &schema["properties"][name] {
                Value::Null if schema["additionalProperties"] == false => {
                    Some(format!("{at} also has {name}"))
                }
                described => self.mismatch(described, value, &format!("{at}/{name}")),
            })
    }
}

fn is_of_type(described: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => value.is_null(),
    };
    match described {
        Value::Null => true,
        Value::String(name) => is(name),
        names => names
            .as_array()
            .unwrap()
            .iter()
            .any(|name| is(name.as_str().unwrap())),
    }
}

fn has_form(format: &Value, text: &str) -> bool {
    match format.as_str() {
        Some("uuid") => text.parse::<Uuid>().is_ok(),
        Some("date") => text.parse::<NaiveDate>().is_ok(),
        Some("date-time") => DateTime::parse_from_rfc3339(text).is_ok(),
        _ => true,
    }
}
