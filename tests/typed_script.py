"""What a researcher types: records to value, segments and a plan."""

import numpy as np

import goodwill as gw

purchases = gw.read_transactions("cdnow_sample")
summary = gw.summarize_purchases(purchases, calibration_end="1997-09-30", unit="week")
fit: gw.Fit = gw.BetaGeoNBD.fit(summary)
print(fit.estimates, fit.log_likelihood, fit.warnings)
total = fit.predict_interval(summary, horizon=39, level=0.95, draws=200, seed=1)
alive = gw.BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426).probability_alive(2, 30.43, 38.86)
print(total, np.round(alive, 3))

spend = gw.GammaGamma.fit(summary)
terms = gw.ValueTerms(horizon=52, margin=0.3, annual_discount_rate=0.15, unit="week")
value = gw.customer_value(fit, spend, summary, terms)
print(value)

valued = gw.lifetime_value.value_customers(summary, gw.BetaGeoNBD, terms)
rules = gw.segments.learn("rfm", valued.customers)
segment = rules.assign(valued.customers)
profile = gw.segments.segment_profile(valued.customers, segment, draws=100, seed=1)
print(profile[["customers", "value"]])

catalogue = gw.strategies.starter_catalogue(rules.segments, order_value=35.0)
print(catalogue.table().head())
print(gw.inference.wilson(3, 10))
