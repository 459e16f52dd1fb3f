//! Digests of states, plans and bodies of plans, with a prefix that names what was hashed.
use sha2::{Digest as _, Sha256};
use std::fmt;

/// A SHA-256 digest with the name of what was hashed: `s1:` objects of a state, `p1:` plans, `b1:` bodies of plans.
/// The number is the version of the rule that made it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

impl Digest {
    /// Takes a digest that was written by [`fmt::Display`]; `None` if it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (prefix, hex) = text.split_once(':')?;
        let known = matches!(prefix, "s1" | "p1" | "b1");
        (known && hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
            .then(|| Self(text.to_owned()))
    }

    /// The digest of some bytes.
    #[must_use]
    pub fn of(prefix: &str, bytes: &[u8]) -> Self {
        Self(format!("{prefix}:{}", hex(&Sha256::digest(bytes))))
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve hexadecimal digits with the prefix: enough for people.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..15]
    }
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short())
    }
}

impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a digest")))
    }
}

/// Hashes fields so that no field can imitate two: each is preceded by its length.
#[derive(Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Adds one field.
    pub fn field(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    /// The digest of all fields.
    #[must_use]
    pub fn finish(self, prefix: &str) -> Digest {
        Digest(format!("{prefix}:{}", hex(&self.0.finalize())))
    }
}
