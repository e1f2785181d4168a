use super::*;
use std::path::Path;

fn refused(text: &str) -> String {
    parse(Path::new("s.toml"), text).expect_err("a broken scenario is refused").to_string()
}

#[test]
fn the_built_in_scenario_and_journeys_are_sound() {
    let scenario = parse(Path::new("default.toml"), BUILT_IN).unwrap();
    assert!(scenario.visitors >= 10_000);
    for journey in Scenario::built_in_journeys() {
        assert!(scenario.cohorts.iter().any(|cohort| cohort.journey.id == journey.id), "{} is used", journey.id);
    }
    let again = parse(Path::new("again.toml"), &scenario.text).expect("what a run keeps is a scenario too");
    assert_eq!(again.text, scenario.text);
}

#[test]
fn every_built_in_journey_is_well_formed() {
    for journey in Scenario::built_in_journeys() {
        assert_eq!(journey.mistake(), None, "{}", journey.id);
    }
}

#[test]
fn shares_are_dealt_out_in_proportion() {
    let scenario = parse(Path::new("default.toml"), BUILT_IN).unwrap();
    let sum: u32 = scenario.cohorts.iter().map(|cohort| cohort.share).sum();
    for (index, cohort) in scenario.cohorts.iter().enumerate() {
        let dealt = (0..sum).filter(|&visitor| scenario.cohort_of(visitor) == index).count();
        assert_eq!(dealt, cohort.share as usize, "{}", cohort.journey.id);
    }
}

#[test]
fn broken_scenarios_are_refused_with_their_line_and_remedy() {
    let head = "name = 's'\nvisitors = 10\narrivals = '13 month'\n";
    let cohort = "[[cohort]]\njourney = 'bounce'\nshare = 1\n";
    for (text, line, words) in [
        (format!("{head}[[cohort]]\njourney = 'bonce'\nshare = 1"), "s.toml:5:", "loiter list journeys"),
        (format!("{head}[[cohort]]\njourney = 'bounce'\nshare = 0"), "s.toml:6:", "share"),
        (format!("name = 's'\nvisitors = 0\narrivals = '1 day'\n{cohort}"), "s.toml:2:", "visitors"),
        (format!("name = 's'\nvisitors = 9\narrivals = '12 minutes'\n{cohort}"), "s.toml:3:", "minutes"),
        (
            format!("{head}{cohort}[[journey]]\nid = 'x'\nabout = ''\n[[journey.step]]\ndo = ['load']\nat = 'idle'"),
            "s.toml:7:",
            "arrival",
        ),
        (
            format!("{head}{cohort}[[journey]]\nid = 'x'\nabout = ''\n[[journey.step]]\ndo = ['fly']"),
            "s.toml:11:",
            "unknown variant",
        ),
    ] {
        let said = refused(&text);
        assert!(said.starts_with(line) && said.contains(words), "{text}\n{said}");
    }
}
