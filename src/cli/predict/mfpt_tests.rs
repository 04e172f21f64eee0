//! Tests of `predict mfpt`.

use super::super::asked::{self, close};
use super::*;
use prediction::exact::fokker_planck::{Axis, End, Equation, Generator};

fn answered(text: &str) -> Answer {
    asked::answered(MFPT.name, text)
}

fn refused(text: &str) -> String {
    asked::refused(MFPT.name, text)
}

#[test]
fn the_quartic_well_at_a_twentieth() {
    // The value to the thirteen digits given, so half of the last one.
    let defaults = answered("");
    close(
        defaults.exact.as_ref().unwrap().number(),
        3.619037595009e2,
        2e-13,
    );
    let spelt = answered("landscape=double-well temperature=0.05 start=-1 exit=0");
    assert_eq!(spelt.exact, defaults.exact);
    // Kramers' half: (π/√2) e⁵, which the exact time exceeds by 9.771 %.
    let paper = spelt.paper.unwrap();
    close(
        paper.number(),
        std::f64::consts::PI / 2f64.sqrt() * 5f64.exp(),
        1e-14,
    );
    close(
        spelt.exact.unwrap().number() / paper.number(),
        1.09771,
        5e-6,
    );
    // Beyond the saddle the law is twice that.
    let beyond = answered("temperature=0.05 exit=1");
    close(beyond.paper.unwrap().number(), 2.0 * paper.number(), 1e-14);
    close(beyond.exact.unwrap().number(), 7.296706919423e2, 1e-12);
}

#[test]
fn downwards_is_the_mirror_image() {
    let up = answered("").exact.unwrap().number();
    let down = answered("start=1 exit=0 direction=below");
    close(down.exact.unwrap().number(), up, 1e-13);
    assert_eq!(down.paper, answered("").paper);
    assert!(refused("start=1 exit=0").contains("direction=below"));
    assert!(refused("start=0").contains("on top of a barrier"));
    assert!(refused("start=0 exit=0").contains("the same point"));
}

#[test]
fn sharpness_divides_the_time_at_one_temperature() {
    // L(√k θ) at D = T is L at D = kT in √k θ with time k t: T fixed, times /k.
    let sharp = answered("sharpness=4 temperature=0.05").exact.unwrap();
    close(sharp.number(), 3.619037595009e2 / 4.0, 1e-11);
}

#[test]
fn two_temperatures_up_to_the_top() {
    // H_a = 1, H_b = 4, ΔL = 1, η/B = 0.2: the time to the top by quadrature and the paper's.
    let answer = answered("landscape=two-temperature ha=1 hb=4 barrier=1 eta=0.2 batch=1 floor=0");
    close(answer.exact.unwrap().number(), 1.2559070924e4, 1e-10);
    close(answer.paper.unwrap().number(), 7.720101e3, 1e-7);
}

#[test]
fn a_vanishing_diffusion_never_lets_it_leave() {
    let answer = answered("landscape=styblinski-tang eta=0.01 batch=1");
    assert_eq!(answer.exact.as_ref().unwrap().number(), f64::INFINITY);
    let json = serde_json::to_value(&answer).unwrap();
    assert!(json["exact"]["value"].is_null() && json["exact"]["values"]["mean"].is_null());
    assert!(
        answer
            .to_string()
            .contains("exact  mean           infinite")
    );
    assert_eq!(
        json["exact"]["values"]["second_moment"],
        json["exact"]["value"]
    );
    // L″ = 6θ² − 16 vanishes at −√(8/3).
    assert!(
        answer.notes[0].contains("θ = -1.63299316"),
        "{}",
        answer.notes[0]
    );
    // Downwards from the other well it is the other inflection.
    let down = answered("landscape=styblinski-tang batch=1 start=2.7 exit=0.2 direction=below");
    assert!(
        down.notes[0].contains("θ = 1.63299316"),
        "{}",
        down.notes[0]
    );
    let floored = answered("landscape=styblinski-tang eta=1 batch=1 floor=10");
    assert!(floored.exact.unwrap().number().is_finite());
}

