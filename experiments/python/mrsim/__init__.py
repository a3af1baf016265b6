"""mrsim from Python.

    import mrsim

    result = mrsim.run("shop.toml", trials=10_000, set={"dns.ttl": "30s"})
    result.document.worst.recovery_time.quantiles["p99"].estimate    seconds
    result.trials                                                    a Polars frame, one row a trial

Each call starts the program mrsim, which uses all processors, and waits for it; other threads of Python go on meanwhile.
The documents are classes with type hints (`mrsim.documents`). Frames need Polars: pip install 'mrsim[frames]'.
`mrsim.dask` runs shards on a cluster.
"""

from ._program import Error, PartialResult, program
from ._results import Comparison, Run, Sweep
from ._verbs import check, compare, run, sweep

__all__ = ["Comparison", "Error", "PartialResult", "Run", "Sweep", "check", "compare", "program", "run", "sweep"]
