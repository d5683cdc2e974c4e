"""Lists of a school's classes, brought in from whatever its program exports."""
