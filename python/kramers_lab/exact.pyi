# Made by python/tests/stubs.py from the program's registries.
from typing import Any

from ._block import Block, Value
from ._predict import QUANTITIES as QUANTITIES
from ._predict import Exact as Exact

def stationary(*specs: Block, H: Value = ..., C: Value = ..., optimizer: Value = ..., eta: Value = ..., h: Value = ..., hessian: Value = ..., noise_variance: Value = ..., batch: Value = ..., noise_covariance: Value = ..., beta1: Value = ..., beta3: Value = ..., beta0: Value = ..., mu: Value = ..., tau: Value = ..., nesterov: Value = ..., epsilon: Value = ..., **parameters: Value) -> Exact:
    """stationary covariance of θ, and of the momentum, on a quadratic with additive noise"""
    ...

def noise(*specs: Block, optimizer: Value = ..., noise_variance: Value = ..., beta1: Value = ..., beta3: Value = ..., beta0: Value = ..., mu: Value = ..., tau: Value = ..., nesterov: Value = ..., **parameters: Value) -> Exact:
    """variance of the noise in one update direction, and its power at zero frequency, which alone diffuses"""
    ...

def stability(*specs: Block, H: Value = ..., C: Value = ..., optimizer: Value = ..., h: Value = ..., hessian: Value = ..., noise_variance: Value = ..., batch: Value = ..., noise_covariance: Value = ..., beta1: Value = ..., beta3: Value = ..., beta0: Value = ..., mu: Value = ..., tau: Value = ..., nesterov: Value = ..., epsilon: Value = ..., **parameters: Value) -> Exact:
    """largest η that is stable on a quadratic: below it every direction settles"""
    ...

def saddle(*specs: Block, H: Value = ..., C: Value = ..., optimizer: Value = ..., eta: Value = ..., h: Value = ..., hessian: Value = ..., noise_variance: Value = ..., batch: Value = ..., noise_covariance: Value = ..., steps: Value = ..., momentum: Value = ..., beta1: Value = ..., beta3: Value = ..., beta0: Value = ..., mu: Value = ..., tau: Value = ..., nesterov: Value = ..., epsilon: Value = ..., **parameters: Value) -> Exact:
    """mean squared displacement ⟨θ²⟩ after T steps from a saddle with additive noise"""
    ...

def weak(*specs: Block, alpha: Value = ..., c: Value = ..., eta: Value = ..., h: Value = ..., x0: Value = ..., horizon: Value = ..., noise_variance: Value = ..., momentum: Value = ..., **parameters: Value) -> Exact:
    """largest distance of SGD and SGDM over T/η steps in common noise: of E x, of E x², and root mean square"""
    ...

def pac_bayes(*specs: Block, eta: Value = ..., batch: Value = ..., dim: Value = ..., samples: Value = ..., delta: Value = ..., theta_norm2: Value = ..., beta0: Value = ..., **parameters: Value) -> Exact:
    """KL(Q‖P) of PNM's posterior from the prior N(0, I/λ), and the bound on the generalisation gap"""
    ...

def escape(*specs: Block, optimizer: Value = ..., eta: Value = ..., batch: Value = ..., h_min: Value = ..., h_saddle: Value = ..., barrier: Value = ..., s: Value = ..., beta1: Value = ..., beta3: Value = ..., **parameters: Value) -> Exact:
    """mean escape time over a saddle as the papers give it, under C(θ) = |H(θ)|/B"""
    ...

def mfpt(*specs: Block, landscape: Value = ..., expression: Value = ..., dim: Value = ..., sharpness: Value = ..., start: Value = ..., exit: Value = ..., direction: Value = ..., reflecting: Value = ..., temperature: Value = ..., eta: Value = ..., noise_variance: Value = ..., batch: Value = ..., floor: Value = ..., **parameters: Value) -> Exact:
    """mean time until dθ = −L′(θ) dt + √(2D(θ)) dW, read in Itô's sense, first reaches the exit"""
    ...

def exit_steps(*specs: Block, landscape: Value = ..., expression: Value = ..., dim: Value = ..., sharpness: Value = ..., start: Value = ..., exit: Value = ..., direction: Value = ..., eta: Value = ..., noise_variance: Value = ..., batch: Value = ..., floor: Value = ..., **parameters: Value) -> Exact:
    """mean number of steps θ ← θ − η(∇L(θ) + √C ξ), ξ ~ N(0, 1), until any coordinate is beyond the exit"""
    ...

def escape_rate(*specs: Block, landscape: Value = ..., expression: Value = ..., dim: Value = ..., sharpness: Value = ..., start: Value = ..., exit: Value = ..., direction: Value = ..., temperature: Value = ..., damping: Value = ..., mass: Value = ..., **parameters: Value) -> Exact:
    """rate over the saddle of M dv = −L′(θ) dt − γMv dt + √(2γMT) dW, dθ = v dt"""
    ...

def stationary_density(*specs: Block, landscape: Value = ..., expression: Value = ..., dim: Value = ..., sharpness: Value = ..., temperature: Value = ..., eta: Value = ..., noise_variance: Value = ..., batch: Value = ..., floor: Value = ..., interpretation: Value = ..., low: Value = ..., high: Value = ..., intervals: Value = ..., points: Value = ..., **parameters: Value) -> Exact:
    """density of dθ = −∇L(θ) dt + √(2D(θ)) dW in the long run, by the Fokker–Planck equation"""
    ...

__all__ = ["Exact", "QUANTITIES", "stationary", "noise", "stability", "saddle", "weak", "pac_bayes", "escape", "mfpt", "exit_steps", "escape_rate", "stationary_density"]
