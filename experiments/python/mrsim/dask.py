"""Shards of a run or a sweep on a Dask cluster, merged to the bytes of one process.

    python -m mrsim.dask run shop.toml --shards 64 --out results                          two workers on this machine
    python -m mrsim.dask run shop.toml --shards 64 --out results --scheduler tcp://host:8786

Each shard is one task: the worker gets the text of the experiment, runs `mrsim run --shard i/n`, and returns the files of
the part. No folder is shared. The client keeps every part as soon as it is there, so a client that was stopped goes on
with the shards that are missing, and a worker that is lost costs its own shards alone: Dask runs them again.

Only so many shards are under way as there are threads, and a few more. Neither the scheduler nor the client ever holds
more parts than that, however many trials there are.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Iterable, Sequence

from . import program

if TYPE_CHECKING:
    from distributed import Client

#: Shards under way beyond the threads that run them: the next one is there when a thread is free.
AHEAD = 2

#: How often a shard that failed is run again, apart from those of workers that are lost.
RETRIES = 2

#: How many lost workers a shard survives: machines that are cheap go away often.
LOST_WORKERS = 20


class Failed(Exception):
    """mrsim could not run; the message is what it said."""


def shard(experiment: str, command: Sequence[str], index: int, of: int) -> dict[str, bytes]:
    """Runs one shard and returns the files of its part. This runs on the workers."""
    with tempfile.TemporaryDirectory(prefix="mrsim-") as home:
        file, part = Path(home, "experiment.toml"), Path(home, "part")
        file.write_text(experiment, encoding="utf-8")
        verb, *options = command
        # One thread: the cluster decides how many shards run at the same time.
        asked = ["--shard", f"{index}/{of}", "--out", str(part), "--threads", "1", "--quiet"]
        done = subprocess.run([program(), verb, str(file), *options, *asked], capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"shard {index}/{of} ended with exit code {done.returncode}:\n{done.stderr}")
        files = (path for path in part.rglob("*") if path.is_file())
        return {path.relative_to(part).as_posix(): path.read_bytes() for path in files}


def resolved(file: str, sets: Iterable[str]) -> dict:
    """What `mrsim check` says of a file, with its text as resolved, so that it can be run anywhere."""
    changes = [word for one in sets for word in ("--set", one)]
    done = subprocess.run([program(), "check", file, *changes, "--format", "json"], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(done.stderr)
    return json.loads(done.stdout)


class Parts:
    """The parts on the client's disk: each whole or not there."""

    def __init__(self, folder: Path, of: int, told: dict) -> None:
        self.folder, self.of = folder, of
        folder.mkdir(parents=True, exist_ok=True)
        note = folder / "work.json"
        text = json.dumps(told, indent=1) + "\n"
        if not note.exists():
            if any(folder.iterdir()):
                raise Failed(f"`{folder}` is not empty")
            note.write_text(text, encoding="utf-8")
        elif note.read_text(encoding="utf-8") != text:
            raise Failed(f"`{folder}` holds parts of another command: name another folder with --parts")

    def path(self, index: int) -> Path:
        return self.folder / f"{index}-of-{self.of}"

    def missing(self) -> list[int]:
        return [index for index in range(1, self.of + 1) if not self.path(index).exists()]

    def keep(self, index: int, files: dict[str, bytes]) -> None:
        """Keeps a part: it gets its name once all of its files are there."""
        begun = Path(tempfile.mkdtemp(prefix=".mrsim-", dir=self.folder))
        for name, content in files.items():
            place = begun / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        begun.chmod(0o755)
        begun.rename(self.path(index))

    def all(self) -> list[str]:
        return [str(self.path(index)) for index in range(1, self.of + 1)]


class Progress:
    """Lines on stderr: how many shards are done, and how long the rest takes at this pace."""

    def __init__(self, done: int, of: int, quiet: bool) -> None:
        self.before, self.done, self.of, self.quiet = done, done, of, quiet
        self.begun = self.told = time.monotonic()

    def step(self) -> None:
        self.done += 1
        now = time.monotonic()
        terminal = sys.stderr.isatty()
        if self.quiet or (not terminal and now - self.told < 10 and self.done < self.of):
            return
        self.told = now
        pace = (self.done - self.before) / max(now - self.begun, 1e-9)
        left = (self.of - self.done) / pace
        line = f"mrsim: {self.done} of {self.of} shards, {left:.0f} s left"
        print(f"\r\x1b[K{line}" if terminal else line, end="" if terminal and self.done < self.of else "\n", file=sys.stderr)


