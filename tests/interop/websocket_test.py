"""WebSockets to the letter of RFC 6455, with MQTT in them [MQTT 5 §6], through bare sockets."""
import base64
import contextlib
import hashlib
import os
import socket
import struct

import pytest

from mqtt_client import PATIENCE
from server import running
from transports import CONNACK_NOT_AUTHORIZED, CONNACK_OK, connect_packet

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
PINGREQ, PINGRESP = b"\xc0\x00", b"\xd0\x00"


@pytest.fixture(scope="module")
def server():
    with running() as server:
        yield server


def frame(opcode, payload=b"", fin=True, reserved=0, masked=True, length=None):
    """`length`: as it stands in the header, where that is not the payload's own in its shortest form."""
    first = bytes([(0x80 if fin else 0) | reserved | opcode])
    if length is None:
        size = len(payload)
        length = bytes([size]) if size < 126 else b"\x7e" + struct.pack("!H", size) if size < 65536 else \
            b"\x7f" + struct.pack("!Q", size)
    mask = os.urandom(4) if masked else b""
    body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if masked else payload
    return first + bytes([length[0] | (0x80 if masked else 0)]) + length[1:] + mask + body


class Socket:
    """A connection that reads exactly, and knows frames."""

    def __init__(self, server):
        self.plain = socket.create_connection(("127.0.0.1", server.http), timeout=PATIENCE)
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.plain.close()

    def say(self, data):
        self.plain.sendall(data)

    def read(self, count):
        while len(self.rest) < count:
            piece = self.plain.recv(65536)
            assert piece, f"the end came after {self.rest!r}"
            self.rest += piece
        out, self.rest = self.rest[:count], self.rest[count:]
        return out

    def head(self):
        out = b""
        while not out.endswith(b"\r\n\r\n"):
            out += self.read(1)
        lines = out.decode().split("\r\n")
        return int(lines[0].split()[1]), {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:-2])}

    def frame(self):
        first, second = self.read(2)
        assert first & 0x70 == 0 and second & 0x80 == 0  # no extension; a server's frames are not masked
        size = second
        if size >= 126:
            size = int.from_bytes(self.read(2 if size == 126 else 8), "big")
        return first & 15, self.read(size)

    def data(self, count):
        """What binary messages carry."""
        out = b""
        while len(out) < count:
            opcode, payload = self.frame()
            assert opcode == BINARY
            out += payload
        return out

    def at_end(self):
        try:
            return self.rest + self.plain.recv(1) == b""
        except ConnectionResetError:
            return self.rest == b""


KEY = base64.b64encode(b"a nonce of 16 b.").decode()
UPGRADE = {"Host": "x", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
           "Sec-WebSocket-Protocol": "mqtt", "Sec-WebSocket-Key": KEY}


def request(method="GET", path="/mqtt", version="1.1", **changes):
    headers = {**UPGRADE, **{key.replace("_", "-"): value for key, value in changes.items()}}
    lines = [f"{key}: {value}" for key, value in headers.items() if value is not None]
    return "\r\n".join([f"{method} {path} HTTP/{version}", *lines, "", ""]).encode()


@contextlib.contextmanager
def upgraded(server, then=b""):
    with Socket(server) as stream:
        stream.say(request() + then)
        status, _ = stream.head()
        assert status == 101
        yield stream


def in_frame(server, payload=None):
    return frame(BINARY, payload or connect_packet("ws", server.key, server.secret))