#[test]
fn a_gradient_variance_is_a_temperature() {
    let temperature = answered("temperature=0.05").exact;
    assert_eq!(answered("eta=0.1 noise_variance=1").exact, temperature);
}

#[test]
fn a_wall_confines_what_nothing_else_does() {
    let open = "landscape=cubic start=0 exit=-0.5 direction=below temperature=0.1";
    assert!(refused(open).contains("reflecting"));
    assert!(answered(&format!("{open} reflecting=0.5")).exact.is_some());
    assert!(refused("reflecting=-0.5").contains("far side"));
}

#[test]
fn the_first_of_two_coordinates() {
    // ∫S² dt, S(t) the share of one coordinate that is still inside, by the evolution of its density: 1e-4
    // of the grid of 320 intervals, less of Simpson's rule.
    let answer = answered("dim=2 temperature=0.1");
    let ends = (End::Reflecting, End::Absorbing);
    let axis = Axis::through(&[-2.2, -1.0, 0.0], 320, ends.0, ends.1).unwrap();
    let equation = Equation {
        slope: &|x, _| x[0].powi(3) - x[0],
        diffusion: &|_, _| 0.1,
        interpretation: Interpretation::Ito,
    };
    let chain = Generator::new(std::slice::from_ref(&axis), &equation).unwrap();
    let mut law = vec![0.0; chain.len()];
    law[axis.nearest(-1.0)] = 1.0;
    let (dt, steps) = (0.5, 400);
    let mut sum = 0.0;
    for k in 0..=steps {
        let inside: f64 = law.iter().sum();
        let share = match k {
            0 => 1.0,
            k if k == steps => 1.0,
            k if k % 2 == 1 => 4.0,
            _ => 2.0,
        };
        sum += share * dt / 3.0 * inside * inside;
        law = chain.evolve(&law, dt).unwrap();
    }
    let exact = answer.exact.unwrap();
    close(exact.number(), sum, 5e-4);
    let down = answered("dim=2 temperature=0.1 start=1 exit=0 direction=below");
    close(down.exact.unwrap().number(), exact.number(), 1e-9);
    assert!(
        refused("dim=2 landscape=cubic start=0 exit=-1 direction=below").contains("reflecting")
    );
}

#[test]
fn what_makes_no_sense_is_one_sentence() {
    for (text, message) in [
        (
            "temprature=1",
            "unknown key `temprature`; did you mean `temperature`?",
        ),
        ("ha=1", "unknown key `ha`"),
        ("landscape=double-wel", "did you mean \"double-well\"?"),
        ("landscape=ring", "not a sum of functions of one coordinate"),
        ("landscape=quadratic", "no saddle lies above the minimum"),
        ("landscape=quadratic h=-1 exit=1", "positive definite"),
        ("temperature=0", "must be positive"),
        (
            "temperature=1 batch=1",
            "temperature = 1: noise_variance or batch",
        ),
        (
            "batch=1 noise_variance=1",
            "noise_variance = 1: batch gives",
        ),
        ("eta=1", "eta = 1: a learning rate makes"),
        ("floor=1", "floor = 1: it is added"),
    ] {
        let refusal = refused(text);
        assert!(refusal.starts_with("predict mfpt: "), "{refusal}");
        assert!(refusal.contains(message), "{refusal}");
    }
}

#[test]
fn a_failure_of_the_solver_leaves_the_law() {
    let answer = answered("temperature=1e-4");
    assert!(answer.exact.is_none());
    assert!(
        answer.notes[0].contains("largest double"),
        "{:?}",
        answer.notes
    );
}

