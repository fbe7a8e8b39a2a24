"""Code of the library that nothing reaches: `python -m tests.unused` names it, and what the list below keeps without need.

Reached is what the library itself, the notebooks, the benchmarks or `tasks.py` name (vulture matches names); tests and stubs do not count.
What is not reached gets a use or goes, unless `KEPT` says what it is there for.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from vulture import Vulture

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "lib" / "goodwill"
SCHEMES = (
    *("abc", "abc_list", "count_decile", "hiatus", "loyalty_role", "loyalty_tier", "mixture", "payment_record", "pyramid"),
    *("region_industry", "relationship", "rfm", "sales_decile", "scorecard", "target_groups"),
)
# A scheme of segments is found by its name (`schemes/rules.py`), and so are its partners.
BY_NAME = {*SCHEMES, *(f"{what}_{scheme}" for what in ("place", "check") for scheme in SCHEMES)}
KEPT = {
    "a library that calls us looks for this name": {
        *("block_math", "inline_math", "latex_environment"),  # nbconvert's renderer of Markdown
        *("execute_managed_notebook", "owns_km", "shutdown_kernel"),  # papermill and nbclient
        *("launch_kernel", "pgid", "provisioner", "terminate"),  # jupyter_client's provisioner
        *("class_", "list_"),  # click
        "memo",  # copy
    },
    "sliders in JupyterLab, from the same grid as on the page": {"explore"},
    "the picture of an object, found by its type; what JupyterLab shows of one": {"_", "_repr_html_"},
    "what a user reads from a result beside what reports show": {
        *("acquisition_rate", "average_acquisition_cost", "average_retention_cost", "marginal_acquisition_cost", "marginal_retention_cost"),
        *("benefit", "break_even_cost", "break_even_prevented", "per_arm_plain"),
        *("bic", "end_chances", "has_hours", "largest_tail_own_shapes", "n_effective", "r_squared", "too_late"),
        "recipe_group",  # of what `run_recipe` gives back
    },
    "what a user asks of a model, or of a complaint, beside what reports show": {"probability_of_leaving", "value_before_complaints"},
    "the classes of `regular_buyers`, found by their names": {"__getattr__"},
    "checks and counts of one table, from Python": {"check_table", "money_statements", "sales_parts"},
    "the value of a policy that a user fixed before a trial of her own": {
        *("policy_value", "ipw_se", "doubly_robust", "doubly_robust_se", "effective_customers")
    },
    "a small company to try each step of report 05 on, as the examples of the room do": {"example_records"},
    "the truth of a lever a unit at a time (docs/simulated_company.md)": {"marginal"},
    "telling in chains and networks of hearers, for the lessons on them": {
        *("MixedCascade", "critical_retelling", "mean_by_generation", "mean_cluster", "reproduction_interval"),
        *("reach_of_complaints", "tell_at_random", "fit_bass_by_likelihood", "zero_inflated_poisson", "from_mean"),
    },
    "chains of states and what leaving means, for the lessons on moving between segments": {
        *("contact_or_stop", "contract_churn", "churn_meanings", "stayers", "steady_state"),
    },
    "work sheets of the course and their warnings": {
        *("acsi_score", "equity_curve", "rfm_coverage", "scorecard_warnings"),
        *("break_even_success", "by_always", "occupied_if_daily", "occupied_if_yearly", "per_day_if_daily", "per_day_if_yearly"),
        *("grows_by", "grows_to", "share_needed", "users_a_year"),
    },
}


def unused() -> Iterator[tuple[str, str]]:
    """Place and name of what nothing reaches."""
    found = Vulture()
    found.scavenge([LIBRARY, ROOT / "benchmarks", ROOT / "tasks.py"])
    for notebook in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        if ".ipynb_checkpoints" not in notebook.parts:
            found.scan("\n".join(_cells(notebook)), notebook)
    for item in found.get_unused_code():
        if LIBRARY in Path(item.filename).parents:
            yield f"{Path(item.filename).relative_to(ROOT)}:{item.first_lineno}", item.name


def _cells(notebook: Path) -> Iterator[str]:
    """The lines of code, without those for IPython alone."""
    for cell in json.loads(notebook.read_text("utf8"))["cells"]:
        if cell["cell_type"] == "code":
            yield from (line for line in "".join(cell["source"]).splitlines() if not line.startswith(("%", "!")))


def main() -> int:
    """Name what is unused and not kept, and what is kept although it is used or gone."""
    found, kept = dict[str, list[str]](), set[str]().union(*KEPT.values())
    for place, name in unused():
        found.setdefault(name, []).append(place)
    new = [
        f"{place}: nothing reaches {name}; give it a use, remove it, or say in tests/unused.py why it stays"
        for name, places in found.items()
        if name not in kept | BY_NAME
        for place in places
    ]
    for message in [*new, *(f"tests/unused.py keeps {name}, which is used or gone" for name in sorted(kept - set(found)))]:
        print(message)
    return 1 if new or kept - set(found) else 0


if __name__ == "__main__":
    sys.exit(main())
