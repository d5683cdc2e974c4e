"""Schools: school years, classes, pupils and who teaches them."""
