"""Customers as they were known on a date or before a complaint, by pandas alone: for thousands of small simulated companies an engine is
the slow part."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd


def known_on(transactions: pd.DataFrame, made: date, due: date | None = None) -> pd.DataFrame:
    """What `gw.summarize_purchases` gives in weeks, day grain: customer_id, frequency, recency, T, monetary_value, and with `due`
    spend_holdout.

    Parameters
    ----------
    transactions : customer_id, date (datetime64), amount, none negative
    """
    days = transactions.groupby(["customer_id", "date"], sort=True)["amount"].sum().reset_index()
    past = days[days["date"] <= pd.Timestamp(made)]
    each = past.groupby("customer_id")["date"].agg(["min", "max", "size"])
    repeats = past[past["date"] > past["customer_id"].map(each["min"])]
    frame = pd.DataFrame({"frequency": each["size"] - 1, "recency": (each["max"] - each["min"]).dt.days / 7})
    frame["T"] = (pd.Timestamp(made) - each["min"]).dt.days / 7
    frame["monetary_value"] = repeats.groupby("customer_id")["amount"].mean().reindex(each.index).fillna(0.0)
    if due is not None:
        later = days[(days["date"] > pd.Timestamp(made)) & (days["date"] <= pd.Timestamp(due))]
        frame["spend_holdout"] = later.groupby("customer_id")["amount"].sum().reindex(each.index).fillna(0.0)
    return frame.reset_index()


def known_before(transactions: pd.DataFrame, complaints: pd.DataFrame) -> pd.DataFrame:
    """What `complaint_values.complainers_before` gives in weeks, of complaints of known outcome by customers who had all bought before.

    Parameters
    ----------
    transactions : customer_id, date (datetime64), amount, none negative
    complaints : customer_id, opened (datetime64), outcome
    """
    days = transactions.groupby(["customer_id", "date"], sort=True)["amount"].sum().reset_index()
    each = days.groupby("customer_id")
    days["frequency"] = each.cumcount().astype(float)
    days["first"] = each["date"].transform("first")
    repeat = each["amount"].cumsum() - each["amount"].transform("first")
    days["first_amount"] = each["amount"].transform("first")
    days["spend"] = np.divide(repeat, days["frequency"], out=np.zeros(len(days)), where=days["frequency"] > 0)
    cases = complaints[["customer_id", "opened", "outcome"]].sort_values("opened", kind="stable")
    joined = pd.merge_asof(cases, days.sort_values("date"), left_on="opened", right_on="date", by="customer_id").set_axis(cases.index)
    joined["recency"] = (joined["date"] - joined["first"]).dt.days / 7
    joined["T"] = (joined["opened"] - joined["first"]).dt.days / 7
    joined["ahead"] = (transactions["date"].max() - joined["opened"]).dt.days / 7
    columns = ["outcome", "customer_id", "frequency", "recency", "T", "ahead", "spend", "first_amount"]
    return joined.loc[complaints.index, columns]
