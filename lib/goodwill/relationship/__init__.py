"""The value of a relationship: purchases, complaints and satisfaction of the same customers joined in one money figure.

- `records`: the tables held against each other; `answered_histories`: purchases and answers in one table;
- `reliability`, `satisfaction_dropout`: leaving that answers to satisfaction, seen through answers with error;
- `answer_waits`: what waiting for an answer adds to leaving;
- `base_value`, `levers`: what the customers bring when leaving is moved, and what a unit of each lever is worth;
- `lever_moves`: several levers at once, and the part of each; `lever_plan`: what a budget buys best;
- `hidden_causes`: how much it takes to undo an association; `known_truth`: the levers of a company whose truth answers.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
