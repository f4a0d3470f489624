"""Studies: models of the zoo that are compared as a whole, and what was claimed of such."""
