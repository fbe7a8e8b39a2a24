"""Headlines held against known truths: one module a notebook, each with `study(companies, seed)`; `python -m benchmarks.truth` runs all."""
