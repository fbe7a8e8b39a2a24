"""How far purchase models can be trusted: checks on a hold-out, comparison, dates, seasons, cohorts, peers, published figures."""
