"""The notebooks run as they stand, on the package alone."""

from __future__ import annotations

from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_draws(path):
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed: pip install './python[notebooks]'")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed: pip install './python[notebooks]'")
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.read(path, as_version=4)
    code = "\n".join(cell["source"] for cell in notebook.cells if cell["cell_type"] == "code")
    assert "kramers_lab" in code and "subprocess" not in code and "import re\n" not in code
    # A cell that takes longer than a notebook may is as good as one that hangs.
    client = nbclient.NotebookClient(notebook, timeout=90, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}})
    client.execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not any(output.get("name") == "stderr" for output in outputs), "a warning is shown"


def test_there_are_notebooks(root):
    assert len(NOTEBOOKS) == 6
    listed = (root / "notebooks/README.md").read_text(encoding="utf-8")
    assert all(f"({path.name})" in listed for path in NOTEBOOKS)
