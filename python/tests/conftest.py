from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import kramers_lab as kr

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def program() -> str:
    """The program, of the build that KRAMERS names, or of this repository's."""
    found = os.environ.get("KRAMERS") or shutil.which(str(ROOT / "target/release/kramers"))
    if not found:
        pytest.skip("there is no program to compare with: cargo build --release")
    return found


@pytest.fixture
def well() -> kr.Surface:
    return kr.Surface("0.25*(x^2 - 1)^2")


@pytest.fixture
def study(well: kr.Surface) -> kr.Study:
    """A second on one core."""
    return kr.Study(
        surface=well,
        sweep={"variance": [4.0, 6.0]},
        noise=kr.Gaussian(variance="variance"),
        process=[kr.SGD(eta=0.1), kr.PNM(eta=0.1, beta0=1.0)],
        observe=kr.Exit(until="x > 0"),
        particles=200,
        seed=7,
    )


@pytest.fixture
def endless(well: kr.Surface) -> kr.Study:
    """Hours: no particle leaves soon, the first cell apart."""
    return kr.Study(
        surface=well,
        sweep={"variance": [20.0, 0.1]},
        noise=kr.Gaussian(variance="variance"),
        process=kr.SGDM(eta=0.1),
        observe=kr.Exit(until="x > 0", max_steps=1_000_000_000),
        particles=4000,
    )