#[test]
fn a_formula_is_the_surface_that_it_writes_down() {
    let known = answered("landscape=double-well temperature=0.05");
    let own = answered("expression=x^4/4-b*x^2 b=0.5 temperature=0.05");
    close(
        own.exact.unwrap().number(),
        known.exact.unwrap().number(),
        1e-12,
    );
    close(
        own.paper.unwrap().number(),
        known.paper.unwrap().number(),
        1e-12,
    );
    // A tilt has its own minimum and saddle: roots of x³ − x + a.
    let tilted = answered("expression=0.25*(x^2-1)^2+a*x a=0.1 temperature=0.05");
    let start = tilted
        .inputs
        .iter()
        .find(|(key, _)| *key == "start")
        .unwrap();
    let x = start.1.as_f64().unwrap();
    assert!((x * x * x - x + 0.1).abs() < 1e-15 && x < -1.0, "{x}");
    for (text, what) in [
        ("expression=x^4-a*x", "unknown name `a`"),
        ("expression=x^4-a*x a=b", "a = b: must be a finite number"),
        ("expression=x^4-a*x a=1 b=2", "unknown key `b`"),
        ("expression=x^4-", "character 5"),
        ("expression=x*y", "several variables"),
        ("expression=x^4 landscape=cubic", "formula of its own"),
        ("expression=x^2", "no saddle"),
        ("landscape=expression", "formula"),
    ] {
        let refusal = refused(text);
        assert!(refusal.contains(what), "{text}: {refusal}");
    }
}

#[test]
fn the_first_of_two_coordinates_halves_the_law() {
    // π/√2 e^5 for one, the rates of two add.
    let two = answered("dim=2").paper.unwrap();
    close(two.number(), 164.845573094, 1e-11);
    close(
        2.0 * two.number(),
        answered("").paper.unwrap().number(),
        1e-14,
    );
    assert!(two.formula.starts_with("1/d · "), "{}", two.formula);
}

#[test]
fn a_law_says_when_another_well_lies_before_the_exit() {
    let failing = |text: &str| {
        let paper = answered(text).paper.unwrap();
        let own = |v: &&String| v.starts_with("other wells");
        let said = paper.validity.iter().find(own).cloned().unwrap();
        said.contains("should be")
    };
    assert!(failing("temperature=0.03 start=-1 exit=2"));
    // The saddle, a point behind it, and the next minimum itself lie before that well's other wall.
    for exit in ["0", "0.7", "1"] {
        assert!(
            !failing(&format!("temperature=0.03 start=-1 exit={exit}")),
            "{exit}"
        );
    }
    // Two barriers of the pendulum.
    assert!(failing(
        "landscape=cosine start=0 exit=8 temperature=0.1 reflecting=-3"
    ));
}

#[test]
fn the_law_is_that_of_the_starts_well_wherever_in_it_the_start_is() {
    let law = |text: &str| answered(text).paper.unwrap().number();
    let tilted = "expression=0.25*(x^2-1)^2+0.1*x temperature=0.02 direction=below exit=-0.6";
    let shallow = law(&format!("{tilted} start=0.9456"));
    for start in ["0.6", "0.9", "1.4"] {
        close(law(&format!("{tilted} start={start}")), shallow, 1e-9);
    }
    // x³ − x + 0.1 = 0 at 0.945649 and 0.101031: (L − L)/T = 7.8832, 2π/√(H_a|H_b|) = 4.9185.
    close(shallow, 13048.8890427, 1e-11);
    let answer = answered(&format!("{tilted} start=0.9456"));
    let said = &answer.paper.unwrap().validity[1];
    assert!(said.starts_with("ΔL/T = 7.8832"), "{said}");
    // On the other side of the saddle it is another well's, from which the exit is downhill.
    let none = answered(&format!("{tilted} start=0.05"));
    assert!(none.paper.is_none());
    assert!(
        none.notes[0].contains("no barrier between"),
        "{:?}",
        none.notes
    );
}

#[test]
fn a_wall_in_front_of_the_minimum_is_told() {
    let answer = answered("start=-0.5 reflecting=-0.6 temperature=0.02");
    let validity = answer.paper.unwrap().validity;
    let said = validity.iter().find(|v| v.contains("wall")).unwrap();
    assert!(said.contains("should be"), "{said}");
}

