//! Parts of a function or a procedure, and the statement that PostgreSQL prints of them (`pg_get_functiondef`).
use super::type_name::TypeName;
use super::words::string;
use crate::model::quote;

/// An argument of a routine, as its statement has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentText {
    /// `OUT`, `INOUT` or `VARIADIC`; none for what only goes in.
    pub mode: Option<&'static str>,
    /// The name.
    pub name: Option<String>,
    /// The type.
    pub data_type: String,
    /// The default.
    pub default: Option<String>,
    /// The type, read; none for `%type`, which PostgreSQL looks up when the routine is made.
    pub known_type: Option<TypeName>,
}

/// Bodies of routines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoutineBody {
    /// A text that its language reads.
    Text(String),
    /// A function in a library: the file, and the symbol in it.
    Library(String, String),
    /// SQL that PostgreSQL reads when the routine is made: `return …` or `begin atomic … end`.
    Sql(String),
}

/// A function or a procedure, as its statement says it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of `create function`")]
pub struct RoutineText {
    pub is_procedure: bool,
    pub schema: Option<String>,
    pub name: String,
    pub arguments: Vec<ArgumentText>,
    /// SQL behind `returns`.
    pub returns: Option<String>,
    /// Types of `transform for type`.
    pub transforms: Vec<String>,
    pub language: Option<String>,
    pub window: bool,
    /// `immutable` or `stable`.
    pub volatility: Option<String>,
    /// `safe` or `restricted`.
    pub parallel: Option<String>,
    pub strict: bool,
    pub security_definer: bool,
    pub leakproof: bool,
    pub cost: Option<String>,
    pub rows: Option<String>,
    /// The support function, as SQL.
    pub support: Option<String>,
    /// Settings while it runs, each with its values.
    pub settings: Vec<(String, Vec<String>)>,
    pub body: RoutineBody,
}

impl RoutineText {
    /// Makes a function that says nothing but what it does.
    #[must_use]
    pub fn new(body: RoutineBody) -> Self {
        Self {
            is_procedure: false,
            schema: None,
            name: String::new(),
            arguments: Vec::new(),
            returns: None,
            transforms: Vec::new(),
            language: None,
            window: false,
            volatility: None,
            parallel: None,
            strict: false,
            security_definer: false,
            leakproof: false,
            cost: None,
            rows: None,
            support: None,
            settings: Vec::new(),
            body,
        }
    }

    /// Lists the types that callers give, as `pg_proc.proargtypes` is printed: what an identity ends with.
    #[must_use]
    pub fn signature(&self) -> String {
        let types = self.arguments.iter().filter(|a| a.goes_in()).map(|argument| match &argument.known_type {
            Some(name) => in_a_signature(name),
            None => argument.data_type.clone(),
        });
        types.collect::<Vec<_>>().join(", ")
    }

    /// Writes the statement, as `pg_get_functiondef` prints it.
    #[must_use]
    pub fn print(&self) -> String {
        let kind = if self.is_procedure { "PROCEDURE" } else { "FUNCTION" };
        let schema = self.schema.as_deref().map(|schema| format!("{}.", quote(schema))).unwrap_or_default();
        let arguments: Vec<String> = self.arguments.iter().map(ArgumentText::sql).collect();
        let mut out = format!("CREATE OR REPLACE {kind} {schema}{}({})\n", quote(&self.name), arguments.join(", "));
        let mut line = |text: Option<String>| {
            if let Some(text) = text {
                out.push_str(&format!(" {text}\n"));
            }
        };
        line(self.returns.as_ref().map(|returns| format!("RETURNS {returns}")));
        let types: Vec<String> = self.transforms.iter().map(|name| format!("FOR TYPE {name}")).collect();
        line((!types.is_empty()).then(|| format!("TRANSFORM {}", types.join(", "))));
        line(self.language.as_ref().map(|language| format!("LANGUAGE {}", quote(language))));
        line(self.options());
        for (name, values) in &self.settings {
            let values: Vec<String> = values.iter().map(|value| string(value)).collect();
            line(Some(format!("SET {} TO {}", quote(name), values.join(", "))));
        }
        match &self.body {
            RoutineBody::Sql(sql) => out.push_str(sql),
            RoutineBody::Library(file, symbol) => {
                out.push_str(&format!("AS {}, {}", string(file), self.dollars(symbol)));
            }
            RoutineBody::Text(text) => out.push_str(&format!("AS {}", self.dollars(text))),
        }
        out
    }

    /// Writes the options that stand on one line.
    fn options(&self) -> Option<String> {
        let word = |set: bool, word: &str| set.then(|| word.to_owned());
        let all = [
            word(self.window, "WINDOW"),
            self.volatility.as_ref().map(|word| word.to_uppercase()),
            self.parallel.as_ref().map(|word| format!("PARALLEL {}", word.to_uppercase())),
            word(self.strict, "STRICT"),
            word(self.security_definer, "SECURITY DEFINER"),
            word(self.leakproof, "LEAKPROOF"),
            self.cost.as_ref().map(|cost| format!("COST {cost}")),
            self.rows.as_ref().map(|rows| format!("ROWS {rows}")),
            self.support.as_ref().map(|support| format!("SUPPORT {support}")),
        ];
        let said: Vec<String> = all.into_iter().flatten().collect();
        (!said.is_empty()).then(|| said.join(" "))
    }

    /// Writes the text between dollar quotes that it does not hold.
    fn dollars(&self, text: &str) -> String {
        let mut tag = format!("${}", if self.is_procedure { "procedure" } else { "function" });
        while text.contains(&tag) {
            tag.push('x');
        }
        format!("{tag}${text}{tag}$")
    }
}

impl ArgumentText {
    /// Makes an argument of a type, without a name.
    #[must_use]
    pub fn of_type(name: TypeName) -> Self {
        Self { mode: None, name: None, data_type: in_a_signature(&name), default: None, known_type: Some(name) }
    }

    /// Says that callers give the argument: its type is a part of the routine's identity.
    #[must_use]
    pub fn goes_in(&self) -> bool {
        self.mode != Some("OUT")
    }

    /// Writes the argument as SQL.
    #[must_use]
    pub fn sql(&self) -> String {
        let Self { mode, name, data_type, default, known_type: _ } = self;
        let name = name.as_deref().map(quote);
        let parts = [mode.map(str::to_owned), name, Some(data_type.clone())];
        let mut out = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        if let Some(default) = default {
            out.push_str(&format!(" DEFAULT {default}"));
        }
        out
    }
}

/// Writes a type as the lists of routines have it: without modifiers, which PostgreSQL forgets there.
pub(super) fn in_a_signature(name: &TypeName) -> String {
    let bare = TypeName { modifiers: Vec::new(), ..name.clone() };
    let array = if bare.dimensions > 0 { "[]" } else { "" };
    match (bare.builtin, bare.name.as_str()) {
        (true, "bpchar") => format!("character{array}"),
        (true, "bit") => format!("bit{array}"),
        (_, _) => bare.canonical(),
    }
}
