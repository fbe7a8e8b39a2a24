"""Reports: a notebook's parameters, its recorded results, running it, and the page made from it."""
