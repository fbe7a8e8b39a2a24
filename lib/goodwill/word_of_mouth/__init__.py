"""Complaint word of mouth: what one unresolved complaint costs, and what recovering it is worth.

From a complaint outwards, one module each:

- `telling`, `answers`, `statements`: how many people a complainer tells, from counts, classes or summary statements;
- `damage`: the accounting of direct loss and word of mouth; `assumptions`: what its answer hangs on, and what to learn next;
- `cascade`, `valence`: retelling in an unlimited market, with one kind of news and with two;
- `adoption`, `contested_adoption`: a market that fills up, without and with bad word of mouth;
- `network`: acquaintances and chance meetings among up to millions of people;
- `response`: how fast complaints are answered and solved, and how many agents that takes;
- `complaint_effects`, `associations`: what became of complainers, by purchases and by what they say;
- `worth`, `referrals`: what is at stake in money, and what the good word brings;
- `told`, `coca_cola`, `folklore`: what complainers told, the published case of it, and sayings held against both.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
