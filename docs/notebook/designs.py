"""A design in a notebook, from its file to pictures: python docs/notebook/designs.py [experiment.toml] [folder for pictures]

Each `# %%` begins a cell for editors and Jupyter. It needs mrsim with frames, and Matplotlib:
pip install 'mrsim[frames]' matplotlib
"""

# %% Run an experiment: ten lines lead from a file to a distribution
import sys
from pathlib import Path

import matplotlib

import mrsim

if "ipykernel" not in sys.modules:
    # Outside of a notebook the pictures go to files.
    matplotlib.use("agg")
import matplotlib.pyplot as plt

file = sys.argv[1] if len(sys.argv) > 1 and "ipykernel" not in sys.modules else "experiments/active-active.toml"
pictures = Path(sys.argv[2] if len(sys.argv) > 2 and "ipykernel" not in sys.modules else "results/pictures")
pictures.mkdir(parents=True, exist_ok=True)
result = mrsim.run(file, trials=1000)
for objective in result.document.objectives:
    print(f"{objective.name}: {objective.verdict}, {objective.estimate} [{objective.low}, {objective.high}]")

# %% How long recovery takes: the share of the trials that are not back yet
plt.style.use("seaborn-v0_8-whitegrid")
figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
# A step goes down at each recovery. A time beyond the end of its trial is infinite: its step is not in the picture.
share = [1 - rank / result.trials.height for rank in range(result.trials.height)]
for name in result.document.journeys:
    minutes = result.trials[f"journey.{name}.recovery_s"].sort() / 60
    axes.step(minutes, share, where="post", label=name)
for objective in result.document.objectives:
    if objective.name.startswith("rto."):
        axes.axvline(objective.limit / 60, color="black", linestyle="--", linewidth=1)
        axes.text(objective.limit / 60, 0.5, f" {objective.name}: {objective.verdict}", va="center")
axes.set(yscale="log", xlim=0, xlabel="minutes since the fault", ylabel="share of the trials that are down")
axes.set_title(f"{result.document.experiment}: recovery time of {result.document.trials} trials")
axes.legend(frameon=True)
figure.savefig(pictures / "recovery.png", dpi=120)

# %% What a decision without people does, on the same trials: each point is one trial under both designs
approve = "runbooks.promote-orders.steps.0.approve"
other = mrsim.run(file, trials=1000, set={approve: "30s"})
before, after = result.trials["worst.recovery_s"] / 60, other.trials["worst.recovery_s"] / 60
figure, axes = plt.subplots(figsize=(5, 5), layout="constrained")
axes.scatter(before, after, s=8, alpha=0.4)
most = max(column.filter(column.is_finite()).max() for column in (before, after))
axes.plot([0, most], [0, most], color="black", linewidth=1)
axes.set(xlabel="minutes as the file is", ylabel="minutes with an approval within 30 s", aspect="equal")
axes.set_title("Recovery time of the same incidents")
figure.savefig(pictures / "pairs.png", dpi=120)

# %% A sweep: the p99 over how long the approval takes
minutes = [1, 5, 10, 20, 30]
sweep = mrsim.sweep(file, {approve: [f"{one}m" for one in minutes]}, trials=1000)
figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
middle, low, high = (sweep.points[f"rto.p99{end}_s"] / 60 for end in ("", "_low", "_high"))
axes.errorbar(minutes, middle, yerr=[middle - low, high - middle], marker="o", capsize=3, label="p99, 95 % interval")
axes.axline((0, 0), slope=1, color="black", linewidth=1, label="the approval itself")
axes.set(xlim=0, ylim=(0, 1.1 * high.max()), xlabel="minutes until the approval", ylabel="recovery time in minutes")
axes.set_title("What waiting for a person does to the recovery time")
axes.legend(loc="lower right", frameon=True)
figure.savefig(pictures / "sweep.png", dpi=120)

# %% The pictures and the frame tell what the document tells
p99 = result.document.worst.recovery_time.quantiles["p99"]
assert result.trials["worst.recovery_s"].quantile(0.99, "lower") == p99.estimate
assert sweep.points[approve].to_list() == [f"{one}m" for one in minutes]
print(f"pictures are in {pictures}")
