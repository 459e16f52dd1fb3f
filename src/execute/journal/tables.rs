//! Diesel's description of the journal's tables.
#![allow(unreachable_pub, missing_docs, reason = "what diesel's macro makes is seen here only")]

diesel::table! {
    pgform.journal_format (id) {
        id -> Integer,
        format -> Integer,
        made_by -> Text,
    }
}

diesel::table! {
    pgform.label (id) {
        id -> Integer,
        environment -> Nullable<Text>,
        target -> Text,
        requires -> Text,
    }
}

diesel::table! {
    pgform.plan (digest) {
        digest -> Text,
        body -> Text,
        parent -> Nullable<Text>,
        name -> Text,
        segments -> Integer,
        bytes -> Text,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    pgform.run (id) {
        id -> BigInt,
        plan -> Text,
        direction -> Text,
        kind -> Text,
        status -> Text,
        login -> Text,
        role -> Text,
        pgform -> Text,
        message -> Nullable<Text>,
        started_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        who -> Nullable<Text>,
    }
}

diesel::table! {
    pgform.segment (run, number, part) {
        run -> BigInt,
        number -> Integer,
        part -> Integer,
        seq -> BigInt,
        parts -> Integer,
        status -> Text,
        message -> Nullable<Text>,
        started_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}
