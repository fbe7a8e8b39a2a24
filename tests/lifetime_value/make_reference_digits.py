"""Writes reference_digits.csv: BG/NBD expectations to 60 digits (python -m tests.lifetime_value.make_reference_digits, some minutes).

Equation 10 of Fader, Hardie & Lee (2005) as it is printed, its hypergeometric series summed term by term with 120 digits: neither the
transformation nor the integral that the library uses.
"""

import csv
from pathlib import Path

import mpmath as mp

PARAMETERS = {
    "CDNOW optimum": ("0.2425945", "4.4136019", "0.7929199", "2.4258881"),
    "a = 1": ("0.2425945", "4.4136019", "1", "2.4258881"),
    "a near 1": ("0.2425945", "4.4136019", "1.000000001", "2.4258881"),
    "a near 1, further": ("0.2425945", "4.4136019", "1.001", "2.4258881"),
    "a + b < 1": ("0.5", "10", "0.3", "0.4"),
    "a + b = 1": ("0.5", "10", "0.4", "0.6"),
    "nearly all drop out alike": ("0.25", "5", "5000", "15000"),
    "hardly anyone drops out": ("2", "3", "0.01", "2.5"),
}
HISTORIES = [  # frequency, recency, T
    (0, "0", "38.857142857142857"),
    (1, "1.7142857142857143", "38.857142857142857"),
    (2, "30.428571428571429", "38.857142857142857"),
    (26, "30.857142857142857", "31"),
    (29, "38.857142857142857", "38.857142857142857"),
    (400, "39", "39"),
    (1200, "38.9", "39"),
    (5000, "39", "39"),
    (5000, "38.99", "39"),
]
HORIZONS = ("0.142857142857142857", "39", "520")


def series(p: mp.mpf, q: mp.mpf, c: mp.mpf, z: mp.mpf) -> mp.mpf:
    """Gauss's 2F1(p, q; c; z); all terms but the first few have one sign, so that nothing cancels."""
    term = total = mp.mpf(1)
    k = 0
    while k < 10 or abs(term) > abs(total) * mp.mpf(10) ** -130:
        term *= (p + k) * (q + k) / (c + k) / (k + 1) * z
        total += term
        k += 1
    return total


def expectation(parameters: tuple[str, ...], frequency: int, recency: str, T: str, horizon: str) -> mp.mpf:
    r, alpha, a, b = (mp.mpf(value) for value in parameters)
    x, t_x, T, t = mp.mpf(frequency), mp.mpf(recency), mp.mpf(T), mp.mpf(horizon)
    # Removable singularities (a = 1, a + b + x = 1): a step of 1e-40 aside costs nothing at 120 digits.
    a += mp.mpf(10) ** -40
    c = a + b + x - 1
    tail = series(r + x, b + x, c, t / (alpha + T + t))
    alive = 1 / (1 + (a / (b + x - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x) if frequency else 0))
    return c / (a - 1) * (1 - ((alpha + T) / (alpha + T + t)) ** (r + x) * tail) * alive


def main() -> None:
    mp.mp.dps = 120
    with (Path(__file__).parent / "reference_digits.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["parameters", "r", "alpha", "a", "b", "frequency", "recency", "T", "horizon", "expected_purchases"])
        for name, parameters in PARAMETERS.items():
            for history in HISTORIES:
                for horizon in HORIZONS:
                    digits = mp.nstr(expectation(parameters, *history, horizon), 30)
                    out.writerow([name, *parameters, *history, horizon, digits])


if __name__ == "__main__":
    main()
