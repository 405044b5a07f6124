"""Ends a connection of the local server without an answer."""

import os
import socket
import struct
from http.server import BaseHTTPRequestHandler

_NO_LINGER = struct.pack("ii", 1, 0)


def drop(handler: BaseHTTPRequestHandler, *, is_reset: bool) -> None:
    """Close the handler's connection, or reset it; nothing more is read from it or written to it."""
    handler.close_connection = True
    connection: socket.socket = handler.connection
    if not is_reset:
        connection.shutdown(socket.SHUT_RDWR)
        return
    # A close that may not linger sends a reset, where the orderly end that would follow sends a last word first.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    os.close(connection.detach())
