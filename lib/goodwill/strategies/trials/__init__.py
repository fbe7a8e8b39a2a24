"""A plan as a randomised trial: how noisy it would be, how large it must be, who gets what, and what came of it."""