@pytest.mark.parametrize("changes", [
    {}, {"Connection": "keep-alive, Upgrade"}, {"Upgrade": "WebSocket"}, {"Connection": "UPGRADE"},
    {"Sec_WebSocket_Protocol": "chat, mqtt"}, {"Sec_WebSocket_Protocol": "mqtt,mqttv3.1"},
    {"Origin": "https://app.example"}, {"Sec_WebSocket_Extensions": "permessage-deflate; client_max_window_bits"},
    {"path": "/mqtt?a=b"},
], ids=str)
def test_a_handshake_of_rfc_6455_is_answered_with_its_proof_and_the_sub_protocol(server, changes):
    with Socket(server) as stream:
        stream.say(request(**changes))
        status, headers = stream.head()
    assert status == 101
    assert (headers["upgrade"].lower(), headers["connection"].lower()) == ("websocket", "upgrade")
    proof = hashlib.sha1((KEY + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    assert headers["sec-websocket-accept"] == base64.b64encode(proof).decode()
    assert headers["sec-websocket-protocol"] == "mqtt"
    assert "sec-websocket-extensions" not in headers  # none is agreed on


@pytest.mark.parametrize("status, changes", [
    (426, {"Sec_WebSocket_Version": "8"}), (426, {"Sec_WebSocket_Version": None}), (426, {"Upgrade": None}),
    (426, {"Connection": "keep-alive"}), (426, {"Upgrade": "h2c"}),
    (400, {"Sec_WebSocket_Key": None}), (400, {"Sec_WebSocket_Key": "c2hvcnQ="}), (400, {"Sec_WebSocket_Key": "x" * 24}),
    (400, {"Sec_WebSocket_Protocol": None}), (400, {"Sec_WebSocket_Protocol": "chat"}),
    (400, {"Sec_WebSocket_Protocol": "MQTT"}), (400, {"method": "POST", "Content_Length": "0"}),
    (426, {"version": "1.0"}),
], ids=str)
def test_a_handshake_that_is_none_is_refused(server, status, changes):
    with Socket(server) as stream:
        stream.say(request(**changes))
        found, headers = stream.head()
    assert found == status
    assert status != 426 or headers["sec-websocket-version"] == "13"


CODES = [(1000, 1000), (1001, 1001), (1011, 1011), (3000, 3000), (4999, 4999), (0, 1002), (999, 1002), (1004, 1002),
         (1005, 1002), (1006, 1002), (1015, 1002), (2999, 1002), (5000, 1002), (65535, 1002)]
REFUSED = {
    "a frame without a mask": (1002, frame(BINARY, b"\xc0\x00", masked=False)),
    "a text frame": (1003, frame(TEXT, b"hello")),
    "RSV1, as if compressed": (1002, frame(BINARY, b"x", reserved=0x40)),
    "RSV2": (1002, frame(BINARY, b"x", reserved=0x20)),
    "RSV3": (1002, frame(BINARY, b"x", reserved=0x10)),
    "RSV1 on a ping": (1002, frame(PING, b"x", reserved=0x40)),
    **{f"opcode {code}": (1002, frame(code, b"x")) for code in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    "a ping of 126 bytes": (1002, frame(PING, b"x" * 126)),
    "a pong of 70,000 bytes": (1002, frame(PONG, b"x" * 70_000)),
    "a ping in pieces": (1002, frame(PING, b"x", fin=False)),
    "a close in pieces": (1002, frame(CLOSE, b"\x03\xe8", fin=False)),
    "a continuation of nothing": (1002, frame(0, b"x")),
    "a continuation behind the end": (1002, frame(BINARY, PINGREQ) + frame(0, b"x")),
    "a message within another": (1002, frame(BINARY, b"\xc0", fin=False) + frame(BINARY, b"\x00")),
    "a text within another": (1003, frame(BINARY, b"\xc0", fin=False) + frame(TEXT, b"x")),
    "a long length for a short frame": (1002, frame(BINARY, PINGREQ, length=b"\x7e\x00\x02")),
    "a longer length for a short frame": (1002, frame(BINARY, PINGREQ, length=b"\x7f" + bytes(7) + b"\x02")),
    "a length with the highest bit": (1002, frame(BINARY, b"", length=b"\x7f\x80" + bytes(7))),
    "a frame of a terabyte": (1009, frame(BINARY, b"x", length=b"\x7f\x00\x00\x01" + bytes(5))),
    "a close of one byte": (1002, frame(CLOSE, b"\x03")),
    "a close whose reason is no UTF-8": (1007, frame(CLOSE, b"\x03\xe8\xff")),
    "a close whose reason is a surrogate": (1007, frame(CLOSE, b"\x03\xe8\xed\xa0\x80")),
    **{f"a close with {code}": (answer, frame(CLOSE, struct.pack("!H", code))) for code, answer in CODES},
}


@pytest.mark.parametrize("code, said", REFUSED.values(), ids=REFUSED)
def test_what_ends_a_websocket_is_answered_with_its_close_code_and_the_end(server, code, said):
    with upgraded(server) as stream:
        stream.say(in_frame(server))
        assert stream.data(4) == CONNACK_OK
        stream.say(said)
        while (got := stream.frame())[0] != CLOSE:
            assert got == (BINARY, PINGRESP)  # of what was good before
        assert struct.unpack("!H", got[1][:2])[0] == code
        assert stream.at_end()


def test_a_close_without_a_code_is_answered_with_one_without(server):
    with upgraded(server) as stream:
        stream.say(frame(CLOSE))
        assert stream.frame() == (CLOSE, b"")
        assert stream.at_end()


def test_packets_may_be_cut_over_frames_and_many_may_be_in_one(server):
    with upgraded(server) as stream:
        whole = connect_packet("ws", server.key, server.secret) + PINGREQ * 3
        for i in range(len(whole) - 1):  # a message a byte
            stream.say(frame(BINARY, whole[i:i + 1]))
        assert stream.data(8) == CONNACK_OK + PINGRESP * 2
        stream.say(frame(BINARY, whole[-1:] + PINGREQ * 50))
        assert stream.data(102) == PINGRESP * 51
        stream.say(frame(BINARY, b"\xc0", fin=False) + frame(0, b"", fin=False) + frame(0, b"\x00" + PINGREQ))
        assert stream.data(4) == PINGRESP * 2
        stream.say(frame(BINARY, b"") + frame(BINARY, PINGREQ))  # an empty message is one
        assert stream.data(2) == PINGRESP


def test_frames_that_come_byte_by_byte_and_with_the_request(server):
    said = in_frame(server) + frame(PING, b"are you there") + frame(BINARY, PINGREQ)
    with upgraded(server, then=said[:20]) as stream:
        for byte in said[20:]:
            stream.say(bytes([byte]))
        heard = {BINARY: b"", PONG: b""}
        while heard != {BINARY: CONNACK_OK + PINGRESP, PONG: b"are you there"}:
            opcode, payload = stream.frame()
            heard[opcode] += payload


@pytest.mark.parametrize("before, more, body", [
    (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", {}, b""), (b"", {"Content_Length": "5"}, b"hello"),
    (b"", {"Transfer_Encoding": "chunked"}, b"1\r\nx\r\n0\r\n\r\n")], ids=["another request", "a body", "chunks"])
def test_an_upgrade_may_follow_another_request_and_have_a_body(server, before, more, body):
    with Socket(server) as stream:
        stream.say(before + request(**more) + body + in_frame(server))
        if before:
            stream.read(int(stream.head()[1]["content-length"]))
        assert stream.head()[0] == 101
        assert stream.data(4) == CONNACK_OK


@pytest.mark.parametrize("payload", [b"", b"x" * 125])
def test_a_ping_within_a_message_is_answered_with_what_it_says(server, payload):
    with upgraded(server) as stream:
        stream.say(in_frame(server))
        assert stream.data(4) == CONNACK_OK
        stream.say(frame(BINARY, b"\xc0", fin=False) + frame(PONG, b"asked by nobody") + frame(PING, payload))
        assert stream.frame() == (PONG, payload)
        stream.say(frame(0, b"\x00"))
        assert stream.data(2) == PINGRESP


def test_large_messages_pass_in_both_directions(server):
    with upgraded(server) as stream:
        stream.say(in_frame(server) + in_frame(server, b"\x82\x06\x00\x01\x00\x01b\x00"))
        assert stream.data(9) == CONNACK_OK + b"\x90\x03\x00\x01\x00"
        for size in (100, 1000, 70_000):
            body = b"\x00\x01b" + os.urandom(size)
            length, left = b"", len(body)
            while True:
                length += bytes([left % 128 | (128 if left > 127 else 0)])
                left //= 128
                if left == 0:
                    break
            stream.say(in_frame(server, b"\x30" + length + body))
            assert stream.data(1 + len(length) + len(body)) == b"\x30" + length + body


@pytest.mark.parametrize("said", [b"\xe0\x00", b"\xf0\x00", b"\x10\x00"], ids=["DISCONNECT", "a reserved packet", "CONNECT"])
def test_the_end_of_mqtt_is_the_end_of_the_websocket_in_good_order(server, said):
    with upgraded(server) as stream:
        stream.say(in_frame(server))
        assert stream.data(4) == CONNACK_OK
        stream.say(in_frame(server, said))
        assert stream.frame() == (CLOSE, b"\x03\xe8")
        assert stream.at_end()


@pytest.mark.parametrize("origin, may", [
    (None, True), ("http://localhost:8080", True), ("http://127.0.0.1", True), ("https://[::1]:8443", True),
    ("https://evil.example", False), ("http://localhost.evil.example", False), ("http://127.0.0.1.evil.example:80", False),
    ("http://[::1", False), ("null", False), ("http://", False), ("", False),
])
def test_a_page_from_elsewhere_is_not_let_in_because_its_browser_is_on_this_machine(open_on_loopback, origin, may):
    with Socket(open_on_loopback) as stream:
        stream.say(request(Origin=origin))
        assert stream.head()[0] == 101
        stream.say(frame(BINARY, connect_packet("page")))
        assert stream.data(4) == (CONNACK_OK if may else CONNACK_NOT_AUTHORIZED)


@pytest.fixture(scope="module")
def open_on_loopback():
    with running(**{"mqtt.anonymous": "true"}) as server:
        yield server
