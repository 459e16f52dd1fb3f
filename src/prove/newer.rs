//! Leaves out of a proof what its server is too old for, and says so; and finds the roles that statements name.
use crate::canonical::parse_default_privileges;
use crate::diagnostic::Diagnostics;
use crate::execute::roles_named;
use crate::model::NewObjects;
use crate::plan::format::{Assert, Segment, Step};
use crate::shadow::Bench;
use std::collections::BTreeSet;

/// First major version with default privileges on large objects; that a proof is without them is said where its states are.
const LARGE_OBJECTS: u32 = 18;

/// Gives the segments without what this server cannot show: versions of extensions that are newer than the ones it
/// brings, and what only a later server has; and what to say of it.
pub(super) async fn without_newer(
    bench: &mut Bench,
    segments: &[Segment],
) -> Result<(Vec<Segment>, Vec<String>), Diagnostics> {
    let (mut kept, mut newer) = (segments.to_vec(), Vec::new());
    for segment in &mut kept {
        let mut steps = Vec::new();
        for step in std::mem::take(&mut segment.steps) {
            if let Step::Assert(Assert { sql, about: Some(about), says, expect: _ }) = &step
                && let Some(name) = about.as_extension()
            {
                // The question is asked of what could be created instead.
                let available = sql
                    .replace("extversion", "default_version")
                    .replace("pg_catalog.pg_extension where extname", "pg_catalog.pg_available_extensions where name");
                if bench.asked(&available).await?.as_deref() == Some("f") {
                    newer.push(format!("the shadow brings an older {name}: {says}"));
                    continue;
                }
            }
            steps.push(step);
        }
        segment.steps = steps;
        if bench.major() < LARGE_OBJECTS {
            let back = segment.back.parts.iter_mut().map(|part| &mut part.steps);
            back.chain([&mut segment.steps]).for_each(|steps| steps.retain(|step| !is_on_large_objects(step)));
        }
    }
    Ok((kept, newer))
}

fn is_on_large_objects(step: &Step) -> bool {
    let Step::Statement(statement) = step else { return false };
    let text = Some(&statement.sql).filter(|sql| sql.starts_with("alter default privileges"));
    let said = text.and_then(|sql| parse_default_privileges(sql).ok());
    said.is_some_and(|said| said.of.on == NewObjects::LargeObjects)
}

/// Gives the roles that the statements of segments name, forward and back.
pub(super) fn roles_of(segments: &[Segment]) -> BTreeSet<String> {
    let back = segments.iter().flat_map(|segment| &segment.back.parts).flat_map(|part| &part.steps);
    roles_named(segments.iter().flat_map(|segment| &segment.steps).chain(back)).into_keys().collect()
}
