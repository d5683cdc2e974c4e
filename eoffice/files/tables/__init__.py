"""Tables that people bring, of whatever program, as grids of cells; what they mean is not known."""
