//! Tests of reports against snapshots.
mod changes;
mod reviews;
mod standings;

/// Compares with a snapshot of this stage.
fn kept(name: &str, text: &str) {
    crate::snapshots::kept("report", name, text);
}

/// Tells whether a text holds nothing that a terminal would obey.
fn hides_nothing(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || crate::diagnostic::shown(&c.to_string()) == c.to_string())
}
