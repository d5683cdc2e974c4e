"""The books of outgoing documents: numbers without gaps, reserved ones, lines, the printed book."""
