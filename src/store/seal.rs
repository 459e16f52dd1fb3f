//! Sealed plans: the bytes of a plan file, its digest and its body's, and the refusal of files that were changed.
use super::{Format, Header, PlanFile, states};
use crate::{
    diagnostic::{Code, Command, Diagnostic, Diagnostics, Place, Source},
    model::{Digest, Object, ObjectId, State},
    plan::format::PlanBody,
    yaml::{self, Node, Value},
};
use std::{collections::BTreeMap, sync::Arc};

/// First line of every plan file.
const FIRST_LINE: &str = "# pgform plan. Read it with: pgform show NAME. Not edited: made again.\n";
/// Line between the two documents.
const BETWEEN: &str = "---\n";

/// Plan together with its bytes. Only a plan that is whole and unchanged since it was made becomes one.
///
/// The file's last line is `digest: p1:…`, the digest of all bytes before it, and the plan's own. The body's digest
/// (`b1:`) is that of the same bytes without the first line and without the header's keys `parent`, `replaces` and
/// `planner` (each from its line to the next key's): a plan that is made again on another parent, or by a later pgform,
/// and is otherwise the same, keeps it. Both are taken from the bytes, so that a later pgform, which may write
/// otherwise, finds the same ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedPlan {
    file: PlanFile,
    text: String,
    digest: Digest,
    body_digest: Digest,
}

impl SealedPlan {
    /// Makes the bytes of a plan: the same plan is the same bytes.
    ///
    /// # Errors
    /// If the plan does not read back from its bytes as it is: a mistake in pgform, found before anyone relies on it.
    pub fn new(file: PlanFile) -> Result<Self, Diagnostics> {
        let mut text = format!("{FIRST_LINE}{}{BETWEEN}{}", yaml::write(&file.header)?, yaml::write(&file.body)?);
        let digest = Digest::of("p1", text.as_bytes());
        text.push_str(&format!("digest: {digest}\n"));
        let sealed = Self::read(&Arc::new(Source { name: "the new plan".into(), text }))?;
        if sealed.file != file {
            let message = "the plan reads back from its file as another one";
            return Err(Diagnostic::error(Code::PlanInvariant, message)
                .help("this is a mistake in pgform; nothing was written. Please report it with the declaration")
                .into());
        }
        Ok(sealed)
    }

    /// Takes the bytes of a plan file, or of a journal.
    ///
    /// # Errors
    /// The errors of [`Self::read`], and one for bytes that are no text.
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Self, Diagnostics> {
        match String::from_utf8(bytes) {
            Ok(text) => Self::read(&Arc::new(Source { name: name.to_owned(), text })),
            Err(_) => Err(broken(name, "was changed after pgform made it: it is no UTF-8 text any more").into()),
        }
    }

    /// Takes the text of a plan file.
    ///
    /// # Errors
    /// `plan-file` for a text that is cut off, changed or no plan; `plan-format` for one that a newer pgform made.
    pub fn read(source: &Arc<Source>) -> Result<Self, Diagnostics> {
        let (sealed, digest) = whole(source)?;
        readable(source)?;
        let (header, body) = documents(source)?;
        let file = PlanFile { header: read_header(header)?, body: read_body(body)? };
        if file.header.parent.is_none() && file.header.base.is_none() {
            let message = format!("{} has neither a parent nor a state before it", source.name);
            return Err(Diagnostic::error(Code::PlanFile, message).help(AGAIN).into());
        }
        let body_digest = Digest::of("b1", &own_bytes(sealed));
        Ok(Self { file, text: source.text.clone(), digest, body_digest })
    }

    /// Contents of the plan.
    #[must_use]
    pub fn file(&self) -> &PlanFile {
        &self.file
    }

    /// Bytes, as they are in the file and in journals.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Digest of the plan, which its children name as their parent.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Digest of the body, which receipts name.
    #[must_use]
    pub fn body_digest(&self) -> &Digest {
        &self.body_digest
    }
}

const AGAIN: &str = "bring back the file as it was made (version control has it), or remove it and make it again";

fn broken(name: &str, what: &str) -> Diagnostic {
    Diagnostic::error(Code::PlanFile, format!("{name} {what}")).help(AGAIN)
}

/// Bytes that the digest covers, and the digest, if the file is unchanged.
fn whole(source: &Arc<Source>) -> Result<(&str, Digest), Diagnostic> {
    let (name, text) = (&source.name, &source.text);
    if !text.starts_with("# pgform plan") {
        let diagnostic = Diagnostic::error(Code::PlanFile, format!("{name} is no plan of pgform"));
        return Err(diagnostic.help("plan files start with `# pgform plan`, and pgform alone writes them"));
    }
    if let Some(at) = text.find("\r\n") {
        let diagnostic = broken(name, "was changed after pgform made it: its lines end with CR LF");
        return Err(diagnostic
            .at(&Place::new(source, at..at + 1), "the first one")
            .help("git did that: write `plans/** -text` into .gitattributes, remove the file and check it out again"));
    }
    if let Some(at) = text.find("\n<<<<<<< ") {
        let diagnostic = broken(name, "holds a conflict of git's");
        return Err(diagnostic
            .at(&Place::new(source, at + 1..at + 8), "here")
            .help("keep one side whole (git checkout --ours, or --theirs), then make the other one's plan again"));
    }
    let body = text.strip_suffix('\n').unwrap_or(text);
    let start = body.rfind('\n').map_or(0, |at| at + 1);
    let last = text[start..].strip_suffix('\n').and_then(|line| line.strip_prefix("digest: "));
    let Some(digest) = last.and_then(Digest::parse).filter(|d| d.as_str().starts_with("p1:")) else {
        let end = Place::new(source, start..text.len());
        return Err(broken(name, "is cut off, or was changed: its last line is not the digest of the rest")
            .at(&end, "this is the last line"));
    };
    if Digest::of("p1", &text.as_bytes()[..start]) != digest {
        return Err(broken(name, "was changed after pgform made it: its text and its digest differ")
            .at(&Place::new(source, start..text.len() - 1), "the digest of the text as it was made"));
    }
    Ok((&text[..start], digest))
}

