"""Data files of one fictional district, and the two generators that are run by hand."""
