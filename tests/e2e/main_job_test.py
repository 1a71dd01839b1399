"""The main job with the real server, real sockets and real clients: a packet forwarder's frame
becomes a rule's output, and a downlink goes back."""
import base64
import json
import queue
import tempfile
import time

import pytest

from network import HttpReceiver, Network
from packet_forwarder import Gateway, delay_us
from server import PATIENCE

CODEC = """
function decodeUplink(input) {
    return {data: {temperature: ((input.bytes[0] << 8) | input.bytes[1]) / 10, port: input.fPort}};
}
function encodeDownlink(input) { return {bytes: [input.data.relay ? 1 : 0], fPort: 20}; }
"""


def test_a_device_joins_and_its_measurements_come_out_decoded(network):
    profile = network.wireless.create_device_profile(Name="thermometer", LoRaWAN={
        "MacVersion": "1.0.3", "RegParamsRevision": "RP002-1.0.1", "RfRegion": "EU868", "SupportsJoin": True})["Id"]
    with tempfile.NamedTemporaryFile("w", suffix=".js") as file:
        file.write(CODEC)
        file.flush()
        network.server.ctl("codec", "set", profile, file.name)
    device = network.register(1, profile)
    events = network.events_of(device)
    aws = network.server.listen("aws/farm")

    network.join(device)
    join = events.next("/join")
    assert join["devAddr"] == f"{device.dev_addr:08x}"

    network.say(device.uplink(2, b"\x00\xd7"))
    up = events.next("/up")
    assert up["object"] == {"temperature": 21.5, "port": 2}
    assert up["fCnt"] == 0 and up["fPort"] == 2 and base64.b64decode(up["data"]) == b"\x00\xd7"
    assert up["deviceInfo"]["devEui"] == device.dev_eui.hex()
    assert sorted(r["gatewayId"] for r in up["rxInfo"]) == [g.eui.hex() for g in network.gateways], \
        "two copies are one event with two receptions"
    form = aws.next()
    assert form["WirelessDeviceId"] == device.id
    assert base64.b64decode(form["PayloadData"]) == b"\x00\xd7"
    lorawan = form["WirelessMetadata"]["LoRaWAN"]
    assert lorawan["FPort"] == 2 and lorawan["DevEui"] == device.dev_eui.hex() and len(lorawan["Gateways"]) == 2

    # An object goes through encodeDownlink.
    events.publish(f"application/farm/device/{device.dev_eui.hex()}/command/down",
                   {"devEui": device.dev_eui.hex(), "confirmed": False, "fPort": 20, "object": {"relay": True}})
    network.wait_for_queue(device, 1)
    network.say(device.uplink(2, b"\x00\xd8"))
    down = device.open_downlink(network.downlink()[0]["phy"])
    assert (down.fport, down.payload) == (20, b"\x01")


def test_a_rule_fires_and_republishes_and_posts(network):
    receiver = HttpReceiver()
    iot = network.server.client("iot")
    iot.create_topic_rule(ruleName="hot", topicRulePayload={
        "sql": "SELECT temp, topic(2) AS sensor FROM 'sensors/temp' WHERE temp > 90",
        "awsIotSqlVersion": "2016-03-23",
        "actions": [
            {"republish": {"topic": "alarms/${topic(2)}", "roleArn": "arn:aws:iam::123456789012:role/r", "qos": 1}},
            {"http": {"url": receiver.url}}]})
    alarms = network.server.listen("alarms/#")
    alarms.publish("sensors/temp", {"temp": 20})
    alarms.publish("sensors/temp", {"temp": 99})
    assert alarms.next() == {"temp": 99, "sensor": "temp"}
    assert receiver.requests.get(timeout=PATIENCE)[2] == b'{"temp":99,"sensor":"temp"}'
    assert receiver.requests.empty() and alarms.messages.empty(), "the cold one fired nothing"