#[test]
fn a_kink_is_a_minimum_without_a_curvature() {
    let answer = answered("expression=abs(x)-x^2/8 temperature=0.1 exit=5 reflecting=-2");
    let start = answer
        .inputs
        .iter()
        .find(|(key, _)| *key == "start")
        .unwrap();
    assert_eq!(start.1, 0.0);
    assert!(answer.paper.is_none());
    let note = answer
        .notes
        .iter()
        .find(|note| note.contains("no time of a paper"));
    assert!(note.unwrap().contains("no curvature H_a"), "{note:?}");
}

#[test]
fn a_formulas_parameters_are_told_from_the_commands_keys() {
    let plain = answered("expression=0.25*(x^2-1)^2+a*x a=0.1 temperature=0.05");
    let full = answered("expression=0.25*(x^2-1)^2+a*x parameters.a=0.1 temperature=0.05");
    assert_eq!(plain.exact, full.exact);
    let same =
        answered("expression=0.25*(x^2-1)^2+dim*x parameters.dim=0.1 temperature=0.05 dim=1");
    assert_eq!(plain.exact, same.exact);
    for (text, message) in [
        (
            "expression=0.25*(x^2-1)^2+dim*x dim=1",
            "give the formula's as parameters.dim=…",
        ),
        (
            "expression=0.25*(x^2-1)^2+a*x a=1 parameters.a=1",
            "give it once",
        ),
        (
            "expression=0.25*(x^2-1)^2+a*x parameters.b=1",
            "unknown key `parameters.b`",
        ),
        (
            "expression=0.25*(x^2-1)^2+a*x parameters.a=q",
            "must be a finite number",
        ),
    ] {
        let refusal = refused(text);
        assert!(refusal.contains(message), "{refusal}");
    }
}

/// Values by 40-digit quadrature, to the digits given; the printed error covers them.
#[test]
fn kinks_narrow_places_limits_and_poles() {
    for (text, expected) in [
        (
            "expression=abs(x) start=0 exit=-1 direction=below temperature=0.1",
            4404.0931589613,
        ),
        (
            "expression=abs(x) start=0 exit=1 temperature=0.1",
            4404.0931589613,
        ),
        (
            "expression=0.25*(x^2-1)^2 start=1 exit=1.12 temperature=0.001",
            4346653.17887,
        ),
        (
            "expression=x^2/2-400*exp(-((x+25)/0.1)^2) start=0 exit=2 temperature=1",
            4.21872706612e36,
        ),
        (
            "expression=x^2/2-exp(-((x-0.137)/0.001)^2) start=-0.5 exit=1 temperature=0.1",
            2134.31578266,
        ),
        (
            "expression=0.1*tanh(100000*x)+x^2/2 start=-0.5 exit=0.5 temperature=0.1",
            27.1556539862,
        ),
        (
            "expression=min(exp(x^2),5) start=0 exit=30 temperature=1 reflecting=-1",
            2629.29087109,
        ),
        (
            "expression=1/x+x start=1 exit=2 temperature=1",
            1.25522567008,
        ),
        (
            "expression=x^-2+x^2 start=1 exit=3 temperature=.5",
            164038.602014,
        ),
        (
            "landscape=double-well start=-50 temperature=1",
            1.74522326103,
        ),
        (
            "expression=x^4/4-x^2/2 start=-50 exit=0 temperature=1",
            1.74522326103,
        ),
        (
            "expression=0.6451*sqrt(1+x^2)+0.3*sin(3.9035*x) start=-2.355 exit=1.8435 temperature=0.2502",
            97.2277432187,
        ),
        // What is narrow and elsewhere has no part in the series that stands for 0/0.
        (
            "expression=1.6626*(x^2/4-sin(x)/x)+0.2562*exp(-((x+0.1843)/0.01263)^2) start=-0.1843 exit=0.4778 temperature=0.05427",
            17.3222103267,
        ),
    ] {
        let exact = answered(text).exact.unwrap_or_else(|| panic!("{text}"));
        close(exact.number(), expected, 1e-11);
        let error = asked::named(&exact, RELATIVE_ERROR);
        assert!(error < 1e-11, "{text}: {error}");
    }
    // A minimum on 0/0 is the start; its barrier is 0.99 at T = 0.02.
    let sinc = "expression=-sin(x)/x+0.01*x^2 temperature=0.02";
    let answer = answered(&format!("{sinc} start=minimum exit=4.0792309"));
    let start = answer.inputs.iter().find(|(key, _)| *key == "start");
    assert_eq!(start.unwrap().1, 0.0);
}

