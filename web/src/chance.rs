//! Random values that nobody can guess; always the same where two worlds are compared.

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Where random values come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chance {
    /// The machine.
    Machine,
    /// Always the same: two worlds that are compared must not differ by chance.
    Same,
}

impl Chance {
    /// So many bytes.
    pub fn bytes<const N: usize>(self) -> [u8; N] {
        let mut bytes = [7; N];
        if self == Self::Machine {
            rand::fill(&mut bytes).expect("the machine has random numbers");
        }
        bytes
    }

    /// 256 bits as text that can stand in a URL, a cookie or a form.
    pub fn token(self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }
}