/// Refuses a file of a newer pgform, or of one from before this format, before anything in it is read.
fn readable(source: &Arc<Source>) -> Result<(), Diagnostic> {
    let name = &source.name;
    let line = source.text.lines().take_while(|l| *l != "---").find_map(|l| l.strip_prefix("format: "));
    let written = line.map(|l| l.trim_matches(['"', '\'']));
    let Some(format) = written.and_then(Format::parse) else {
        return Err(broken(name, "does not say which format it has"));
    };
    if format.is_readable() {
        return Ok(());
    }
    let (ours, current, Format { major, minor: _ }) = (env!("CARGO_PKG_VERSION"), Format::CURRENT, format);
    let at = source.text.find("\nformat: ").map_or(0, |at| at + 1);
    let (message, help) = if format > current {
        (
            format!(
                "{name} was made by a newer pgform: it has format {format}, and pgform {ours} reads up to {current}"
            ),
            format!("use the pgform that made it, or any that reads format {format}: `pgform --version` says so"),
        )
    } else {
        (
            format!("{name} has format {format}, which pgform {ours} reads no more: it reads {current}"),
            format!(
                "use a pgform that reads format {major}; or let the plans and the declaration rest in another folder, and begin anew from the database"
            ),
        )
    };
    let place = Place::new(source, at..at + "format: ".len() + format.to_string().len());
    let refused = Diagnostic::error(Code::PlanFormat, message).at(&place, "here").help(help);
    Err(match format > current {
        true => refused,
        false => refused.way("begin anew", Command::new("import").on_database()),
    })
}

fn documents(source: &Arc<Source>) -> Result<(Node, Node), Diagnostics> {
    let mut documents = yaml::read(source)?.into_iter();
    match (documents.next(), documents.next(), documents.next()) {
        (Some(header), Some(body), None) => Ok((header, body)),
        _ => Err(broken(&source.name, "does not consist of two documents").into()),
    }
}

/// Takes a key out of a mapping.
fn take(node: &mut Node, key: &str) -> Option<Node> {
    let Value::Mapping(entries) = &mut node.value else { return None };
    let at = entries.iter().position(|e| e.key == key)?;
    Some(entries.remove(at).value)
}

fn read_header(mut node: Node) -> Result<Header, Diagnostics> {
    let (base, after) = (take(&mut node, "base"), take(&mut node, "after"));
    let planned = ["planned_before", "planned_after"].map(|key| take(&mut node, key));
    let mut header: Header = yaml::typed(&node, "the plan's header")?;
    header.base = base.map(|node| objects(&node)).transpose()?.map(|objects| State { objects });
    if let Some(node) = after {
        header.after = states::from_node(&node)?;
    }
    let [before, after] = planned.map(|node| node.map_or_else(|| Ok(BTreeMap::new()), |node| objects(&node)));
    (header.planned_before, header.planned_after) = (before?, after?);
    Ok(header)
}

/// Reads objects none of which may be gone.
fn objects(node: &Node) -> Result<BTreeMap<ObjectId, Object>, Diagnostics> {
    let objects = states::from_node(node)?;
    if let Some((id, _)) = objects.iter().find(|(_, object)| object.is_none()) {
        let message = format!("a state that the plan starts from holds {id} as absent");
        return Err(Diagnostic::error(Code::PlanFile, message).at(&node.place, "in here").into());
    }
    Ok(objects.into_iter().filter_map(|(id, object)| Some((id, object?))).collect())
}

fn read_body(mut node: Node) -> Result<PlanBody, Diagnostics> {
    take(&mut node, "digest");
    yaml::typed(&node, "the plan's body")
}

/// Bytes that the body's digest covers.
fn own_bytes(sealed: &str) -> Vec<u8> {
    let mut out = String::with_capacity(sealed.len());
    let (mut header, mut skipping) = (true, false);
    for line in sealed.split_inclusive('\n') {
        if line.starts_with('#') && out.is_empty() {
            continue;
        }
        header &= line != BETWEEN;
        let goes_on = line.starts_with("- ") || line.starts_with(' ');
        let own = |key: &&str| line.starts_with(*key);
        skipping = header && (["parent:", "replaces:", "planner:"].iter().any(own) || (skipping && goes_on));
        if !skipping {
            out.push_str(line);
        }
    }
    out.into_bytes()
}

impl PlanFile {
    /// Text of the file.
    ///
    /// # Errors
    /// The errors of [`SealedPlan::new`].
    pub fn to_text(&self) -> Result<String, Diagnostics> {
        SealedPlan::new(self.clone()).map(|sealed| sealed.text().to_owned())
    }
}
