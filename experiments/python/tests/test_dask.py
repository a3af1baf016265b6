"""Shards on a Dask cluster of two workers, one of which is killed, give the bytes of one process.

Run with the program on PATH, or named in the variable MRSIM: pytest experiments/python
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])

import mrsim
from mrsim import dask as shards

EXPERIMENTS = Path(__file__).resolve().parents[2]


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def same(one: Path, other: Path) -> None:
    a, b = content(one), content(other)
    assert sorted(a) == sorted(b)
    assert [name for name in a if a[name] != b[name]] == []


def alone(verb: str, file: str, options: list[str], out: Path) -> int:
    command = [mrsim.program(), verb, str(EXPERIMENTS / file), *options, "--out", str(out), "--quiet"]
    return subprocess.run(command, stdout=subprocess.DEVNULL).returncode


@pytest.mark.parametrize(
    "file, trials", [("active-active.toml", "800"), ("a-year-of-faults.toml", "32"), ("pilot-light.toml", "333")]
)
def test_a_killed_worker_loses_nothing(tmp_path: Path, file: str, trials: str, capfd) -> None:
    one, all_ = tmp_path / "one", tmp_path / "all"
    options = ["--trials", trials, "--seed", "5"]
    code = alone("run", file, options, one)
    asked = shards.arguments(["run", str(EXPERIMENTS / file), *options, "--shards", "9", "--out", str(all_), "--quiet"])
    told = shards.resolved(asked.file, asked.set)
    parts = shards.Parts(tmp_path / "parts", asked.shards, told)
    killed = []

    with shards.cluster(asked) as client:
        workers = client.run(os.getpid)

        def kill() -> None:
            # In the middle: some parts are there, and others are under way.
            while len(parts.missing()) > 6:
                time.sleep(0.01)
            victim = next(iter(workers.values()))
            os.kill(victim, signal.SIGKILL)
            killed.append((victim, len(parts.missing())))

        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        shards.run_shards(client, told["resolved"], shards.command_of(asked), parts, quiet=True)
        killer.join(timeout=10)
        client.cluster.close()
    assert killed and killed[0][1] > 0, "a worker was killed before all parts were there"
    assert parts.missing() == []
    assert shards.merge(asked, parts) == code
    same(one, all_)
    capfd.readouterr()


def test_a_sweep(tmp_path: Path, capfd) -> None:
    one, all_ = tmp_path / "one", tmp_path / "all"
    options = ["--trials", "100", "--vary", "dns.ttl=10s,60s,120s", "--set", "clients.0.cohorts=50"]
    assert alone("sweep", "active-active.toml", options, one) == 0
    words = ["sweep", str(EXPERIMENTS / "active-active.toml"), *options, "--shards", "3", "--out", str(all_), "-q"]
    assert shards.main(words) == 0
    same(one, all_)
    assert not (tmp_path / "all.parts").exists()
    capfd.readouterr()


def test_a_client_that_was_stopped_goes_on(tmp_path: Path, capfd) -> None:
    one, all_ = tmp_path / "one", tmp_path / "all"
    options = ["--trials", "300"]
    code = alone("run", "pilot-light.toml", options, one)
    words = ["run", str(EXPERIMENTS / "pilot-light.toml"), *options, "--shards", "4", "--out", str(all_), "-q"]
    asked = shards.arguments(words)
    told, command = shards.resolved(asked.file, []), shards.command_of(asked)
    parts = shards.Parts(tmp_path / "all.parts", 4, {"hash": told["hash"], "command": command, "shards": 4})
    parts.keep(2, shards.shard(told["resolved"], command, 2, 4))
    assert parts.missing() == [1, 3, 4]
    # Parts of another command are not mixed in.
    assert shards.main([*words, "--seed", "9"]) == 1
    assert "parts of another command" in capfd.readouterr().err
    assert shards.main(words) == code
    same(one, all_)


def test_what_mrsim_says_is_told(tmp_path: Path, capfd) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("name = 3\n")
    assert shards.main(["run", str(wrong), "--shards", "2", "--out", str(tmp_path / "out")]) == 1
    assert "name" in capfd.readouterr().err
    with pytest.raises(shards.Failed, match="2 trials cannot be cut into 3 shards"):
        shards.shard(shards.resolved(str(EXPERIMENTS / "pilot-light.toml"), [])["resolved"], ["run", "--trials", "2"], 1, 3)
