"""A small issuer of OpenID Connect on this machine: it knows one person, and asks nothing."""

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


class Issuer:
    """`person`: the claims that it tells. `secret`: what the client must know. Use it as a context."""

    def __init__(self, secret: str) -> None:
        self.person: dict[str, Any] = {}
        self.secret = secret
        self.challenge = ""
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.startswith("/.well-known/"):
                    ends = {name: f"{issuer.url}/{name}" for name in ("authorize", "token", "userinfo", "jwks")}
                    found = {
                        "issuer": issuer.url,
                        "jwks_uri": ends["jwks"],
                        **{f"{name}_endpoint": ends[name] for name in ("token", "userinfo")},
                        "authorization_endpoint": ends["authorize"],
                        "token_endpoint_auth_methods_supported": ["client_secret_post"],
                    }
                    return self.tell(200, found)
                known = self.headers["Authorization"] == "Bearer access"
                return self.tell(200 if known else 401, issuer.person)

            def do_POST(self) -> None:
                sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                digest = hashlib.sha256(sent["code_verifier"][0].encode()).digest()
                proven = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == issuer.challenge
                right = proven and sent["client_secret"] == [issuer.secret] and sent["code"] == ["code"]
                self.tell(200 if right else 400, {"access_token": "access", "token_type": "Bearer"} if right else {})

            def tell(self, code: int, body: dict[str, Any]) -> None:
                data = json.dumps(body).encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                """Nothing on the terminal."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def authorize(self, address: str) -> dict[str, str]:
        """What the person's browser brings back from the address of the authorization endpoint."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.url}/authorize")
        self.challenge = asked["code_challenge"]
        return {"code": "code", "state": asked["state"]}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()
