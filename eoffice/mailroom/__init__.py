"""What comes to the office from outside: on paper, as a scan, by e-mail; and the arrival stamp."""
