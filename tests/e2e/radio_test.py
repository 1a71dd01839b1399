"""Gateways and devices as they may be, over real sockets: each protocol version, each modulation, gateways
that refuse, and every datagram that a server must survive."""
import base64
import json
import pathlib
import socket
import time
import uuid

import pytest

from lorawan import Device
from network import JOIN_EUI
from packet_forwarder import Gateway, delay_us
from server import PATIENCE

SAMPLES = json.loads((pathlib.Path(__file__).parents[1] / "data/gwmp/samples.json").read_text())


def device_profile(network, **lorawan):
    return network.wireless.create_device_profile(Name=uuid.uuid4().hex, LoRaWAN={
        "MacVersion": "1.0.3", "RegParamsRevision": "RP002-1.0.1", "RfRegion": "EU868", "SupportsJoin": True,
        "Supports32BitFCnt": True, **lorawan})["Id"]


def abp_device(network, number, dev_addr, profile=None, **abp):
    """Registered by the API with test keys; it has its session at once."""
    device = Device(bytes.fromhex(f"b0b1c2d3e4f5{number:04x}"), JOIN_EUI, bytes(16))
    device.dev_addr, device.nwk_s_key, device.app_s_key = dev_addr, uuid.uuid4().bytes, uuid.uuid4().bytes
    device.id = network.wireless.create_wireless_device(
        Type="LoRaWAN", DestinationName="farm", LoRaWAN={
            "DevEui": device.dev_eui.hex(), "DeviceProfileId": profile or network.profile,
            "ServiceProfileId": network.service,
            "AbpV1_0_x": {"DevAddr": f"{dev_addr:08x}", **abp, "SessionKeys": {
                "NwkSKey": device.nwk_s_key.hex(), "AppSKey": device.app_s_key.hex()}}})["Id"]
    return device


def data_of(event):
    return base64.b64decode(event["data"])


def test_every_sample_datagram_gets_its_reply_and_the_gateway_is_served_on(network):
    gateway = network.gateways[0]
    sample_eui = bytes.fromhex(SAMPLES["gateway_eui"])
    before = {name: network.metric(name) for name in (
        "heliograph_udp_malformed_packets_total", "heliograph_udp_push_data_malformed_total",
        "heliograph_udp_rxpk_dropped_total", "heliograph_udp_tx_acks_unexpected_total",
        "heliograph_lns_receptions_refused_total")}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as port:
        port.connect(gateway.server)
        port.settimeout(PATIENCE)
        for sample in SAMPLES["valid"] + SAMPLES["malformed"]:
            port.send(bytes.fromhex(sample["datagram"]).replace(sample_eui, gateway.eui))
            # Replies come in order: what the probe's answer overtakes is no reply to the sample.
            port.send(b"\x02\xca\xfe\x00" + gateway.eui + b"{}")
            replies = []
            while not replies or replies[-1] != b"\x02\xca\xfe\x01":
                replies.append(port.recv(65536))
            assert [r.hex() for r in replies[:-1]] == ([sample["reply"]] if sample["reply"] else []), sample["name"]
        port.send(bytes(65507))
    for name, value in before.items():
        assert network.metric(name) > value, name
    gateway.pull()
    gateway.pull_acks.get(timeout=PATIENCE)
    device = network.register(1)
    network.join(device)


