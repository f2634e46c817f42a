"""The console: pages for the people who work with leads, over the API's own views.

`door` answers a request, `session` knows who is signed in, a `Desk` is what a page works at, and
every page is a module on the shelf `pages`. docs/console.md says how to add one.
"""
