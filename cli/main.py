"""The commands."""

import sys

import click

from cli.client import Client, connect, default_data


@click.group()
@click.option("--url", envvar="INLET_URL", default="", help="The stage's address.")
@click.option("--key", envvar="INLET_KEY", default="", help="An API key.")
@click.pass_context
def main(context: click.Context, url: str, key: str) -> None:
    """Inlet: the serverless front door for leads."""
    context.obj = lambda: connect(url, key, default_data())


@main.command()
@click.pass_context
def verify(context: click.Context) -> None:
    """Derive every lead, home and sum anew and say what does not balance.

    Exit code 0 and no output where everything does.
    """
    client: Client = context.obj()
    found = client.call("GET", "/api/verify")["problems"]
    for line in found:
        click.echo(line)
    sys.exit(1 if found else 0)
