"""Custom authorizers with real clients on every transport: paho, MQTT.js and the AWS IoT Device SDK over WebSockets and
by the ALPN name `mqtt`, HTTPS publish; and what happens to a live connection when its time is over."""
import base64
import json
import subprocess
import time
import urllib.parse
import uuid

import paho.mqtt.client as paho
import pytest

from authorizer_world import ALLOW, issuer, world
from mqtt_client import PATIENCE, VERSIONS, Broker, Client, topic
from server import BIN
from transports import context_of, each_version, mqtt_js, post, running_with_tls, sdk

NAME, SIGNATURE = "x-amz-customauthorizer-name", "x-amz-customauthorizer-signature"
DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iot:*", "Resource": "*"}]}


@pytest.fixture(scope="module")
def server(issuer, world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("authorizers")
    (folder / "key.pem").write_bytes(issuer.pem())
    tables = {"http": {"type": "http", "url": world.url + "/authorize"},
              "signed": {"type": "http", "url": world.url + "/authorize", "token_key": "token",
                         "signature_key_file": folder / "key.pem"}}
    settings = {f"authorizer.{name}.{key}": value for name, table in tables.items() for key, value in table.items()}
    with running_with_tls(**settings) as server:
        yield server


@pytest.fixture(autouse=True)
def answers(world):
    """What the authorizer says, to be changed by a test."""
    world.events.clear()
    usual = {"isAuthenticated": True, "principalId": "p1", "policyDocuments": [ALLOW]}
    world.answer = lambda event: usual
    return usual


@pytest.fixture
def token(issuer):
    """A token and its signature in base64."""
    made = uuid.uuid4().hex
    return made, base64.b64encode(issuer.sign("RS256", made.encode())).decode()


def forged(signature):
    return base64.b64encode(base64.b64decode(signature)[::-1]).decode()


def passed(token, signature):
    return {NAME: "signed", SIGNATURE: signature, "token": token}


def heard_in_js(version):
    return [[topic(f"js/{version}"), 200_000], [topic(f"js/{version}"), 5]]


def verified(event, token):
    return event["token"] == token and event["signatureVerified"] is True


@each_version
@pytest.mark.parametrize("place", ["query", "headers"])
def test_mqtt_js_over_a_websocket_passes_its_token_on_the_upgrade(server, world, token, version, place):
    def connect(values):
        query = "?" + urllib.parse.urlencode(values) if place == "query" else ""
        options = {"wsOptions": {"headers": values}} if place == "headers" else {}
        return mqtt_js(f"wss://localhost:{server.shared}/mqtt{query}", server, version, username="u", password="secret",
                       **options)

    assert connect(passed(*token))["heard"] == heard_in_js(version)
    (event,) = world.events
    assert verified(event, token[0]) and event["protocols"] == ["tls", "http", "mqtt"]
    data = event["protocolData"]
    assert data["tls"]["serverName"] == "localhost"
    assert base64.b64decode(data["mqtt"]["password"]) == b"secret" and data["mqtt"]["username"] == "u"
    if place == "query":
        assert dict(urllib.parse.parse_qsl(data["http"]["queryString"][1:])) == passed(*token)
    else:
        assert data["http"]["queryString"] == "" and passed(*token).items() <= data["http"]["headers"].items()

    assert "refused" in connect(passed(token[0], forged(token[1])))
    assert "refused" in connect({**passed(*token), "token": "another"})
    assert "refused" in connect({**passed(*token), NAME: "nobody"})
    assert len(world.events) == 1  # the authorizer was asked once


@each_version
def test_mqtt_js_by_the_name_mqtt_passes_its_token_in_the_user_name(server, world, token, version):
    def connect(values):
        return mqtt_js(f"mqtts://localhost:{server.shared}", server, version, ALPNProtocols=["mqtt"],
                       username="u?" + urllib.parse.urlencode(values), password="secret")

    assert connect(passed(*token))["heard"] == heard_in_js(version)
    assert verified(world.events[0], token[0]) and world.events[0]["protocols"] == ["tls", "mqtt"]
    assert "refused" in connect(passed(token[0], forged(token[1])))
    assert len(world.events) == 1


@each_version
@pytest.mark.parametrize("way", ["custom", "custom over websocket"])
def test_the_sdk_of_aws_with_a_custom_authorizer(server, world, token, version, way):
    def connect(signature):
        return sdk(server, version, way, server.shared, authorizer={
            "auth_username": "u", "auth_authorizer_name": "signed", "auth_authorizer_signature": signature,
            "auth_token_key_name": "token", "auth_token_value": token[0], "auth_password": "secret"})

    assert connect(token[1]) == {"heard": [[topic(f"sdk/{version}"), 1000]]}
    assert verified(world.events[0], token[0])
    assert world.events[0]["protocols"] == (["tls", "mqtt"] if way == "custom" else ["tls", "http", "mqtt"])
    assert "refused" in connect(forged(token[1]))
    assert len(world.events) == 1


class PahoWithAlpn(paho.Client):
    """paho with the ALPN name `mqtt`, on a port that several protocols share."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.tls_set_context(PahoWithAlpn.context)


@pytest.fixture
def alpn(server, monkeypatch):
    PahoWithAlpn.context = context_of(server, alpn=["mqtt"])
    monkeypatch.setattr(paho, "Client", PahoWithAlpn)
    return server


def come_in(server, version, name="http"):
    user = "u?" + urllib.parse.urlencode({NAME: name})
    return Client(Broker(server.shared, user, "secret", host="localhost"), "kicked", version)


@each_version
def test_paho_by_the_name_mqtt_and_the_time_that_disconnect_after_gives(alpn, world, answers, version):
    answers["disconnectAfterInSeconds"] = 2
    begun = time.monotonic()
    client = come_in(alpn, version)
    client.hears_nothing_before("alpn", 1)
    assert client.gone.get(timeout=PATIENCE) != 0
    assert 2 <= time.monotonic() - begun + 0.01
    client.paho.loop_stop()


@each_version
def test_an_authorizer_that_says_no_when_it_is_asked_again_ends_the_connection(alpn, world, answers, version):
    answers["refreshAfterInSeconds"] = 1
    client = come_in(alpn, version)
    deadline = time.monotonic() + PATIENCE
    while len(world.events) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.05)  # between two looks
    first, *again = world.events
    assert all(event == first for event in again)  # the same question, with the same connection's id
    client.hears_nothing_before("refreshed", 1)
    world.answer = lambda event: {"isAuthenticated": False}
    assert client.gone.get(timeout=PATIENCE) != 0
    client.paho.loop_stop()


def test_other_policies_of_a_refresh_hold_for_the_live_connection(alpn, world, answers):
    answers["refreshAfterInSeconds"] = 1
    client = come_in(alpn, paho.MQTTv5)
    client.hears_nothing_before("before", 1)
    world.answer = lambda event: {**answers, "policyDocuments": [ALLOW, DENY]}
    asked, deadline = len(world.events), time.monotonic() + PATIENCE
    while len(world.events) < asked + 2:  # the answer to the first of them is taken then
        assert time.monotonic() < deadline
        time.sleep(0.05)  # between two looks
    assert client.subscribe("after", 1) == [0x87]
    client.leave()


def test_https_publish_passes_its_token_in_headers_or_in_the_query(server, world, token):
    listener = server.listen("sensors/#")
    url, context = f"https://localhost:{server.shared}/topics/sensors/a?qos=1", context_of(server)
    for values in (passed(*token), passed(token[0], forged(token[1]))):
        good = values[SIGNATURE] == token[1]
        for status, answer in (post(url, b'{"t":1}', context, **values),
                               post(f"{url}&{urllib.parse.urlencode(values)}", b'{"t":1}', context)):
            assert (status, answer["message"]) == ((200, "OK") if good else (403, "Forbidden"))
    assert len(world.events) == 2
    assert all(verified(event, token[0]) and event["protocols"] == ["tls", "http"] for event in world.events)
    assert [listener.next() for _ in range(2)] == [{"t": 1}] * 2
    listener.close()


def test_https_publish_with_the_name_and_password_of_a_user(server):
    run = subprocess.run([BIN / "helioctl", "--endpoint", f"http://127.0.0.1:{server.http}", "--credentials",
                          server.data / "credentials", "user", "add", "ann"], input="correct horse\n", text=True,
                         capture_output=True, timeout=PATIENCE)
    assert run.returncode == 0, run.stderr
    url, context = f"https://localhost:{server.https}/topics/users/ann?qos=1", context_of(server)

    def publish(login, scheme="Basic"):
        return post(url, b'{"t":2}', context, Authorization=f"{scheme} {base64.b64encode(login).decode()}")[0]

    assert publish(b"ann:correct horse") == 403  # a user without a policy may do nothing
    iot = server.client("iot")
    iot.create_policy(policyName="all", policyDocument=json.dumps(ALLOW))
    iot.attach_policy(policyName="all", target="arn:aws:iot:us-east-1:123456789012:user/ann")
    listener = server.listen("users/#")
    assert publish(b"ann:correct horse") == 200
    assert publish(b"ann:correct horse", "basic") == 200  # RFC 7235 §2.1: the scheme in any case
    assert [listener.next() for _ in range(2)] == [{"t": 2}] * 2
    for wrong in (b"ann:wrong", b"bob:correct horse", b"ann", b":", b""):
        assert publish(wrong) == 403
    listener.close()
