"""Payload codecs in the running server: what The Things Network and ChirpStack define, and what hostile
scripts try.  A codec that fails costs its own message's object and a log event, nothing else."""
import base64
import os
import pathlib
import signal
import tempfile

import pytest


GOOD = "function decodeUplink(input) { return {data: {n: input.bytes.length, port: input.fPort}}; }"


@pytest.fixture(scope="module")
def network(one_server):
    one_server.put_up_gateways()
    one_server.made = 0
    return one_server


class Sensor:
    """A device with a codec of its own that has joined, and what it has said."""

    def __init__(self, network, codec):
        network.made += 1
        self.network = network
        self.profile = network.wireless.create_device_profile(Name=f"with codec {network.made}", LoRaWAN={
            "MacVersion": "1.0.3", "RegParamsRevision": "RP002-1.0.1", "RfRegion": "EU868",
            "SupportsJoin": True})["Id"]
        self.set_codec(codec)
        self.device = network.register(1000 + network.made, self.profile)
        self.events = network.events_of(self.device)
        network.join(self.device)

    def set_codec(self, source):
        with tempfile.NamedTemporaryFile("w", suffix=".js") as file:
            file.write(source)
            file.flush()
            self.network.server.ctl("codec", "set", self.profile, file.name)

    def say(self, payload=b"\x01\x02", fport=2):
        self.network.say(self.device.uplink(fport, payload))
        return self.events.next("/up")

    def command(self, **body):
        eui = self.device.dev_eui.hex()
        self.events.publish(f"application/farm/device/{eui}/command/down", {"devEui": eui, **body})


@pytest.fixture
def sensor(network):
    made = []

    def make(codec):
        made.append(Sensor(network, codec))
        return made[-1]

    yield make
    for one in made:
        one.events.close()


@pytest.mark.parametrize("codec, decoded", [
    (GOOD, {"n": 2, "port": 2}),
    ("function decodeUplink({bytes, recvTime}) { return {data: {year: recvTime.getUTCFullYear() > 2000}}; }",
     {"year": True}),
    ("const decodeUplink = (input) => ({data: {a: input.bytes[0]}});", {"a": 1}),
    ("function Decode(fPort, bytes, variables) { return {p: fPort, b: bytes}; }", {"p": 2, "b": [1, 2]}),
    ("function Decoder(bytes, port) { return {p: port}; }", {"p": 2}),
], ids=["decodeUplink", "recvTime", "constant", "ChirpStack v3", "TTN v2"])
def test_each_form_of_codec_gives_the_object(sensor, codec, decoded):
    assert sensor(codec).say()["object"] == decoded


def test_warnings_are_a_log_event_and_the_object_is_there(sensor):
    one = sensor("function decodeUplink(i) { return {data: {v: 3}, warnings: ['battery low', 'lid open']}; }")
    assert one.say()["object"] == {"v": 3}
    log = one.events.next("/log")
    assert (log["level"], log["code"]) == ("WARNING", "UPLINK_CODEC")
    assert log["description"] == "battery low; lid open"


def test_an_object_goes_down_through_encode_downlink_with_its_port(network, sensor):
    one = sensor("function encodeDownlink(input) { return {bytes: [input.data.on ? 1 : 0, input.fPort], fPort: 9}; }")
    one.command(fPort=7, object={"on": True})
    one.say()
    down = one.device.open_downlink(network.downlink()[0]["phy"])
    assert down.payload == b"\x01\x07"


@pytest.mark.parametrize("codec, reason", [
    ("function encodeDownlink(input) { return {errors: ['no such valve']}; }", "no such valve"),
    ("function encodeDownlink(input) { throw new Error('stuck'); }", "stuck"),
    ("function encodeDownlink(input) { for (;;) {} }", "longer than"),
    ("function decodeUplink(input) {}", "encodeDownlink"),
], ids=["errors", "throws", "hangs", "missing"])
def test_an_object_that_cannot_be_encoded_is_a_log_event(sensor, codec, reason):
    one = sensor(codec)
    one.command(fPort=7, object={"on": True})
    log = one.events.next("/log")
    assert (log["level"], log["code"]) == ("ERROR", "DOWNLINK_CODEC")
    assert reason in log["description"]


