"""Bridges to a real Mosquitto: plain, over TLS, and with a client certificate; both directions, no loops, and an
outage of both sides in which nothing with QoS 1 is lost."""
import json
import time
import urllib.request

import pytest

from certificates import authority
from mosquitto import Mosquitto
from mqtt_client import PATIENCE, RUN, VERSIONS, Broker, Client
from server import Server, free_port, running

each_version = pytest.mark.parametrize("version", ["3.1.1", "5"])
RATE = 200


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    with Mosquitto(tmp_path_factory.mktemp("mosquitto") / "data") as broker:
        yield broker


def bridge(other, way="plain", version="5", **more):
    table = {"url": f"mqtt://127.0.0.1:{other.plain}", "version": version, "client_id": f"{RUN}-{way}-{version}",
             "topics": 'out 1 up/# "" site/,in 1 down/# "" site/,in 1 both/#,out 1 both/#'}
    if way != "plain":
        port = other.tls if way == "tls" else other.mutual
        table |= {"url": f"mqtts://localhost:{port}", "ca_file": other.ca}
    if way == "mutual":
        certificate, key = other.identity("site", other.authority.sign("site-7"))
        table |= {"certificate_file": certificate, "key_file": key}
    return {f"upstream.other.{key}": value for key, value in {**table, **more}.items()}


def above(other, name, **more):
    return Client(Broker(other.plain), name, **more)


def below(server, name, **more):
    return Client(Broker(server.mqtt, server.key, server.secret), name, **more)


def persistent(version):
    return {"version": VERSIONS[version == "5"], "clean": False, **({"expiry_s": 600} if version == "5" else {})}


def subscribe(client, filter_):
    client.paho.subscribe(filter_, 1)
    client._subscribed.get(timeout=PATIENCE)


def publish(client, name, payload):
    client.paho.publish(name, payload, 1)
    client.acks.get(timeout=PATIENCE)


def metric(server, name, labels='{upstream="other"}'):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.http}/metrics", timeout=PATIENCE) as page:
        text = page.read().decode()
    return float(dict(line.rsplit(" ", 1) for line in text.splitlines())[f"heliograph_{name}{labels}"])


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)  # between two looks


def wait_until_connected(server):
    wait_until(lambda: metric(server, "upstream_connected") == 1, server.log_text)


@pytest.fixture
def own(tmp_path):
    """One that a test may stop."""
    with Mosquitto(tmp_path / "mosquitto") as broker:
        yield broker


@each_version
@pytest.mark.parametrize("way", ["plain", "tls", "mutual"])
def test_messages_cross_in_both_directions_under_their_names(other, way, version):
    with running(**bridge(other, way, version)) as server, above(other, "above") as up, below(server, "below") as down:
        subscribe(up, "site/up/#")
        subscribe(down, "down/#")
        wait_until_connected(server)
        publish(down, f"up/{version}/{way}", b"21.5")
        heard = up.hear()
        assert (heard.topic, heard.payload, heard.qos) == (f"site/up/{version}/{way}", b"21.5", 1)
        publish(up, "site/down/lamp", b"on")
        heard = down.hear()
        assert (heard.topic, heard.payload, heard.qos) == ("down/lamp", b"on", 1)


@each_version
def test_a_message_never_comes_back_where_both_directions_have_its_topic(other, version):
    with running(**bridge(other, version=version, client_id=f"{RUN}-loop-{version}")) as server, \
            above(other, "above") as up, below(server, "below") as down:
        for client in (up, down):
            subscribe(client, "both/#")
        wait_until_connected(server)
        # In turns: what came back would have come before the other side's next message.
        for number in range(6):
            publish((down, up)[number % 2], "both/x", b"%d" % number)
            for client in (up, down):
                assert client.hear().payload == b"%d" % number
        assert metric(server, "upstream_loops_total") == (3 if version == "3.1.1" else 0)  # 5 asks for No Local


