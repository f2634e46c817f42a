"""The public doors: from a request to a stored submission and the answer its sender gets.

Pure like the road: what is outside comes as an argument.
"""
