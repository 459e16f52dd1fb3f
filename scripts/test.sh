#!/usr/bin/env bash
# Runs the tests, and says at the end how many passed, failed, and could not run here, these by name: cargo shows nothing of a
# test that passes without having done its work. Arguments are cargo's.
set -uo pipefail
cd "$(dirname "$0")/.."
kept=$(mktemp -d)
trap 'rm -rf "$kept"' EXIT
export PGFORM_SKIPPED=$kept/skipped
: >"$PGFORM_SKIPPED"

# Most tests wait half of their time: for a server, for a lock, for what they start. Two for each core keep the cores at work.
cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
export RUST_TEST_THREADS="${RUST_TEST_THREADS:-$((2 * cores))}"

# Every test binary runs, whether or not one before it failed.
cargo test --no-fail-fast "$@" 2>&1 | tee "$kept/log"
status=${PIPESTATUS[0]}

count() { sed -n "s/^test result: .* \([0-9]*\) $1;.*/\1/p" "$kept/log" | awk '{ n += $1 } END { print n + 0 }'; }
passed=$(count passed)
failed=$(count failed)
ignored=$(count ignored)
sort -u "$PGFORM_SKIPPED" >"$kept/reasons"
skipped=$(sed 's/: .*//' "$kept/reasons" | sort -u | awk 'END { print NR }')
# What is marked `#[ignore]` is named with them.
sed -n 's/^test \(.*\) \.\.\. ignored, \(.*\)$/\1: \2/p' "$kept/log" >>"$kept/reasons"
if [ -s "$kept/reasons" ]; then
    echo
    echo "SKIPPED, in whole or in part:"
    sort "$kept/reasons" | sed 's/^/  /'
fi
echo
echo "$((passed - skipped)) passed, $failed failed, $((skipped + ignored)) skipped"
exit "$status"
