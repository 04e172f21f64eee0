# Made by python/tests/stubs.py from the program's registries.
from collections.abc import Mapping
from typing import Any

from ._block import Value
from .specs import Noise, Observable, Process, Written

RULES: list[str]
NOISES: list[str]
OBSERVABLES: list[str]

def noise_of(table: Mapping[str, Any]) -> Noise: ...
def observable_of(table: Mapping[str, Any]) -> Observable: ...
def process_of(table: Mapping[str, Any], written: Mapping[str, Written]) -> Process: ...

class SGD(Process):
    """θ ← θ − ηg"""

    def __init__(self, *, eta: Value = ..., l2: Value = ..., decoupled_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class SGDM(Process):
    """m ← β₁m + (1 − β₁)g;  θ ← θ − ηm"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., l2: Value = ..., decoupled_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class HeavyBall(Process):
    """m ← β₁m + β₃g;  θ ← θ − ηm"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta3: Value = ..., l2: Value = ..., decoupled_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class Momentum(Process):
    """b₁ = g₁, b ← μb + (1 − τ)g;  θ ← θ − ηb, or η(g + μb) with nesterov"""

    def __init__(self, *, eta: Value = ..., mu: Value = ..., tau: Value = ..., nesterov: Value = ..., l2: Value = ..., decoupled_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class SGDS(Process):
    """as momentum, with θ ← (1 − cηλ)θ, c = (1 − τ)/(1 − μ)"""

    def __init__(self, *, eta: Value = ..., mu: Value = ..., tau: Value = ..., nesterov: Value = ..., stable_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class PNM(Process):
    """m_t = β₁²m_{t−2} + (1 − β₁²)g;  θ ← θ − η[(1 + β₀)m_t − β₀m_{t−1}]/√((1 + β₀)² + β₀²)"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta0: Value = ..., l2: Value = ..., decoupled_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class AdaPNM(Process):
    """p = [(1 + β₀)m_t − β₀m_{t−1}]/√γ as in pnm, v ← β₂v + (1 − β₂)g²;  θ ← θ − η p/(1 − β₁ᵗ)/(√(w/(1 − β₂ᵗ)) + ε), w = max v with amsgrad, else v"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., beta0: Value = ..., epsilon: Value = ..., amsgrad: Value = ..., l2: Value = ..., decoupled_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class Adam(Process):
    """m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²;  θ ← θ − η m̂/(√v̂ + ε)"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., epsilon: Value = ..., amsgrad: Value = ..., l2: Value = ..., decoupled_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class AMSGrad(Process):
    """as adam, with v̂ = max_{s≤t}(v_s)/(1 − β₂ᵗ)"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., epsilon: Value = ..., l2: Value = ..., decoupled_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class AMSGradPaper(Process):
    """θ ← θ − η m/(√max_{s≤t}(v_s) + ε), without bias corrections"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., epsilon: Value = ..., l2: Value = ..., decoupled_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class AdamW(Process):
    """as adam, with θ ← (1 − η_t λ)θ (code: decoupled_decay) or (1 − factor(t) λ)θ (paper: scheduled_decay)"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., epsilon: Value = ..., amsgrad: Value = ..., decoupled_decay: Value = ..., scheduled_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class AdamS(Process):
    """as adam, with θ ← (1 − ηλ/√v̄)θ, v̄ the mean of v̂ over all coordinates"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., epsilon: Value = ..., amsgrad: Value = ..., stable_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class RMSprop(Process):
    """v ← αv + (1 − α)g², b ← μb + g/(√v + ε);  θ ← θ − ηb; centered: √(v − a²), a ← αa + (1 − α)g"""

    def __init__(self, *, eta: Value = ..., alpha: Value = ..., mu: Value = ..., epsilon: Value = ..., centered: Value = ..., l2: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class NAdam(Process):
    """μ_t = β₁(1 − ½·0.96^{tψ}), Π_t = μ₁…μ_t;  θ ← θ − η[μ_{t+1}m/(1 − Π_{t+1}) + (1 − μ_t)g/(1 − Π_t)]/(√v̂ + ε)"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., epsilon: Value = ..., psi: Value = ..., l2: Value = ..., decoupled_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class RAdam(Process):
    """ρ_t = ρ_∞ − 2tβ₂ᵗ/(1 − β₂ᵗ);  ρ_t > 5: θ ← θ − η r_t m̂ √(1 − β₂ᵗ)/(√v + ε), else θ ← θ − ηm̂"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., epsilon: Value = ..., l2: Value = ..., decoupled_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class RAdamAuthors(Process):
    """as radam, adaptive for ρ_t ≥ 5; before, neither step nor decay, or θ ← θ − ηm̂ with degenerated_to_sgd"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., epsilon: Value = ..., degenerated_to_sgd: Value = ..., decoupled_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class RAdamPaper(Process):
    """as radam, adaptive for ρ_t > 4, without ε"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., epsilon: Value = ..., l2: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class Adai(Process):
    """v ← β₂v + (1 − β₂)g², β₁ = clip(1 − β₀v̂/v̄, 0, 1 − ε), m ← β₁m + (1 − β₁)g;  θ ← θ − η m/(1 − Πβ₁)"""

    def __init__(self, *, eta: Value = ..., beta0: Value = ..., beta2: Value = ..., epsilon: Value = ..., l2: Value = ..., decoupled_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class AdaiW(Process):
    """as adai, with θ ← (1 − η_t λ)θ"""

    def __init__(self, *, eta: Value = ..., beta0: Value = ..., beta2: Value = ..., epsilon: Value = ..., decoupled_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class AdaiS(Process):
    """as adai, with θ ← (1 − η_t λ)θ"""

    def __init__(self, *, eta: Value = ..., beta0: Value = ..., beta2: Value = ..., epsilon: Value = ..., decoupled_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class AdaiV2(Process):
    """β₁ = clip(1 − β₀(v̂/v̄)^{1/(3−2τ)}, 0, 1 − ε), m ← β₁m + (1 − β₁)^τ g;  θ ← θ − η β₀^{1−τ} m/(1 − Πβ₁)"""

    def __init__(self, *, eta: Value = ..., beta0: Value = ..., beta2: Value = ..., epsilon: Value = ..., tau: Value = ..., l2: Value = ..., decoupled_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class AdaBound(Process):
    """θ ← θ − clip(η√(1 − β₂ᵗ)/(1 − β₁ᵗ)/(√v + ε), α*(1 − 1/(γt + 1)), α*(1 + 1/(γt))) m"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., epsilon: Value = ..., alpha_star: Value = ..., gamma: Value = ..., amsbound: Value = ..., l2: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class AdaBoundW(Process):
    """as adabound, with θ ← (1 − λ)θ: λ is multiplied neither by η nor by the schedule"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., epsilon: Value = ..., alpha_star: Value = ..., gamma: Value = ..., amsbound: Value = ..., fixed_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class AdaBoundPaper(Process):
    """θ ← θ − clip(η/(√v + ε), α*(1 − 1/(γt + 1)), α*(1 + 1/(γt)))/√t m, without bias corrections"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., epsilon: Value = ..., alpha_star: Value = ..., gamma: Value = ..., amsbound: Value = ..., l2: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class PAdam(Process):
    """θ ← θ − η√(1 − β₂ᵗ)/(1 − β₁ᵗ) m/(√max v + ε)^{2p}"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., epsilon: Value = ..., p: Value = ..., amsgrad: Value = ..., l2: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class PAdamPaper(Process):
    """θ ← θ − η m/(max v)^p, without bias corrections"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., epsilon: Value = ..., p: Value = ..., amsgrad: Value = ..., l2: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class Yogi(Process):
    """v ← v − (1 − β₂) sign(v − g²) g², m ← β₁m + (1 − β₁)g;  θ ← θ − η m̂/(√v̂ + ε), m₀ = v₀ = 1e-6"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., epsilon: Value = ..., m_init: Value = ..., v_init: Value = ..., l2: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class YogiPaper(Process):
    """as yogi, without bias corrections, m₀ = 0"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., epsilon: Value = ..., m_init: Value = ..., v_init: Value = ..., l2: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class AdaBelief(Process):
    """s ← β₂s + (1 − β₂)(g − m)² + ε;  θ ← θ − η m̂/(√ŝ + ε); rectify: RAdam's step"""

    def __init__(self, *, eta: Value = ..., beta1: Value = ..., beta2: Value = ..., epsilon: Value = ..., amsgrad: Value = ..., rectify: Value = ..., degenerated_to_sgd: Value = ..., l2: Value = ..., decoupled_decay: Value = ..., fixed_decay: Value = ..., label: Value = ..., schedule: Value = ..., clock: Value = ..., reference: Value = ..., landscape: Value = ..., noise: Value = ..., start: Value = ...) -> None: ...

class Gaussian(Noise):
    """g = ∇L(θ) + C^½ξ"""

    def __init__(self, *, variance: Value = ..., std: Value = ..., covariance: Value = ..., mean_of: Value = ..., bound: Value = ..., frame: Value = ...) -> None: ...

class Student(Noise):
    """g = ∇L(θ) + C^½ξ, ξ of density ∝ (1 + ξ²/(ν − 2))^{−(ν + 1)/2}"""

    def __init__(self, *, dof: Value = ..., variance: Value = ..., std: Value = ..., covariance: Value = ..., mean_of: Value = ..., bound: Value = ...) -> None: ...

class Laplace(Noise):
    """g = ∇L(θ) + C^½ξ, ξ of density e^{−√2|ξ|}/√2"""

    def __init__(self, *, variance: Value = ..., std: Value = ..., covariance: Value = ..., mean_of: Value = ..., bound: Value = ...) -> None: ...

class TwoPoint(Noise):
    """g = ∇L(θ) + C^½ξ, ξ = ±1 with equal chances"""

    def __init__(self, *, variance: Value = ..., std: Value = ..., covariance: Value = ..., mean_of: Value = ..., bound: Value = ...) -> None: ...

class Stable(Noise):
    """g = ∇L(θ) + σS, S symmetric α-stable: E e^{iuS} = e^{−|u|^α}"""

    def __init__(self, *, alpha: Value = ..., scale: Value = ..., mean_of: Value = ..., bound: Value = ...) -> None: ...

class Hessian(Noise):
    """g = ∇L(θ) + C(θ)^½ξ, C = (|∇²L(θ)| + δI)/B"""

    def __init__(self, *, batch: Value = ..., floor: Value = ...) -> None: ...

class Minibatch(Noise):
    """g = (1/B) Σ_{j ∈ batch} ∇f(θ − x_j), x_1 … x_n a pool"""

    def __init__(self, *, samples: Value = ..., batch: Value = ..., law: Value = ..., degrees_of_freedom: Value = ..., variance: Value = ..., replacement: Value = ...) -> None: ...

class Fresh(Noise):
    """g = (1/B) Σ_b ∇f(θ − x_b), every x_b new"""

    def __init__(self, *, batch: Value = ..., law: Value = ..., degrees_of_freedom: Value = ..., variance: Value = ...) -> None: ...

class Moment(Observable):
    """a statistic (mean, variance, quantile) of formulas of the state at given steps or times; with memory, of anything along the path"""

    def __init__(self, of: Value = ..., /, **keys: Value) -> None: ...

class Covariance(Observable):
    """the covariances of the coordinates, or of formulas of the state, at given steps or times: axes `i` and `j`, i ≤ j, from 1"""

    def __init__(self, of: Value = ..., /, **keys: Value) -> None: ...

class UpdateNoise(Observable):
    """of a rule, per coordinate `i`: per_step, Var u/η² of one update, and at_zero, Var(θ − θ₀)/(η²n) after n updates, which on flat ground tends to the noise's power at frequency 0"""

    def __init__(self, of: Value = ..., /, **keys: Value) -> None: ...

class Curvature(Observable):
    """means over the particles of what ∇²L is where they are: top, its largest eigenvalue, trace_h, and diagonal, per coordinate `i`"""

    def __init__(self, of: Value = ..., /, **keys: Value) -> None: ...

class GradientNoise(Observable):
    """of data, means over the particles of what C is where they are, the covariance over the examples of the gradient of one (of a batch of B with replacement it is C/B): trace_c, top, its largest eigenvalue, and alignment, tr CH/(|C| |H|) with H = ∇²L and the norms of Frobenius, 1 where C is a multiple of H"""

    def __init__(self, of: Value = ..., /, **keys: Value) -> None: ...

class Exit(Observable):
    """first exits over a boundary or into a region, direct or by splitting: rate (per time), exit_time, exit_step"""

    def __init__(self, of: Value = ..., /, **keys: Value) -> None: ...

class Law(Observable):
    """the law of a number of the state at given steps or times, and its distance from the law of another process, cell or look"""

    def __init__(self, of: Value = ..., /, **keys: Value) -> None: ...

__all__ = ["SGD", "SGDM", "HeavyBall", "Momentum", "SGDS", "PNM", "AdaPNM", "Adam", "AMSGrad", "AMSGradPaper", "AdamW", "AdamS", "RMSprop", "NAdam", "RAdam", "RAdamAuthors", "RAdamPaper", "Adai", "AdaiW", "AdaiS", "AdaiV2", "AdaBound", "AdaBoundW", "AdaBoundPaper", "PAdam", "PAdamPaper", "Yogi", "YogiPaper", "AdaBelief", "Gaussian", "Student", "Laplace", "TwoPoint", "Stable", "Hessian", "Minibatch", "Fresh", "Moment", "Covariance", "UpdateNoise", "Curvature", "GradientNoise", "Exit", "Law"]