def test_wrong_mics_and_replays_are_counted_and_go_nowhere(network):
    device = network.register(2)
    events = network.events_of(device)
    network.join(device)
    first = device.uplink(1, b"one")
    network.say(first)
    assert base64.b64decode(events.next("/up")["data"]) == b"one"

    forged = bytearray(device.uplink(1, b"forged", fcnt=1))
    forged[-1] ^= 1
    network.say(bytes(forged))
    network.say(first)  # a replay
    network.say(device.uplink(1, b"two"))
    assert base64.b64decode(events.next("/up")["data"]) == b"two", "nothing of the two came between"

    # The DevNonce of the join is used up.
    network.say(device.join_request(device.dev_nonce))
    assert events.next("/log")["code"] == "OTAA"


def test_a_confirmed_uplink_is_acknowledged_and_its_repeat_again_but_delivered_once(network):
    device = network.register(3)
    events = network.events_of(device)
    network.join(device)
    phy = device.uplink(1, b"sure?", confirmed=True)
    counters = network.say(phy)
    packet, _ = network.downlink()
    assert delay_us(packet, counters[0]) in (1_000_000, 2_000_000)
    assert device.open_downlink(packet["phy"]).ack
    assert base64.b64decode(events.next("/up")["data"]) == b"sure?"

    time.sleep(1.2)  # the device repeats after its receive windows (RX1 delay 1 s), not before
    network.say(phy)
    assert device.open_downlink(network.downlink()[0]["phy"]).ack
    network.say(device.uplink(1, b"next"))
    assert base64.b64decode(events.next("/up")["data"]) == b"next"


def test_adr_brings_a_well_heard_device_from_sf12_to_sf7(network):
    device = network.register(4)
    network.join(device)
    events = network.events_of(device)
    datr, rate = "SF12BW125", 0
    for _ in range(30):
        network.say(device.uplink(1, b"adr", adr=True), datr=datr)
        assert events.next("/up")["dr"] == rate
        packet, _ = network.downlink_within(0.8)
        if packet is None:
            continue
        down = device.open_downlink(packet["phy"])
        at = 0
        while at < len(down.commands):
            cid = down.commands[at]
            size = {0x03: 4, 0x04: 1, 0x05: 4, 0x06: 0, 0x07: 5, 0x08: 1, 0x09: 1, 0x0A: 4}[cid]
            body = down.commands[at + 1:at + 1 + size]
            at += 1 + size
            if cid == 0x03:
                rate = body[0] >> 4
                datr = f"SF{12 - rate}BW125"
                device.answers += b"\x03\x07"
            elif cid == 0x06:
                device.answers += bytes([0x06, 200, 10])
            else:
                device.answers += {0x04: b"\x04", 0x05: b"\x05\x07", 0x07: b"\x07\x03", 0x08: b"\x08",
                                   0x09: b"\x09", 0x0A: b"\x0a\x03"}[cid]
        if rate == 5:
            break
    assert rate == 5, "LinkADRReq never asked for SF7"


def test_a_confirmed_downlink_is_answered_and_reported(network):
    device = network.register(5)
    network.join(device)
    events = network.events_of(device)
    message = network.wireless.send_data_to_wireless_device(
        Id=device.id, TransmitMode=1, PayloadData=base64.b64encode(b"open").decode(),
        WirelessMetadata={"LoRaWAN": {"FPort": 9}})["MessageId"]
    assert network.wait_for_queue(device, 1)[0]["MessageId"] == message
    network.say(device.uplink(1, b"hello"))
    down = device.open_downlink(network.downlink()[0]["phy"])
    assert (down.confirmed, down.fport, down.payload) == (True, 9, b"open")
    txack = events.next("/txack")
    assert txack["queueItemId"] == message
    assert txack["txInfo"]["timing"] == {"delay": {"delay": "1s"}}
    assert len(base64.b64decode(txack["txInfo"]["context"])) == 4
    network.say(device.uplink(1, b"done", ack=True))
    ack = events.next("/ack")
    assert ack["acknowledged"] is True and ack["queueItemId"] == message
    network.wait_for_queue(device, 0)


def test_a_refused_transmission_moves_to_rx2(network):
    device = network.register(6)
    network.join(device)
    gateway = network.gateways[0]
    gateway.tx_errors = ["COLLISION_PACKET"]
    counter = gateway.hear(device.uplink(1, b"please", confirmed=True))
    first, _ = network.downlink(gateway)
    assert first["error"] == "COLLISION_PACKET" and delay_us(first, counter) == 1_000_000
    second, _ = network.downlink(gateway)
    assert delay_us(second, counter) == 2_000_000
    assert second["freq"] == pytest.approx(869.525)
    assert second["phy"] == first["phy"], "the same bytes, so that no counter is used twice"
    assert device.open_downlink(second["phy"]).ack


