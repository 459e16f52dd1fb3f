//! Files of receipts: one sealed line for each receipt, added to at the end, so that branches merge by lines.
use super::{
    Accepted, Receipt, ReceiptKind, StoredPlan,
    plans::{entries, file_error},
};
use crate::{
    diagnostic::{Code, Diagnostic, Diagnostics, Source},
    model::Digest,
    yaml,
};
use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

/// First line of a file of receipts.
const FIRST_LINE: &str = "# pgform receipts, one a line. Not edited: added to at the end.\n";

/// Receipts of a project. They are in a folder beside their plan (`0002-add-embeddings.receipts`), in one file for
/// events of the plan itself and one for each environment, and count for every plan with the body that they name. A
/// file only grows: each receipt is a line with a seal of its own, so that two branches that both added some are merged
/// by keeping the lines of both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipts {
    /// Sorted by time; equal times by file.
    receipts: Vec<(PathBuf, Receipt)>,
}

impl Receipts {
    /// Reads the receipts of all plans in the plans' folder.
    ///
    /// # Errors
    /// All lines that were changed or are no receipts, at once.
    pub fn load(dir: &Path) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let mut receipts = Vec::new();
        for folder in entries(dir)?.into_iter().filter(|p| p.extension().is_some_and(|e| e == "receipts")) {
            receipts.extend(diagnostics.collect(folder_of(&folder)).into_iter().flatten());
        }
        sort(&mut receipts);
        diagnostics.or_value(Self { receipts }).map(|(receipts, _)| receipts)
    }

    /// Adds the receipts beside a plan that is outside of the plans' folder.
    ///
    /// # Errors
    /// All lines that were changed or are no receipts, at once.
    pub fn beside(mut self, plan: &StoredPlan) -> Result<Self, Diagnostics> {
        if plan.outside {
            self.receipts.extend(folder_of(&plan.path.with_extension("receipts"))?);
            sort(&mut self.receipts);
        }
        Ok(self)
    }

    /// Receipts of a body, in the order of time.
    #[must_use]
    pub fn of_body(&self, body: &Digest) -> Vec<&Receipt> {
        self.receipts.iter().map(|(_, receipt)| receipt).filter(|r| r.body == *body).collect()
    }

    /// Approvals of a plan, in the order of time.
    #[must_use]
    pub fn approvals(&self, plan: &StoredPlan) -> Vec<&Receipt> {
        self.of_body(plan.body_digest()).into_iter().filter(|r| r.kind == ReceiptKind::Approved).collect()
    }

    /// Authors of a plan, in the order of time: more than one where the same body was made again.
    #[must_use]
    pub fn authors(&self, plan: &StoredPlan) -> Vec<&str> {
        let made = self.of_body(plan.body_digest()).into_iter().filter(|r| r.kind == ReceiptKind::Made);
        made.map(|r| r.who.as_str()).collect()
    }

    /// Last dry run of a plan in an environment, or its application there, which shows as much.
    #[must_use]
    pub fn tried_in(&self, plan: &StoredPlan, environment: &str) -> Option<&Receipt> {
        let tried = |r: &&Receipt| match r.kind {
            ReceiptKind::DryRun | ReceiptKind::Applied => r.environment.as_deref() == Some(environment),
            ReceiptKind::Made | ReceiptKind::Approved | ReceiptKind::RolledBack => false,
        };
        self.of_body(plan.body_digest()).into_iter().rfind(tried)
    }

    /// Hazards that approvals of a plan have accepted.
    #[must_use]
    pub fn accepted_hazards(&self, plan: &StoredPlan) -> BTreeSet<Accepted> {
        self.approvals(plan).into_iter().flat_map(|r| r.hazards.iter().cloned()).collect()
    }

    /// Adds a receipt to those beside a plan, and gives its file. The same receipt twice is one line.
    ///
    /// # Errors
    /// `plan-invariant` for a receipt of another body; `file` where it cannot be written.
    pub fn write(&mut self, plan: &StoredPlan, receipt: Receipt) -> Result<PathBuf, Diagnostics> {
        if receipt.body != *plan.body_digest() {
            let message = format!("a receipt of {} is no receipt of {}", receipt.body.short(), plan.title_line());
            return Err(Diagnostic::error(Code::PlanInvariant, message).into());
        }
        let line = line(&receipt)?;
        let folder = plan.path.with_extension("receipts");
        fs::create_dir_all(&folder).map_err(|error| file_error(&folder, "cannot be made", &error))?;
        let path = folder.join(file_name(receipt.environment.as_deref()));
        if self.receipts.iter().any(|(at, known)| *at == path && *known == receipt) {
            return Ok(path);
        }
        append(&path, &line).map_err(|error| file_error(&path, "cannot be written", &error))?;
        self.receipts.push((path.clone(), receipt));
        sort(&mut self.receipts);
        Ok(path)
    }
}

