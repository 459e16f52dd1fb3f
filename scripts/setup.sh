#!/bin/sh
# Makes sure that this machine can build pgform: a C compiler, libclang (pg_query's build needs it) and Rust.
# Idempotent; installs only what is missing, and says what it could not.
set -eu

RUST_MIN=1.93
failed=0

say() { printf 'setup: %s\n' "$*"; }
missing() { printf 'setup: MISSING: %s\n' "$*" >&2; failed=1; }
have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif have sudo && sudo -n true 2>/dev/null; then sudo "$@"; else return 1; fi
}

apt_updated=0
install() {
    have apt-get || return 1
    if [ "$apt_updated" = 0 ]; then
        as_root apt-get update -q >&2 || return 1
        apt_updated=1
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2
}

# The places where bindgen's clang-sys looks, as far as a shell can know them.
have_libclang() {
    for dir in "${LIBCLANG_PATH:-}" /usr/lib/llvm-*/lib /usr/lib/*-linux-gnu /usr/lib64 /usr/lib /usr/local/lib \
        /usr/lib64/llvm*/lib /opt/homebrew/opt/llvm/lib /usr/local/opt/llvm/lib /Library/Developer/CommandLineTools/usr/lib \
        /Applications/Xcode.app/Contents/Developer/Toolchains/XcodeDefault.xctoolchain/usr/lib; do
        [ -n "$dir" ] || continue
        for lib in "$dir"/libclang.so "$dir"/libclang.so.[0-9]* "$dir"/libclang-[0-9]*.so "$dir"/libclang-[0-9]*.so.[0-9]* "$dir"/libclang.dylib; do
            [ -e "$lib" ] && return 0
        done
    done
    return 1
}

macos_hint() {
    [ "$(uname -s)" = Darwin ] && printf ' (on macOS: xcode-select --install)'
    return 0
}

have cc || install gcc libc6-dev || true
have cc || missing "a C compiler: install gcc or clang$(macos_hint)"

have make || install make || true
have make || missing "make$(macos_hint)"

# bindgen also needs clang's own headers (stddef.h): Debian's libclang-dev brings them, and clang is the sure way.
have_libclang || { say "installing libclang (pg_query's build needs it)"; install libclang-dev clang || true; }
have_libclang || missing "libclang: apt-get install libclang-dev clang$(macos_hint), or set LIBCLANG_PATH to the folder that has it"

PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
if have cargo && have rustc; then
    version=$(rustc --version | sed 's/^rustc \([0-9]*\.[0-9]*\).*/\1/')
    if [ "$(printf '%s\n%s\n' "$RUST_MIN" "$version" | sort -t. -k1,1n -k2,2n | head -n 1)" = "$RUST_MIN" ]; then
        say "rust $version"
    elif have rustup && rustup update stable >&2; then
        say "rust updated by rustup: $(rustc --version)"
    else
        missing "Rust $RUST_MIN or newer (here: $version): rustup update stable"
    fi
else
    missing "Rust $RUST_MIN or newer: install it with rustup, as its site says"
fi

if [ "$failed" = 0 ]; then say "this machine can build pgform"; fi
exit "$failed"
