//! A fact's payload read from where it is kept, without putting together what the log keeps apart.

use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{DeserializeSeed, MapAccess};
use serde_json::{Deserializer, Error};

use crate::history::Event;

/// The event of a kind with these data, as if they stood in `{"kind": …, "data": …}`.
///
/// # Errors
/// When the kind is not known or the data do not fit it.
pub fn event(kind: &str, data: &str) -> Result<Event, Error> {
    Event::deserialize(MapAccessDeserializer::new(Parts {
        next: Part::Kind,
        kind,
        data,
    }))
}

struct Parts<'de> {
    next: Part,
    kind: &'de str,
    data: &'de str,
}

enum Part {
    Kind,
    Data,
    End,
}

impl<'de> MapAccess<'de> for Parts<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let name = match self.next {
            Part::Kind => "kind",
            Part::Data => "data",
            Part::End => return Ok(None),
        };
        seed.deserialize(BorrowedStrDeserializer::new(name))
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        if let Part::Kind = self.next {
            self.next = Part::Data;
            return seed.deserialize(BorrowedStrDeserializer::new(self.kind));
        }
        self.next = Part::End;
        let mut data = Deserializer::from_str(self.data);
        let value = seed.deserialize(&mut data)?;
        data.end()?;
        Ok(value)
    }
}
