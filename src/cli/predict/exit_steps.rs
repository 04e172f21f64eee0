//! `predict exit-steps`: the mean number of steps of SGD with Gaussian gradients until the exit.

use super::Quantity;
use super::answer::{Answer, Prediction, RELATIVE_ERROR, numbers};
use super::course::{self, Course};
use super::inputs::Inputs;
use super::key::{Key, Range};
use super::law;
use super::noise::{self, Diffusion, ETA, GradientNoise};
use base::error::{Error, Result};
use experiment::marks::Slope;
use prediction::exact::cut_short;
use prediction::exact::discrete_chain::{DiscreteChain, ExitSteps};
use prediction::exact::minimum_of_d::Survival;

const LANDSCAPE: Key = course::landscape("styblinski-tang");
const NOISE_VARIANCE: Key = Key::new(
    "noise_variance",
    "2500",
    Range::Positive,
    "C, the variance of one stochastic gradient, where batch is not given",
);

/// The quantity.
pub const EXIT_STEPS: Quantity = Quantity {
    name: "exit-steps",
    summary: "mean number of steps θ ← θ − η(∇L(θ) + √C ξ), ξ ~ N(0, 1), until any coordinate is beyond the exit",
    keys: &[
        &[LANDSCAPE],
        course::KEYS,
        &[ETA, NOISE_VARIANCE],
        noise::KEYS,
    ],
    answer,
};

const UNIT: &str = "steps";

fn answer(mut inputs: Inputs) -> Result<Answer> {
    let course = Course::read(&mut inputs, &LANDSCAPE, &EXIT_STEPS.names())?;
    course.joined(&inputs, None)?;
    let eta = inputs.number(&ETA)?;
    let noise = match GradientNoise::of_batch(&mut inputs, &NOISE_VARIANCE)? {
        Some(noise) => noise,
        None => GradientNoise::Constant(inputs.number(&NOISE_VARIANCE)?),
    };
    let mut notes = Vec::new();
    let exact = inputs.together(exact(&course, &noise, eta, &mut notes))?;
    let diffusion = Diffusion {
        factor: 0.5 * eta,
        noise,
    };
    let paper = law::of(&course, &diffusion, None, &mut notes);
    Ok(Answer {
        quantity: EXIT_STEPS.name,
        summary: EXIT_STEPS.summary,
        inputs: inputs.resolved(),
        paper: paper.map(|law| law.prediction(1.0 / eta, "1/(ηd) · ", UNIT)),
        exact,
        notes,
    })
}

