"""The ASGI application: HTTP by Django, sockets by Channels, and what begins and ends with the process."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hpweb.settings")

from django.core.asgi import get_asgi_application

# First of all: it sets Django up, which everything below needs.
django_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter

from hpweb.lifespan import lifespan
from hpweb.origin import SameOrigin
from hpweb.socket_tokens import BearerSockets
from hpweb.sockets import no_such_socket
from sweeps.routing import websocket_urlpatterns

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": SameOrigin(
            AuthMiddlewareStack(BearerSockets(URLRouter([*websocket_urlpatterns, no_such_socket])))
        ),
        "lifespan": lifespan,
    }
)