/// The same seen in a mirror, on kinks, at narrow places, from afar, before walls: to what is printed.
#[test]
fn every_surface_is_its_mirror_image() {
    for (text, start, exit, more) in [
        ("abs(x)", 0.0, 1.0, ""),
        ("abs(x)+x^2", 0.5, 0.0, ""),
        ("abs(x-0.3)+abs(x+0.2)", -0.2, 0.3, ""),
        ("max(x,-2*x)", 0.0, 2.0, ""),
        ("min((x+1)^2,(x-1)^2+0.1)", -1.0, 0.025, ""),
        ("x^2/2-0.1*exp(-((x-0.2)/0.003)^2)", 0.2, 1.0, ""),
        ("x^2/2+0.1*tanh(1000*(x-0.2))", -0.5, 0.2, ""),
        ("x^2/4-sin(x)/x", 0.0, 1.5, ""),
        ("1/(x+3)+x", 0.0, 1.0, ""),
        ("x^4/4-x^2/2", -30.0, 0.0, ""),
        ("abs(x^2-1)", -1.0, 1.0, " eta=0.1 batch=1 floor=0.05"),
        ("x^4/4-x^2/2", -1.0, 0.5, " eta=0.1 batch=1 floor=0.05"),
        ("x^3/3", 0.0, 1.0, " reflecting=0"),
        ("sqrt(x^2+1e-8)", 0.0, 1.0, ""),
    ] {
        let noise = if more.contains("eta") {
            ""
        } else {
            " temperature=0.2"
        };
        let sides = [1.0, -1.0].map(|sign| {
            let text = if sign > 0.0 {
                text.to_string()
            } else {
                text.replace('x', "(-x)")
                    .replace("ma(-x)", "max")
                    .replace("e(-x)p", "exp")
            };
            let above = if (exit - start) * sign > 0.0 {
                "above"
            } else {
                "below"
            };
            let (start, exit) = (sign * start, sign * exit);
            let call = format!(
                "expression={text} start={start} exit={exit} direction={above}{noise}{more}"
            );
            let exact = answered(&call).exact.unwrap_or_else(|| panic!("{call}"));
            (exact.number(), asked::named(&exact, RELATIVE_ERROR))
        });
        let [(a, error), (b, other)] = sides;
        assert!(
            (a / b - 1.0).abs() <= error + other,
            "{text}: {a} {b} {error} {other}"
        );
        assert!(error < 1e-9, "{text}: {error}");
    }
}

#[test]
fn outside_of_the_domain_and_across_poles_is_refused() {
    for (text, message) in [
        (
            "expression=ln(x) start=-2 exit=1",
            "start = -2: the surface has no value there: character 1",
        ),
        (
            "expression=sqrt(x)+x start=1 exit=-1 direction=below",
            "exit = -1: the surface has no value there",
        ),
        (
            "expression=1/x+x^2 start=-1 exit=1",
            "has no value at θ = 0, a pole",
        ),
        (
            "expression=x^2+1/(x-2) start=0 exit=1 reflecting=-1 direction=below",
            "direction",
        ),
        (
            "expression=x^2+ln(x+2) start=0 exit=1 reflecting=-3",
            "reflecting = -3: the surface has no value",
        ),
        ("landscape=cosine temperature=1", "nothing confines"),
    ] {
        let refusal = refused(text);
        assert!(refusal.contains(message), "{text}: {refusal}");
    }
}

