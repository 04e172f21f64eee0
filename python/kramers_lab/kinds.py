"""The program's rules, noises and observables, each as a class: made from its registries.

``kinds.pyi`` says them to type checkers; ``python python/tests/stubs.py`` writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter, Signature
from typing import Any

from ._block import Block, unknown
from .specs import REGISTRIES, Noise, Observable, Overdamped, Process, Underdamped, Written, class_name


def document(entry: Mapping[str, Any]) -> str:
    lines = [entry.get("formula", ""), "", entry.get("source", ""), ""]
    for p in entry.get("parameters", ()):
        default = "" if p.get("default") is None else f" [{p['default']:g}]"
        lines.append(f"{p['name']}{default}: {p['meaning']}")
    return "\n".join(lines)


#: What a process may say beside its rule.
AROUND = ["label", "schedule", "clock", "reference", "landscape", "noise", "start"]


def _signature(names: list[str], entry: Mapping[str, Any]) -> Signature:
    """The keywords, with the program's defaults, for whoever asks by ``help``."""
    defaults = {p["name"]: p.get("default") for p in entry.get("parameters", ())}
    return Signature([Parameter(name, Parameter.KEYWORD_ONLY, default=defaults.get(name)) for name in names])


def _rule_class(entry: Mapping[str, Any]) -> type[Process]:
    optimizer = entry["name"]
    own = [parameter["name"] for parameter in entry["parameters"]]

    def init(self: Process, **keys: Any) -> None:
        for key in keys:
            if key not in own and key not in AROUND:
                raise unknown(class_name(optimizer), key, own + AROUND)
        Process.__init__(self, optimizer=optimizer, **keys)

    made = _made(Process, optimizer, document(entry), init, "optimizer")
    made.__signature__ = _signature(own + AROUND, entry)
    return made


def _noise_class(entry: Mapping[str, Any]) -> type[Noise]:
    name = entry["name"]
    own = [parameter["name"] for parameter in entry["parameters"]]

    def init(self: Noise, **keys: Any) -> None:
        for key in keys:
            if key not in own:
                raise unknown(class_name(name), key, own)
        Noise.__init__(self, name=name, **keys)

    made = _made(Noise, name, document(entry), init, "name")
    made.__signature__ = _signature(own, entry)
    return made


def _observable_class(name: str, meaning: str) -> type[Observable]:
    def init(self: Observable, of: Any = None, /, **keys: Any) -> None:
        Observable.__init__(self, name=name, **({} if of is None else {"of": of}), **keys)

    return _made(Observable, name, meaning, init, "name")


def _made(base: type, name: str, document: str, init: Any, fixed: str) -> Any:
    def shown(self: Block) -> list[str]:
        return [f"{k}={v!r}" for k, v in self._table.items() if k != fixed]

    called = class_name(name)
    members = {"__slots__": (), "__init__": init, "__doc__": document, "__module__": __name__, "_shown": shown}
    made = type(called, (base,), members)
    globals()[called] = made
    _CLASSES[base, name] = made
    return made


_CLASSES: dict[tuple[type, str], Any] = {}
RULES: list[str] = [_rule_class(entry).__name__ for entry in REGISTRIES["optimizers"]]
NOISES: list[str] = [_noise_class(entry).__name__ for entry in REGISTRIES["noises"]]
OBSERVABLES: list[str] = [_observable_class(name, meaning).__name__ for name, meaning in REGISTRIES["observables"]]


def noise_of(table: Mapping[str, Any]) -> Noise:
    """A block ``[noise]`` as a value."""
    return _CLASSES.get((Noise, table.get("name")), Noise)._of(table)


def observable_of(table: Mapping[str, Any]) -> Observable:
    """A block ``[[observe]]`` as a value."""
    return _CLASSES.get((Observable, table.get("name")), Observable)._of(table)


def process_of(table: Mapping[str, Any], written: Mapping[str, Written]) -> Process:
    """A block ``[[process]]`` as a value, with the rule or SDE by formula that it names."""
    name = table.get("optimizer", table.get("sde"))
    if isinstance(name, str) and name in written:
        return Process._of(table, (written[name],))
    kinds = {"overdamped": Overdamped, "underdamped": Underdamped}
    known = _CLASSES.get((Process, table.get("optimizer", "")))
    sde = table.get("sde")
    return (known or (kinds.get(sde) if isinstance(sde, str) else None) or Process)._of(table)


__all__ = [*RULES, *NOISES, *OBSERVABLES]
