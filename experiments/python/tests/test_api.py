"""`import mrsim`: results as frames and typed documents, errors with their places, and what an interrupt leaves.

Run with the program on PATH, or named in the variable MRSIM: pytest experiments/python
"""

from __future__ import annotations

import csv
import dataclasses
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HOME))
os.environ["PYTHONPATH"] = str(HOME)

import generate
import mrsim
from mrsim import _program, _reading, documents

EXPERIMENTS = HOME.parent
ACTIVE = EXPERIMENTS / "active-active.toml"
PILOT = EXPERIMENTS / "pilot-light.toml"
RECURRING = EXPERIMENTS / "a-year-of-faults.toml"


def lower(values: list[float], p: float) -> float:
    """The quantile of mrsim: the smallest value that a share of p of all does not exceed."""
    return sorted(values)[math.ceil(len(values) * p) - 1]


@pytest.fixture(scope="module")
def ran() -> mrsim.Run:
    return mrsim.run(ACTIVE, trials=400, seed=3)


def test_the_frame_has_the_trials_that_the_document_is_about(ran: mrsim.Run) -> None:
    document, trials = ran.document, ran.trials
    assert (document.trials, document.seed, trials.height) == (400, 3, 400)
    assert trials["trial"].to_list() == list(range(400))
    # Against CSV, which another writer makes, and the quantile as the statistics page defines it.
    with ran.path("trials.csv").open(encoding="utf-8", newline="") as file:
        rows = [float(row["worst.recovery_s"]) for row in csv.DictReader(file)]
    assert trials["worst.recovery_s"].to_list() == rows
    for p in (0.5, 0.9, 0.95):
        assert document.worst.recovery_time.quantiles[f"p{p * 100:g}"].estimate == lower(rows, p)
    assert ran.outages.height > 0 and set(ran.outages["journey"]) <= {*document.journeys, "overall"}
    assert ran.chart("recovery-time").startswith("<svg") or "<svg" in ran.chart("recovery-time")
    assert document.experiment in str(ran) and "|" in ran._repr_markdown_()


def test_a_missed_objective_is_a_result(ran: mrsim.Run) -> None:
    # Two incidents of five take longer than a quarter of an hour, as the README says: it is missed whatever the seed.
    missed = [one for one in ran.document.objectives if one.verdict == "missed"]
    assert [one.name for one in missed] == ["rto.p99"]
    assert (ran.code, ran.met) == (3, False)
    assert missed[0].low is not None and missed[0].low > missed[0].limit
    generous = mrsim.run(ACTIVE, trials=400, seed=3, set={"objectives.rto.p99": "59m"}, keep=False)
    assert (generous.code, generous.met) == (0, True)


def test_settings_are_values_of_python(ran: mrsim.Run) -> None:
    text = mrsim.run(ACTIVE, trials=20, set={"clients.0.cohorts": 50, "dns.ttl": "30s"}, keep=False)
    assert 'ttl = "30s"' in text.document.resolved and "cohorts = 50" in text.document.resolved
    assert text.folder is None
    with pytest.raises(LookupError, match="keep=False"):
        text.path("trials.csv")
    assert _program.toml({"a": [1, 2.5, True, 'x"y']}) == '{ "a" = [1, 2.5, true, "x\\"y"] }'
    with pytest.raises(TypeError, match="NoneType"):
        _program.toml({"a": None})
    with pytest.raises(LookupError, match="no file `nothing.svg`; it has .*report.html"):
        ran.chart("nothing")


def test_a_comparison_is_of_the_same_trials() -> None:
    result = mrsim.compare([ACTIVE, PILOT], trials=60, seed=4)
    names = [one.name for one in result.document.candidates]
    alone = mrsim.run(PILOT, trials=60, seed=4)
    assert result.trials[f"{names[1]}.recovery_s"].to_list() == alone.trials["worst.recovery_s"].to_list()
    worse = mrsim.compare([ACTIVE, PILOT], trials=60, seed=4, fail_if_worse=["rto.mean"], keep=False)
    # The pilot light has to grow first: its mean is longer by a quarter of an hour.
    assert (result.code, worse.code) == (0, 3)


