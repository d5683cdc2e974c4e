"""What is written down of a class week by week: the class diary and the homeroom book."""
