"""The command line: against a stage in memory, scripted answers, and a live local stage."""
