"""The transports of the front door under real clients: MQTT.js and the AWS IoT Device SDK v2 for Python over
WebSockets, ALPN on one port, HTTPS publish, a new certificate."""
import base64
import contextlib
import datetime
import json
import re
import resource
import signal
import socket
import subprocess
import time
import urllib.request

import paho.mqtt.client as paho
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mqtt_client import PATIENCE, Broker, Client, topic
from transports import (CONNACK_OK, connack, connect_packet, context_of, each_version, mqtt_js, post, running_with_tls, sdk,
                        tls)


@pytest.fixture(scope="module")
def server():
    with running_with_tls() as server:
        yield server


@each_version
@pytest.mark.parametrize("way", ["ws", "wss", "wss on the shared port"])
def test_mqtt_js_over_websocket(server, version, way):
    port = {"ws": server.http, "wss": server.https}.get(way, server.shared)
    result = mqtt_js(f"{way.split()[0]}://localhost:{port}/mqtt", server, version)
    name = topic(f"js/{version}")
    assert result["heard"] == [[name, 200_000], [name, 5]]


@each_version
def test_mqtt_js_is_told_that_its_password_is_wrong(server, version):
    result = mqtt_js(f"ws://localhost:{server.http}/mqtt", server, version, password="wrong")
    assert result["code"] == {paho.MQTTv311: 4, paho.MQTTv5: 0x86}[version]


@each_version
@pytest.mark.parametrize("token", [None, "a/session+token=="])
def test_the_sdk_of_aws_over_a_websocket_that_sigv4_signs(server, version, token):
    for port in (server.shared, server.https):
        result = sdk(server, version, "sigv4", port, token=token)
        assert result == {"heard": [[topic(f"sdk/{version}"), 1000]]}


@each_version
def test_a_websocket_with_a_wrong_signature_is_not_opened(server, version):
    result = sdk(server, version, "sigv4", server.shared, secret="wrong")
    assert "UPGRADE_FAILURE" in result["refused"] or "upgrade" in result["refused"].lower()


@pytest.mark.parametrize("alpn, speaks", [("x-amzn-mqtt-ca", "MQTT"), ("mqtt", "MQTT"), ("x-amzn-http-ca", "HTTP"),
                                          ("http/1.1", "HTTP"), (None, "HTTP"), ("h2", "HTTP")])
def test_one_port_is_shared_by_alpn(server, alpn, speaks):
    with tls(server, server.shared, context_of(server, alpn=[alpn] if alpn else [])) as stream:
        assert stream.selected_alpn_protocol() == (alpn if alpn != "h2" else None)
        if speaks == "MQTT":
            stream.sendall(connect_packet("alpn", server.key, server.secret))
            assert connack(stream) == CONNACK_OK
        else:
            stream.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert stream.recv(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize("port", ["tls", "https", "shared"])
def test_the_same_names_are_taken_on_the_ports_of_one_protocol(server, port):
    for alpn in ("x-amzn-mqtt-ca", "mqtt", "x-amzn-http-ca", "http/1.1"):
        with tls(server, getattr(server, port), context_of(server, alpn=[alpn])) as stream:
            assert stream.version() == "TLSv1.3"


def test_half_open_connections_give_way_and_are_counted(server):
    """More than may be in their handshake at a time; a client comes in all the same."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with contextlib.ExitStack() as silent:
        for _ in range(2100):
            silent.enter_context(socket.create_connection(("127.0.0.1", server.tls), timeout=PATIENCE))
        with tls(server, server.tls, context_of(server)) as stream:
            stream.sendall(connect_packet("polite", server.key, server.secret))
            assert connack(stream) == CONNACK_OK
    page = urllib.request.urlopen(f"http://127.0.0.1:{server.http}/metrics", timeout=PATIENCE).read().decode()
    gave_way = re.search(r'heliograph_tls_handshakes_gave_way_total{listener="mqtt.tls"} (\d+)', page)
    assert int(gave_way.group(1)) >= 100


def test_https_publish_without_credentials_is_forbidden(server):
    status, answer = post(f"https://localhost:{server.https}/topics/{topic('http/a')}", b"x", context_of(server))
    assert (status, answer["message"]) == (403, "Forbidden") and answer["traceId"]


def test_boto3_publishes_unmodified(server):
    name = topic("http/boto3")
    data = server.client("iot-data")
    with Client(Broker(server.mqtt, server.key, server.secret), "boto3") as client:
        client.subscribe("http/boto3", 1)
        data.publish(topic=name, qos=1, payload=b"hi", contentType="text/plain", responseTopic="r/s", messageExpiry=60,
                     userProperties=json.dumps([{"k": "v"}, {"k": "w"}]), payloadFormatIndicator="UTF8_DATA",
                     correlationData=base64.b64encode(b"\x01\x02").decode())
        heard = client.hear()
    assert (heard.topic, heard.payload, heard.qos) == (name, b"hi", 1)
    values = heard.properties
    assert (values.ContentType, values.ResponseTopic, values.CorrelationData) == ("text/plain", "r/s", b"\x01\x02")
    assert values.UserProperty == [("k", "v"), ("k", "w")]
    assert values.PayloadFormatIndicator == 1 and 0 < values.MessageExpiryInterval <= 60
    for wrong, code in (({"topic": "a/#"}, "InvalidRequestException"), ({"topic": "a", "qos": 2}, "InvalidRequestException")):
        with pytest.raises(data.exceptions.ClientError) as refused:
            data.publish(**wrong)
        assert refused.value.response["Error"]["Code"] == code


def test_a_retained_message_can_be_sent_by_https(server):
    data = server.client("iot-data")
    data.publish(topic=topic("http/kept"), qos=1, retain=True, payload=b"kept")
    with Client(Broker(server.mqtt, server.key, server.secret), "late") as client:
        client.subscribe("http/kept", 1)
        heard = client.hear()
        assert (heard.payload, heard.retain) == (b"kept", True)


def renew(server, serial):
    """Another certificate of the server's own authority, in its data folder."""
    authority = x509.load_pem_x509_certificate(server.ca.read_bytes())
    authority_key = serialization.load_pem_private_key((server.data / "ca.key").read_bytes(), None)
    key = ec.generate_private_key(ec.SECP256R1())
    old = x509.load_pem_x509_certificate((server.data / "server.pem").read_bytes())
    names = old.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    now = datetime.datetime.utcnow()
    made = (x509.CertificateBuilder().subject_name(old.subject).issuer_name(authority.subject)
            .public_key(key.public_key()).serial_number(serial).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=365)).add_extension(names, False)
            .sign(authority_key, hashes.SHA256()))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for name, content in (("server.key", pem), ("server.pem", made.public_bytes(serialization.Encoding.PEM))):
        draft = server.data / (name + ".draft")
        draft.write_bytes(content)
        draft.replace(server.data / name)


