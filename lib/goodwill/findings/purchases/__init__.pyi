from . import contracts_and_donations as contracts_and_donations
from . import customer_lifetime_value as customer_lifetime_value
from . import purchase_intervals as purchase_intervals
from . import purchase_models_compared as purchase_models_compared
from . import purchase_records as purchase_records
from . import spend_dependence as spend_dependence
