"""Whatever some clients do, a well-behaved pair has its messages within 50 ms (99 of 100)."""
import multiprocessing
import os
import select
import socket
import struct
import time

import pytest

from server import running

TARGET_S = 0.050
SAMPLES = 200
INTERVAL_S = 0.02
ROUNDS = 5  # a machine that does other work delays the pair itself: one round without counts
CONTEXT = multiprocessing.get_context("fork")


def text(value):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack("!H", len(value)) + value


def packet(first, body):
    size, length = len(body), b""
    while True:
        length += bytes([size % 128 | (0x80 if size >= 128 else 0)])
        size //= 128
        if size == 0:
            return bytes([first]) + length + body


def publish(topic, payload, retain=False):
    return packet(0x30 | retain, text(topic) + payload)


def subscribe(topic):
    return packet(0x82, b"\x00\x01" + text(topic) + b"\x00")


def open_client(port, name):
    client = socket.create_connection(("127.0.0.1", port), 10)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.sendall(packet(0x10, text("MQTT") + b"\x04\x02\x00\x00" + text(name)))
    assert client.recv(4) == b"\x20\x02\x00\x00"
    return client


def drain(clients, seconds):
    """Reads what comes to them."""
    poller = select.epoll()
    by_number = {c.fileno(): c for c in clients}
    for number in by_number:
        poller.register(number, select.EPOLLIN)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for number, _ in poller.poll(0.05):
            by_number[number].recv(1 << 20)


# Each flood sets `ready` once it is at its height, and goes on until it is ended.

def connect_flood(port, ready):
    ready.set()
    number = 0
    while True:
        burst = []
        for _ in range(50):
            number += 1
            client = socket.create_connection(("127.0.0.1", port), 10)
            client.sendall([packet(0x10, text("MQTT") + b"\x04\x02\x00\x00" + text(f"flood{number}")),
                            b"\x10\xff\xff\xff\x7f", b"GET / HTTP/1.1\r\n\r\n", b"\x10"][number % 4])
            burst.append(client)
        for client in burst:
            client.close()


def everything_subscribed(port, ready):
    clients = []
    for i in range(2000):
        clients.append(open_client(port, f"all{i}"))
        clients[-1].sendall(subscribe("#"))
    for client in clients:
        assert client.recv(5)
    ready.set()
    drain(clients, 3600)


def retained_flood(port, ready):
    publisher, reader = open_client(port, "retainer"), open_client(port, "reader")
    reader.setblocking(False)
    for i in range(100_000_000):
        publisher.sendall(b"".join(publish(f"kept/{i % 997}/{(i + n) % 100_003}", b"x" * 1000, True) for n in range(20)))
        if i == 50:
            ready.set()
        if i % 50 == 0:
            reader.sendall(subscribe("kept/+/#"))
        try:
            reader.recv(1 << 20)
        except BlockingIOError:
            pass


def giant_topics(port, ready):
    client = open_client(port, "giant")
    client.setblocking(False)
    long = "/".join(["level" * 60] * 199)
    for i in range(100_000_000):
        out = publish(f"{long}/{i}", b"x") + subscribe(f"{long}/+/{i}"[:65_000])
        if i == 50:
            ready.set()
        while out:
            _, writable, _ = select.select([client], [client], [], 1)
            try:
                client.recv(1 << 20)
            except BlockingIOError:
                pass
            if writable:
                out = out[client.send(out):]
        if i % 50 == 0:  # 65,000 slashes: refused, and the connection with them
            with open_client(port, f"slashes{i}") as other:
                other.sendall(publish("/" * 65_000, b"x"))
                other.recv(1)


def slow_readers(port, ready):
    readers = [open_client(port, f"slow{i}") for i in range(50)]
    for reader in readers:
        reader.sendall(subscribe("hose"))
        assert reader.recv(5)
    hose = open_client(port, "hose")
    for i in range(100_000_000):
        hose.sendall(publish("hose", b"x" * 60_000))
        if i == 100:
            ready.set()


def flooding(flood, *arguments):
    os.nice(10)
    flood(*arguments)


def latencies(publisher, subscriber):
    """Of messages that are sent one after the other, fifty a second."""
    out, due = [], time.monotonic()
    for i in range(SAMPLES):
        due += INTERVAL_S
        time.sleep(max(0, due - time.monotonic()))
        begun = time.monotonic()
        publisher.sendall(publish("pair", b"%06d" % i))
        wanted = len(publish("pair", b"000000"))
        got = b""
        while len(got) < wanted:
            got += subscriber.recv(wanted - len(got))
        out.append(time.monotonic() - begun)
        assert got[-6:] == b"%06d" % i
    return sorted(out)


@pytest.fixture
def server():
    with running(**{"mqtt.anonymous": "true"}) as server:
        yield server


@pytest.mark.parametrize("flood", [connect_flood, everything_subscribed, retained_flood, giant_topics, slow_readers],
                         ids=lambda flood: flood.__name__)
def test_a_well_behaved_pair_is_served_meanwhile(server, flood):
    publisher, subscriber = open_client(server.mqtt, "good1"), open_client(server.mqtt, "good2")
    subscriber.sendall(subscribe("pair"))
    assert len(subscriber.recv(5)) == 5
    ready = CONTEXT.Event()
    other = CONTEXT.Process(target=flooding, args=(flood, server.mqtt, ready), daemon=True)
    other.start()
    try:
        assert ready.wait(120), "the flood has not begun"
        found = []
        for _ in range(ROUNDS):
            found.append(latencies(publisher, subscriber)[SAMPLES * 99 // 100 - 1])
            assert other.is_alive(), "the flood has ended"
            if found[-1] <= TARGET_S:
                break
        print(f"{flood.__name__}: p99 {found[-1] * 1000:.1f} ms")
        assert found[-1] <= TARGET_S, [f"{1000 * p99:.0f} ms" for p99 in found]
    finally:
        other.kill()
        other.join()
