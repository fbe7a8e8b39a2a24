"""`python -m benchmarks`: every table."""

from benchmarks import lifetime_value, rfm_scores, segment_plan, segments_assign, word_of_mouth

if __name__ == "__main__":
    lifetime_value.main()
    rfm_scores.main()
    segments_assign.main(write=True)
    segment_plan.main(write=True)
    word_of_mouth.main(write=True)
