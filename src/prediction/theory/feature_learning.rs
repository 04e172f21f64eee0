//! How far the feature is learned (Jelassi and Li 2022), and the laws that the lab holds against the paper's.
//!
//! On data whose noise is not yet learned the network is a function of c_r = ⟨w_r, w*⟩ alone, and
//! GD+M is the motion of a particle of mass η/(1 − γ) with unit friction in time kη (Xie et al. 2022, eq. 5–6).

/// ‖Δc‖ by conservation of energy: the particle falls from the loss L₀ of the large-margin data to about 0
/// and coasts as far as friction lets it, √(2 L₀ η/(1 − γ)).
///
/// The friction during the fall is left out, so it holds for η ≪ η/(1 − γ) only.
pub fn coasting(initial_loss: f64, eta: f64, gamma: f64) -> f64 {
    (2.0 * initial_loss * eta / (1.0 - gamma)).sqrt()
}

/// 1/(√(1 − γ) α), the order of the lower bound on max_r c_r in Lemma 5.3; its constant is not stated.
pub fn lemma_bound(alpha: f64, gamma: f64) -> f64 {
    1.0 / ((1.0 - gamma).sqrt() * alpha)
}

/// η = 1/(3α²), the largest at which plain GD cannot jump beyond c = O(1/α).
///
/// The last step before the large-margin data saturate, at αc = 1, moves c by 3ηα³c² S ≤ 3ηα.
pub fn overshoot_free(alpha: f64) -> f64 {
    1.0 / (3.0 * alpha * alpha)
}

/// c_r after each of `steps` steps of GD+M on data that consist of the feature at margin α alone:
/// g ← γg − (1 − γ) 3α³c² S(−α³ Σ c³), c ← c − ηg.
pub fn signal_recursion(start: &[f64], alpha: f64, eta: f64, gamma: f64, steps: usize) -> Vec<f64> {
    let cube = alpha.powi(3);
    let mut c = start.to_vec();
    let mut g = vec![0.0; c.len()];
    for _ in 0..steps {
        let margin = cube * c.iter().map(|c| c.powi(3)).sum::<f64>();
        let weight = if margin > 0.0 {
            (-margin).exp() / (1.0 + (-margin).exp())
        } else {
            1.0 / (1.0 + margin.exp())
        };
        for (c, g) in c.iter_mut().zip(&mut g) {
            *g = gamma * *g - (1.0 - gamma) * 3.0 * cube * *c * *c * weight;
            *c -= eta * *g;
        }
    }
    c
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: [f64; 5] = [0.10, -0.05, 0.02, 0.15, -0.10];

    /// Values computed elsewhere to ten digits.
    #[test]
    fn the_recursion_has_the_known_values() {
        let alpha = 30f64.powf(0.49);
        for (eta, gamma, steps, known) in [
            (0.03, 0.0, 1, 0.2646110866),
            (0.03, 0.0, 2000, 0.4295249104),
            (0.03, 0.9, 20, 0.5879330982),
            (0.03, 0.99, 2000, 1.716933187),
            (0.1, 0.97, 100, 1.713484005),
        ] {
            let c = signal_recursion(&START, alpha, eta, gamma, steps);
            let largest = c.into_iter().fold(f64::NEG_INFINITY, f64::max);
            assert!((largest - known).abs() < 1e-9, "{largest} {known}");
        }
    }

    #[test]
    fn the_particle_coasts_as_far_as_its_energy_carries_it() {
        let alpha = 30f64.powf(0.49);
        for (eta, gamma, change, predicted) in [
            (0.03, 0.99, 1.7355786, 1.6977123),
            (0.1, 0.97, 1.826514, 1.7895459),
            (0.03, 0.9, 0.56998899, 0.53686378),
        ] {
            let margin = alpha.powi(3) * START.iter().map(|c| c.powi(3)).sum::<f64>();
            let initial_loss = (-margin).exp().ln_1p();
            let end = signal_recursion(&START, alpha, eta, gamma, 2000);
            let moved = end
                .iter()
                .zip(START)
                .map(|(c, s)| (c - s).powi(2))
                .sum::<f64>()
                .sqrt();
            let law = coasting(initial_loss, eta, gamma);
            assert!((law - predicted).abs() < 1e-7, "{law}");
            assert!((moved - change).abs() < 1e-6, "{moved}");
        }
    }

    #[test]
    fn limits() {
        assert!((overshoot_free(2.0) - 1.0 / 12.0).abs() < 1e-16);
        assert!((lemma_bound(5.0, 0.99) - 2.0).abs() < 1e-13);
    }
}