def serial_of(server, port):
    with tls(server, port, context_of(server)) as stream:
        return x509.load_der_x509_certificate(stream.getpeercert(True)).serial_number


@pytest.mark.parametrize("how", ["SIGHUP", "the files alone"])
def test_a_new_certificate_is_shown_without_a_restart(server, how):
    serial = 1_000_001 if how == "SIGHUP" else 1_000_002
    with tls(server, server.tls, context_of(server)) as old:
        old.sendall(connect_packet("stays", server.key, server.secret))
        assert connack(old) == CONNACK_OK
        renew(server, serial)
        if how == "SIGHUP":
            server.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + PATIENCE
        while any(serial_of(server, port) != serial for port in (server.tls, server.https, server.shared)):
            assert time.monotonic() < end, server.log_text()
        old.sendall(b"\xc0\x00")  # PINGREQ
        assert old.recv(2) == b"\xd0\x00"


def test_a_certificate_that_does_not_fit_its_key_is_not_taken(server):
    before = serial_of(server, server.tls)
    good = (server.data / "server.key").read_bytes()
    (server.data / "server.key").write_bytes(b"nonsense")
    server.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + PATIENCE
    while "the certificate was not taken" not in server.log_text():
        assert time.monotonic() < end
    assert serial_of(server, server.tls) == before
    (server.data / "server.key").write_bytes(good)


def test_a_server_that_ends_takes_nobody_in_any_more_on_any_port():
    with running_with_tls() as server, contextlib.ExitStack() as open_things:
        # A client that does not read what is on its way to it keeps the server from its end for a while.
        slow = open_things.enter_context(socket.create_connection(("127.0.0.1", server.mqtt), timeout=PATIENCE))
        slow.sendall(connect_packet("slow", server.key, server.secret) + b"\x82\x09\x00\x01\x00\x04hose\x01")
        assert connack(slow) == CONNACK_OK and len(slow.recv(5)) == 5
        with Client(Broker(server.mqtt, server.key, server.secret), "hose") as hose:
            for _ in range(100):
                hose.paho.publish("hose", b"x" * 100_000, 0)
            hose.publish("end", b"", 1)
        ports = (server.mqtt, server.http, server.tls, server.https, server.shared)
        server.process.terminate()
        end = time.monotonic() + PATIENCE
        for port in ports:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
                except ConnectionRefusedError:
                    break
                except ConnectionResetError:
                    pass  # it closed just then
                assert time.monotonic() < end, port
        with pytest.raises(subprocess.TimeoutExpired):  # nor was it the end of the process that closed them
            server.process.wait(0.5)
