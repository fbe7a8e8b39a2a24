"""Writes one CSV per model with 30 digits from definitions (python tests/lifetime_value/make_model_digits.py, some minutes).

Nothing here uses the transformed series of the library: likelihoods come from the raw hypergeometric functions of the papers (as a
difference, with 300 digits to lose) or from plain sums, discounted purchases and pmfs from the integrals that define them.
"""

import csv
from collections.abc import Callable
from pathlib import Path

import mpmath as mp

Row = tuple[mp.mpf, ...]
T39 = "38.857142857142857"
HISTORIES = [  # frequency, recency, T
    ("0", "0", T39),
    ("1", "1.7142857142857143", T39),
    ("2", "30.428571428571429", T39),
    ("26", "30.857142857142857", "31"),
    ("29", T39, T39),
    ("400", "39", "39"),
    ("1200", "38.9", "39"),
    ("5000", "39", "39"),
    ("5000", "38.99", "39"),
    ("3", "5", "365"),
]
HORIZONS = ("0.142857142857142857", "39", "520")
RATE = "0.0026877346"
BETA_GEO = {
    "CDNOW optimum": ("0.524843", "6.183084", "0.891359", "1.614002"),
    "a = 1": ("0.2425945", "4.4136019", "1", "2.4258881"),
    "a near 1": ("0.2425945", "4.4136019", "1.000000001", "2.4258881"),
    "a + b < 1": ("0.5", "10", "0.3", "0.4"),
    "a + b = 1": ("0.5", "10", "0.4", "0.6"),
    "nearly all drop out alike": ("0.25", "5", "5000", "15000"),
    "hardly anyone drops out": ("2", "3", "0.01", "2.5"),
}
PARETO = {
    "CDNOW optimum": ("0.5532770", "10.5776832", "0.6062397", "11.668735"),
    "s = 1": ("0.5532770", "10.5776832", "1", "11.668735"),
    "s near 1": ("0.5532770", "10.5776832", "0.999999999", "11.668735"),
    "s near 1, further": ("0.5532770", "10.5776832", "1.001", "11.668735"),
    "alpha = beta": ("0.8", "7", "0.6", "7"),
    "alpha near beta": ("0.8", "7", "0.6", "7.00000001"),
    "alpha / beta = 1 / 350": ("0.55", "2", "0.6", "700"),
    "alpha / beta = 350": ("0.55", "700", "0.6", "2"),
    "nearly all leave alike": ("0.55", "10", "64", "7721"),
    "nearly all alike": ("300", "5000", "200", "9000"),
    "few leave at once": ("0.05", "0.5", "0.02", "0.01"),
}
OPPORTUNITIES = [
    ("0", "0", "6"),
    ("1", "3", "6"),
    ("5", "5", "6"),
    ("6", "6", "6"),
    ("0", "0", "260"),
    ("30", "40", "260"),
    ("2", "40", "5000"),
    ("4000", "4990", "5000"),
    ("5000", "5000", "5000"),
]
BETA_BINOM = {
    "donations optimum": ("1.203522", "0.749716", "0.656718", "2.783442"),
    "gamma = 1": ("1.203522", "0.749716", "1", "2.783442"),
    "gamma near 1": ("1.203522", "0.749716", "1.000000001", "2.783442"),
    "alpha + beta < 1, gamma + delta < 1": ("0.2", "0.3", "0.1", "0.4"),
    "alpha = beta = gamma = delta": ("1", "1", "1", "1"),
    "nearly all alike": ("300", "500", "40", "4000"),
}
TIMES = ("1", "2", "7", "12", "120", "5000")
CONTRACTS = {
    "High End": ("0.668088", "3.806095", "1"),
    "Regular": ("0.704077", "1.182043", "1"),
    "alpha + beta < 1": ("0.1", "0.3", "1"),
    "nearly all alike": ("500", "3000", "1"),
    "High End, c": ("0.214253", "1.426575", "1.723565"),
    "Regular, c": ("0.455614", "0.779326", "1.283451"),
    "c < 1": ("0.5", "2", "0.4"),
}


def log_counts(r: mp.mpf, alpha: mp.mpf, x: mp.mpf) -> mp.mpf:
    return mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha)


