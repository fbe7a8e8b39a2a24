"""Published and cross-checked values that the tests of the lifetime-value models share, each with its source.

CDNOW 1/10 sample, calibration to 1997-09-30, purchases merged by day, time in weeks, unless said otherwise.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import goodwill as gw

# Fader, Hardie & Lee (2005), Marketing Science 24(2), table 2, as printed; the digits beyond are the maximum as CLVTools 0.12.1
# (R) and clvkit 0.2.1 (Python) find it as well.
BG_NBD = {"r": 0.242594, "alpha": 4.413602, "a": 0.792922, "b": 2.425907}
BG_NBD_LOG_LIKELIHOOD = -9582.4292
BG_NBD_STANDARD_ERRORS = {"r": 0.01255738, "alpha": 0.37822386, "a": 0.18573277, "b": 0.70540681}  # CLVTools 0.12.1
BG_NBD_AIC, BG_NBD_BIC = 19172.8584, 19195.9190

# The rounded parameters of table 2, with which the next values were computed.
BG_NBD_ROUNDED = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
# The authors' spreadsheet (note 004, figure 1): frequency, recency, T, log-likelihood of customers 0001, 0002, 0003, 0007, 0009,
# 2356, 2357; it shows the parameters rounded and recency and T to two digits, and computes with all digits of both.
BG_NBD_CUSTOMERS = [
    (2, 30.43, 38.86, -9.4596),
    (1, 1.71, 38.86, -4.4711),
    (0, 0.00, 38.86, -0.5538),
    (1, 5.00, 38.86, -4.8651),
    (2, 35.71, 38.86, -9.5367),
    (4, 26.57, 27.00, -14.1284),
    (0, 0.00, 27.00, -0.4761),
]
# The same spreadsheet's expected number of repeat purchases of a new customer, at its unrounded optimum.
BG_NBD_NEW_CUSTOMER = {1 / 7: 0.0078, 1: 0.0532, 3: 0.1506, 223 / 7: 1.0405, 32: 1.0437, 78: 1.8576}
# BTYD 2.4.3 (R), bgnbd vignette: parameters .243, 4.414, .793, 2.426.
BG_NBD_PMF_30 = {
    11: 0.0019995214,
    12: 0.0015170236,
    13: 0.0011633150,
    14: 0.0009003148,
    15: 0.0007023638,
    16: 0.0005517902,
    17: 0.0004361913,
    18: 0.0003467171,
    19: 0.0002769613,
    20: 0.0002222260,
}
# ... and at its own optimum (frequency: expected purchases in 52 weeks, recency 20, T 39).
BG_NBD_PARADOX = {10: 0.3474606, 15: 0.04283391, 20: 0.004158973, 25: 0.0003583685}
# Hold-out of 39 weeks: sum, bias, MAE, RMSE and correlation of the conditional expectations (recomputed with BTYD 2.4.3).
BG_NBD_HOLDOUT = {"total": 1653.39, "bias": -0.121, "MAE": 0.785454, "RMSE": 1.607982, "correlation": 0.625647}
BG_NBD_HOLDOUT_BY_FREQUENCY = [0.2250893, 0.5231364, 1.044126, 1.520256, 2.163824, 2.653789, 3.503957, 6.157036]  # BTYD, 0 … 7+

# Fader & Hardie (2013), note 025: 6.25, 3.74, 15.44; the digits beyond are ours, and the log-likelihood is also that of CLVTools.
GAMMA_GAMMA = {"p": 6.249, "q": 3.744, "gamma": 15.444}
GAMMA_GAMMA_LOG_LIKELIHOOD = -4055.917695
GAMMA_GAMMA_CLVTOOLS = {"p": 6.24934918, "q": 3.74425633, "gamma": 15.44430668}
GAMMA_GAMMA_STANDARD_ERRORS = {"p": 1.18997410, "q": 0.29013594, "gamma": 4.15953446}  # CLVTools 0.12.1
# Expected spend of the first ten customers of the sample (frequency, monetary value): lifetimes 0.11.3, its tests.
GAMMA_GAMMA_FREQUENCY = [2, 1, 0, 0, 0, 7, 1, 0, 2, 0]
GAMMA_GAMMA_SPEND = [22.35, 11.77, 0.0, 0.0, 0.0, 73.74, 11.77, 0.0, 25.55, 0.0]
GAMMA_GAMMA_EXPECTED = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]


@cache
def cdnow() -> Any:
    """The sample summarised as the papers do."""
    return gw.summarize_purchases(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30")
