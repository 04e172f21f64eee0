"""Runs: the program's bytes, tables, stopping, watching, claims."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

import kramers_lab as kr

FILES = ("samples.parquet", "estimates.parquet", "verdicts.json", "figures.json", "text.json")


def test_the_same_seed_gives_the_programs_bytes(program, study, tmp_path):
    study.to_toml(tmp_path / "file.toml")
    command = [program, "run", "file.toml", "--out", "theirs", "--threads", "1"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    ours = study.run(tmp_path / "ours", threads=2)
    for name in FILES:
        assert (tmp_path / "ours/study" / name).read_bytes() == (tmp_path / "theirs/study" / name).read_bytes(), name
    changing = ("started", "ended", "seconds", "threads", "git_revision")
    theirs = json.loads((tmp_path / "theirs/study/manifest.json").read_text())
    kept = {k: v for k, v in ours.manifest.items() if k not in changing}
    assert kept["files"] == {} or kept["files"] == theirs["files"]
    assert kept["spec"] == theirs["spec"] and kept["seed"] == theirs["seed"] == 7
    assert (tmp_path / "ours/report.html").exists()


def test_tables_are_read_by_arrows_readers_and_by_column(study):
    pl, pa = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    run = study.run()
    table = run.estimates
    assert len(table) == len(table["value"]) > 0 and {"process", "variance", "quantity", "ci_low"} <= set(table.columns)
    frame = pl.DataFrame(table)
    assert frame.columns == table.columns and frame["value"].to_list() == table.to_polars()["value"].to_list()
    assert pa.table(table).num_rows == len(table) == len(table.to_pandas())
    values = table["value"]
    assert np.array_equal(frame["value"].to_numpy(), values, equal_nan=True)
    assert len(pl.DataFrame(run.samples)) == 4 * 200
    assert len(run.verdicts) == 0 and pl.DataFrame(run.verdicts).is_empty()
    # SGD's exits are known exactly: measured within its interval, which covers 99.9 %.
    sgd = [row for row in table.rows() if row["process"] == "sgd" and row["quantity"] == "exit.exit_step" and row["exact"] == row["exact"]]
    assert len(sgd) == 2 and all(row["ci_low"] < row["exact"] < row["ci_high"] for row in sgd)
    with pytest.raises(KeyError):
        table["nothing"]


def test_a_record_comes_back_from_its_folder(study, tmp_path):
    run = study.run(tmp_path)
    for folder in (tmp_path, tmp_path / "study"):
        record = kr.Record(folder)
        assert record.estimates["value"].tolist() == run.estimates["value"].tolist()
        assert record.manifest["seed"] == 7 and record.name == "study" and record.failed == []
    path = tmp_path / "study/verdicts.json"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(kr.FailedError, match="verdicts.json is damaged.*force=True"):
        kr.Record(tmp_path)
    with pytest.raises(kr.KramersError, match="nowhere"):
        kr.Record(tmp_path / "nowhere")


def test_whole_paths_are_a_table(study):
    assert study.run().paths is None
    looked = study.replace(observe=kr.Moment("x", steps=[1, 2, 3]), keep="paths", paths=5, every=1)
    paths = looked.run().paths
    assert len(set(paths["particle"])) == 5 and "x" in paths.columns
    assert eval(repr(looked), vars(kr)) == looked


def test_a_record_is_not_lost_without_force(study, tmp_path):
    study.run(tmp_path)
    with pytest.raises(kr.InputError, match="force=True"):
        study.run(tmp_path)
    other = study.replace(seed=8)
    with pytest.raises(kr.InputError, match="another run"):
        other.run(tmp_path, resume=True)
    before = (tmp_path / "study/manifest.json").read_bytes()
    assert study.run(tmp_path, resume=True).manifest["seed"] == 7
    assert (tmp_path / "study/manifest.json").read_bytes() == before
    assert other.run(tmp_path, force=True).manifest["seed"] == 8


def test_progress_is_told_to_a_callback_and_shown_on_a_terminal(study, capfd):
    seen: list[kr.Progress] = []
    study.run(progress=seen.append)
    last = seen[-1]
    assert last.cells == last.of == 4 and last.fraction == 1.0
    assert [p.cells for p in seen] == sorted(p.cells for p in seen)
    study.run(progress=False)
    assert capfd.readouterr().err == ""
    study.run(progress=True)
    assert "100 %" in capfd.readouterr().err


def test_a_callback_that_raises_stops_the_run(endless):
    def refuse(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        endless.run(progress=refuse)


def test_a_job_is_watched_cancelled_and_resumed(endless, tmp_path):
    job = endless.run(tmp_path, blocking=False)
    while job.progress.cells < 1:
        assert not job.wait(0.05)
    assert "variance" in job.progress.label and job.progress.of == 2
    with pytest.raises(TimeoutError):
        job.result(0.01)
    job.cancel()
    with pytest.raises(kr.StoppedError, match="resume=True"):
        job.result()
    assert job.done and job.wait(0.0)
    kept = list((tmp_path).rglob("*"))
    assert any(path.is_file() for path in kept), "the finished cell is kept"
    with pytest.raises(kr.InputError, match="resume=True"):
        endless.run(tmp_path)


def test_two_jobs_run_at_once_and_one_is_cancelled_alone(study, endless):
    slow = endless.run(blocking=False)
    quick = study.run(blocking=False)
    slow.cancel()
    record = quick.result()
    assert record.estimates["value"].tolist() == study.run().estimates["value"].tolist()
    with pytest.raises(kr.StoppedError):
        slow.result()


def test_two_threads_of_python_run_studies(study):
    found: dict[int, list[float]] = {}

    def run(k: int) -> None:
        found[k] = study.run(progress=False, threads=1).estimates["value"].tolist()

    threads = [threading.Thread(target=run, args=(k,)) for k in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] == found[1] == found[2]


INTERRUPTED = """
import sys, time
import kramers_lab as kr
study = kr.load(sys.argv[1])
begun = False
def told(at):
    global begun
    if not begun and at.cells >= 1:
        begun = True
        print("begun", flush=True)
