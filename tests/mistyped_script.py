"""A reader's script with three misspelt arguments: the type checker finds each, or says that the mark beside it is not needed."""

import goodwill as gw

summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30", unit="week")
fit = gw.BetaGeoNBD.fit(summary)
total = fit.predict_interval(summary, horison=39, level=0.95, draws=200, seed=1)  # type: ignore[call-arg]
terms = gw.ValueTerms(horizon=52, margn=0.3, annual_discount_rate=0.15, unit="week")  # type: ignore[call-arg]
rules = gw.segments.learn("rfm", gw.lifetime_value.value_customers(summary, gw.BetaGeoNBD, terms).customers)
catalogue = gw.strategies.starter_catalogue(rules.segments, order_valu=35.0)  # type: ignore[call-arg]
