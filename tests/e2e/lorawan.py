"""A LoRaWAN 1.0.x class A device, written from the device side of the specification.

Independent of the server's code: AES comes from python3-cryptography.  Frames are bytes in wire order.
"""
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

JOIN_REQUEST, JOIN_ACCEPT, UP, DOWN, CONFIRMED_UP, CONFIRMED_DOWN = range(6)


def aes_ecb(key, data):
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def mic_of(key, data):
    mac = CMAC(algorithms.AES(key))
    mac.update(data)
    return mac.finalize()[:4]


def data_mic(key, up, dev_addr, fcnt, message):
    b0 = struct.pack("<BIBIIBB", 0x49, 0, 0 if up else 1, dev_addr, fcnt, 0, len(message))
    return mic_of(key, b0 + message)


def cipher(key, up, dev_addr, fcnt, data):
    out = b""
    for i in range((len(data) + 15) // 16):
        block = aes_ecb(key, struct.pack("<BIBIIBB", 1, 0, 0 if up else 1, dev_addr, fcnt, 0, i + 1))
        out += bytes(a ^ b for a, b in zip(data[16 * i:16 * i + 16], block))
    return out


class Downlink:
    def __init__(self, confirmed, ack, pending, fcnt, commands, fport, payload):
        self.confirmed, self.ack, self.pending, self.fcnt = confirmed, ack, pending, fcnt
        self.commands, self.fport, self.payload = commands, fport, payload


class Device:
    """Keys and counters of one device; turns what it wants to say into PHYPayloads and back."""

    def __init__(self, dev_eui, join_eui, app_key):
        self.dev_eui, self.join_eui, self.app_key = dev_eui, join_eui, app_key
        self.dev_nonce = 0
        self.dev_addr = None
        self.fcnt_up = 0
        self.last_fcnt_down = -1
        self.nwk_s_key = self.app_s_key = None
        self.answers = b""

    def join_request(self, dev_nonce=None):
        if dev_nonce is None:
            self.dev_nonce += 1
            dev_nonce = self.dev_nonce
        body = bytes([0x00]) + self.join_eui[::-1] + self.dev_eui[::-1] + struct.pack("<H", dev_nonce)
        return body + mic_of(self.app_key, body)

    def accept_join(self, phy):
        assert phy[0] == 0x20, "not a join-accept"
        plain = aes_ecb(self.app_key, phy[1:])
        body, mic = plain[:-4], plain[-4:]
        assert mic == mic_of(self.app_key, phy[:1] + body), "join-accept with a wrong MIC"
        nonce_and_net_id = body[:6]
        self.dev_addr = struct.unpack("<I", body[6:10])[0]
        self.dl_settings, self.rx_delay, self.cf_list = body[10], body[11], body[12:]
        seed = nonce_and_net_id + struct.pack("<H", self.dev_nonce)
        self.nwk_s_key = aes_ecb(self.app_key, (b"\x01" + seed).ljust(16, b"\0"))
        self.app_s_key = aes_ecb(self.app_key, (b"\x02" + seed).ljust(16, b"\0"))
        self.fcnt_up, self.last_fcnt_down = 0, -1

    def uplink(self, fport, payload, confirmed=False, adr=False, ack=False, commands=b"", fcnt=None):
        if fcnt is None:
            fcnt = self.fcnt_up
            self.fcnt_up += 1
        commands = self.answers + commands
        self.answers = b""
        assert len(commands) <= 15
        fctrl = (0x80 if adr else 0) | (0x20 if ack else 0) | len(commands)
        frame = bytes([(CONFIRMED_UP if confirmed else UP) << 5])
        frame += struct.pack("<IBH", self.dev_addr, fctrl, fcnt & 0xFFFF) + commands
        if fport is not None:
            key = self.nwk_s_key if fport == 0 else self.app_s_key
            frame += bytes([fport]) + cipher(key, True, self.dev_addr, fcnt, payload)
        return frame + data_mic(self.nwk_s_key, True, self.dev_addr, fcnt, frame)

    def open_downlink(self, phy):
        frame, mic = phy[:-4], phy[-4:]
        mtype = frame[0] >> 5
        assert mtype in (DOWN, CONFIRMED_DOWN), "not a data downlink"
        dev_addr, fctrl, wire = struct.unpack("<IBH", frame[1:8])
        assert dev_addr == self.dev_addr
        fcnt = (self.last_fcnt_down + 1) & ~0xFFFF | wire
        if fcnt <= self.last_fcnt_down:
            fcnt += 0x10000
        assert mic == data_mic(self.nwk_s_key, False, dev_addr, fcnt, frame), "downlink with a wrong MIC"
        assert fcnt > self.last_fcnt_down, "FCntDown was used again"
        self.last_fcnt_down = fcnt
        size = fctrl & 0x0F
        commands, rest = frame[8:8 + size], frame[8 + size:]
        fport, payload = None, b""
        if rest:
            fport = rest[0]
            payload = cipher(self.nwk_s_key if fport == 0 else self.app_s_key, False, dev_addr, fcnt, rest[1:])
            if fport == 0:
                commands, payload = payload, b""
        return Downlink(mtype == CONFIRMED_DOWN, bool(fctrl & 0x20), bool(fctrl & 0x10), fcnt, commands, fport, payload)
