"""The pages that people see at the public doors: what a control is, templates, and the script.

Pure like the doors. Imported for a browser only: a program's post must not pay for the templates.
"""
