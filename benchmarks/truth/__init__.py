"""Headlines on simulated companies whose truth is known: one module a notebook, each with `study(companies, seed)`."""