def run_shards(
    client: Client, experiment: str, command: Sequence[str], parts: Parts, *, quiet: bool = False
) -> None:
    """Runs the shards whose parts are missing, a few more at a time than the cluster has threads."""
    from distributed import as_completed

    waiting = parts.missing()
    progress = Progress(parts.of - len(waiting), parts.of, quiet)
    # The text goes to the cluster once, and not with every task.
    text = client.scatter(experiment, broadcast=True, hash=False)

    def submit(index: int):
        future = client.submit(shard, text, command, index, parts.of, pure=False, retries=RETRIES)
        future.mrsim_index = index
        return future

    def room() -> int:
        return max(sum(client.nthreads().values()), 1) + AHEAD

    waiting.reverse()
    first = [submit(waiting.pop()) for _ in range(min(room(), len(waiting)))]
    under_way = as_completed(first, loop=client.loop)
    count = len(first)
    for future in under_way:
        # Raises what the shard raised, once it was run again often enough.
        parts.keep(future.mrsim_index, future.result())
        future.release()
        count -= 1
        progress.step()
        while waiting and count < room():
            under_way.add(submit(waiting.pop()))
            count += 1


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m mrsim.dask", description="Runs mrsim in shards on a Dask cluster.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, told in [("run", "run an experiment"), ("sweep", "run one with many settings")]:
        one = verbs.add_parser(verb, help=told, description=f"{told[0].upper()}{told[1:]}, in shards.")
        one.add_argument("file", help="the experiment file")
        one.add_argument("--out", required=True, help="the folder of the results, which must be new or empty")
        one.add_argument("--shards", type=int, required=True, help="how many; make each some minutes long")
        one.add_argument("--scheduler", help="the address of a scheduler, such as tcp://host:8786; else workers on this machine")
        one.add_argument("--workers", type=int, default=2, help="workers on this machine, without --scheduler")
        one.add_argument("--parts", help="where parts are kept until they are merged; OUT.parts by default")
        one.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="override a setting of the file")
        one.add_argument("--seed", help="the master seed")
        one.add_argument("--trials", help="how many trials")
        one.add_argument("--quiet", "-q", action="store_true", help="print nothing on stderr but errors")
        if verb == "sweep":
            one.add_argument("--vary", action="append", default=[], metavar="KEY=VALUES", help="a key and its values")
            one.add_argument("--design", help="how the points are laid out")
            one.add_argument("--points", help="how many points a sample has")
    return parser.parse_args(words)


def command_of(asked: argparse.Namespace) -> list[str]:
    """The command of every shard, without the file and what differs between shards."""
    command = [asked.verb]
    for name in ("seed", "trials", "design", "points"):
        value = getattr(asked, name, None)
        command += [f"--{name}", value] if value is not None else []
    for one in getattr(asked, "vary", []):
        command += ["--vary", one]
    return command


def cluster(asked: argparse.Namespace):
    """A client of the scheduler that was named, or of workers on this machine."""
    import dask
    from distributed import Client, LocalCluster

    if asked.scheduler:
        return Client(asked.scheduler, set_as_default=False)
    with dask.config.set({"distributed.scheduler.allowed-failures": LOST_WORKERS}):
        local = LocalCluster(n_workers=asked.workers, threads_per_worker=1, dashboard_address=":0")
    return Client(local, set_as_default=False)


def merge(asked: argparse.Namespace, parts: Parts) -> int:
    """Merges the parts; prints what a run prints, and returns its exit code."""
    quiet = ["--quiet"] if asked.quiet else []
    done = subprocess.run([program(), "merge", *parts.all(), "--out", asked.out, *quiet])
    if done.returncode in (0, 3):
        shutil.rmtree(parts.folder)
    return done.returncode


def main(words: Sequence[str] | None = None) -> int:
    """The command `python -m mrsim.dask`; returns its exit code, which is that of `mrsim run` or `mrsim sweep`."""
    asked = arguments(words)
    try:
        told = resolved(asked.file, asked.set)
        command = command_of(asked)
        folder = Path(asked.parts or f"{asked.out.rstrip('/')}.parts")
        parts = Parts(folder, asked.shards, {"hash": told["hash"], "command": command, "shards": asked.shards})
        if parts.missing():
            with cluster(asked) as client:
                run_shards(client, told["resolved"], command, parts, quiet=asked.quiet)
                if not asked.scheduler:
                    client.cluster.close()
        return merge(asked, parts)
    except (Failed, FileNotFoundError) as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