def test_a_sweep_has_a_row_a_point(tmp_path: Path) -> None:
    out = tmp_path / "sweep"
    result = mrsim.sweep(ACTIVE, {"dns.ttl": ["10s", "60s"], "clients.0.cohorts": [50]}, trials=30, out=out)
    assert result.folder == out and result.points.height == len(result.document.points) == 2
    assert result.points["dns.ttl"].to_list() == ["10s", "60s"]
    # Again into the same folder: everything is there already.
    again = mrsim.sweep(ACTIVE, {"dns.ttl": ["10s", "60s"], "clients.0.cohorts": [50]}, trials=30, out=out)
    assert again.document == result.document


def test_a_check_tells_what_is_assumed() -> None:
    checked = mrsim.check(ACTIVE, set={"dns.ttl": "30s"})
    assert isinstance(checked, documents.CheckDocument) and checked.name == "active-active"
    assert 'ttl = "30s"' in checked.resolved and checked.assumed
    lines = ACTIVE.read_text(encoding="utf-8").splitlines()
    for note in checked.notes:
        assert note.path.rsplit(".", 1)[1] in lines[note.line - 1]


@pytest.mark.parametrize("verb", [mrsim.run, mrsim.check, mrsim.sweep])
def test_an_error_has_the_words_and_the_place(verb, tmp_path: Path) -> None:
    text = ACTIVE.read_text(encoding="utf-8")
    lines = text.splitlines()
    line = next(index for index, one in enumerate(lines) if one.startswith("horizon"))
    column = lines[line].index('"') + 1
    lines[line] = lines[line].split("=")[0] + '= "3 parsecs"'
    wrong = tmp_path / "wrong, as it is.toml"
    wrong.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(mrsim.Error, match="3 parsecs") as raised:
        verb(wrong)
    error = raised.value
    assert (error.code, error.file, error.line, error.column) == (2, str(wrong), line + 1, column)
    assert error.message == str(error) and "\x1b" not in str(error)


def test_a_mistake_of_an_argument_has_no_place_in_a_file(tmp_path: Path) -> None:
    with pytest.raises(mrsim.Error, match="dns.tttl") as raised:
        mrsim.run(ACTIVE, set={"dns.tttl": "3s"})
    assert (raised.value.code, raised.value.file, raised.value.line) == (2, None, None)
    with pytest.raises(mrsim.Error, match="not empty") as raised:
        mrsim.run(ACTIVE, trials=5, out=tmp_path.parent)
    assert raised.value.line is None
    with pytest.raises(ValueError, match="keep=False"):
        mrsim.run(ACTIVE, out=tmp_path / "out", keep=False)
    with pytest.raises(mrsim.Error, match="no such file") as raised:
        mrsim.run(tmp_path / "nothing.toml")
    assert (raised.value.file, raised.value.line) == (str(tmp_path / "nothing.toml"), None)


def test_the_result_of_a_run_whose_time_is_up_says_so() -> None:
    with pytest.warns(mrsim.PartialResult, match="the result is partial"):
        result = mrsim.run(RECURRING, trials=1_000_000, max_time="1s", keep=False)
    assert not result.document.complete
    assert 0 < result.document.trials < result.document.trials_asked == 1_000_000


