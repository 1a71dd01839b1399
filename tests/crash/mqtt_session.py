"""A client that goes on with its session through every loss of connection, as MQTT 3.1.1 asks (§4.3, §4.4).

paho-mqtt does not quite: after two failed attempts to reconnect it publishes again what it has released already.
"""
import socket
import struct
import threading
import time

from mqtt_wire import packet, text

CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK = 2, 3, 4, 5, 6, 7, 9


class Session(threading.Thread):
    """Publishes numbers, `window` at a time, until told to end; keeps what it hears.

    acknowledged  the numbers whose exchange is complete
    heard         the numbers of each topic, in the order in which they came
    """

    def __init__(self, port, user, password, name, publish=None, qos=0, retain=False, subscribe=(), window=20):
        super().__init__(daemon=True)
        self.address, self.topic, self.qos, self.retain = ("127.0.0.1", port), publish, qos, retain
        self.connect_packet = packet(0x10, text("MQTT") + b"\x04\xc0\x00\x00" + text(name) + text(user) + text(password))
        self.filters, self.window = list(subscribe), window
        self.open = {}       # packet id -> [number, type of the packet that is to be repeated]
        self.held = set()    # QoS 2 packet ids received and not released
        self.acknowledged, self.heard = set(), {}
        self.next_number, self.next_id = 0, 0
        self.publishing, self.going = publish is not None, True
        self.subscribed = threading.Event()
        self.lock = threading.Lock()
        self.start()

    def run(self):
        while self.going:
            try:
                with socket.create_connection(self.address, 1) as self.socket:
                    self.socket.settimeout(0.05)
                    self.speak()
            except OSError:
                time.sleep(0.005)  # nobody listens yet: between two attempts, not for anything

    def speak(self):
        self.socket.sendall(self.connect_packet)
        self.stream, connected = b"", False
        while self.going:
            if connected:
                self.fill_window()
            for first, body in self.packets():
                if first >> 4 == CONNACK:
                    connected = True
                    self.resume()
                else:
                    self.take(first, body)

    def packets(self):
        try:
            got = self.socket.recv(65536)
            if not got:
                raise ConnectionError
            self.stream += got
        except TimeoutError:
            pass
        while len(self.stream) >= 2:
            size, shift, at = 0, 0, 1
            while at < len(self.stream):
                size |= (self.stream[at] & 0x7F) << shift
                shift, at = shift + 7, at + 1
                if self.stream[at - 1] < 0x80:
                    break
            else:
                return
            if len(self.stream) < at + size:
                return
            out = self.stream[0], self.stream[at:at + size]
            self.stream = self.stream[at + size:]
            yield out

    def resume(self):
        """What is open is repeated, with its packet id and in its order."""
        for mid, (number, kind) in self.open.items():
            self.send_open(mid, number, kind, 0x08)
        for i, name in enumerate(self.filters):
            self.socket.sendall(packet(0x82, struct.pack("!H", 60_000 + i) + text(name) + b"\x02"))

    def send_open(self, mid, number, kind, dup):
        if kind == PUBREL:
            return self.socket.sendall(packet(0x62, struct.pack("!H", mid)))
        first = 0x30 | dup | self.qos << 1 | self.retain
        self.socket.sendall(packet(first, text(self.topic) + struct.pack("!H", mid) + str(number).encode()))

    def fill_window(self):
        while self.publishing and len(self.open) < self.window:
            self.next_id = self.next_id % 50_000 + 1
            # Open before it is sent: if that fails it is repeated.
            self.open[self.next_id] = [self.next_number, PUBLISH]
            self.next_number += 1
            self.send_open(self.next_id, self.next_number - 1, PUBLISH, 0)

    def take(self, first, body):
        kind = first >> 4
        if kind == PUBLISH:
            return self.take_message(first, body)
        mid, = struct.unpack("!H", body[:2])
        if kind == SUBACK and mid - 60_000 == len(self.filters) - 1:
            self.subscribed.set()
        elif kind == PUBREC and mid in self.open:
            self.open[mid][1] = PUBREL
            self.socket.sendall(packet(0x62, body))
        elif kind in (PUBACK, PUBCOMP) and mid in self.open:
            self.acknowledged.add(self.open.pop(mid)[0])
        elif kind == PUBREL:
            self.held.discard(mid)
            self.socket.sendall(packet(0x70, body))

    def take_message(self, first, body):
        size, = struct.unpack("!H", body[:2])
        name, qos, rest = body[2:2 + size].decode(), first >> 1 & 3, body[2 + size:]
        mid = 0
        if qos:
            mid, rest = struct.unpack("!H", rest[:2])[0], rest[2:]
        if qos != 2 or mid not in self.held:
            with self.lock:
                self.heard.setdefault(name, []).append(int(rest))
        if qos == 2:
            self.held.add(mid)
        if qos:
            self.socket.sendall(packet(0x40 if qos == 1 else 0x50, struct.pack("!H", mid)))

    def numbers(self, name):
        with self.lock:
            return list(self.heard.get(name, []))

    def end(self):
        self.going = False
        self.join()


def until(condition, patience, what):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.01)