def modified_beta_geo(parameters: Row, history: Row, t: mp.mpf) -> Row:
    (r, alpha, a, b), (x, t_x, T) = parameters, history
    alive = mp.beta(a, b + x + 1) / mp.beta(a, b) * (alpha + T) ** -(r + x)
    gone = mp.beta(a + 1, b + x) / mp.beta(a, b) * (alpha + t_x) ** -(r + x)
    p = alive / (alive + gone)
    likelihood = mp.log(alive + gone) + log_counts(r, alpha, x)
    return likelihood, p, *(p * value for value in beta_geo_future(r + x, alpha + T, a, b + x + 1, t))


def beta_geo(parameters: Row, history: Row, t: mp.mpf) -> Row:
    (r, alpha, a, b), (x, t_x, T) = parameters, history
    alive = mp.beta(a, b + x) / mp.beta(a, b) * (alpha + T) ** -(r + x)
    gone = mp.beta(a + 1, b + x - 1) / mp.beta(a, b) * (alpha + t_x) ** -(r + x) if x else mp.mpf(0)
    p = alive / (alive + gone)
    likelihood = mp.log(alive + gone) + log_counts(r, alpha, x)
    return likelihood, p, *(p * value for value in beta_geo_future(r + x, alpha + T, a, b + x, t))


def beta_geo_future(r: mp.mpf, alpha: mp.mpf, a: mp.mpf, b: mp.mpf, t: mp.mpf) -> Row:
    """Of the living: still alive after t, expected purchases, the same discounted."""
    stay = (alpha / (alpha + t)) ** a * series(a, a + b - r, a + b, t / (alpha + t))
    near = a + mp.mpf(10) ** -40  # a removable singularity at a = 1
    c = near + b - 1
    expected = c / (near - 1) * (1 - (alpha / (alpha + t)) ** r * series(r, b, c, t / (alpha + t)))

    def rate(u: mp.mpf) -> mp.mpf:
        return r / alpha * mp.hyp2f1(r + 1, a, a + b, -u / alpha) * mp.exp(-mp.mpf(RATE) * u)

    # For frequent buyers the integral would take hours: left blank.
    return stay, expected, integral(rate, t) if r < 100 and b < 1000 else mp.nan


def series(a: mp.mpf, b: mp.mpf, c: mp.mpf, z: mp.mpf) -> mp.mpf:
    """2F1(a, b; c; z) term by term, where mp.hyp2f1 gives up."""
    term = total = mp.mpf(1)
    k = 0
    while abs(term) > mp.mpf(10) ** -150 * abs(total) or k < 10_000:
        term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z
        total += term
        k += 1
    return total


def integral(f: Callable[[mp.mpf], mp.mpf], t: mp.mpf) -> mp.mpf:
    with mp.workdps(20):
        size = max(f(t), f(t / 2), f(t / 10))  # mp.quad stops at an absolute error
        return size * mp.quad(lambda u: f(u) / size, [0, *(t * mp.mpf(10) ** -k for k in (3, 2, 1)), t / 2, t])


def pareto(parameters: Row, history: Row, t: mp.mpf) -> Row:
    (r, alpha, s, beta), (x, t_x, T) = parameters, history
    c = r + s + x

    def a0(u: mp.mpf) -> mp.mpf:  # note 009, eq. 19 and 20
        if alpha >= beta:
            return mp.hyp2f1(c, s + 1, c + 1, (alpha - beta) / (alpha + u)) / (alpha + u) ** c
        return mp.hyp2f1(c, r + x, c + 1, (beta - alpha) / (beta + u)) / (beta + u) ** c

    alive = (alpha + T) ** -(r + x) * (beta + T) ** -s
    whole = alive + s / c * (a0(t_x) - a0(T))
    p = alive / whole
    stay = p * ((beta + T) / (beta + T + t)) ** s
    near = s + mp.mpf(10) ** -40 if s == 1 else s
    expected = p * (r + x) * (beta + T) / ((alpha + T) * (near - 1)) * (1 - ((beta + T) / (beta + T + t)) ** (near - 1))
    delta = mp.mpf(RATE)
    ever = p * (r + x) / (alpha + T) * (beta + T) * mp.exp(delta * (beta + T)) * mp.expint(s, delta * (beta + T))
    return mp.log(whole) + log_counts(r, alpha, x) + s * mp.log(beta), p, stay, expected, ever