def test_other_threads_of_python_go_on() -> None:
    begun, ticks, done = time.monotonic(), [], threading.Event()

    def tick() -> None:
        while not done.wait(0.005):
            ticks.append(time.monotonic())

    clock = threading.Thread(target=tick)
    clock.start()
    try:
        mrsim.run(ACTIVE, trials=3000, keep=False)
    finally:
        done.set()
        clock.join()
    took = time.monotonic() - begun
    # A lock that is held all the time would leave a handful; the machine may be busy, so not all are asked for.
    assert len(ticks) > took / 0.005 / 20


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_an_interrupt_stops_the_program(tmp_path: Path) -> None:
    real, told = mrsim.program(), tmp_path / "pid"
    wrapper = tmp_path / "mrsim"
    wrapper.write_text(f'#!/bin/sh\necho $$ > "{told}"\nexec "{real}" "$@"\n')
    wrapper.chmod(0o755)
    out = tmp_path / "out"
    call = f"import mrsim; mrsim.run({str(RECURRING)!r}, trials=1_000_000, out={str(out)!r})"
    python = subprocess.Popen(
        [sys.executable, "-c", call], env={**os.environ, "MRSIM": str(wrapper)}, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    # Some trials are there to be kept: the file of finished ones has grown beyond its head.
    while not any(one.stat().st_size > 10_000 for one in out.glob("*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    python.send_signal(signal.SIGINT)
    _, err = python.communicate(timeout=120)
    assert err.rstrip().endswith("KeyboardInterrupt"), err
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert not summary["complete"] and summary["trials"] > 0


def test_frames_alone_need_polars(ran: mrsim.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    fresh = mrsim.Run(ran.document, ran.code, ran.folder, None)
    assert fresh.document.trials == 400 and fresh.path("trials.csv").exists()
    with pytest.raises(ImportError, match=r"pip install 'mrsim\[frames\]'"):
        fresh.trials


def test_rows_of_csv_are_those_of_parquet(ran: mrsim.Run, tmp_path: Path) -> None:
    for name in ("trials.csv", "outages.csv"):
        (tmp_path / name).write_bytes(ran.path(name).read_bytes())
    other = mrsim.Run(ran.document, ran.code, tmp_path, None)
    for one, again in [(ran.trials, other.trials), (ran.outages, other.outages)]:
        assert one.columns == again.columns
        for name in one.columns:
            # What never happened has no type in CSV, and whole numbers are whole there.
            assert one[name].to_list() == again[name].to_list(), name


def test_the_classes_are_made_from_the_schema() -> None:
    assert generate.WRITTEN.read_text(encoding="utf-8") == generate.text(), "run experiments/python/generate.py"
    printed = subprocess.run([mrsim.program(), "schema", "--results"], capture_output=True, text=True, check=True)
    assert json.loads(printed.stdout) == json.loads(generate.SCHEMA.read_text(encoding="utf-8"))


def missing(value: object, read: object, place: str) -> list[str]:
    """Keys of a document that its class does not have, or has with another value."""
    if isinstance(value, dict) and isinstance(read, dict):
        return [miss for key, one in value.items() for miss in missing(one, read.get(key, "nothing"), f"{place}.{key}")]
    if isinstance(value, list) and isinstance(read, list) and len(value) == len(read):
        return [miss for index, one in enumerate(value) for miss in missing(one, read[index], f"{place}[{index}]")]
    return [] if value == read else [f"{place}: {value!r} and {read!r}"]


@pytest.mark.parametrize(
    "kind, words",
    [
        (documents.RunDocument, ["run", str(ACTIVE), "--trials", "400", "--parameters", "8"]),
        (documents.RunDocument, ["run", str(RECURRING), "--trials", "20"]),
        (documents.ComparisonDocument, ["compare", str(ACTIVE), str(PILOT), "--trials", "40"]),
        (documents.SweepDocument, ["sweep", str(ACTIVE), "--vary", "dns.ttl=10s,60s", "--trials", "40"]),
        (documents.CheckDocument, ["check", str(ACTIVE)]),
    ],
)
def test_every_key_of_a_document_is_read(kind: type, words: list[str]) -> None:
    answer = _program.ask([*words, "--format", "json"])
    value = json.loads(answer.out)
    read = _reading.document(kind, value)
    assert missing(value, _reading.plain(read), "$") == []
    # A document that lacks a key, or has words for a number, is refused with its place.
    first = dataclasses.fields(kind)[0]
    with pytest.raises(ValueError, match="is missing"):
        _reading.document(kind, {key: one for key, one in value.items() if key != _reading.key_of(first.name)})
    with pytest.raises(ValueError, match=f"{kind.__name__}.{_reading.key_of(first.name)}: found"):
        _reading.document(kind, {**value, _reading.key_of(first.name): []})
