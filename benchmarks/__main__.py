"""`python -m benchmarks`: every table."""

from benchmarks import lifetime_value, word_of_mouth

if __name__ == "__main__":
    lifetime_value.main()
    word_of_mouth.main(write=True)