fn exact(
    course: &Course,
    noise: &GradientNoise,
    eta: f64,
    notes: &mut Vec<String>,
) -> Result<Option<Prediction>> {
    let chain = DiscreteChain {
        drift: &Slope(&*course.line),
        variance: &noise.along(&*course.line, 1.0),
        eta,
        start: course.start,
        exit: course.exit,
        breaks: &|low, high| noise.breaks(&*course.line, low, high),
        bridge: false,
    };
    let one = course.dim == 1;
    let solved = if one {
        chain.solve()
    } else {
        Survival::of(&chain).and_then(|survival| survival.minimum(course.dim))
    };
    let ExitSteps {
        mean,
        variance,
        relative_error,
        looked,
    } = match solved {
        Ok(steps) => steps,
        Err(Error::Failed(why)) => {
            notes.push(match noise.dead_end(course) {
                Some(theta) => format!(
                    "no exact value: C vanishes at θ = {theta}, where steps are too small for the chain to be \
                     resolved; give a floor, floor=0.01"
                ),
                None => format!("no exact value: {why}"),
            });
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    notes.extend(looked.map(cut_short));
    Ok(Some(Prediction {
        values: numbers([
            ("mean", mean),
            ("variance", variance),
            (RELATIVE_ERROR, relative_error),
        ]),
        unit: UNIT,
        formula: if one {
            "τ(x) = 1 + ∫ K(x, y) τ(y) dy, K(x, ·) the density of N(x − ηL′(x), η²C(x))".into()
        } else {
            format!(
                "Σₙ S(n)^{}, S the survival function of one coordinate",
                course.dim
            )
        },
        source: "Nyström solution of the discrete Gaussian chain, no random numbers",
        validity: Vec::new(),
    }))
}

#[cfg(test)]
mod tests {
    use super::super::asked::{self, close};
    use super::*;

    fn answered(text: &str) -> Answer {
        asked::answered(EXIT_STEPS.name, text)
    }

    const CHAIN: &str = "landscape=styblinski-tang eta=0.003 noise_variance=3333.3333333333335";

    #[test]
    fn one_coordinate_and_ten() {
        // References to 13 and 9 digits; the solver promises 1e-10 and about 1e-9.
        let one = answered(&format!("{CHAIN} dim=1"));
        close(
            one.exact.as_ref().unwrap().number(),
            1.372567706781e5,
            1e-10,
        );
        let ten = answered(&format!("{CHAIN} dim=10"));
        close(ten.exact.unwrap().number(), 1.37660886e4, 5e-9);
        // T = ηC/2 = 5, ΔL/T = 7.872…: Kramers' half in steps, a tenth of it for ten coordinates.
        close(
            one.paper.as_ref().unwrap().number(),
            3.676191481022e2 / 1.04426 / 0.003,
            5e-6,
        );
        // τH_a/d = 352.04… · 34.583059/10.
        let validity = ten.paper.as_ref().unwrap().validity.last().unwrap();
        assert!(validity.starts_with("τH_a/d = 1217."), "{validity}");
        close(
            ten.paper.unwrap().number(),
            0.1 * one.paper.unwrap().number(),
            1e-14,
        );
    }

    #[test]
    fn sharpness_is_a_learning_rate() {
        // L(√k θ) at η with gradient noise √k as large is L at kη: k = 4 is exact in bits.
        let sharp = answered("sharpness=4 eta=0.003 noise_variance=13333.333333333334");
        let fast = answered("eta=0.012 noise_variance=3333.3333333333335");
        close(
            sharp.exact.unwrap().number(),
            fast.exact.unwrap().number(),
            1e-10,
        );
    }

    /// A start on the edge of two pieces; the value is that of the mirror image, which begins inside of neither.
    #[test]
    fn a_start_on_a_kink() {
        let text = "expression=abs(x) start=0 eta=0.005 noise_variance=40 exit";
        for way in ["=-1 direction=below", "=1 direction=above"] {
            let exact = answered(&format!("{text}{way}")).exact.unwrap();
            close(exact.number(), 1_029_851.202_71, 1e-10);
        }
    }

    #[test]
    fn noise_of_the_curvature() {
        // C = 509 (|L″| + δ), 1/B = 509. References by a Nyström solution on 1888 other nodes, with
        // the left cut at −16, to ten digits.
        let answered = |floor: f64| {
            answered(&format!(
                "eta=0.003 batch=0.0019646365422396855 floor={floor}"
            ))
        };
        close(answered(1.0).exact.unwrap().number(), 3.221940018e4, 1e-9);
        let answer = answered(0.3);
        close(answer.exact.unwrap().number(), 9.084307893e4, 1e-9);
        assert!(answer.notes[0].contains("no floor"), "{:?}", answer.notes);
        assert!(answer.notes[1].contains("beyond the saddle"));
    }

    /// Values by Nyström's method on grids that are graded by hand, whose rows sum to 1.
    #[test]
    fn far_kicks_and_flat_pieces() {
        for (text, expected) in [
            // Within 0.001 of the exit the slope throws the chain back by 28.
            (
                "expression=0.6481*min((x+1.3313)^2,(x-1.3313)^2+0.2026)+0.2498/(1+((x-0.3055)/0.000944)^2) eta=0.1632 \
                 start=0.038045519417111096 exit=0.3055 noise_variance=1.636",
                5_830.244_706_5,
            ),
            (
                "expression=1.4749*x^2/2+0.1331*sin(8.9663*x)-0.0675*max(0,x-0.2301)+x^4/20 eta=0.8529 start=-0.2238 \
                 exit=1.1553 noise_variance=0.2927",
                8.100_483_909_905,
            ),
            // L″ = 0 all along, which is no kink.
            (
                "expression=0.3802*abs(x+0.24) eta=0.263 start=1.4274 exit=-0.2969 direction=below batch=0.1372 \
                 floor=0.4434",
                20.511_124_897_06,
            ),
        ] {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            close(answered(&text).exact.unwrap().number(), expected, 1e-11);
        }
    }

    /// Values by Nyström's method on grids of their own, to the digits given.
    #[test]
    fn grids_that_agree_are_not_the_same_grid() {
        for (exit, expected) in [(0.5, 5.233015405196), (3.0, 15.1058225019)] {
            let own =
                format!("expression=0.25*(x^2-1)^2 start=-1 exit={exit} eta=1 noise_variance=0.4");
            let exact = answered(&own).exact.unwrap();
            close(exact.number(), expected, 1e-11);
            assert!(super::super::asked::named(&exact, "relative_error") > 1e-14);
        }
    }

    #[test]
    fn a_chain_too_fine_to_resolve_leaves_the_law() {
        let answer = answered("eta=1e-9 noise_variance=1e10");
        assert!(answer.exact.is_none() && answer.paper.is_some());
        assert!(answer.notes[0].contains("no exact value"));
    }

    #[test]
    fn noise_that_vanishes_asks_for_a_floor_and_for_nothing_else() {
        let answer = answered("landscape=double-well batch=1 eta=0.1");
        assert!(answer.exact.is_none());
        let said = &answer.notes[0];
        assert!(
            said.contains("C vanishes") && said.contains("floor=0.01"),
            "{said}"
        );
    }

    #[test]
    fn what_makes_no_sense_is_one_sentence() {
        for (text, message) in [
            ("exit=-3", "start: the start θ = -2.9"),
            (
                "start=1",
                "no saddle lies above the minimum of the start's well, θ = 2.746803",
            ),
            ("start=1 exit=0.5", "already above the exit"),
            ("dim=0", "dim = 0: must be a whole number"),
            ("noise_varience=1", "did you mean `noise_variance`?"),
            (
                "noise_variance=1 batch=1",
                "noise_variance = 1: batch gives",
            ),
            ("landscape=rosenbrock dim=2", "not a sum"),
            ("temperature=1", "unknown key `temperature`"),
        ] {
            let refusal = asked::refused(EXIT_STEPS.name, text);
            assert!(refusal.starts_with("predict exit-steps: "), "{refusal}");
            assert!(refusal.contains(message), "{refusal}");
        }
    }
}
