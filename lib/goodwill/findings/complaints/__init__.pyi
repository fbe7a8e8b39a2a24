from . import complaint_cost as complaint_cost
from . import complaint_desk as complaint_desk
from . import complaint_own_cost as complaint_own_cost
from . import complaint_word_of_mouth as complaint_word_of_mouth
