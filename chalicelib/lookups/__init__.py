"""Look-ups off the path of any submission: the only part of the product that asks the DNS."""