def pareto_pmf(parameters: Row, n: int, t: mp.mpf) -> mp.mpf:
    r, alpha, s, beta = parameters

    def bought(u: mp.mpf) -> mp.mpf:
        return mp.gamma(r + n) / mp.gamma(r) / mp.factorial(n) * (alpha / (alpha + u)) ** r * (u / (alpha + u)) ** n

    stays = bought(t) * (beta / (beta + t)) ** s
    return stays + integral(lambda u: bought(u) * s / (beta + u) * (beta / (beta + u)) ** s, t)


def beta_binom(parameters: Row, history: Row, t: mp.mpf) -> Row:
    (alpha, beta, gamma, delta), (x, t_x, n) = parameters, history
    start = mp.beta(alpha, beta) * mp.beta(gamma, delta)
    alive = mp.beta(alpha + x, beta + n - x) * mp.beta(gamma, delta + n) / start
    gone = sum(mp.beta(alpha + x, beta + t_x - x + i) * mp.beta(gamma + 1, delta + t_x + i) / start for i in range(int(n - t_x)))
    p = alive / (alive + gone)
    stays = [mp.beta(gamma, delta + n + j) / mp.beta(gamma, delta + n) for j in range(1, int(t) + 1)]
    buys = (alpha + x) / (alpha + beta + n)
    z = mp.exp(-mp.mpf("0.1"))
    ever = z * (delta + n) / (gamma + delta + n) * mp.hyp2f1(1, delta + n + 1, gamma + delta + n + 1, z)
    return mp.log(alive + gone), p, p * stays[-1], p * buys * sum(stays), p * buys * ever


def contract(parameters: Row, t: mp.mpf) -> Row:
    alpha, beta, c = parameters
    now, before = (mp.beta(alpha, beta + u**c) / mp.beta(alpha, beta) for u in (t, t - 1))
    return now, mp.log(before - now), now / before


def write(name: str, header: list[str], rows: list[tuple]) -> None:
    with (Path(__file__).parent / f"{name}.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(header)
        out.writerows(rows)


def of_histories(f: Callable[[Row, Row, mp.mpf], Row], sets: dict, histories: list, horizons: tuple) -> list[tuple]:
    rows = []
    for name, parameters in sets.items():
        for history in histories:
            for t in horizons:
                values = f(tuple(map(mp.mpf, parameters)), tuple(map(mp.mpf, history)), mp.mpf(t))
                rows.append((name, *parameters, *history, t, *("" if mp.isnan(value) else mp.nstr(value, 25) for value in values)))
    return rows


def main() -> None:
    mp.mp.dps = 300
    history = ["frequency", "recency", "T", "horizon"]
    values = ["log_likelihood", "probability_alive", "probability_alive_at", "expected_purchases", "discounted"]
    of_time = [*history, *values]
    write(
        "beta_geo_beta_binom",
        ["set", "alpha", "beta", "gamma", "delta", *of_time],
        of_histories(beta_binom, BETA_BINOM, OPPORTUNITIES, ("1", "12")),
    )
    rows = [
        (name, *parameters, t, *(mp.nstr(value, 25) for value in contract(tuple(map(mp.mpf, parameters)), mp.mpf(t))))
        for name, parameters in CONTRACTS.items()
        for t in TIMES
    ]
    write("contracts", ["set", "alpha", "beta", "c", "time", "survival", "log_leaving", "retention_rate"], rows)
    pmf = [
        (name, *parameters, n, t, mp.nstr(pareto_pmf(tuple(map(mp.mpf, parameters)), n, mp.mpf(t)), 20))
        for name, parameters in PARETO.items()
        for n in (0, 1, 5, 300)
        for t in HORIZONS[1:]
    ]
    write("pareto_nbd_pmf", ["set", "r", "alpha", "s", "beta", "n", "horizon", "probability"], pmf)
    write("pareto_nbd", ["set", "r", "alpha", "s", "beta", *of_time], of_histories(pareto, PARETO, HISTORIES, HORIZONS))
    for model, f in (("modified_beta_geo_nbd", modified_beta_geo), ("beta_geo_nbd", beta_geo)):
        write(model, ["set", "r", "alpha", "a", "b", *of_time], of_histories(f, BETA_GEO, HISTORIES, HORIZONS))


if __name__ == "__main__":
    main()
