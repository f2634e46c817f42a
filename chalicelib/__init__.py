"""Inlet: the serverless front door for leads."""
