//! Lanes measured alone: `cargo bench --bench lanes`. What a request costs without a socket, and how much more two lanes
//! do than one. With `-- --test` it is over in a moment, which shows that it works.

mod alone;

use alone::accounts::load_average;
use alone::{Sample, Stage};

/// Lanes that waited for a core for more than this share of their time say nothing about themselves.
const BUSY: f64 = 0.05;

/// Of how many visitors a run is; each has 21 requests.
const VISITORS: u32 = 20_000;

/// How often each number of lanes is run.
const ROUNDS: u32 = 7;

fn main() {
    let test = std::env::args().any(|word| word == "--test");
    let visitors = number_after("--visitors").unwrap_or(if test { 200 } else { VISITORS });
    let rounds = number_after("--rounds").unwrap_or(if test { 1 } else { ROUNDS });
    let most = number_after("--lanes").unwrap_or(2);
    let load = load_average();
    let mut stage = Stage::new(visitors);
    println!("{visitors} visitors at {} stops, {rounds} rounds in alternation\n", stage.stops());
    let (mut one, mut more) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        one.push(stage.run(1));
        more.push(stage.run(most));
    }
    println!("| lanes | requests | requests a second, best | median | CPU of a lane, us a request, best | median |");
    println!("|---|---|---|---|---|---|");
    tell(1, &one);
    tell(most, &more);
    println!();
    tell_ratio(most, &one, &more);
    tell_noise(load, most, &one, &more);
}

/// The number behind a word of the command line.
fn number_after(word: &str) -> Option<u32> {
    let text = std::env::args().skip_while(|each| each != word).nth(1)?;
    Some(text.parse().unwrap_or_else(|_| panic!("`{word} {text}`: it takes a number")))
}

fn rate(sample: &Sample) -> f64 {
    sample.requests as f64 / sample.lasted.as_secs_f64()
}

fn lane_us(sample: &Sample) -> f64 {
    sample.lanes.cpu_ns as f64 / 1e3 / sample.requests as f64
}

fn history_us(sample: &Sample) -> f64 {
    sample.history.cpu_ns as f64 / 1e3 / sample.requests as f64
}

/// The smallest, the median and the largest.
fn spread(samples: &[Sample], figure: fn(&Sample) -> f64) -> [f64; 3] {
    let mut all: Vec<f64> = samples.iter().map(figure).collect();
    all.sort_by(f64::total_cmp);
    [all[0], all[all.len() / 2], all[all.len() - 1]]
}

fn tell(lanes: u32, samples: &[Sample]) {
    let [_, rate_median, rate_best] = spread(samples, rate);
    let [us_best, us_median, _] = spread(samples, lane_us);
    let requests = samples[0].requests;
    println!("| {lanes} | {requests} | {rate_best:.0} | {rate_median:.0} | {us_best:.2} | {us_median:.2} |");
}

fn tell_ratio(lanes: u32, one: &[Sample], more: &[Sample]) {
    let best = spread(more, rate)[2] / spread(one, rate)[2];
    println!("{lanes} lanes do {best:.2} times what 1 lane does in the same time, each at its best");
    let by_cpu = f64::from(lanes) * spread(one, lane_us)[0] / spread(more, lane_us)[0];
    println!("{lanes} lanes would do {by_cpu:.2} times as much if each had a core: by the CPU of their threads alone");
    let history = spread(more, history_us)[0];
    println!("the history's thread takes {history:.2} us of CPU a request beside them");
}

fn tell_noise(load: Option<f64>, lanes: u32, one: &[Sample], more: &[Sample]) {
    let waited =
        |sample: &Sample| sample.lanes.waited_ns as f64 / (sample.lanes.waited_ns + sample.lanes.cpu_ns).max(1) as f64;
    let best = |samples: &[Sample]| {
        let fastest = samples.iter().max_by(|a, b| rate(a).total_cmp(&rate(b)));
        fastest.map_or(1.0, waited)
    };
    let (alone, together) = (best(one), best(more));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let verdict = match alone.max(together) {
        _ if (lanes as usize) > cores => "THERE ARE FEWER CORES THAN LANES",
        share if share > BUSY => "TOO BUSY TO BELIEVE THE TIME; the CPU may still be believed",
        _ => "quiet enough",
    };
    println!(
        "noise: in the best rounds the lanes waited for a core for {:.0} % (1 lane) and {:.0} % ({lanes} lanes) of their \
         time: {verdict}",
        100.0 * alone,
        100.0 * together
    );
    let told = load.map_or_else(|| "unknown".into(), |load| format!("{load:.1}"));
    println!("noise: load average before it {told}, {cores} cores");
}