HOSTILE = {
    "throws": "throw new Error('broken');",
    "errors": "return {errors: ['not ours']};",
    "endless loop": "for (;;) {}",
    "endless loop that catches": "for (;;) { try { for (;;) {} } catch (e) {} }",
    "endless loop in a getter": "return {data: {get x() { for (;;) {} }}};",
    "endless loop in toJSON": "return {data: {toJSON() { for (;;) {} }}};",
    "memory in arrays": "const a = []; for (;;) a.push(new Array(1e6).fill(7));",
    "memory in buffers": "const a = []; for (;;) a.push(new Uint8Array(5e7).fill(1));",
    "memory in text": "let s = 'x'; for (;;) s += s + 'y';",
    "deep recursion": "const f = (n) => f(n + 1) + 1; return f(0);",
    "deep object": "let o = {}; for (let i = 0; i < 1e5; ++i) o = {o}; return {data: o};",
    "deep recursion in the parser": "eval('('.repeat(1e6)); return {data: {}};",
    "regex bomb": "/^(a+)+$/.test('a'.repeat(50) + '!'); for (;;) {}",
    "giant output": "return {data: {s: 'x'.repeat(5e6)}};",
    "giant errors": "return {errors: ['x'.repeat(5e7)]};",
    "giant warnings": "return {data: {}, warnings: new Array(1e6).fill('w')};",
    "no object": "return 7;",
    "a proxy": "return new Proxy({}, {get() { return this; }});",
    "tampered prototypes": "Array.prototype.concat = () => 5; Array.prototype.map = () => null; "
                           "Object.prototype.toJSON = () => 'x'; return {data: {}, warnings: ['w']};",
    "tampered lookup": "Object.defineProperty(Array.prototype, 0, {set() {}, get() { for (;;) {} }}); return {data: {}};",
    "tampered call": "Function.prototype.call = Function.prototype.apply = null; Array.prototype[Symbol.iterator] = null; "
                     "throw {toString() { for (;;) {} }};",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_codec_costs_its_own_object_and_the_next_message_decodes(network, sensor, body):
    good = sensor(GOOD)
    bad = sensor("function decodeUplink(input) { %s }" % body)
    up = bad.say()
    assert base64.b64decode(up["data"]) == b"\x01\x02"
    if body not in (HOSTILE["giant warnings"], HOSTILE["tampered prototypes"], HOSTILE["tampered lookup"]):
        assert "object" not in up
        log = bad.events.next("/log")
        assert (log["level"], log["code"]) == ("ERROR", "UPLINK_CODEC")
        assert 0 < len(log["description"]) <= 1010
    assert good.say()["object"] == {"n": 2, "port": 2}
    assert network.server.process.poll() is None


def test_prototypes_that_one_codec_changes_are_those_of_another_device_untouched(sensor):
    bad = sensor("Object.prototype.evil = 1; Array.prototype.push = () => { throw 1; }; globalThis.evil = 2;" + GOOD)
    bad.say()
    assert sensor("""function decodeUplink(i) {
        const a = []; a.push(3);
        return {data: {evil: typeof evil, inherited: ({}).evil === undefined, a}}; }""").say()["object"] == \
        {"evil": "undefined", "inherited": True, "a": [3]}


def test_a_codec_that_hangs_again_and_again_rests_and_a_new_one_works_at_once(network, sensor):
    one = sensor("function decodeUplink(input) { for (;;) {} }")
    for _ in range(4):
        assert "object" not in one.say()
        log = one.events.next("/log")
    assert "rests until" in log["description"]
    one.set_codec(GOOD)
    assert one.say()["object"] == {"n": 2, "port": 2}


def test_a_codec_host_that_is_killed_is_started_again(network, sensor):
    one = sensor(GOOD)
    assert one.say()["object"]["n"] == 2
    pid = network.server.process.pid
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    assert len(children) == 1
    os.kill(int(children[0]), signal.SIGKILL)
    assert one.say()["object"]["n"] == 2
