"""What goes with a pupil from school to school, sealed by one and verified by the other."""
