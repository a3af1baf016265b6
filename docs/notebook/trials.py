"""The trials of a run in a notebook: python docs/notebook/trials.py results/active-active

Each `# %%` begins a cell for editors and Jupyter. It needs nothing but Polars (pip install polars).
"""

# %% Three lines: the trials, and the quantiles that the verdict shows
import sys
import polars as pl

folder = sys.argv[1] if len(sys.argv) > 1 else "results/active-active"
trials = pl.read_parquet(f"{folder}/trials.parquet")
quantiles = {p: trials["worst.recovery_s"].quantile(p / 100, "lower") for p in (50, 95, 99)}
print(quantiles)

# %% Where the figures come from: the whole experiment, its hash, the version, the seed
provenance = pl.read_parquet_metadata(f"{folder}/trials.parquet")
print({key: provenance[key] for key in ("experiment", "version", "hash", "seed", "trials", "command")})

# %% What the slowest hundredth of the trials waited for, in seconds, by journey and stage
slowest = trials.filter(pl.col("worst.recovery_s") >= quantiles[99])
stages = slowest.select(pl.col("^journey\\..*\\.stage\\..*_s$").mean()).transpose(include_header=True)
print(stages.sort("column_0", descending=True).head(5))

# %% The same figures as in summary.json
import json

with open(f"{folder}/summary.json", encoding="utf-8") as file:
    summary = json.load(file)["worst"]["recovery-time"]["quantiles"]
for p, seconds in quantiles.items():
    assert seconds == summary[f"p{p}"]["estimate"], (p, seconds, summary[f"p{p}"])
