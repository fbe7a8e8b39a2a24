"""`python -m benchmarks`: every table."""

from benchmarks import lifetime_value

if __name__ == "__main__":
    lifetime_value.main()