def test_version_1_of_the_protocol_is_answered_with_version_1_and_needs_no_tx_ack(network):
    gateway = network.gateways[0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as port:
        port.connect(gateway.server)
        port.settimeout(PATIENCE)
        port.send(b"\x01\xbe\xef\x02" + gateway.eui)
        assert port.recv(100) == b"\x01\xbe\xef\x04"
        device = network.register(2)
        phy = device.join_request()
        rxpk = {"tmst": 1000, "freq": 868.1, "stat": 1, "modu": "LORA", "datr": "SF7BW125", "codr": "4/5",
                "rssi": -60, "lsnr": 9, "size": len(phy), "data": base64.b64encode(phy).decode().rstrip("=")}
        port.send(b"\x01\xab\xcd\x00" + gateway.eui + json.dumps({"rxpk": [rxpk]}).encode())
        assert port.recv(100) == b"\x01\xab\xcd\x01"
        answer = port.recv(65536)
        assert answer[:4] == b"\x01\x00\x00\x03"
        packet = json.loads(answer[4:])["txpk"]
        assert packet["tmst"] == 5_001_000
        device.accept_join(base64.b64decode(packet["data"]))
    assert network.metric("heliograph_lns_downlinks_ended_total") > 0


def test_a_downlink_goes_to_the_address_of_the_last_pull_data(network):
    gateway = network.gateways[0]
    device = network.register(3)
    gateway.hear(device.join_request())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as moved:
        moved.connect(gateway.server)
        moved.settimeout(PATIENCE)
        moved.send(gateway.header(2))
        assert moved.recv(100)[3] == 4
        assert moved.recv(65536)[3] == 3
    assert gateway.downlinks.empty()


@pytest.mark.parametrize("radio, dr, modulation, answer", [
    ({"modu": "FSK", "datr": 50000, "freq": 868.8, "codr": None}, 7, "fsk", ("FSK", 50000)),
    ({"modu": "LR-FHSS", "datr": "M0CW137", "codr": "4/6", "hpw": 8}, 9, "lrFhss", ("LORA", "SF10BW125")),
    ({"datr": "SF12BW125", "freq": 868.5}, 0, "lora", ("LORA", "SF12BW125")),
], ids=["FSK", "LR-FHSS", "LoRa"])
def test_each_modulation_is_told_and_answered(network, radio, dr, modulation, answer):
    device = abp_device(network, 100 + dr, 0x01000000 + dr)
    events = network.events_of(device)
    gateway = network.gateways[0]
    gateway.hear(device.uplink(1, b"over", confirmed=True), **radio)
    up = events.next("/up")
    assert up["dr"] == dr and data_of(up) == b"over"
    assert list(up["txInfo"]["modulation"]) == [modulation]
    packet, _ = network.downlink(gateway)
    assert (packet["modu"], packet["datr"]) == answer
    assert device.open_downlink(packet["phy"]).ack


def test_each_antenna_is_a_reception_with_its_own_levels_and_times(network):
    device = abp_device(network, 4, 0x01000100)
    events = network.events_of(device)
    network.gateways[0].hear(
        device.uplink(1, b"two ears"), rsig=[
            {"ant": 0, "chan": 7, "rssic": -70, "lsnr": 10.0, "ftime": 123456789},
            {"ant": 1, "chan": 23, "rssic": -69, "lsnr": 9.8}],
        time="2026-11-21T09:30:00.5Z", tmms=1479288618123, unheard_of={"x": [1]})
    receptions = sorted(events.next("/up")["rxInfo"], key=lambda r: r.get("antenna", 0))
    assert [(r.get("antenna", 0), r["rssi"], round(r["snr"], 1)) for r in receptions] == [(0, -70, 10), (1, -69, 9.8)]
    assert all(r["timeSinceGpsEpoch"] == "1479288618.123s" for r in receptions)
    assert "fineTimeSinceGpsEpoch" in receptions[0] and "fineTimeSinceGpsEpoch" not in receptions[1]


def test_the_next_gateway_sends_what_the_first_one_refuses_in_both_windows(network):
    device = abp_device(network, 5, 0x01000200)
    events = network.events_of(device)
    first, second = network.gateways
    first.tx_errors = ["TX_FREQ", "TOO_LATE"]
    network.say(device.uplink(1, b"please", confirmed=True))
    packets = [network.downlink(gateway)[0] for gateway in (first, first, second)]
    assert [p["error"] for p in packets] == ["TX_FREQ", "TOO_LATE", "NONE"]
    assert len({p["phy"] for p in packets}) == 1
    assert device.open_downlink(packets[-1]["phy"]).ack
    # Nobody takes the next one: its application is told.
    first.tx_errors, second.tx_errors = ["TX_POWER"] * 2, ["COLLISION_BEACON"] * 2
    network.say(device.uplink(1, b"again", confirmed=True))
    log = events.next("/log")
    assert log["code"] == "DOWNLINK_GATEWAY" and "COLLISION_BEACON" in log["description"]


def test_a_fixed_plan_answers_on_its_downlink_channels_and_names_the_sub_band(network):
    eui = bytes.fromhex("0016c001ff20915a")
    network.wireless.create_wireless_gateway(
        LoRaWAN={"GatewayEui": eui.hex(), "RfRegion": "US915", "SubBands": [2]})
    gateway = Gateway(eui, network.server.udp)
    gateway.pull_acks.get(timeout=PATIENCE)
    device = network.register(6, device_profile(network, RfRegion="US915"))
    counter = gateway.hear(device.join_request(), freq=904.1, datr="SF10BW125")  # channel 9
    packet, _ = network.downlink(gateway)
    assert delay_us(packet, counter) == 5_000_000
    assert packet["freq"] == pytest.approx(923.9) and packet["datr"] == "SF10BW500"
    device.accept_join(packet["phy"])
    assert device.cf_list == bytes.fromhex("00ff000000000000020000000000" + "0001")
    events = network.events_of(device)
    counter = gateway.hear(device.uplink(1, b"far west", confirmed=True), freq=904.6, datr="SF8BW500")  # channel 65
    assert data_of(events.next("/up")) == b"far west"
    packet, _ = network.downlink(gateway)
    assert packet["freq"] == pytest.approx(923.9) and packet["datr"] == "SF7BW500"
    assert device.open_downlink(packet["phy"]).ack
    gateway.close()


def test_a_status_is_asked_for_as_the_service_profile_says_and_comes_out_as_an_event(network):
    device = Device(bytes.fromhex("b0b1c2d3e4f50007"), JOIN_EUI, uuid.uuid4().bytes)  # test key
    made = network.server.ctl(
        "device", "add", device.dev_eui.hex(), "--join-eui", JOIN_EUI.hex(), "--app-key", device.app_key.hex(),
        "--destination", "farm", "--status-requests-per-day", "24")
    shown = network.wireless.get_wireless_device(Identifier=made["Id"], IdentifierType="WirelessDeviceId")
    service = network.wireless.get_service_profile(Id=shown["LoRaWAN"]["ServiceProfileId"])
    assert service["LoRaWAN"]["DevStatusReqFreq"] == 24
    events = network.events_of(device)
    network.join(device)
    for _ in range(3):
        network.say(device.uplink(1, b"well?"))
        packet, _ = network.downlink_within(1)
        if packet and 0x06 in device.open_downlink(packet["phy"]).commands:
            break
    else:
        raise AssertionError("DevStatusReq never came")
    network.say(device.uplink(1, b"fine", commands=b"\x06\xfe\x3e"))
    status = events.next("/status")
    assert status["batteryLevel"] == 100 and status["margin"] == -2
    assert status["externalPowerSource"] is False and status["batteryLevelUnavailable"] is False


def test_a_message_that_expires_before_the_next_uplink_is_a_log_event(network):
    device = abp_device(network, 8, 0x01000300)
    events = network.events_of(device)
    message = str(uuid.uuid4())
    expiry = time.time() + 1
    events.publish(f"application/farm/device/{device.dev_eui.hex()}/command/down", {
        "id": message, "devEui": device.dev_eui.hex(), "fPort": 3, "data": "AQ==",
        "expiresAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(expiry))})
    network.wait_for_queue(device, 1)
    while time.time() <= expiry:
        time.sleep(0.05)
    network.say(device.uplink(1, b"any news?"))
    log = events.next("/log")
    assert log["code"] == "EXPIRED" and log["context"]["queue_item_id"] == message
    network.wait_for_queue(device, 0)


def test_an_abp_device_counts_on_from_its_record_and_with_16_bits_where_its_profile_says_so(network):
    narrow = device_profile(network, Supports32BitFCnt=False, SupportsJoin=False)
    device = abp_device(network, 9, 0x01000400, narrow, FCntStart=0xFFFF)
    events = network.events_of(device)
    network.say(device.uplink(1, b"last", fcnt=0xFFFF))
    assert events.next("/up")["fCnt"] == 0xFFFF
    network.say(device.uplink(1, b"first", fcnt=0))
    up = events.next("/up")
    assert data_of(up) == b"first" and up["fCnt"] == 0x10000


def test_devices_that_share_a_dev_addr_are_told_apart_by_their_keys(network):
    devices = [abp_device(network, 0x1000 + i, 0x01000500) for i in range(5)]
    events = [network.events_of(device) for device in devices]
    for round_number in range(2):
        for device, listener in zip(devices, events):
            network.say(device.uplink(1, device.dev_eui))
            up = listener.next("/up")
            assert data_of(up) == device.dev_eui and up["fCnt"] == round_number


def test_the_figures_of_a_gateway_are_shown(network):
    gateway = network.gateways[0]
    device = network.register(10)
    network.join(device)
    gateway.push({"stat": {"time": "2026-11-21 09:30:00 GMT", "lati": 46.24, "long": 3.25, "alti": 145,
                           "rxnb": 2, "rxok": 2, "rxfw": 2, "ackr": 100.0, "dwnb": 2, "txnb": 2}})
    gateway.push_acks.get(timeout=PATIENCE)
    shown = network.server.ctl("gateway", "show", gateway.eui.hex())
    text = json.dumps(shown)
    assert "RoundTripMs" in text, text
    session = network.server.ctl("device", "session", device.dev_eui.hex())
    assert session["DevAddr"] == f"{device.dev_addr:08x}"


def test_a_gateway_is_served_as_soon_as_it_is_registered(network):
    strange = network.metric("heliograph_udp_unregistered_total")
    stranger = Gateway(bytes.fromhex("0016c001ff2000aa"), network.server.udp)
    deadline = time.monotonic() + PATIENCE
    while network.metric("heliograph_udp_unregistered_total") == strange:
        assert time.monotonic() < deadline
    assert stranger.pull_acks.empty()
    network.wireless.create_wireless_gateway(LoRaWAN={"GatewayEui": stranger.eui.hex(), "RfRegion": "EU868"})
    stranger.pull()
    stranger.pull_acks.get(timeout=PATIENCE)
    stranger.close()


def test_why_a_device_has_its_data_rate_can_be_asked(network):
    device = network.register(11)
    network.join(device)
    events = network.events_of(device)
    network.say(device.uplink(1, b"adr", adr=True), datr="SF12BW125")
    events.next("/up")
    session = network.server.ctl("device", "session", device.dev_eui.hex())
    assert "SNR 9.0 dB - floor -20.0 dB" in session["AdrDecision"], session
