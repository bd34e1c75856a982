"""`hpweb login`, `logout`, `whoami`"""

import sys
from typing import Annotated

import typer

from hpweb.client.cli.session import out, print_json, session_of
from hpweb.client.cli.show import facts
from hpweb.client.cli.sweeps import AsJson
from hpweb.client.settings import Settings, forget_settings, keep_settings


def login(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="The server's address, such as https://sweeps.example.org.")],
    token: Annotated[str, typer.Option(help="Asked for where it is missing. Others may see it in a command.")] = "",
) -> None:
    """Keep a server's address and your token, which the page Access tokens makes. - reads the token from stdin."""
    address = url.rstrip("/")
    if not address.startswith(("http://", "https://")):
        raise typer.BadParameter(f"Write the whole address, such as https://{address}.", param_hint="URL")
    session = session_of(context)
    asked = token or session.token
    if asked == "-" or (not asked and not sys.stdin.isatty()):
        asked = sys.stdin.readline().strip()
    elif not asked:
        asked = typer.prompt(f"Token ({address}/teams/tokens/)", hide_input=True).strip()
    session.url, session.token = address, asked
    with session.client() as client:
        me = client.me()
    path = keep_settings(Settings(address, asked))
    team = (me.get("team") or {}).get("name")
    typer.echo(f"Logged in as {me['name']}{f', team {team}' if team else ''}. Kept in {path}.")


def logout() -> None:
    """Forget address and token. The token stays valid: revoke it on the page Access tokens."""
    typer.echo("Forgotten." if forget_settings() else "Nothing was kept.")


def whoami(context: typer.Context, as_json: AsJson = False) -> None:
    """Who you are here, in which team, and what the token is for."""
    with session_of(context).client(as_json=as_json) as client:
        me = client.me()
        url = client.url
    if as_json:
        print_json(me)
        return
    token = me.get("token") or {}
    until = f", until {token['expires_at']}" if token.get("expires_at") else ""
    pairs = [
        ("server", url),
        ("person", f"{me['name']} <{me['email']}>"),
        ("team", str((me.get("team") or {}).get("name", "–"))),
        ("role", str(me.get("role") or "–")),
        ("token", f"{token.get('name', '–')}: {token.get('scope', '–')}{until}"),
    ]
    out().print(facts(pairs))
