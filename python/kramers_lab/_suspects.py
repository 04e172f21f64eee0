"""What an implementation is known to get wrong: factors, and rules beside the one that is claimed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .specs import REGISTRIES, Process, Rule, class_name

_ENTRIES = {entry["name"]: entry for entry in REGISTRIES["optimizers"]}
_DECAYS = ("l2", "decoupled_decay")
_ADAMS = ("adam", "adamw", "amsgrad")
_MOMENTA = ("sgdm", "heavy-ball", "momentum")
_GREEK = {"beta0": "β₀", "beta1": "β₁", "beta2": "β₂", "mu": "μ", "alpha": "α", "eta": "η"}


class Suspect(NamedTuple):
    """What may be done in place of what is claimed."""

    says: str
    process: Process


def hyper(claim: Process) -> dict[str, float]:
    """The numbers of a rule, switches apart: what the claim says, and defaults."""
    table = claim.table
    rule = claim._rule.table if claim._rule is not None else {}
    entry = _ENTRIES.get(table.get("optimizer", ""), {})
    known = {p["name"]: p["default"] for p in entry.get("parameters", ()) if p["default"] is not None and not p["switch"]}
    known |= {k: v["default"] if isinstance(v, Mapping) else v for k, v in rule.get("hyper", {}).items()}
    known |= {k: v for k, v in table.items() if isinstance(v, (int, float)) and not isinstance(v, bool)}
    return {k: float(v) for k, v in known.items()}


def factors(numbers: Mapping[str, float], dim: int) -> dict[str, float]:
    """Factors that are left out, put twice or mixed up, by their names: of a rule's or an SDE's numbers, and of ``dim`` coordinates."""
    found = {"√2": math.sqrt(2), "2": 2.0, "−1": -1.0}
    for key, name in (("eta", "η"), ("dt", "dt"), ("temperature", "T"), ("temp", "T"), ("damping", "γ")):
        if numbers.get(key, 0) > 0:
            found |= {name: numbers[key], f"√{name}": math.sqrt(numbers[key])}
            found[f"√(2{name})"] = math.sqrt(2 * numbers[key])
    for key in ("beta1", "mu", "tau", "alpha", "beta2"):
        left = 1 - numbers.get(key, 1.0)
        if 0 < left < 1:
            name = _GREEK.get(key, "τ")
            found |= {f"(1 − {name})": left, f"√(1 − {name})": math.sqrt(left), f"√(1 − {name}²)": math.sqrt(1 - numbers[key] ** 2)}
    if "beta0" in numbers:
        found["√((1 + β₀)² + β₀²)"] = math.hypot(1 + numbers["beta0"], numbers["beta0"])
    if dim > 1:
        found |= {f"{dim}, the number of coordinates,": float(dim), f"√{dim}, the root of their number,": math.sqrt(dim)}
    found |= {f"1/{name}": 1 / of for name, of in found.items() if name != "−1"}
    return {name: of for name, of in found.items() if not math.isclose(of, 1.0)}


def named(factor: float, within: float, among: Mapping[str, float]) -> str:
    """The names of a factor, nearest first, that is known with a relative error; empty where there is none."""
    near = sorted((abs(of / factor - 1), name) for name, of in among.items())
    return " or ".join(name for off, name in near if off <= within)


def suspects(claim: Process) -> Iterator[Suspect]:
    """What is known to be done in place of a rule, the likeliest first."""
    name, numbers = claim.table.get("optimizer", ""), hyper(claim)
    if name in _ADAMS:
        yield from _of_adam(claim, numbers)
    if name == "nadam":
        yield from _of_nadam(claim, numbers)
    if name in ("radam", "radam-authors"):
        yield _of_radam(claim, numbers)
    if name == "rmsprop":
        yield from _of_rmsprop(claim, numbers)
    if name in _MOMENTA:
        yield from _of_momentum(claim, numbers)
    yield from _of_decay(claim, numbers)
    yield from _of_numbers(claim, numbers)
    yield from _of_others(claim, numbers)


def _around(claim: Process) -> dict[str, Any]:
    return {key: claim.table[key] for key in ("eta", *_DECAYS) if key in claim.table}


def _adam(*, first: bool, second: bool, epsilon: str, time: str = "t", largest: str = "") -> Rule:
    """Adam by formula, with its parts changed."""
    v, extra, state = "v", "", {"m": 0, "v": 0}
    corrected = f"/(1 - beta2^{time})" if second else ""
    if largest:
        state["w"] = 0
        extra = f"w = max(w, {'v' + corrected if largest == 'corrected' else 'v'})\n"
        v = "w"
    hat = v if largest == "corrected" else f"{v}{corrected}"
    below = {"outside": f"sqrt({hat}) + epsilon", "inside": f"sqrt({hat} + epsilon)", "before": f"(sqrt({v}) + epsilon)/sqrt(1 - beta2^{time})"}
    upper = f"m/(1 - beta1^{time})" if first else "m"
    step = f"m = beta1*m + (1 - beta1)*g\nv = beta2*v + (1 - beta2)*g^2\n{extra}update = eta*{upper}/({below[epsilon]})"
    return Rule("suspect", hyper={"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}, state=state, step=step)


def _of_adam(claim: Process, numbers: Mapping[str, float]) -> Iterator[Suspect]:
    largest = "plain" if claim.table["optimizer"] == "amsgrad" or claim.table.get("amsgrad") else ""
    own = {key: numbers[key] for key in ("beta1", "beta2", "epsilon")} | _around(claim)
    if "decoupled_decay" in numbers:
        own["decoupled_decay"] = numbers["decoupled_decay"]
    changed: list[tuple[str, dict[str, Any]]] = [
        ("neither average is corrected for its start (bias correction)", {"first": False, "second": False}),
        ("the average of gradients is not corrected for its start (bias correction of m)", {"first": False}),
        ("the average of squares is not corrected for its start (bias correction of v)", {"second": False}),
        ("the bias correction counts steps from 1 too far: β^(t + 1) in place of β^t", {"time": "(t + 1)"}),
        ("ε stands inside the root, √(v̂ + ε)", {"epsilon": "inside"}),
        ("ε is added before the bias correction, (√v + ε)/√(1 − β₂ᵗ)", {"epsilon": "before"}),
    ]
    if largest:
        changed.append(("the maximum is taken over averages that are corrected, max v̂, not max v", {"largest": "corrected"}))
        changed.append(("there is no maximum", {"largest": ""}))
    usual = {"first": True, "second": True, "epsilon": "outside", "largest": largest}
    for says, change in changed:
        yield Suspect(says, _adam(**{**usual, **change})(**own))
    swapped = {**own, "beta1": numbers["beta2"], "beta2": numbers["beta1"]}
    yield Suspect("β₁ and β₂ are swapped", _adam(**usual)(**swapped))


def _of_nadam(claim: Process, numbers: Mapping[str, float]) -> Iterator[Suspect]:
    own = {key: numbers[key] for key in ("beta1", "beta2", "epsilon")} | _around(claim)
    lines = "m = beta1*m + (1 - beta1)*g\nv = beta2*v + (1 - beta2)*g^2\nahead = beta1*m/(1 - beta1^(t + 1)) + (1 - beta1)*g/(1 - beta1^t)\n"
    lines += "update = eta*ahead/(sqrt(v/(1 - beta2^t)) + epsilon)"
    rule = Rule("suspect", hyper={"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}, state={"m": 0, "v": 0}, step=lines)
    yield Suspect("β₁ is the same at every step, not warmed up by ψ", rule(**own))


def _of_radam(claim: Process, numbers: Mapping[str, float]) -> Suspect:
    own = {key: numbers[key] for key in ("beta1", "beta2", "epsilon")} | _around(claim)
    lines = "m = beta1*m + (1 - beta1)*g\nv = beta2*v + (1 - beta2)*g^2\nlong = 2/(1 - beta2) - 1\nrho = long - 2*t*beta2^t/(1 - beta2^t)\n"
    lines += "r = sqrt((rho - 4)*(rho - 2)*long/((long - 4)*(long - 2)*rho))\nfresh = m/(1 - beta1^t)\n"
    lines += "update = eta*where(rho > 5, r*fresh/(sqrt(v/(1 - beta2^t)) + epsilon), fresh)"
    rule = Rule("suspect", hyper={"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}, state={"m": 0, "v": 0}, step=lines)
    return Suspect("ε is added after the bias correction, √v̂ + ε, not before", rule(**own))


def _of_rmsprop(claim: Process, numbers: Mapping[str, float]) -> Iterator[Suspect]:
    own = {key: numbers[key] for key in ("alpha", "epsilon", "mu")} | _around(claim)

    def changed(below: str, start: float = 0.0) -> Process:
        lines = f"v = alpha*v + (1 - alpha)*g^2\nb = mu*b + g/({below})\nupdate = eta*b"
        return Rule("suspect", hyper={"alpha": 0.99, "epsilon": 1e-8, "mu": 0.0}, state={"v": start, "b": 0}, step=lines)(**own)

    yield Suspect("ε stands inside the root, √(v + ε)", changed("sqrt(v + epsilon)"))
    yield Suspect("the average of squares is corrected for its start (bias correction)", changed("sqrt(v/(1 - alpha^t)) + epsilon"))
    yield Suspect("the average of squares is corrected for its start (bias correction), and ε stands inside the root", changed("sqrt(v/(1 - alpha^t) + epsilon)"))
    yield Suspect("the average of squares starts at 1", changed("sqrt(v) + epsilon", 1.0))
    yield Suspect("the average of squares starts at 1, and ε stands inside the root", changed("sqrt(v + epsilon)", 1.0))
    yield Suspect("it is centred, √(v − a²)", claim.replace(centered=True))
    yield Suspect("it is not centred", claim.replace(centered=False))


def _of_momentum(claim: Process, numbers: Mapping[str, float]) -> Iterator[Suspect]:
    beta, around = numbers["beta1" if "beta1" in numbers else "mu"], _around(claim)

    def plain(**keys: Any) -> Process:
        return Process(optimizer="momentum", mu=beta, **keys, **around)

    def average(step: str) -> Process:
        return Rule("suspect", hyper={"beta1": beta}, state={"m": 0}, step=f"m = beta1*m + (1 - beta1)*g\n{step}")(**around)

    yield Suspect("dampening: gradients enter momentum whole, not times 1 − β", plain())
    yield Suspect("dampening: gradients enter momentum times 1 − β, the first of them whole", plain(tau=beta))
    yield Suspect("dampening: gradients enter momentum times 1 − β, not whole", Process(optimizer="sgdm", beta1=beta, **around))
    yield Suspect("it looks ahead as Nesterov's momentum does, η(g + βb)", plain(nesterov=True))
    yield Suspect("it looks ahead as Nesterov's momentum does, of an average: η(βm + (1 − β)g)", average("update = eta*(beta1*m + (1 - beta1)*g)"))
    yield Suspect("the average is corrected for its start (bias correction), m/(1 − βᵗ)", average("update = eta*m/(1 - beta1^t)"))
    yield Suspect("there is no momentum", Process(optimizer="sgd", **around))


def _of_decay(claim: Process, numbers: Mapping[str, float]) -> Iterator[Suspect]:
    without = {"l2": None, "decoupled_decay": None}
    if claim.table.get("optimizer") == "adamw":
        # It has no L2, nor is its decay 0 where it is left out.
        claim, without = claim.replace(optimizer="adam", decoupled_decay=numbers["decoupled_decay"]), {"decoupled_decay": None}
    eta, coupled, apart = numbers.get("eta", 1.0), numbers.get("l2", 0.0), numbers.get("decoupled_decay", 0.0)
    entry = _ENTRIES.get(claim.table.get("optimizer", ""))
    # A rule by formula has both kinds of decay.
    known = _DECAYS if entry is None else [p["name"] for p in entry["parameters"]]
    if apart and "l2" in known:
        yield Suspect("decay is added to the gradient (L2), not decoupled from it", claim.replace(**{**without, "l2": apart}))
    if apart:
        yield Suspect("decoupled decay is not multiplied by η", claim.replace(decoupled_decay=apart / eta))
        yield Suspect("decoupled decay is multiplied by η twice", claim.replace(decoupled_decay=apart * eta))
        yield Suspect("decoupled decay is twice what it should be", claim.replace(decoupled_decay=2 * apart))
        yield Suspect("there is no weight decay", claim.replace(**without))
    if coupled and "decoupled_decay" in known:
        yield Suspect("decay is decoupled, not added to the gradient (L2)", claim.replace(**{**without, "decoupled_decay": coupled}))
    if coupled:
        yield Suspect("the gradient gets 2λθ, not λθ", claim.replace(l2=2 * coupled))
        yield Suspect("the gradient gets λθ/2, not λθ", claim.replace(l2=coupled / 2))
        yield Suspect("there is no weight decay", claim.replace(**without))


def _of_numbers(claim: Process, numbers: Mapping[str, float]) -> Iterator[Suspect]:
    for key in ("beta0", "beta1", "beta2", "mu", "alpha"):
        if 0 < numbers.get(key, 0) < 1:
            name = _GREEK[key]
            yield Suspect(f"1 − {name} stands in place of {name}", claim.replace(**{key: 1 - numbers[key]}))
            yield Suspect(f"√{name} stands in place of {name}", claim.replace(**{key: math.sqrt(numbers[key])}))
            yield Suspect(f"{name}² stands in place of {name}", claim.replace(**{key: numbers[key] ** 2}))
    for power in (0, *range(-16, -2)):
        epsilon = 10.0**power if power else 0.0
        if "epsilon" in numbers and not math.isclose(epsilon, numbers["epsilon"]):
            yield Suspect(f"ε is {epsilon:g}, not {numbers['epsilon']:g}", claim.replace(epsilon=epsilon))


def _of_others(claim: Process, numbers: Mapping[str, float]) -> Iterator[Suspect]:
    """The lab's other rules, with the numbers that they share."""
    for name, entry in _ENTRIES.items():
        if name == claim.table.get("optimizer"):
            continue
        shared = {p["name"]: numbers[p["name"]] for p in entry["parameters"] if p["name"] in numbers and not p["switch"]}
        yield Suspect(f"it is what {class_name(name)} does: {entry['formula']}", Process(optimizer=name, **shared))
