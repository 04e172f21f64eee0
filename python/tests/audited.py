"""The table of ``docs/audit.md``: optimizers of PyTorch and optax as released, against rules of the laboratory. Run, it prints it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import kramers_lab as kr

#: Adagrad (Duchi et al. 2011), as PyTorch's page has it; the sum of squares starts at 0.
ADAGRAD = kr.Rule("adagrad", hyper={"epsilon": 1e-10}, state={"s": 0}, step="s = s + g^2\nupdate = eta*g/(sqrt(s) + epsilon)")
#: The same with ε under the root, and a sum that starts at .1.
ADAGRAD_OPTAX = kr.Rule("adagrad-optax", hyper={"epsilon": 1e-7}, state={"s": 0.1}, step="s = s + g^2\nupdate = eta*g/sqrt(s + epsilon)")
#: Adadelta (Zeiler 2012, Algorithm 1), times η.
ADADELTA = kr.Rule(
    "adadelta",
    hyper={"rho": 0.9, "epsilon": 1e-6},
    state={"s": 0, "w": 0},
    step="s = rho*s + (1 - rho)*g^2\nd = sqrt(w + epsilon)/sqrt(s + epsilon)*g\nw = rho*w + (1 - rho)*d^2\nupdate = eta*d",
)
#: Adamax (Kingma and Ba 2015, Algorithm 2), with ε beside the maximum, where it is no part of the paper's.
ADAMAX = kr.Rule(
    "adamax",
    hyper={"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    state={"m": 0, "w": 0},
    step="m = beta1*m + (1 - beta1)*g\nw = max(beta2*w, abs(g) + epsilon)\nupdate = eta*m/(1 - beta1^t)/w",
)
#: Lion (Chen et al. 2023, Algorithm 2).
LION = kr.Rule("lion", hyper={"beta1": 0.9, "beta2": 0.99}, state={"m": 0}, step="update = eta*sign(beta1*m + (1 - beta1)*g)\nm = beta2*m + (1 - beta2)*g")


def cases() -> Iterator[tuple[Any, kr.Process, dict[str, Any]]]:
    """A class or transform, what it is said to be, and its arguments."""
    import optax
    import torch

    t = torch.optim
    yield t.SGD, kr.SGD(eta=0.03), {"lr": 0.03}
    yield t.SGD, kr.Momentum(eta=0.03, mu=0.9), {"lr": 0.03, "momentum": 0.9}
    yield t.SGD, kr.SGDM(eta=0.03, beta1=0.9), {"lr": 0.03, "momentum": 0.9}
    yield t.SGD, kr.SGDM(eta=0.03, beta1=0.9), {"lr": 0.03, "momentum": 0.9, "dampening": 0.9}
    yield t.SGD, kr.Momentum(eta=0.03, mu=0.9, nesterov=True), {"lr": 0.03, "momentum": 0.9, "nesterov": True}
    yield t.SGD, kr.SGD(eta=0.03, l2=0.02), {"lr": 0.03, "weight_decay": 0.02}
    yield t.Adam, kr.Adam(eta=0.03), {"lr": 0.03}
    yield t.Adam, kr.AMSGrad(eta=0.03), {"lr": 0.03, "amsgrad": True}
    yield t.Adam, kr.AdamW(eta=0.03, decoupled_decay=0.02), {"lr": 0.03, "weight_decay": 0.02}
    yield t.AdamW, kr.AdamW(eta=0.03, decoupled_decay=0.02), {"lr": 0.03, "weight_decay": 0.02}
    yield t.NAdam, kr.NAdam(eta=0.03), {"lr": 0.03}
    yield t.RAdam, kr.RAdam(eta=0.03), {"lr": 0.03}
    yield t.RMSprop, kr.RMSprop(eta=0.03), {"lr": 0.03}
    yield t.RMSprop, kr.RMSprop(eta=0.03, mu=0.9, centered=True), {"lr": 0.03, "momentum": 0.9, "centered": True}
    yield t.Adagrad, ADAGRAD(eta=0.03), {"lr": 0.03}
    yield t.Adadelta, ADADELTA(eta=0.03), {"lr": 0.03}
    yield t.Adamax, ADAMAX(eta=0.03), {"lr": 0.03}
    yield optax.sgd, kr.SGD(eta=0.03), {"learning_rate": 0.03}
    yield optax.sgd, kr.Momentum(eta=0.03, mu=0.9), {"learning_rate": 0.03, "momentum": 0.9}
    yield optax.sgd, kr.Momentum(eta=0.03, mu=0.9, nesterov=True), {"learning_rate": 0.03, "momentum": 0.9, "nesterov": True}
    yield optax.adam, kr.Adam(eta=0.03), {"learning_rate": 0.03}
    yield optax.adamw, kr.AdamW(eta=0.03, decoupled_decay=0.02), {"learning_rate": 0.03, "weight_decay": 0.02}
    yield optax.amsgrad, kr.AMSGrad(eta=0.03), {"learning_rate": 0.03}
    yield optax.nadam, kr.NAdam(eta=0.03), {"learning_rate": 0.03}
    yield optax.radam, kr.RAdam(eta=0.03), {"learning_rate": 0.03}
    yield optax.rmsprop, kr.RMSprop(eta=0.03, alpha=0.9), {"learning_rate": 0.03}
    yield optax.adabelief, kr.AdaBelief(eta=0.03), {"learning_rate": 0.03}
    yield optax.yogi, kr.Yogi(eta=0.03), {"learning_rate": 0.03}
    yield optax.adagrad, ADAGRAD(eta=0.03), {"learning_rate": 0.03}
    yield optax.adagrad, ADAGRAD_OPTAX(eta=0.03), {"learning_rate": 0.03}
    yield optax.adadelta, ADADELTA(eta=0.03), {"learning_rate": 0.03}
    yield optax.adamax, ADAMAX(eta=0.03), {"learning_rate": 0.03}
    yield optax.lion, LION(eta=0.03), {"learning_rate": 0.03}
    yield optax.lion, LION(eta=0.03, decoupled_decay=0.001), {"learning_rate": 0.03}


def table() -> str:
    """Its rows, as the page has them."""
    import optax
    import torch

    found = f"torch {torch.__version__.split('+')[0]} and optax {optax.__version__}:\n\n"
    found += "| what | claim | update rule | covariance | noise power | stability | escape | |\n|---|---|---|---|---|---|---|---|\n"
    for subject, claim, arguments in cases():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            audit = kr.audit(subject, claim, **arguments)
        given = ", ".join(f"{key}={value}" for key, value in arguments.items())
        shown = {True: "✓", False: "✗", None: "–"}
        marks = " | ".join(shown[check.agrees] for check in audit.checks)
        said = repr(claim).replace("Process(optimizer='", "Rule('").replace("', ", "', ") if claim._rule else repr(claim)
        fault = "" if audit.agrees else audit.fault or "no factor that is known fits"
        found += f"| `{audit.subject}({given})` | `{said}` | {marks} | {fault} |\n"
    return found


if __name__ == "__main__":
    print(table(), end="")
