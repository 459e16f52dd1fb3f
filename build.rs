//! Names the planner: the package's version, and a digest of the sources that decide what a plan runs. A plan's header
//! carries the name, so that the same planner can plan again and compare (`pgform show --verify`).
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What the segments of a plan, and what its review says of them, are made by.
const SOURCES: &[&str] = &["src/model", "src/canonical", "src/diff", "src/plan", "src/store", "src/report/changes"];

fn main() -> io::Result<()> {
    let mut files: Vec<PathBuf> = vec!["Cargo.toml".into(), "src/workflow/planning/inputs.rs".into()];
    for folder in SOURCES {
        collect(Path::new(folder), &mut files)?;
        println!("cargo:rerun-if-changed={folder}");
    }
    files.sort();
    // FNV-1a: the same on every machine and with every compiler.
    let mut digest: u64 = 0xcbf2_9ce4_8422_2325;
    for file in &files {
        println!("cargo:rerun-if-changed={}", file.display());
        for byte in file.to_string_lossy().bytes().chain([0]).chain(fs::read(file)?).chain([0]) {
            digest = (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    println!("cargo:rustc-env=PGFORM_PLANNER={version}+{digest:016x}");
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}
