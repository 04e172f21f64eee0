"""Closed forms and exact references, without a simulation: what ``kramers predict`` knows.

Every function takes specs (a :class:`Surface`, a rule, a noise) and keys; keys that are left out have the program's defaults. A key may be a
NumPy array: arrays are broadcast together, and the answer has their shape. The computation runs on all cores.

``exact.pyi`` says the functions to type checkers; ``python python/tests/stubs.py`` writes it.
"""

from ._predict import QUANTITIES, Exact, function

for _name in QUANTITIES:
    globals()[_name] = function(_name)

__all__ = ["Exact", "QUANTITIES", *QUANTITIES]
