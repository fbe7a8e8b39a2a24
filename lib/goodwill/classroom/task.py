"""What a student is asked, in words, and the sheet for the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from goodwill.classroom.students import AHEAD, HORIZON, MARGIN, NOTHING, STRATEGIES, VISIT_GAIN, WEEKS

if TYPE_CHECKING:
    from goodwill.classroom.students import StudentCompany

TASK = """\
# Your company

The records of {weeks:.0f} weeks, {first} to {last}. Nobody else has this company.

| file | what it holds |
|---|---|
| orders.csv | customer_id, date, amount, order_id |
| customers_known.csv | customer_id, segment ({segments}) |
| complaints.csv | complaints about orders, and how they ended |
| survey.csv | answers of those who answered |
| trial.csv | a trial in a sister region, {trial:.0f} weeks long, on other customers: arm by lot, outcome = what a customer spent in \
these weeks |

Put your answers into `customers.csv` and `answers.toml`, which lie here empty. What you leave empty earns nothing. See whether they \
can be read:

    goodwill grade .

## customers.csv: values (30 points) and visits (15 points)

- `value`: the money that you expect the customer to spend in the {ahead:.0f} weeks after {last}, not discounted.
- `visit`: yes or no. A visit costs {visit_cost:g} and raises what a customer spends in these weeks by {visit_gain:.0%}. Of each unit \
of money spent {margin:g} is profit.

## answers.toml: forecasts (20 points)

For the {horizon:.0f} weeks after {last}, of the customers that you know: `orders` (how many), `spend` (money), `buyers` (customers \
who order at least once). Each with the ends of an interval that holds it with a chance of 80 %: as likely below `_low` as above \
`_high`.

## answers.toml: decisions (15 points)

What does each segment get for {horizon:.0f} weeks from {last}: {options}? Every customer of the segment gets it and costs: {costs}. \
The customers of the trial are of the same kinds, and answer to it in the same way.

## answers.toml: parameters (20 points)

- `purchase_rate`: orders a week of the mean customer while she has not left.
- `mean_spend`: mean over customers of what each of them spends on an order on average [money].
- `complaints_per_order`: chance that an order is complained about.
- `satisfied_share`: chance that a complaint ends satisfied.
- `top_answers`: share of all customers who answer 9 or 10 to `satisfaction`, or would if asked; who answers is a matter of chance.
- `voucher_effect`, `call_effect`: what each adds to the spend of a customer of the sister region within the trial, the mean of all \
[money].

## How it is marked

By what your answers cost on your company, beside the best that anybody could answer from the same records: values by squared error, \
forecasts by the cost of a wrong forecast and interval, decisions by money lost, parameters by their distance from the truth in \
standard errors (all points up to one, none from five). Every company differs; answers that fit another company than yours are found.
"""


def task_text(student: StudentCompany) -> str:
    """The task of one student."""
    m = student.mechanism
    return TASK.format(
        weeks=WEEKS,
        first=m.start.isoformat(),
        last=student.last_day.date().isoformat(),
        segments=" or ".join(name for name, _ in m.segments),
        trial=m.trial_weeks,
        ahead=AHEAD,
        horizon=HORIZON,
        visit_cost=student.visit_cost,
        visit_gain=VISIT_GAIN,
        margin=MARGIN,
        options=", ".join((NOTHING, *STRATEGIES)),
        costs=", ".join(f"{strategy.name} {strategy.cost:g}" for strategy in m.strategies),
    )


def answer_sheet(fields: Mapping[str, tuple[str, ...]]) -> str:
    """The empty sheet."""
    lines = ['# Put an answer in place of "" (numbers without quotation marks, choices with them): orders = 120.5', ""]
    for part, names in fields.items():
        lines += [f"[{part}]", *(f'{name} = ""' for name in names), ""]
    return "\n".join(lines)
