"""The wire of MQTT 3.1.1 for tests that speak it themselves: texts and packets."""
import struct


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
