"""The verbs: `run`, `compare`, `sweep`, `check`."""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from pathlib import Path
from typing import Any, Iterable, Mapping, Sequence, TypeVar, Union

from ._program import STOPPED, Answer, PartialResult, ask_about, toml
from ._reading import document
from ._results import Comparison, Run, Sweep, _Result
from .documents import CheckDocument, ComparisonDocument, RunDocument, SweepDocument

#: A path of a file or folder.
PathLike = Union[str, "os.PathLike[str]"]

R = TypeVar("R", bound="_Result[Any]")


def run(
    file: PathLike,
    *,
    trials: int | None = None,
    precision: float | None = None,
    max_trials: int | None = None,
    seed: int | None = None,
    set: Mapping[str, Any] | None = None,
    packs: Iterable[str] = (),
    confined: PathLike | None = None,
    parameters: int | None = None,
    strict: bool = False,
    threads: int | None = None,
    max_time: str | None = None,
    max_memory: str | None = None,
    out: PathLike | None = None,
    force: bool = False,
    keep: bool = True,
) -> Run:
    """Runs an experiment.

    The options are those of `mrsim run`; `set={"dns.ttl": "30s"}` is `--set dns.ttl=30s`. The files of the result go to
    `out`, which must be new or empty, or to a folder that goes when the result goes. With `keep=False` nothing but the
    document is made: no rows, charts or report, which takes about a quarter of the time.

    A missed objective is a result: see `Run.met`. Raises Error where the file or an option is wrong or the run failed.
    After `max_time` the result is that of the finished trials, with the warning PartialResult.
    """
    options = _options(
        trials=trials, precision=precision, max_trials=max_trials, seed=seed, parameters=parameters, strict=strict,
        threads=threads, max_time=max_time, max_memory=max_memory,
    )  # fmt: skip
    return _result(Run, RunDocument, "run", [file], _changes(set, packs, confined), options, out, force, keep)


def compare(
    files: Sequence[PathLike],
    *,
    trials: int | None = None,
    seed: int | None = None,
    set: Mapping[str, Any] | None = None,
    packs: Iterable[str] = (),
    confined: PathLike | None = None,
    fail_if_worse: Iterable[str] = (),
    threads: int | None = None,
    max_time: str | None = None,
    max_memory: str | None = None,
    out: PathLike | None = None,
    force: bool = False,
    keep: bool = True,
) -> Comparison:
    """Compares experiments on the same trials, each against the first.

    The options are those of `mrsim compare`, and of `run`. Where a figure of `fail_if_worse` is worse beyond doubt, the
    result's `code` is 3. Raises Error where a file or an option is wrong or the comparison failed.
    """
    options = _options(trials=trials, seed=seed, threads=threads, max_time=max_time, max_memory=max_memory)
    options += [word for figure in fail_if_worse for word in ("--fail-if-worse", figure)]
    return _result(
        Comparison, ComparisonDocument, "compare", files, _changes(set, packs, confined), options, out, force, keep
    )


def sweep(
    file: PathLike,
    vary: Mapping[str, Any] | None = None,
    *,
    design: str | None = None,
    points: int | None = None,
    trials: int | None = None,
    seed: int | None = None,
    set: Mapping[str, Any] | None = None,
    packs: Iterable[str] = (),
    confined: PathLike | None = None,
    threads: int | None = None,
    max_time: str | None = None,
    max_memory: str | None = None,
    out: PathLike | None = None,
    force: bool = False,
    keep: bool = True,
) -> Sweep:
    """Runs an experiment with many settings.

    `vary` has the keys to vary and their values: a list, `{"dns.ttl": ["10s", "60s"]}`, or a range as text,
    `{"dns.ttl": "10s..300s"}`. Without it the table `[sweep]` of the file holds. The other options are those of
    `mrsim sweep`, and of `run`. A sweep into a folder `out` that was stopped goes on where it was.

    Missed objectives are results. Raises Error where the file or an option is wrong or the sweep failed.
    """
    options = _options(
        design=design, points=points, trials=trials, seed=seed, threads=threads, max_time=max_time, max_memory=max_memory
    )
    for key, values in (vary or {}).items():
        listed = values if isinstance(values, str) else ",".join(toml(value) for value in values)
        options += ["--vary", f"{key}={listed}"]
    return _result(Sweep, SweepDocument, "sweep", [file], _changes(set, packs, confined), options, out, force, keep)


def check(
    file: PathLike, *, set: Mapping[str, Any] | None = None, packs: Iterable[str] = (), confined: PathLike | None = None
) -> CheckDocument:
    """Checks an experiment without running it: findings, assumed figures, open questions, and the file as resolved.

    Raises Error with the place of the first mistake where the file is not valid.
    """
    names, changes = [os.fspath(file)], _changes(set, packs, confined)
    answer = ask_about(names, changes, ["check", *names, "--format", "json"])
    return document(CheckDocument, json.loads(answer.out))


def _changes(set: Mapping[str, Any] | None, packs: Iterable[str], confined: PathLike | None) -> list[str]:
    """The arguments that change the experiments."""
    words = [word for key, value in (set or {}).items() for word in ("--set", f"{key}={toml(value)}")]
    words += [word for pack in packs for word in ("--pack", pack)]
    return words + ([] if confined is None else ["--confined", os.fspath(confined)])


def _options(**options: Any) -> list[str]:
    """Options of the command line: what is None or False is not given."""
    words: list[str] = []
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            words.append(option)
        elif value is not None and value is not False:
            words += [option, str(value)]
    return words


def _result(
    kind: type[R],
    shape: type[Any],
    verb: str,
    files: Sequence[PathLike],
    changes: Sequence[str],
    options: Sequence[str],
    out: PathLike | None,
    force: bool,
    keep: bool,
) -> R:
    if out is not None and not keep:
        raise ValueError("out names a folder for what keep=False does not make")
    home = tempfile.TemporaryDirectory(prefix="mrsim-") if keep and out is None else None
    # The folder itself must be new: an empty one would do as well, but its name may be shown.
    folder = Path(home.name, verb) if home is not None else None if out is None else Path(out)
    kept = [] if folder is None else ["--out", str(folder), *(["--force"] if force else [])]
    names = [os.fspath(file) for file in files]
    asked = [verb, *names, *options, *kept, "--quiet", "--format", "json"]
    answer: Answer = ask_about(names, changes, asked)
    read = document(shape, json.loads(answer.out))
    if answer.code == STOPPED:
        # What failed after its document was printed has no result.
        if getattr(read, "complete", True):
            raise answer.failure()
        warnings.warn(answer.failure().message, PartialResult, stacklevel=3)
    return kind(read, answer.code, folder, home)
