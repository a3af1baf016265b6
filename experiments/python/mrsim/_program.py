"""The program as a child process: its arguments, its answers, its errors."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence
from urllib.parse import unquote

#: Exit codes of the program, as `mrsim run --help` has them.
DONE, STOPPED, WRONG, MISSED = 0, 1, 2, 3

#: Seconds that a program has to end after it was asked to.
PATIENCE = 20.0


class Error(Exception):
    """mrsim could not do what it was asked. The text of the exception is what the program said.

    `code` is its exit code. Where a file is wrong, `file`, `line` and `column` say where the first mistake is, counted
    from 1; the text has all mistakes.
    """

    def __init__(
        self, message: str, code: int, file: str | None = None, line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(message, code, file, line, column)
        self.message, self.code, self.file, self.line, self.column = message, code, file, line, column

    def __str__(self) -> str:
        return self.message


class PartialResult(UserWarning):
    """A run ended before all trials that were asked for, and its result is that of the finished ones."""


def program() -> str:
    """The path of the program: that of the variable MRSIM, of this installation, or of PATH.

    Raises FileNotFoundError if there is none.
    """
    named = os.environ.get("MRSIM")
    if named:
        return named
    end = ".exe" if os.name == "nt" else ""
    installed = Path(sysconfig.get_path("scripts")) / f"mrsim{end}"
    if installed.is_file():
        return str(installed)
    found = shutil.which("mrsim")
    if found is None:
        raise FileNotFoundError("there is no program mrsim: install it, or name it in the variable MRSIM")
    return found


@dataclass(frozen=True)
class Answer:
    """What the program said."""

    code: int
    out: str
    err: str

    def failure(self) -> Error:
        return Error(self.err.removeprefix("error: ").strip() or f"mrsim ended with exit code {self.code}", self.code)


def ask(arguments: Sequence[str]) -> Answer:
    """Runs the program and waits for it; other threads of Python go on meanwhile.

    If the wait is interrupted, the program is asked to stop and waited for: it keeps finished trials where it has a
    folder for them. A second interrupt kills it.
    """
    # A group of its own: Ctrl-C in a terminal reaches Python alone, which then asks the program once. A second signal
    # would abort it.
    apart: dict[str, Any] = {"start_new_session": True} if os.name == "posix" else {}
    child = subprocess.Popen(
        [program(), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        **apart,
    )
    try:
        out, err = child.communicate()
    except BaseException:
        _stop(child)
        raise
    return Answer(child.returncode, out, err)


def _stop(child: subprocess.Popen[str]) -> None:
    try:
        if os.name == "posix":
            child.send_signal(signal.SIGINT)
        else:
            child.terminate()
        child.communicate(timeout=PATIENCE)
    except BaseException:
        child.kill()
        child.communicate()


def ask_about(files: Sequence[str], changes: Sequence[str], arguments: Sequence[str]) -> Answer:
    """Runs the program on experiment files; `changes` are the arguments among them that change the experiments.

    Raises Error if it could not run. A missed objective and a run that was stopped are answers.
    """
    answer = ask([*arguments, *changes])
    if answer.code in (DONE, MISSED) or (answer.code == STOPPED and answer.out):
        return answer
    failure = answer.failure()
    if answer.code == WRONG:
        failure.file, failure.line, failure.column = _place(files)
        failure.args = (failure.message, failure.code, failure.file, failure.line, failure.column)
    raise failure


def _place(files: Sequence[str]) -> tuple[str | None, int | None, int | None]:
    """Where the first mistake in the files is; nothing if it is in the arguments."""
    # Without the changes: what is wrong then is in the files, and what is not is in the arguments.
    told = ask(["check", *files, "--format", "sarif"])
    if told.code != WRONG or not told.out:
        return None, None, None
    for result in json.loads(told.out)["runs"][0]["results"]:
        # Findings of valid files are warnings.
        if result["level"] == "error":
            place = result["locations"][0]["physicalLocation"]
            file, region = unquote(place["artifactLocation"]["uri"]), place["region"]
            # A file that cannot be read has no lines, and SARIF wants one.
            return (file, region["startLine"], region["startColumn"]) if Path(file).is_file() else (file, None, None)
    return None, None, None


def toml(value: Any) -> str:
    """A value as `--set` takes it. Text is passed on as it is: `30s`, or TOML."""
    return value if isinstance(value, str) else _inline(value)


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(str(key))} = {_inline(one)}" for key, one in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_inline(one) for one in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (str, os.PathLike)):
        # The escapes of JSON are those of TOML.
        return json.dumps(os.fspath(value), ensure_ascii=False)
    raise TypeError(f"a setting cannot be of type {type(value).__name__}: {value!r}")
