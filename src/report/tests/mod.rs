mod changes;
mod reviews;
mod standings;

/// A snapshot in the repository's own folder.
macro_rules! kept {
    ($name:literal, $text:expr) => {
        insta::with_settings!({snapshot_path => "../../../snapshots", prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!($name, $text);
        })
    };
}
use kept;

/// What no report may send to a terminal.
fn hides_nothing(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || crate::diagnostic::shown(&c.to_string()) == c.to_string())
}
