"""Purchase models that know more than when somebody bought: regular buyers, and what is told of customers beforehand."""