def test_a_ring_of_two_bridges_ends(tmp_path):
    """Mosquitto bridges to us what we bridge to it."""
    with running(**{"mqtt.anonymous": "true"}) as server:
        theirs = "\n".join(["connection back", f"address 127.0.0.1:{server.mqtt}", "bridge_protocol_version mqttv50",
                            "topic both/# both 1", "restart_timeout 1", "notifications false", ""])
        with Mosquitto(tmp_path / "mosquitto", theirs) as other:
            server.stop()
            server.settings.update(bridge(other, topics="in 1 both/#,out 1 both/#"))
            server.start()
            with above(other, "above") as up, below(server, "below") as down:
                for client in (up, down):
                    subscribe(client, "both/#")
                wait_until_connected(server)
                wait_until(lambda: metric(server, "mqtt_subscriptions", "") == 2, "their bridge is connected")
                for round_ in range(5):  # in turns: whatever goes on for ever is heard again with the next ones
                    publish((down, up)[round_ % 2], "both/x", b"%d" % round_)
                    for client in (up, down):
                        while client.hear().payload != b"%d" % round_:
                            pass
                sent = metric(server, "mqtt_messages_received_total", "")
                publish(down, "both/y", b"end")
                for client in (up, down):
                    while client.hear().topic != "both/y":
                        pass
                assert metric(server, "mqtt_messages_received_total", "") - sent <= 3


def test_a_broker_that_demands_a_certificate_refuses_the_bridge_without_its_own(other):
    stranger = authority("A stranger").sign("site-7")
    certificate, key = other.identity("stranger", stranger)
    for more in ({"url": f"mqtts://localhost:{other.mutual}", "ca_file": other.ca},
                 {"url": f"mqtts://localhost:{other.mutual}", "ca_file": other.ca,
                  "certificate_file": certificate, "key_file": key}):
        with running(**bridge(other, **more)) as server:
            wait_until(lambda: metric(server, "upstream_failures_total") >= 1, server.log_text)
            assert metric(server, "upstream_connected") == 0 and metric(server, "upstream_connections_total") == 0
            wait_until(lambda: "upstream is not connected" in server.log_text(), server.log_text)


def test_a_broker_whose_certificate_is_for_another_name_is_not_trusted(own):
    own.stop()
    own.identity("server", own.authority.sign("localhost", names=["broker.example"]))
    own.start()
    with running(**bridge(own, "tls")) as server:
        wait_until(lambda: "TLS failed" in server.log_text(), server.log_text)
        assert metric(server, "upstream_connections_total") == 0


@each_version
def test_what_is_acknowledged_in_an_outage_survives_kill_9_and_arrives_at_the_bounded_rate(own, tmp_path, version):
    server = Server(tmp_path / "data", **bridge(own, "mutual", version, rate=RATE))
    listener = above(own, "listener", **persistent(version))
    subscribe(listener, "site/#")
    wait_until_connected(server)
    listener.leave()
    own.stop()
    with below(server, "first") as down:
        for i in range(500):
            publish(down, "up/x", b"%d" % i)
    server.kill()
    server.start()
    with below(server, "second") as down:
        for i in range(500, 1000):
            publish(down, "up/x", b"%d" % i)
    assert metric(server, "upstream_queue_messages") == 1000
    own.start()
    listener = above(own, "listener", **persistent(version))
    numbers, times = [], []
    while len(set(numbers)) < 1000:
        numbers.append(int(listener.hear().payload))
        times.append(time.monotonic())
    assert list(dict.fromkeys(numbers)) == list(range(1000))  # in order; at least once
    took = times[-1] - times[0]
    print(f"1000 messages in {took:.1f} s at {RATE}/s, {len(numbers) - 1000} of them twice")
    assert took >= 0.8 * (1000 - RATE / 10) / RATE
    wait_until(lambda: metric(server, "upstream_queue_messages") == 0, "the queue is empty")
    listener.leave()
    server.stop()


