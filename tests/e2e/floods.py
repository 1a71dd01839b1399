"""What hostile clients do to a server, each in a process of its own.  A flood sets `ready` once it is at its height, and
goes on until it is ended."""
import base64
import os
import resource
import select
import socket
import ssl
import threading
import time

from mqtt_wire import packet, text


def connect(name, user=None, password=b""):
    flags = 2 if user is None else 0xC2
    return packet(0x10, text("MQTT") + bytes([4, flags, 0, 0]) + text(name) +
                  (b"" if user is None else text(user) + text(password)))


def publish(topic, payload, retain=False):
    return packet(0x30 | retain, text(topic) + payload)


def subscribe(topic):
    return packet(0x82, b"\x00\x01" + text(topic) + b"\x00")


def open_socket(port):
    return socket.create_connection(("127.0.0.1", port), 10)


def open_client(port, name):
    client = open_socket(port)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.sendall(connect(name))
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


def connect_flood(server, ready):
    ready.set()
    number = 0
    while True:
        burst = []
        for _ in range(50):
            number += 1
            client = open_socket(server.mqtt)
            client.sendall([connect(f"flood{number}"), b"\x10\xff\xff\xff\x7f", b"GET / HTTP/1.1\r\n\r\n",
                            b"\x10"][number % 4])
            burst.append(client)
        for client in burst:
            client.close()


def everything_subscribed(server, ready):
    clients = []
    for i in range(2000):
        clients.append(open_client(server.mqtt, f"all{i}"))
        clients[-1].sendall(subscribe("#"))
    for client in clients:
        assert client.recv(5)
    ready.set()
    drain(clients, 3600)


def retained_flood(server, ready):
    publisher, reader = open_client(server.mqtt, "retainer"), open_client(server.mqtt, "reader")
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


def giant_topics(server, ready):
    client = open_client(server.mqtt, "giant")
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
            with open_client(server.mqtt, f"slashes{i}") as other:
                other.sendall(publish("/" * 65_000, b"x"))
                other.recv(1)


def slow_readers(server, ready):
    readers = [open_client(server.mqtt, f"slow{i}") for i in range(50)]
    for reader in readers:
        reader.sendall(subscribe("hose"))
        assert reader.recv(5)
    hose = open_client(server.mqtt, "hose")
    for i in range(100_000_000):
        hose.sendall(publish("hose", b"x" * 60_000))
        if i == 100:
            ready.set()


def keep_open(port, count, say, ready):
    """So many connections that have said something and wait; for who is thrown out another comes."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    poller, by_number, made = select.epoll(), {}, 0
    while True:
        for _ in range(min(50, count - len(by_number))):
            client = open_socket(port)
            client.sendall(say)
            by_number[client.fileno()] = client
            poller.register(client.fileno(), select.EPOLLIN)
            made += 1
        if made >= count:
            ready.set()
        for number, _ in poller.poll(0.01):
            by_number.pop(number).close()


def client_hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()


def half_open_tls(server, ready):
    """More than the server lets be in their handshake at a time."""
    hello = client_hello()
    keep_open(server.tls, 3000, hello[:len(hello) // 2], ready)


def handshake_storm(server, ready):
    """Full handshakes with a client certificate, four at a time, one after the other."""
    context = ssl.create_default_context(cafile=server.data / "ca.pem")
    context.load_cert_chain(server.device.certificate, server.device.key)

    def one_after_the_other(name):
        for i in range(100_000_000):
            with context.wrap_socket(open_socket(server.tls), server_hostname="localhost") as client:
                client.sendall(connect(name))
                assert client.recv(4) == b"\x20\x02\x00\x00"
            if i == 50:
                ready.set()

    threads = [threading.Thread(target=one_after_the_other, args=(f"storm{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def frame(opcode, payload, end):
    mask = b"\x01\x02\x03\x04"
    return bytes([opcode | (0x80 if end else 0), 0x80 | len(payload)]) + mask + bytes(
        byte ^ mask[i % 4] for i, byte in enumerate(payload))


def open_websocket(server):
    client = open_socket(server.http)
    client.sendall(b"GET /mqtt HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                   b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Key: "
                   + base64.b64encode(b"0123456789abcdef") + b"\r\n\r\n")
    assert client.recv(4096).startswith(b"HTTP/1.1 101")
    return client


def in_bytes(message):
    """One message in frames of one byte each."""
    frames = [frame(0 if i else 2, message[i:i + 1], i + 1 == len(message)) for i in range(len(message))]
    return b"".join(frames)


def websocket_fragments(server, ready):
    """Clients whose every byte is a frame, and others whose message never ends."""
    pings = in_bytes(b"\xc0\x00" * 500)
    endless = frame(2, b"", False) + frame(0, b"", False) * 5000
    clients = {}
    poller = select.epoll()

    def add(number, pieces):
        client = open_websocket(server)
        client.sendall(in_bytes(connect(f"cut{number}")))
        client.setblocking(False)
        clients[client.fileno()] = [client, number, pieces, b""]
        poller.register(client.fileno(), select.EPOLLIN | select.EPOLLOUT)

    for i in range(100):
        add(i, endless if i % 2 else pings)
    turns = 0
    while True:
        for number, _ in poller.poll(0.1):
            client, name, pieces, rest = clients[number]
            try:
                rest = rest or pieces
                clients[number][3] = rest[client.send(rest):]
            except BlockingIOError:
                pass
            except (ConnectionResetError, BrokenPipeError):
                client.close()
                del clients[number]
                add(name, pieces)
                continue
            try:
                client.recv(1 << 20)
            except (BlockingIOError, ConnectionResetError):
                pass
        turns += 1
        if turns == 20:
            ready.set()


def at_authorizer(name, password):
    """Bursts of clients whose CONNECT an authorizer must look at."""
    def flood(server, ready):
        say = connect("", f"u?x-amz-customauthorizer-name={name}", password)
        ready.set()
        while True:
            burst = []
            for _ in range(50):
                burst.append(open_socket(server.mqtt))
                burst[-1].sendall(say)
            time.sleep(0.1)  # what the authorizer is to have time for before they go
            for client in burst:
                client.close()
    flood.__name__ = f"{name}_at_an_authorizer"
    return flood


def flooding(flood, *arguments):
    os.nice(10)
    flood(*arguments)