/// ∫S(t)^d dt; for d = 1 the quadrature, for others what 2·10⁶ simulated exits would not tell apart.
#[test]
fn any_number_of_coordinates() {
    let at = |dim: u32| {
        answered(&format!("temperature=0.1 dim={dim}"))
            .exact
            .unwrap()
    };
    let times: Vec<f64> = [2, 3, 1000, 100_000].map(|dim| at(dim).number()).to_vec();
    for pair in times.windows(2) {
        assert!(pair[1] < pair[0]);
    }
    // The discrete chain at η → 0, extrapolated from 0.02 and 0.01 in powers of √η, to a few per mille.
    let chain = |eta: f64| {
        let text = format!(
            "landscape=double-well eta={eta} noise_variance={} dim=3",
            0.2 / eta
        );
        let exact = asked::answered("exit-steps", &text).exact.unwrap();
        exact.number() * eta
    };
    let (rough, fine) = (chain(0.02), chain(0.005));
    close(2.0 * fine - rough, times[1], 5e-3);
}

/// Values by quadrature with twenty digits of L, to the digits given.
#[test]
fn what_is_0_over_0_beside_a_narrow_dent_and_cusps_at_any_fraction() {
    for (text, expected) in [
        (
            "expression=x^2/2-0.9/(1+((x+0.493)/1.8e-05)^2)-0.34*(1-cos(x+0.5))/(x+0.5)^2 start=-0.5 exit=0.03 temperature=0.1",
            1.60577054256,
        ),
        (
            "expression=x^2/2-0.04*(1-cos(x-0.189))/(x-0.189)^2+0.5*(1-cos(x-0.177))/(x-0.177)^2+0.39/cosh((x-0.023)/0.02) start=-0.53 exit=0.47 temperature=0.5",
            1.98684257779,
        ),
        (
            "expression=x^2/2+0.26*exp(-abs(x-0.303)/0.0004) start=-0.58 exit=-1.25 direction=below temperature=0.1",
            1687.63900091,
        ),
    ] {
        let exact = answered(text).exact.unwrap();
        close(exact.number(), expected, 5e-12);
    }
}

#[test]
fn scales_and_sentences() {
    // √(π/2)/√T · (1 + …): flat on the way, √(π/2) 10¹⁵⁰ by hand to the first order in the distance.
    let wide = answered("expression=1e-300*x^2/2 temperature=1 start=0 exit=1");
    close(
        wide.exact.unwrap().number(),
        (std::f64::consts::PI / 2.0).sqrt() * 1e150,
        1e-12,
    );
    let said = |text: &str| answered(text).notes.join(" ");
    let cusp = said("expression=abs(x)^0.5+x^2 temperature=0.1 start=0.5 exit=1");
    assert!(!cusp.contains("without end"), "{cusp}");
    let fine = said("expression=x^2*sin(1/x)+x^2 temperature=0.1 start=0.5 exit=1");
    assert!(
        fine.contains("too fine") && !fine.contains("nothing confines the process on"),
        "{fine}"
    );
    let arc = said("expression=acos(x) temperature=0.1 start=0 exit=0.5");
    assert!(
        arc.contains("θ = -1") && !arc.contains("on the way"),
        "{arc}"
    );
    let jump = refused("expression=floor(x)+x^2 temperature=0.1 start=0 exit=1");
    assert!(jump.contains("`floor` is no function"), "{jump}");
    // Far beyond the doubles on the way to a number.
    let overflow =
        answered("expression=x^2/2+0.1/cosh((x-0.3)/0.0001) temperature=0.1 start=0 exit=1");
    assert!(overflow.exact.is_some(), "{:?}", overflow.notes);
}

/// The minimum of −sin(x)/x lies at its 0/0.
#[test]
fn a_minimum_on_a_removable_zero_over_zero() {
    let answer = answered("expression=-sin(x)/x+0.01*x^2 temperature=0.02");
    close(answer.paper.unwrap().number(), 3.01445151607e32, 1e-10);
    close(answer.exact.unwrap().number(), 2.76289329e32, 3e-9);
}
