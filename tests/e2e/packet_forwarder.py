"""A Semtech UDP packet forwarder (protocol version 2): two sockets, as the reference program has."""
import base64
import json
import queue
import random
import select
import socket
import struct
import threading
import time


class Gateway:
    def __init__(self, eui, port, host="127.0.0.1"):
        self.eui, self.server = eui, (host, port)
        self.up = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.down = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.start = time.monotonic() - random.random() * 4000  # the counter starts anywhere
        self.downlinks = queue.Queue()
        self.push_acks = queue.Queue()
        self.pull_acks = queue.Queue()
        self.tx_errors = []  # the answers to the next PULL_RESPs; NONE when it is empty
        self.running = True
        self.thread = threading.Thread(target=self.receive, daemon=True)
        self.thread.start()
        self.pull()

    def counter(self):
        return int((time.monotonic() - self.start) * 1e6) & 0xFFFFFFFF

    def header(self, identifier, token=None):
        if token is None:
            token = random.randbytes(2)
        return bytes([2]) + token + bytes([identifier]) + self.eui

    def pull(self):
        self.down.sendto(self.header(2), self.server)

    def push(self, body):
        self.up.sendto(self.header(0) + json.dumps(body).encode(), self.server)

    def hear(self, phy, datr="SF7BW125", freq=868.1, rssi=-60, snr=9.0, counter=None, **more):
        counter = self.counter() if counter is None else counter
        self.push({"rxpk": [{
            "tmst": counter, "chan": 0, "rfch": 0, "freq": freq, "stat": 1, "modu": "LORA", "datr": datr,
            "codr": "4/5", "rssi": rssi, "lsnr": snr, "size": len(phy),
            "data": base64.b64encode(phy).decode(), **more}]})
        return counter

    def receive(self):
        while self.running:
            for ready in select.select([self.up, self.down], [], [], 0.1)[0]:
                data = ready.recv(65536)
                if data[3] == 1:
                    self.push_acks.put(data[1:3])
                elif data[3] == 4:
                    self.pull_acks.put(data[1:3])
                elif data[3] == 3:
                    self.transmit(data)

    def transmit(self, data):
        packet = json.loads(data[4:])["txpk"]
        error = self.tx_errors.pop(0) if self.tx_errors else "NONE"
        answer = json.dumps({"txpk_ack": {"error": error}}).encode()
        self.down.sendto(self.header(5, data[1:3]) + answer, self.server)
        packet["error"] = error
        packet["phy"] = base64.b64decode(packet["data"])
        self.downlinks.put(packet)

    def close(self):
        self.running = False
        self.thread.join()
        self.up.close()
        self.down.close()


def delay_us(packet, counter):
    """Microseconds from the end of the uplink to the transmission, over a wrap of the counter."""
    return (packet["tmst"] - counter) & 0xFFFFFFFF