try:
    study.run(sys.argv[2], progress=told)
except KeyboardInterrupt:
    print("stopped", time.time(), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as on Unix")
def test_ctrl_c_ends_a_run_and_keeps_what_is_finished(endless, tmp_path):
    endless.to_toml(tmp_path / "endless.toml")
    command = [sys.executable, "-X", "dev", "-c", INTERRUPTED, str(tmp_path / "endless.toml"), str(tmp_path / "out")]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "begun\n"
    sent = time.time()
    child.send_signal(signal.SIGINT)
    said = child.stdout.readline().split()
    _, wrong = child.communicate(timeout=60)
    assert said[0] == "stopped" and child.returncode == 0 and wrong == ""
    print(f"Ctrl-C took {float(said[1]) - sent:.3f} s")
    kept = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert kept, "the finished cell is kept"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_runs_studies(study):
    code = textwrap.dedent(
        """
        import os, pickle, sys
        import kramers_lab as kr
        study = pickle.loads(sys.stdin.buffer.read())
        here = study.run(progress=False).estimates["value"].tolist()
        child = os.fork()
        if child == 0:
            there = study.run(progress=False).estimates["value"].tolist()
            os._exit(0 if there == here else 1)
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    )
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(study), timeout=120)
    assert done.returncode == 0


def test_a_claims_power_is_how_often_runs_decide():
    # Seeds 1 to 40: each verdict as often as planned, within 4 binomial standard errors (α = 6e-5), and 0.03 for the error that the pilot's
    # standard error has itself: one per cent of it moves the chance by 0.01.
    exact = 0.05 / (2 - 0.05)
    claim = kr.Claim("m", predicts=exact, within="5 %")
    study = kr.Study(
        surface=kr.Surface("0.5*x^2"), noise=kr.Gaussian(variance=1.0), process=kr.SGD(eta=0.05), start=[0.0],
        observe=kr.Moment("x", label="m", stat="variance", steps=[200]), particles=20_000, seed=3,
    )
    planned = claim.power(study, truths=[exact], pilot=10_000)
    assert planned.columns == ["case", "truth", "width", "confirmed", "refuted", "particles"]
    (p,), (needed,) = planned["confirmed"], planned["particles"]
    runs = (claim.decide(study.run(seed=seed, progress=False)).verdict for seed in range(1, 41))
    seen = sum(verdict == "confirmed" for verdict in runs) / 40
    assert abs(seen - p) <= 4 * (p * (1 - p) / 40) ** 0.5 + 0.03, (seen, p)
    assert 0.8 * 20_000 < needed < 1.2 * 20_000
    with pytest.raises(kr.InputError, match="pilot of 30000"):
        claim.power(study, pilot=30_000)
    with pytest.raises(kr.InputError, match="between 0 and 1"):
        claim.power(study, power=1.0)
    with pytest.raises(kr.InputError, match="outside"):
        claim.power(study, pilot=1)


def test_a_claim_is_decided_over_a_run(study, tmp_path):
    claim = kr.Claim("mean(exit_step[sgd, variance=4]/exit_step[sgd, variance=6])", at_least=1.0, id="order", statement="less noise, later")
    run = study.run()
    decision = claim.decide(run)
    assert decision.verdict == "confirmed" and decision.why and len(decision.rulings) == 1
    within = study.replace(claims=claim).run()
    assert within.verdicts["verdict"] == ["confirmed"] and within.verdicts["value"][0] == decision.rulings["value"][0]
    wrong = claim.replace(at_least=None, at_most=1.0)
    assert wrong.decide(run).verdict == "refuted"
    with pytest.raises(kr.InputError, match="rat"):
        kr.Claim("slope(rat, variance)", predicts=0, within=1).decide(run)
    study.run(tmp_path)
    with pytest.raises(kr.InputError, match="on disk"):
        claim.decide(kr.Record(tmp_path))


def test_a_file_of_another_protocol_runs_with_values_set(root, tmp_path):
    path = root / "experiments/lab/rare-events.toml"
    values = {"splitting.replicas": 50, "splitting.kill": 5, "splitting.runs": 16, "sde.temperature": [0.05]}
    run = kr.load(path, set=values).run(tmp_path)
    assert len(run.estimates) > 0 and run.failed == [] and run.manifest["protocol"] == "rare-events"
    with pytest.raises(kr.InputError, match="set splitting.replicas"):
        kr.load(path, set={"splitting.replicas": "many"})


def test_create_run_cancel_leaves_no_thread_and_no_memory(endless):
    """Fifty cycles, or a thousand where KRAMERS_LONG is set, as `.ci/long` does; the first ten may load what they need."""

    def threads() -> int:
        return len(os.listdir("/proc/self/task"))

    def resident() -> int:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    if not os.path.exists("/proc/self/task"):
        pytest.skip("threads are counted as Linux shows them")

    def cycle() -> None:
        job = endless.run(blocking=False, threads=2)
        job.wait(0.02)
        job.cancel()
        with pytest.raises(kr.StoppedError):
            job.result()

    for _ in range(10):
        cycle()
    before, held = threads(), resident()
    for _ in range(990 if os.environ.get("KRAMERS_LONG") else 40):
        cycle()
    # Threads that were told to end need a moment.
    for _ in range(100):
        if threads() <= before:
            break
        time.sleep(0.05)
    assert threads() <= before
    grown = resident() - held
    print(f"{before} threads, {grown / 2**20:+.1f} MiB")
    # What allocators keep of the threads of a run; a thousand runs that kept 64 KiB each would not pass.
    assert grown < 64 << 20


DEVELOPMENT = """
import gc
import numpy as np
import kramers_lab as kr
well = kr.Surface("0.25*(x^2 - 1)^2")
study = kr.Study(surface=well, noise=kr.Gaussian(variance=4.0), process=kr.SGD(eta=0.1), observe=kr.Exit(until="x > 0"), particles=50)
run = study.run("out", progress=False)
kr.Record("out").estimates["value"], len(run.samples), run.estimates.__arrow_c_stream__(), list(run.verdicts.rows())
own = kr.Surface.from_callable(lambda theta: theta**3 - theta, 1, value=lambda theta: 0.25 * (theta[0] ** 2 - 1) ** 2)
study.replace(surface=own, start=[-1.0]).run(progress=False)
kr.exact.mfpt(well, temperature=np.linspace(0.1, 0.2, 5), start=-1.0, exit=0.0)
kr.audit(lambda theta, g: theta - 0.1 * g, kr.SGD(eta=0.1))
for wrong in (lambda: kr.SGD(etta=1), lambda: kr.Record("nowhere"), lambda: kr.Surface("sinn(x)").dim):
    try:
        wrong()
    except kr.KramersError:
        pass
job = study.replace(noise=kr.Gaussian(variance=0.01), particles=4000).run(blocking=False)
job.wait(0.05)
del job
gc.collect()
# One that is under way when the interpreter ends.
left = study.replace(noise=kr.Gaussian(variance=0.01), particles=4000).run(blocking=False)
"""


def test_pythons_development_mode_has_nothing_to_say(tmp_path):
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", DEVELOPMENT]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and done.stderr == "", done.stderr
