use super::*;

/// A clause is one file, one registry line, and its text in the policy file.
#[test]
fn each_clause_has_a_file_a_registry_line_and_a_text_in_the_policy() {
    let registered: Vec<&str> = CLAUSES.iter().map(|clause| clause.id()).collect();
    let policy = policy::load(Path::new(BUILT_IN_NAME)).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/oracle/clauses");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let name = entry.path().file_stem().unwrap().to_str().unwrap().to_owned();
        if name == "mod" || name == "concern" {
            continue;
        }
        let id = text.lines().next().unwrap().trim_start_matches("//! `").trim_end_matches('`').to_owned();
        assert_eq!(id.replace(['.', '-'], "_"), name, "a clause's file bears its id");
        let reference = &policy.clauses[&id].reference;
        let first = reference.split(", ").next().unwrap();
        assert!(text.contains(&format!("/// {first}")), "{id} gives the policy's reference, {reference}");
        files.push(id);
    }
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    let registered = sorted(registered.iter().map(|id| (*id).to_owned()).collect());
    assert_eq!(sorted(files), registered);
    assert_eq!(sorted(policy.clauses.keys().cloned().collect()), registered);
}

#[test]
fn clauses_and_operations_are_found_by_their_places() {
    assert!(CLAUSES.len() < usize::from(u8::MAX));
    assert!(Op::ALL.iter().enumerate().all(|(place, op)| place_of(*op) == place));
}

#[test]
fn a_clause_s_control_is_a_clause() {
    for control in CLAUSES.iter().filter_map(|clause| clause.control()) {
        assert!(find(control).is_some(), "{control}");
    }
}
