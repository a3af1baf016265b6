"""mrsim from Python: the program, and shards of its runs on a Dask cluster (`mrsim.dask`)."""

from __future__ import annotations

import os
import shutil
import sysconfig
from pathlib import Path

__all__ = ["program"]


def program() -> str:
    """The path of the program: that of the variable MRSIM, of this installation, or of PATH.

    Raises FileNotFoundError if there is none.
    """
    named = os.environ.get("MRSIM")
    if named:
        return named
    installed = Path(sysconfig.get_path("scripts")) / "mrsim"
    if installed.is_file():
        return str(installed)
    found = shutil.which("mrsim")
    if found is None:
        raise FileNotFoundError("there is no program mrsim: install it, or name it in the variable MRSIM")
    return found
