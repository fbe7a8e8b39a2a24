"""A customer-base audit: what the records say of customers, period by period and cohort by cohort, without any model.

Five ways to look at the same purchases, after Fader, Hardie & Ross, The Customer-Base Audit: how customers differ within a period; what
changed from one period to the next; what became of a cohort; how cohorts differ at the same age; and which cohorts carry the base.
A period is a whole calendar month, quarter or year; a cohort are the customers whose first purchase in the records falls into one.
"""