@each_version
def test_what_the_other_broker_holds_while_this_server_is_dead_arrives_after_its_restart(own, tmp_path, version):
    server = Server(tmp_path / "data", **bridge(own, version=version))
    listener = below(server, "listener", **persistent(version))
    subscribe(listener, "down/#")
    wait_until_connected(server)
    listener.vanish()
    server.kill()
    with above(own, "above") as up:
        for i in range(200):
            publish(up, "site/down/x", b"%d" % i)
    server.start()
    listener = below(server, "listener", **persistent(version))
    numbers = []
    while len(set(numbers)) < 200:
        numbers.append(int(listener.hear().payload))
    assert list(dict.fromkeys(numbers)) == list(range(200))
    listener.leave()
    server.stop()


def test_a_full_queue_keeps_the_newest_and_its_metrics_say_what_is_missing(own):
    with running(**bridge(own, queue_bytes="64K")) as server:
        wait_until_connected(server)
        listener = above(own, "listener", clean=False, expiry_s=600)
        subscribe(listener, "site/#")
        listener.leave()
        own.stop()
        with below(server, "below") as down:
            for i in range(100):
                publish(down, "up/x", b"%03d" % i + b"x" * 2000)
                assert metric(server, "upstream_queue_bytes") <= 65536
        kept, dropped = int(metric(server, "upstream_queue_messages")), int(metric(server, "upstream_dropped_full_total"))
        assert kept + dropped == 100 and 25 <= kept <= 32
        own.start()
        listener = above(own, "listener", clean=False, expiry_s=600)
        assert [int(listener.hear().payload[:3]) for _ in range(kept)] == list(range(dropped, 100))
        listener.leave()


def test_what_one_bridge_brings_another_takes_on(other, own):
    """Two brokers with a certificate each, as for publishing across accounts."""
    second = bridge(own, "mutual", topics="out 1 relay/#")
    settings = {**bridge(other, "mutual", topics="in 1 relay/#", client_id=f"{RUN}-relay"),
                **{key.replace(".other.", ".second."): value for key, value in second.items()}}
    with running(**settings) as server, above(other, "from") as first, above(own, "to") as last:
        subscribe(last, "relay/#")
        wait_until_connected(server)
        wait_until(lambda: metric(server, "upstream_connected", '{upstream="second"}') == 1, server.log_text)
        publish(first, "relay/a", b"onwards")
        assert last.hear().payload == b"onwards"


@each_version
def test_mosquitto_bridges_to_this_server_with_a_certificate_as_to_aws(tmp_path, version):
    tls = free_port()
    with running(**{"mqtt.tls": f"127.0.0.1:{tls}"}) as server:
        iot = server.client("iot")
        made = iot.create_keys_and_certificate(setAsActive=True)
        iot.create_policy(policyName="all", policyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}))
        iot.attach_policy(policyName="all", target=made["certificateArn"])
        (tmp_path / "site.pem").write_text(made["certificatePem"])
        (tmp_path / "site.key").write_text(made["keyPair"]["PrivateKey"])
        theirs = "\n".join([
            "connection hub", f"address localhost:{tls}", f"bridge_cafile {server.data / 'ca.pem'}",
            f"bridge_certfile {tmp_path / 'site.pem'}", f"bridge_keyfile {tmp_path / 'site.key'}", "restart_timeout 1",
            f"bridge_protocol_version {'mqttv50' if version == '5' else 'mqttv311'}", "notifications false",
            "topic up/# out 1", "topic down/# in 1", "cleansession false", ""])
        with Mosquitto(tmp_path / "mosquitto", theirs) as other, above(other, "site") as site, \
                below(server, "hub") as hub:
            subscribe(hub, "up/#")
            subscribe(site, "down/#")
            wait_until(lambda: metric(server, "mqtt_subscriptions", "") == 2, "their bridge is connected")
            publish(site, "up/x", b"21.5")
            heard = hub.hear()
            assert (heard.topic, heard.payload, heard.qos) == ("up/x", b"21.5", 1)
            publish(hub, "down/x", b"on")
            heard = site.hear()
            assert (heard.topic, heard.payload, heard.qos) == ("down/x", b"on", 1)
