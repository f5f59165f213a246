"""One HTTP/3 connection: each line of stdin is a request, each line of stdout its answer, both as JSON.

Node has no client for HTTP/3. `http3.py HOST PORT SERVER_NAME CERTIFICATE`; ends when stdin does. A request has `id`,
`fields` (name and value, in order), `body` and `trailers`, an answer `id`, `status`, `fields`, `body`, `trailers`, and
`informed`, the statuses that came before; or `id` and `error`. Bodies are in base64.
"""

import asyncio
import base64
import json
import sys

from qh3.asyncio.protocol import QuicConnectionProtocol
from qh3.h3.connection import H3Connection
from qh3.h3.events import DataReceived, HeadersReceived, InformationalHeadersReceived
from qh3.quic.configuration import QuicConfiguration
from qh3.quic.connection import QuicConnection
from qh3.quic.events import ConnectionTerminated, StreamReset


def encoded(fields):
    return [(name.encode(), value.encode()) for name, value in fields]


def decoded(fields):
    return [[name.decode(), value.decode()] for name, value in fields if not name.startswith(b":")]


def status_of(fields):
    return int(dict(fields)[b":status"])


class Stream:
    def __init__(self):
        self.answer = {"informed": [], "status": None, "fields": [], "trailers": []}
        self.body = bytearray()
        self.continued = asyncio.Event()
        self.ended = asyncio.get_running_loop().create_future()

    def receive(self, event):
        if isinstance(event, InformationalHeadersReceived):
            self.answer["informed"].append(status_of(event.headers))
            self.continued.set()
            return
        if isinstance(event, DataReceived):
            self.body += event.data
        elif self.answer["status"] is None:
            self.answer.update(status=status_of(event.headers), fields=decoded(event.headers))
        else:
            self.answer["trailers"] = decoded(event.headers)
        if event.stream_ended and not self.ended.done():
            self.ended.set_result({**self.answer, "body": base64.b64encode(self.body).decode()})

    def fail(self, reason):
        self.continued.set()
        if not self.ended.done():
            self.ended.set_exception(ConnectionError(reason))


class Http3(QuicConnectionProtocol):
    def __init__(self, quic):
        super().__init__(quic)
        self.http = H3Connection(quic)
        self.streams = {}

    def quic_event_received(self, event):
        if isinstance(event, ConnectionTerminated):
            for stream in self.streams.values():
                stream.fail(f"the connection ended: {event.reason_phrase or event.error_code}")
        elif isinstance(event, StreamReset) and event.stream_id in self.streams:
            self.streams[event.stream_id].fail(f"reset with {event.error_code}")
        for received in self.http.handle_event(event):
            if isinstance(received, (HeadersReceived, DataReceived, InformationalHeadersReceived)):
                self.streams[received.stream_id].receive(received)

    async def ask(self, request):
        body = base64.b64decode(request.get("body", ""))
        trailers = encoded(request.get("trailers", []))
        fields = encoded(request["fields"])
        stream_id = self._quic.get_next_available_stream_id()
        stream = self.streams[stream_id] = Stream()
        self.http.send_headers(stream_id, fields, end_stream=not body and not trailers)
        self.transmit()
        if (b"expect", b"100-continue") in fields:
            await stream.continued.wait()
        if body:
            self.http.send_data(stream_id, body, end_stream=not trailers)
        if trailers:
            self.http.send_headers(stream_id, trailers, end_stream=True)
        self.transmit()
        return await stream.ended


async def respond(connection, request):
    try:
        answer = await connection.ask(request)
    except ConnectionError as error:
        answer = {"error": str(error)}
    print(json.dumps({"id": request["id"], **answer}), flush=True)


async def main(host, port, server_name, certificate):
    configuration = QuicConfiguration(is_client=True, alpn_protocols=["h3"], server_name=server_name)
    configuration.load_verify_locations(cafile=certificate)
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_datagram_endpoint(
        lambda: Http3(QuicConnection(configuration=configuration)), local_addr=("0.0.0.0", 0)
    )
    connection.connect((host, int(port)))
    await connection.wait_connected()
    tasks = set()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        tasks.add(asyncio.create_task(respond(connection, json.loads(line))))
    connection.close()
    await connection.wait_closed()


asyncio.run(main(*sys.argv[1:]))
