"""Results: a document, and the folder with the rows behind it."""

from __future__ import annotations

import tempfile
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from .documents import ComparisonDocument, RunDocument, SweepDocument

if TYPE_CHECKING:
    import polars

D = TypeVar("D")


class _Result(Generic[D]):
    """A document, and the folder of the result, if it has one."""

    def __init__(self, document: D, code: int, folder: Path | None, home: tempfile.TemporaryDirectory[str] | None) -> None:
        #: All figures of the result, with their intervals.
        self.document = document
        #: The exit code of the program: 0, or 3 where an objective is missed or a figure is worse.
        self.code = code
        #: The folder with the files that `--out` keeps. One that was not asked for goes when the result goes.
        self.folder = folder
        self._home = home

    def path(self, name: str) -> Path:
        """The path of a file of the result, such as `report.html`. Raises LookupError where there is none."""
        if self.folder is None:
            raise LookupError("this result has no files: it was made with keep=False")
        path = self.folder / name
        if not path.exists():
            there = ", ".join(sorted(one.name for one in self.folder.iterdir()))
            raise LookupError(f"this result has no file `{name}`; it has {there}")
        return path

    def chart(self, name: str) -> str:
        """A chart as SVG, such as `recovery-time`. Raises LookupError where there is none."""
        return self.path(f"{name}.svg").read_text(encoding="utf-8")

    def __str__(self) -> str:
        return self.path("report.txt").read_text(encoding="utf-8") if self.folder else repr(self)

    def _repr_markdown_(self) -> str:
        return self.path("report.md").read_text(encoding="utf-8") if self.folder else repr(self)

    def _frame(self, stem: str) -> polars.DataFrame:
        """The rows of a file: of Parquet, or, of a program that was built without it, of CSV."""
        try:
            import polars
        except ImportError:
            raise ImportError(
                "frames need Polars, which is not installed: pip install 'mrsim[frames]'; documents and files need nothing"
            ) from None
        if self.folder is not None and (self.folder / f"{stem}.parquet").exists():
            return polars.read_parquet(self.path(f"{stem}.parquet"))
        # All rows count for the type of a column: it may be empty in the first hundred.
        return polars.read_csv(self.path(f"{stem}.csv"), infer_schema_length=None)


class Run(_Result[RunDocument]):
    """The result of `mrsim.run`."""

    @property
    def met(self) -> bool:
        """Whether no objective is missed, and none was asked of too few trials."""
        return self.code == 0

    @cached_property
    def trials(self) -> polars.DataFrame:
        """One row a trial: null is what did not happen, infinity is a time beyond the end of the trial."""
        return self._frame("trials")

    @cached_property
    def outages(self) -> polars.DataFrame:
        """One row an outage of a journey, or of any journey under the name `overall`."""
        return self._frame("outages")

    def __repr__(self) -> str:
        document = self.document
        verdicts = ", ".join(f"{one.name} {one.verdict}" for one in document.objectives)
        return f"<mrsim.Run of {document.experiment}, {document.trials} trials: {verdicts or 'no objectives'}>"


class Comparison(_Result[ComparisonDocument]):
    """The result of `mrsim.compare`."""

    @cached_property
    def trials(self) -> polars.DataFrame:
        """One row a trial, with the figures of every candidate."""
        return self._frame("trials")

    def __repr__(self) -> str:
        names = " and ".join(one.name for one in self.document.candidates)
        return f"<mrsim.Comparison of {names}, {self.document.trials} trials>"


class Sweep(_Result[SweepDocument]):
    """The result of `mrsim.sweep`."""

    @cached_property
    def points(self) -> polars.DataFrame:
        """One row a point, with its settings and figures."""
        return self._frame("sweep")

    def __repr__(self) -> str:
        return f"<mrsim.Sweep of {self.document.experiment}, {len(self.document.points)} points>"
