//! Marks the directories of living shadows, and sweeps away those of dead ones.
use std::{
    fs::{self, File},
    path::Path,
};

/// Name of the file that says whose a directory is; it stays locked while its shadow lives.
const NAME: &str = "pgform-shadow.lock";

/// A lock on the directory of a living shadow.
#[derive(Debug)]
pub(super) struct Marker(#[allow(dead_code, reason = "the open file is the lock")] File);

impl Marker {
    /// Marks a directory as in use. A directory that cannot be marked is only never swept.
    pub(super) fn put(root: &Path) -> Option<Self> {
        // Locked before it has its name, so that a sweep never sees it unlocked.
        let draft = root.join(format!("{NAME}.new"));
        let file = File::create(&draft).ok()?;
        file.try_lock().ok()?;
        fs::rename(&draft, root.join(NAME)).ok()?;
        Some(Self(file))
    }
}

/// Removes the directories of shadows whose process was killed before it could (20 MB each). Best effort: what belongs
/// to others, or cannot be removed, stays.
pub(super) fn sweep() {
    sweep_in(&std::env::temp_dir());
}

fn sweep_in(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for root in entries.flatten().map(|entry| entry.path()) {
        let Ok(file) = File::options().write(true).open(root.join(NAME)) else { continue };
        if file.try_lock().is_ok() {
            let _ = fs::remove_dir_all(&root);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sweeps_only_what_nobody_uses() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let root = folder.path().join(name);
            fs::create_dir(&root).unwrap();
            root
        };
        let (living, dead, other) = (make("living"), make("dead"), make("other"));
        let marker = Marker::put(&living).unwrap();
        drop(Marker::put(&dead).unwrap());
        sweep_in(folder.path());
        assert!(living.exists() && !dead.exists() && other.exists());
        drop(marker);
        sweep_in(folder.path());
        assert!(!living.exists() && other.exists());
    }
}
