//! The commands of a guide, in the sections in which they stand.

/// A section with its commands, which run one after the other.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) title: String,
    pub(crate) commands: Vec<String>,
}

/// Sections whose steps lean on each other, headings within.
const WHOLE: &str = "Creating New Migrations";

/// The sections of a guide: the lines of its shell blocks without comments, and the commands that its lists name, each by
/// itself.
pub(crate) fn units(text: &str) -> Vec<Unit> {
    let (mut units, mut title, mut whole, mut inside) = (Vec::<Unit>::new(), String::new(), false, false);
    for line in text.lines() {
        match line {
            "```bash" => inside = true,
            "```" => inside = false,
            _ if inside => {
                let command = line.trim();
                if !command.is_empty() && !command.starts_with('#') {
                    add(&mut units, &title, command);
                }
            }
            _ if line.starts_with('#') => {
                let heading = line.trim_start_matches('#').trim();
                whole = if line.starts_with("## ") { heading == WHOLE } else { whole };
                if !whole || heading == WHOLE {
                    title = heading.to_owned();
                }
            }
            _ => {
                let bold = line.strip_prefix("**").and_then(|l| l.strip_suffix(":**"));
                title = bold.map_or(title, str::to_owned);
                let listed = line.strip_prefix("- `").and_then(|l| l.split_once('`'));
                if let Some((command, _)) = listed.filter(|(command, _)| command.starts_with("make ")) {
                    units.push(Unit { title: command.to_owned(), commands: vec![command.to_owned()] });
                }
            }
        }
    }
    units
}

fn add(units: &mut Vec<Unit>, title: &str, command: &str) {
    match units.last_mut().filter(|unit| unit.title == title) {
        Some(unit) => unit.commands.push(command.to_owned()),
        None => units.push(Unit { title: title.to_owned(), commands: vec![command.to_owned()] }),
    }
}
