//! Keeps what is shown in `snapshots/FOLDER/NAME.snap`: a folder for each stage, `cases/KIND` for the cases, and `plans` for
//! the reference project's reviews, which `pgform show PLAN --snapshot` writes. The tests inside of the library use it, too.

/// Compares with a snapshot; where it differs, what was found is left beside it as `NAME.snap.new`.
///
/// # Panics
/// If it differs.
pub(crate) fn kept(folder: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("{}/snapshots/{folder}", env!("CARGO_MANIFEST_DIR")));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
