use super::*;
use crate::{policy, scenario};
use std::collections::HashMap;
use std::path::Path;

fn plan(profile: Profile, seed: u64, visitors: u32) -> Plan {
    let policy = policy::parse(Path::new("p.toml"), policy::BUILT_IN).unwrap();
    let scenario = scenario::parse(Path::new("s.toml"), scenario::BUILT_IN).unwrap();
    let t0 = Instant(1_800_000_000_000);
    Plan::new(Arc::new(scenario), &policy, profile, t0, seed, visitors).expect("the scenario fits the clock")
}

fn endpoint() -> Profile {
    Profile {
        clock: "endpoint".into(),
        stops: 2000,
        restarts: true,
        jumps: true,
        frozen: true,
        margin: Length::seconds(2),
        horizon: Length::days(366 * 13),
        declared: None,
    }
}

fn faketime() -> Profile {
    Profile { clock: "faketime".into(), stops: 60, frozen: false, margin: Length::seconds(15), ..endpoint() }
}

#[test]
fn the_same_seed_gives_the_same_plan_and_another_seed_another() {
    let all = |seed| plan(endpoint(), seed, 500).stops().collect::<Vec<_>>();
    assert_eq!(all(1), all(1));
    assert_ne!(all(1), all(2));
    assert_ne!(plan(endpoint(), 1, 500).digest, plan(endpoint(), 2, 500).digest);
}

#[test]
fn a_visitor_s_journey_is_the_same_in_any_population() {
    let mut taken: Vec<HashMap<u32, Vec<u16>>> = Vec::new();
    for visitors in [200, 400] {
        let mut steps: HashMap<u32, Vec<u16>> = HashMap::new();
        for stop in plan(endpoint(), 7, visitors).stops() {
            for due in stop.due.iter().filter(|due| due.visitor < 200) {
                steps.entry(due.visitor).or_default().push(due.step);
            }
        }
        taken.push(steps);
    }
    assert_eq!(taken[0], taken[1]);
}

#[test]
fn the_default_scenario_keeps_within_the_budgets_of_all_clocks() {
    for (profile, budget) in [(endpoint(), 2000), (faketime(), 60)] {
        let plan = plan(profile, 1, 10_000);
        let stops = plan.stops().count();
        println!("{:?}: {stops} stops", plan.shape);
        assert!(stops <= budget && stops > 30, "{stops} stops of {budget}");
    }
}

#[test]
fn stops_move_forward_and_probes_come_first_in_each() {
    let plan = plan(faketime(), 3, 2_000);
    let mut last = None;
    for stop in plan.stops() {
        assert!(last.is_none_or(|before| before < stop.at), "time moves forward");
        last = Some(stop.at);
        let first_of = |visitor| stop.due.iter().find(|due| due.visitor == visitor);
        let of_probers = |due: &Due| first_of(due.visitor).is_some_and(|first| first.exact);
        let first_other = stop.due.iter().position(|due| !of_probers(due)).unwrap_or(stop.due.len());
        assert!(!stop.due[first_other..].iter().any(of_probers), "probes come first");
    }
}

#[test]
fn no_natural_step_falls_between_a_deadline_s_margins() {
    let plan = plan(endpoint(), 5, 3_000);
    let (from, to) = (plan.terms.idle - plan.terms.margin, plan.terms.idle + plan.terms.grace + plan.terms.margin);
    let mut access: HashMap<u32, Instant> = HashMap::new();
    let mut judged = 0;
    for stop in plan.stops() {
        for due in &stop.due {
            let step = plan.step(due);
            if let Some(before) = access.get(&due.visitor).filter(|_| !due.exact) {
                let idle = stop.at - *before;
                judged += 1;
                assert!(idle <= from || idle >= to, "visitor {} acts {idle} after its last access", due.visitor);
            }
            if step.ops.iter().any(|op| ["load", "browse", "send"].contains(&op.name())) {
                access.insert(due.visitor, stop.at);
            }
        }
    }
    assert!(judged > 1000, "{judged} natural steps were judged");
}

#[test]
fn probes_of_the_idle_deadline_lie_just_inside_and_just_outside_it() {
    let plan = plan(endpoint(), 1, 2_000);
    let mut loaded: HashMap<u32, Instant> = HashMap::new();
    let mut seen: HashMap<&str, Vec<Length>> = HashMap::new();
    for stop in plan.stops() {
        for due in &stop.due {
            let journey = plan.journey(due.visitor);
            match (journey.id.as_str(), due.step) {
                ("brink" | "bounce", 0) => drop(loaded.insert(due.visitor, stop.at)),
                (id @ ("brink" | "bounce"), 1) => seen.entry(id).or_default().push(stop.at - loaded[&due.visitor]),
                _ => {}
            }
        }
    }
    assert!(seen["brink"].len() > 50 && seen["brink"].iter().all(|idle| *idle == Length::seconds(1798)));
    assert!(seen["bounce"].len() > 50 && seen["bounce"].iter().all(|idle| *idle == Length::seconds(1862)));
}

#[test]
fn a_budget_that_cannot_be_kept_says_how_many_stops_are_needed() {
    let policy = policy::parse(Path::new("p.toml"), policy::BUILT_IN).unwrap();
    let scenario = scenario::parse(Path::new("s.toml"), scenario::BUILT_IN).unwrap();
    let profile = Profile { stops: 5, ..faketime() };
    let refused = Plan::new(Arc::new(scenario), &policy, profile, Instant(0), 1, 500).unwrap_err();
    assert!(refused.stops > 5 && refused.to_string().contains("budget of 5"));
}

#[test]
fn draws_depend_on_seed_visitor_and_place_alone() {
    let mut draws = Draws::new(9);
    let first = draws.at(3, 17);
    let _ = (draws.at(4, 17), draws.share(3, 2));
    assert_eq!(draws.at(3, 17), first);
    assert_ne!(draws.at(4, 17), first);
    assert_ne!(draws.at(3, 18), first);
    assert_ne!(Draws::new(10).at(3, 17), first);
    assert!((0..1000).all(|place| draws.below(1, place, 8) < 8));
}
