"""`python -m benchmarks`: every table."""

from benchmarks import lifetime_value, rfm_scores, word_of_mouth

if __name__ == "__main__":
    lifetime_value.main()
    rfm_scores.main()
    word_of_mouth.main(write=True)