/// Reads all receipts of a plan's folder.
fn folder_of(folder: &Path) -> Result<Vec<(PathBuf, Receipt)>, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let mut receipts = Vec::new();
    for path in entries(folder)? {
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if !hidden {
            let read = diagnostics.collect(read(&path)).into_iter().flatten();
            receipts.extend(read.map(|receipt| (path.clone(), receipt)));
        }
    }
    diagnostics.or_value(receipts).map(|(receipts, _)| receipts)
}

fn sort(receipts: &mut [(PathBuf, Receipt)]) {
    receipts.sort_by(|(a_path, a), (b_path, b)| (a.when, a_path).cmp(&(b.when, b_path)));
}

/// Name of a file: `review.yaml` for events of the plan itself, `on-production.yaml` for those of an environment.
/// Letters with a meaning in file names are written as their numbers.
fn file_name(environment: Option<&str>) -> String {
    let Some(environment) = environment else { return "review.yaml".to_owned() };
    let mut name = String::new();
    for byte in environment.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            other => name.push_str(&format!("%{other:02x}")),
        }
    }
    format!("on-{name}.yaml")
}

/// Line of a receipt: a list's item in YAML, whose mappings are written in one line.
fn line(receipt: &Receipt) -> Result<String, Diagnostic> {
    let broken = |error: serde_json::Error| {
        Diagnostic::error(Code::PlanInvariant, format!("a receipt cannot be written: {error}"))
    };
    let text = serde_json::to_string(receipt).map_err(broken)?;
    Ok(format!("- {{\"seal\":\"{}\",\"receipt\":{text}}}\n", seal(&text)))
}

/// Digest of a receipt's text.
fn seal(text: &str) -> Digest {
    Digest::of("r1", text.as_bytes())
}

/// Adds a line whole or not at all, flushed to the disk; a line that another process adds comes before or after it.
fn append(path: &Path, line: &str) -> io::Result<()> {
    let there = match fs::read(path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let text = match there {
        None => format!("{FIRST_LINE}{line}"),
        Some(bytes) if bytes.is_empty() => format!("{FIRST_LINE}{line}"),
        Some(bytes) if !bytes.ends_with(b"\n") => format!("\n{line}"),
        Some(_) => line.to_owned(),
    };
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Tells whether a file holds a single receipt, as the first pgform wrote them: its name has the digest of its text.
fn is_single(path: &Path, text: &str) -> bool {
    let digits: String = Digest::of("p1", text.as_bytes()).short().chars().skip("p1:".len()).collect();
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(&format!("-{digits}.yaml")))
}

fn read(path: &Path) -> Result<Vec<Receipt>, Diagnostics> {
    let text = fs::read_to_string(path).map_err(|error| file_error(path, "cannot be read", &error))?;
    if is_single(path, &text) {
        let source = Arc::new(Source { name: path.display().to_string(), text });
        return Ok(vec![yaml::typed(&yaml::read_one(&source)?, "the receipt")?]);
    }
    if !text.starts_with("# pgform receipts") {
        return Err(changed(path, "was changed after pgform wrote it, or is no file of receipts").into());
    }
    let mut diagnostics = Diagnostics::default();
    let mut receipts = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.starts_with('#') && !line.is_empty()) {
        match receipt(line) {
            Some(receipt) if !receipts.contains(&receipt) => receipts.push(receipt),
            // A line that both sides of a merge had.
            Some(_) => {}
            None => {
                let what = format!("was changed after pgform wrote it: line {number} is no receipt any more");
                diagnostics.push(changed(path, &what));
            }
        }
    }
    diagnostics.or_value(receipts).map(|(receipts, _)| receipts)
}

/// Reads the receipt of a line, if it is as it was written.
fn receipt(line: &str) -> Option<Receipt> {
    let (sealed, text) = line.strip_prefix("- {\"seal\":\"")?.split_once("\",\"receipt\":")?;
    let text = text.strip_suffix('}')?;
    (sealed == seal(text).as_str()).then(|| serde_json::from_str(text).ok())?
}

fn changed(path: &Path, what: &str) -> Diagnostic {
    Diagnostic::error(Code::PlanFile, format!("{} {what}", path.display())).help(
        "bring it back as it was written (version control has it; of a merge, keep the lines of both sides), or take the line \
         out: then what it tells never happened",
    )
}
