"""What a school keeps of its pupils for ever: the enrolment register, moves, certificates."""
