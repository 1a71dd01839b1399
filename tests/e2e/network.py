"""A server with gateways and devices, as its owner would set it up, for tests that need one."""
import http.server
import queue
import threading
import time
import urllib.request
import uuid

from lorawan import Device
from packet_forwarder import Gateway, delay_us
from server import PATIENCE, Server

JOIN_EUI = bytes.fromhex("70b3d57ed0000001")


class HttpReceiver:
    """An HTTP server that answers with the given statuses, then 200."""

    def __init__(self, *statuses):
        self.requests = queue.Queue()
        self.times = []
        left = list(statuses)
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.times.append(time.monotonic())
                receiver.requests.put((self.path, dict(self.headers.items()), body))
                self.send_response(left.pop(0) if left else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


class Network:
    """A server with a profile and a destination, as an owner would set it up with boto3.

    Each test has two gateways of its own: a gateway sends one frame at a time, so what another test
    had it send would keep this one's out of its window.
    """

    def __init__(self, folder):
        self.server = Server(folder)
        self.wireless = self.server.client("iotwireless")
        self.profile = self.wireless.create_device_profile(Name="class A", LoRaWAN={
            "MacVersion": "1.0.3", "RegParamsRevision": "RP002-1.0.1", "RfRegion": "EU868", "SupportsJoin": True,
            "Supports32BitFCnt": True})["Id"]
        self.service = self.wireless.create_service_profile(Name="default", LoRaWAN={"AddGwMetadata": True})["Id"]
        self.wireless.create_destination(
            Name="farm", ExpressionType="MqttTopic", Expression="aws/farm", RoleArn="arn:aws:iam::123456789012:role/r")
        self.gateways = []
        self.gateways_made = 0

    def put_up_gateways(self):
        for _ in range(2):
            eui = bytes.fromhex(f"0016c001ff10{self.gateways_made:04x}")
            self.gateways_made += 1
            self.wireless.create_wireless_gateway(LoRaWAN={"GatewayEui": eui.hex(), "RfRegion": "EU868"})
            self.gateways.append(Gateway(eui, self.server.udp))
            self.gateways[-1].pull_acks.get(timeout=PATIENCE)

    def take_down_gateways(self):
        for gateway in self.gateways:
            gateway.close()
        self.gateways.clear()

    def register(self, number, profile=None):
        device = Device(bytes.fromhex(f"a0b1c2d3e4f5{number:04x}"), JOIN_EUI, uuid.uuid4().bytes)  # test key
        device.id = self.wireless.create_wireless_device(
            Type="LoRaWAN", Name=f"sensor {number}", DestinationName="farm", LoRaWAN={
                "DevEui": device.dev_eui.hex(), "DeviceProfileId": profile or self.profile,
                "ServiceProfileId": self.service,
                "OtaaV1_0_x": {"AppKey": device.app_key.hex(), "AppEui": JOIN_EUI.hex()}})["Id"]
        return device

    def downlink_within(self, seconds, gateway=None):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for one in [gateway] if gateway else self.gateways:
                try:
                    return one.downlinks.get(timeout=0.02), one
                except queue.Empty:
                    pass
        return None, None

    def downlink(self, gateway=None):
        """The next downlink that any (or this) gateway transmits, and the gateway."""
        found = self.downlink_within(PATIENCE, gateway)
        assert found[0], "no downlink: " + self.server.log_text()
        return found

    def join(self, device):
        counters = [g.hear(device.join_request(device.dev_nonce + 1), rssi=-60 - 30 * i, snr=9 - 10 * i)
                    for i, g in enumerate(self.gateways)]
        device.dev_nonce += 1
        packet, gateway = self.downlink()
        assert gateway is self.gateways[0], "the better gateway answers"
        assert delay_us(packet, counters[0]) == 5_000_000, "a join-accept goes to RX1 after 5 s"
        device.accept_join(packet["phy"])

    def say(self, phy, **radio):
        """Both gateways hear it; the first one better."""
        return [g.hear(phy, rssi=-60 - 30 * i, snr=9 - 10 * i, **radio) for i, g in enumerate(self.gateways)]

    def events_of(self, device):
        return self.server.listen(f"application/farm/device/{device.dev_eui.hex()}/event/+")

    def wait_for_queue(self, device, count):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = self.wireless.list_queued_messages(Id=device.id).get("DownlinkQueueMessagesList", [])
            if len(found) == count:
                return found
        raise AssertionError(f"the queue never had {count} messages")

    def metric(self, name):
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.server.http}/metrics").read().decode()
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                   if line.startswith(name) and line[len(name)] in " {")

    def close(self):
        self.take_down_gateways()
        self.server.stop()
