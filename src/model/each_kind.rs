//! One match on the kind of a body, for all stages: what a kind does in a stage, its file there says in an `impl` of the
//! stage's trait. A kind more is a variant of [`super::Body`] and a line in each of these two.

/// Evaluates an expression with the body's own type, whichever kind it is of: `each_kind!(&object.body, of => of.brief())`.
macro_rules! each_kind {
    ($body:expr, $of:ident => $then:expr) => {
        match $body {
            $crate::model::Body::Schema($of) => $then,
            $crate::model::Body::Extension($of) => $then,
            $crate::model::Body::Enumeration($of) => $then,
            $crate::model::Body::Sequence($of) => $then,
            $crate::model::Body::Table($of) => $then,
            $crate::model::Body::Column($of) => $then,
            $crate::model::Body::Key($of) => $then,
            $crate::model::Body::ForeignKey($of) => $then,
            $crate::model::Body::Check($of) => $then,
            $crate::model::Body::Exclusion($of) => $then,
            $crate::model::Body::Index($of) => $then,
            $crate::model::Body::View($of) => $then,
            $crate::model::Body::Definition($of) => $then,
        }
    };
}

/// Evaluates an expression with two bodies of one kind, or the one behind `else` where their kinds differ.
macro_rules! same_kind {
    (($before:expr, $after:expr), ($a:ident, $b:ident) => $then:expr, else => $other:expr) => {
        match ($before, $after) {
            ($crate::model::Body::Schema($a), $crate::model::Body::Schema($b)) => $then,
            ($crate::model::Body::Extension($a), $crate::model::Body::Extension($b)) => $then,
            ($crate::model::Body::Enumeration($a), $crate::model::Body::Enumeration($b)) => $then,
            ($crate::model::Body::Sequence($a), $crate::model::Body::Sequence($b)) => $then,
            ($crate::model::Body::Table($a), $crate::model::Body::Table($b)) => $then,
            ($crate::model::Body::Column($a), $crate::model::Body::Column($b)) => $then,
            ($crate::model::Body::Key($a), $crate::model::Body::Key($b)) => $then,
            ($crate::model::Body::ForeignKey($a), $crate::model::Body::ForeignKey($b)) => $then,
            ($crate::model::Body::Check($a), $crate::model::Body::Check($b)) => $then,
            ($crate::model::Body::Exclusion($a), $crate::model::Body::Exclusion($b)) => $then,
            ($crate::model::Body::Index($a), $crate::model::Body::Index($b)) => $then,
            ($crate::model::Body::View($a), $crate::model::Body::View($b)) => $then,
            ($crate::model::Body::Definition($a), $crate::model::Body::Definition($b)) => $then,
            (
                $crate::model::Body::Schema(_)
                | $crate::model::Body::Extension(_)
                | $crate::model::Body::Enumeration(_)
                | $crate::model::Body::Sequence(_)
                | $crate::model::Body::Table(_)
                | $crate::model::Body::Column(_)
                | $crate::model::Body::Key(_)
                | $crate::model::Body::ForeignKey(_)
                | $crate::model::Body::Check(_)
                | $crate::model::Body::Exclusion(_)
                | $crate::model::Body::Index(_)
                | $crate::model::Body::View(_)
                | $crate::model::Body::Definition(_),
                _,
            ) => $other,
        }
    };
}

pub(crate) use {each_kind, same_kind};
