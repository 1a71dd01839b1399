"""Clients that break the protocol, say nothing, read nothing or come in floods: each is counted and
ended, the server's memory stays bounded, and a well-behaved pair is served all the while."""
import pathlib
import re
import resource
import socket
import time
import urllib.request

import pytest

from mqtt_client import PATIENCE, Broker, Client, topic
from server import running


@pytest.fixture(scope="module")
def server():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with running(**{"mqtt.anonymous": "true"}) as server:
        yield server


@pytest.fixture
def pair(server):
    """A publisher and a subscriber; in the end they have been served, and quickly."""
    broker = Broker(server.mqtt)
    with Client(broker, "well-sub") as sub, Client(broker, "well-pub") as pub:
        sub.subscribe("well", 1)
        pub.publish("well", "before", 1)
        sub.hear()
        yield sub, pub
        serve(sub, pub, "after")


def serve(sub, pub, text):
    begin = time.monotonic()
    pub.publish("well", text, 1)
    assert sub.hear().payload == text.encode()
    assert time.monotonic() - begin < PATIENCE / 10


def metric(server, name):
    text = urllib.request.urlopen(f"http://127.0.0.1:{server.http}/metrics").read().decode()
    return float(re.search(rf"^heliograph_{name}(?:_total)? (\S+)$", text, re.M).group(1))


def memory(server):
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) * 1024


def connected(server):
    connection = socket.create_connection(("127.0.0.1", server.mqtt), PATIENCE)
    return connection


CONNECT = bytes.fromhex("100c00044d5154540402000000") + b"\x00"
CONNECT_5 = bytes.fromhex("100d00044d515454050200000000") + b"\x00"
BREACHES = {
    "a PINGREQ first": "c000",
    "no MQTT at all": b"GET / HTTP/1.1\r\n\r\n".hex(),
    "a TLS hello": "16030100f4010000f00303" + "00" * 100,
    "a huge length first": "10ffffff7f",
    "a length of five bytes": CONNECT.hex() + "30ffffffffff01",
    "a QoS of 3": CONNECT.hex() + "3605000174000178",
    "a SUBSCRIBE cut off": CONNECT.hex() + "820500010005" + "74",
    "a second CONNECT": CONNECT.hex() * 2,
    "a CONNACK": CONNECT.hex() + "20020000",
}


@pytest.mark.parametrize("name", BREACHES)
def test_who_breaks_the_protocol_is_counted_and_ended(server, pair, name):
    before = metric(server, "mqtt_protocol_errors")
    with connected(server) as breaker:
        breaker.sendall(bytes.fromhex(BREACHES[name]))
        heard = b""
        while got := breaker.recv(100):
            heard += got
    assert heard in (b"", bytes.fromhex("20020000"))
    assert metric(server, "mqtt_protocol_errors") == before + 1


def test_who_breaks_mqtt_5_is_told_why(server, pair):
    with connected(server) as breaker:
        breaker.sendall(CONNECT_5 + bytes.fromhex("360600017400010078"))
        heard = b""
        while got := breaker.recv(100):
            heard += got
    assert heard.endswith(bytes.fromhex("e00181"))


def test_who_says_nothing_is_ended(server, pair):
    before = metric(server, "mqtt_connect_timeouts")
    with connected(server) as silent, connected(server) as dawdling:
        dawdling.sendall(CONNECT[:5])
        assert silent.recv(1) == b"" and dawdling.recv(1) == b""
    assert metric(server, "mqtt_connect_timeouts") == before + 2


def test_who_is_silent_beyond_its_keep_alive_is_ended(server, pair):
    before = metric(server, "mqtt_keep_alive_timeouts")
    with connected(server) as silent:
        silent.sendall(bytes.fromhex("100c00044d5154540402000100") + b"\x00")
        assert silent.recv(4) == bytes.fromhex("20020000")
        begin = time.monotonic()
        assert silent.recv(1) == b""
        assert 1.4 < time.monotonic() - begin < 5
    assert metric(server, "mqtt_keep_alive_timeouts") == before + 1


def test_who_reads_nothing_costs_a_bounded_memory_and_only_its_own_messages(server, pair):
    sub, pub = pair
    name = topic("flood").encode()
    with connected(server) as deaf:
        deaf.sendall(CONNECT + bytes([0x82, 5 + len(name), 0, 1, 0, len(name)]) + name + b"\x00")
        assert deaf.recv(9, socket.MSG_WAITALL) == bytes.fromhex("200200009003000100")
        before = memory(server)
        for i in range(3_000):  # 100 MB
            pub.paho.publish(topic("flood"), b"x" * 33_000, 0)
            if i % 500 == 0:
                serve(sub, pub, str(i))
        serve(sub, pub, "end")
        assert memory(server) - before < 80 << 20
        assert metric(server, "mqtt_dropped_slow_consumer") > 0


def test_a_flood_of_connections_keeps_nobody_out(server, pair):
    sub, pub = pair
    flood = []
    for i in range(3_000):
        flood.append(connected(server))
        flood[-1].sendall(CONNECT[:10] if i % 2 else CONNECT)
        if i % 1_000 == 0:
            serve(sub, pub, str(i))
    with connected(server) as newcomer:  # not with paho: it waits by select(), which knows 1,024 sockets
        newcomer.sendall(CONNECT + bytes.fromhex("c000"))
        assert newcomer.recv(6, socket.MSG_WAITALL) == bytes.fromhex("20020000d000")
    for one in flood:
        one.close()