def test_a_foreign_gateway_is_seen_but_not_served(network):
    stranger = Gateway(bytes.fromhex("0016c001ff1000ff"), network.server.udp)
    stranger.pull_acks.queue.clear()
    device = network.register(7)
    stranger.hear(device.join_request())
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        seen = network.server.ctl("gateway", "seen")
        if any(g["GatewayEui"] == stranger.eui.hex() for g in seen):
            break
    else:
        raise AssertionError("the gateway was never shown as seen")
    assert stranger.downlinks.empty()
    stranger.close()


def test_nothing_acknowledged_is_lost_and_no_counter_is_reused_over_kill_9():
    with tempfile.TemporaryDirectory() as folder:
        network = Network(folder + "/data")
        network.put_up_gateways()
        device = network.register(8)
        network.join(device)
        events = network.events_of(device)
        for round_number in range(3):
            network.say(device.uplink(1, b"before %d" % round_number, confirmed=True))
            assert base64.b64decode(events.next("/up")["data"]) == b"before %d" % round_number
            assert device.open_downlink(network.downlink()[0]["phy"]).ack
            nonce = device.dev_nonce
            network.server.kill()
            events.close()
            network.server.start()
            events = network.events_of(device)
            for gateway in network.gateways:
                gateway.pull_acks.queue.clear()
                gateway.pull()
                gateway.pull_acks.get(timeout=PATIENCE)
            network.say(device.join_request(nonce))
            assert events.next("/log")["code"] == "OTAA", "the DevNonce is still used up"
            # open_downlink asserts that FCntDown has moved on.
            network.say(device.uplink(1, b"after", confirmed=True))
            assert base64.b64decode(events.next("/up")["data"]) == b"after"
            assert device.open_downlink(network.downlink()[0]["phy"]).ack
        network.close()


def test_the_gateway_counter_may_wrap_between_uplink_and_window(network):
    device = network.register(9)
    network.join(device)
    gateway = network.gateways[0]
    counter = gateway.hear(device.uplink(1, b"late", confirmed=True), counter=0xFFFFFFFF - 400_000)
    packet, _ = network.downlink(gateway)
    assert delay_us(packet, counter) == 1_000_000
    assert packet["tmst"] < 1_000_000


def test_unsigned_and_wrongly_signed_requests_are_refused(network):
    from botocore.exceptions import ClientError
    with pytest.raises(ClientError) as refused:
        network.server.client("iotwireless", secret="x" * 40).list_wireless_devices()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_persistent_session_that_was_away_finds_the_events_of_the_meantime_even_after_kill_9():
    import paho.mqtt.client as mqtt
    with tempfile.TemporaryDirectory() as folder:
        network = Network(folder + "/data")
        network.put_up_gateways()
        device = network.register(20)
        arrived = queue.Queue()

        def come():
            ready = queue.Queue()
            client = mqtt.Client(client_id="flow", clean_session=False, protocol=mqtt.MQTTv311)
            client.username_pw_set(network.server.key, network.server.secret)
            client.on_connect = lambda c, *_: c.subscribe("application/farm/device/+/event/up", 1)
            client.on_subscribe = lambda *_: ready.put(True)
            client.on_message = lambda _c, _u, message: arrived.put(base64.b64decode(json.loads(message.payload)["data"]))
            client.connect("127.0.0.1", network.server.mqtt)
            client.loop_start()
            ready.get(timeout=PATIENCE)
            return client

        def go(client):
            client.disconnect()
            client.loop_stop()

        go(come())
        events = network.events_of(device)
        network.join(device)
        for i in range(3):
            network.say(device.uplink(1, b"away %d" % i))
            events.next("/up")
        network.server.kill()
        events.close()
        network.server.start()
        client = come()
        assert [arrived.get(timeout=PATIENCE) for _ in range(3)] == [b"away 0", b"away 1", b"away 2"]
        go(client)
        network.close()
