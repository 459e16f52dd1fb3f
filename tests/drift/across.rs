//! Across major versions.
