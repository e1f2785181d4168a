//! JSON Schemas of the files that people write: target, scenario and policy. It reads none of them.

use crate::policy::RawPolicy;
use crate::scenario::RawScenario;
use crate::target::RawTarget;
use schemars::{JsonSchema, generate::SchemaSettings};

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What is checked.
    Target,
    /// Who visits.
    Scenario,
    /// What must be kept.
    Policy,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Target, Self::Scenario, Self::Policy];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Scenario => "scenario",
            Self::Policy => "policy",
        }
    }

    /// Its JSON Schema (draft 2020-12), for editors that check while one writes.
    pub fn schema(self) -> String {
        match self {
            Self::Target => text::<RawTarget>(),
            Self::Scenario => text::<RawScenario>(),
            Self::Policy => text::<RawPolicy>(),
        }
    }
}

fn text<T: JsonSchema>() -> String {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    format!("{:#}\n", schema.to_value())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// `LOITER_UPDATE=1 cargo test schema` writes them anew.
    #[test]
    fn the_committed_schemas_are_those_of_the_code() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/schema");
        for kind in Kind::ALL {
            let path = folder.join(format!("{}.schema.json", kind.name()));
            if std::env::var_os("LOITER_UPDATE").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&path, kind.schema()).unwrap();
            }
            let committed = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(committed, kind.schema(), "{} is out of date", path.display());
        }
    }
}
