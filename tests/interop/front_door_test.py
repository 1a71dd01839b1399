"""The table of ports, ALPN names and ways to show who one is, a cell a test, and what HTTPS publish takes and refuses;
through bare TLS."""
import base64
import contextlib
import http.client
import json
import socket
import ssl
import types
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from mqtt_client import PATIENCE, Broker, Client, topic
from transports import (CONNACK_NOT_AUTHORIZED, CONNACK_OK, connack, connect_packet, context_of, running_with_tls, tls)

ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}
PORTS = ["tls", "https", "shared"]


@pytest.fixture(scope="module")
def server():
    with running_with_tls() as server:
        yield server


@pytest.fixture(scope="module")
def device(server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("device")
    iot = server.client("iot")
    made = iot.create_keys_and_certificate(setAsActive=True)
    device = types.SimpleNamespace(certificate=folder / "device.pem", key=folder / "device.key")
    device.certificate.write_text(made["certificatePem"])
    device.key.write_text(made["keyPair"]["PrivateKey"])
    iot.create_policy(policyName="all", policyDocument=json.dumps(ALLOW))
    iot.attach_policy(policyName="all", target=made["certificateArn"])
    return device


@pytest.mark.parametrize("port, alpn, answer", [
    ("tls", [], CONNACK_OK), ("tls", ["x-amzn-mqtt-ca"], CONNACK_OK), ("tls", ["mqtt"], CONNACK_OK),
    ("tls", ["h2"], CONNACK_OK), ("shared", ["x-amzn-mqtt-ca"], CONNACK_OK),
    ("shared", ["http/1.1", "x-amzn-mqtt-ca"], CONNACK_OK),
    ("shared", ["mqtt"], CONNACK_NOT_AUTHORIZED),  # for custom authorizers, and there is none
])
def test_mqtt_with_a_client_certificate(server, device, port, alpn, answer):
    with tls(server, getattr(server, port), context_of(server, device, alpn=alpn)) as stream:
        stream.sendall(connect_packet("door"))
        assert connack(stream) == answer


@pytest.mark.parametrize("port, alpn", [("tls", []), ("shared", ["x-amzn-mqtt-ca"]), ("shared", ["mqtt"])])
def test_mqtt_without_anything_to_show_is_refused(server, port, alpn):
    with tls(server, getattr(server, port), context_of(server, alpn=alpn)) as stream:
        stream.sendall(connect_packet("door"))
        assert connack(stream) == CONNACK_NOT_AUTHORIZED


def signed(server, method, url, body=b"", service="iotdata", secret=None):
    """Headers with a signature of version 4."""
    request = botocore.awsrequest.AWSRequest(method, url, data=body)
    keys = botocore.credentials.Credentials(server.key, secret or server.secret)
    botocore.auth.SigV4Auth(keys, service, "us-east-1").add_auth(request)
    return dict(request.headers)


def publish(server, port, context, path, body=b"x", headers=(), method="POST"):
    connection = http.client.HTTPSConnection("localhost", getattr(server, port), context=context, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()), answer.headers


def url_of(server, port, path):
    return f"https://localhost:{getattr(server, port)}{path}"


@pytest.mark.parametrize("port, alpn, shows, status", [
    ("https", [], "a certificate", 200), ("https", ["x-amzn-http-ca"], "a certificate", 200),
    ("https", ["http/1.1"], "a certificate", 200), ("shared", ["x-amzn-http-ca"], "a certificate", 200),
    ("shared", ["http/1.1"], "a certificate", 403),  # it is not asked for there
    ("shared", [], "a signature", 200), ("shared", ["http/1.1"], "a signature", 200), ("https", [], "a signature", 200),
    ("shared", [], "a wrong signature", 403), ("shared", ["x-amzn-http-ca"], "nothing", 403), ("https", [], "nothing", 403),
    ("shared", [], "nothing", 403), ("shared", ["http/1.1"], "nothing", 403),
])
def test_https_publish(server, device, port, alpn, shows, status):
    context = context_of(server, device if shows == "a certificate" else None, alpn=alpn)
    headers = {}
    if "signature" in shows:
        headers = signed(server, "POST", url_of(server, port, "/topics/door?qos=1"), b"x",
                         secret="wrong" if "wrong" in shows else None)
    found, answer, _ = publish(server, port, context, "/topics/door?qos=1", headers=headers)
    assert (found, answer["message"]) == (status, "OK" if status == 200 else "Forbidden")
    assert len(answer["traceId"]) == 36


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3], ids=lambda version: version.name)
def test_tls_1_2_and_1_3_are_spoken_and_nothing_older(server, port, version):
    context = context_of(server)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    if version >= ssl.TLSVersion.TLSv1_2:
        with tls(server, getattr(server, port), context) as stream:
            assert stream.version() == version.name.replace("_", ".")
    else:
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            with tls(server, getattr(server, port), context):
                pass


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("name", [None, "elsewhere.example"])
def test_without_a_server_name_or_with_another_the_one_certificate_is_shown(server, port, name):
    context = context_of(server)
    context.check_hostname = False
    with socket.create_connection(("127.0.0.1", getattr(server, port)), timeout=PATIENCE) as plain:
        with context.wrap_socket(plain, server_hostname=name) as stream:
            assert "localhost" in str(stream.getpeercert()["subjectAltName"])


@pytest.mark.parametrize("port", PORTS)
def test_what_is_no_tls_is_told_off_and_closed(server, port):
    for said in (b"GET / HTTP/1.1\r\n\r\n", connect_packet("plain"), b"\x16\x03\x01\xff\xff" + b"x" * 100, b"\x00" * 100):
        with socket.create_connection(("127.0.0.1", getattr(server, port)), timeout=PATIENCE) as plain:
            plain.sendall(said)
            try:
                while plain.recv(100):
                    pass
            except ConnectionResetError:
                pass


@pytest.fixture
def door(server, device):
    """POST with the device's certificate to a topic of the test: status, body, headers."""
    def post(path, body=b"x", **headers):
        return publish(server, "https", context_of(server, device), path, body,
                       {name.replace("_", "-"): value for name, value in headers.items()})
    return post


@pytest.fixture
def hears(server):
    with Client(Broker(server.mqtt, server.key, server.secret), "hears") as client:
        client.subscribe("door/#", 1)
        yield client.hear


def encoded(value):
    return base64.b64encode(value if isinstance(value, bytes) else json.dumps(value).encode()).decode()


def test_all_members_of_mqtt_5_pass_in_the_query_and_in_headers(door, hears):
    query = urllib.parse.urlencode({"qos": 1, "contentType": "text/ä b", "responseTopic": "answers/to me",
                                    "messageExpiry": 60})
    properties = [{"k": "v"}, {"k": "w"}, {"ü": ""}]
    status, answer, headers = door(
        f"/topics/{topic('door/all')}?{query}", "grün".encode(), x_amz_mqtt5_correlation_data=encoded(b"\x00\x01"),
        x_amz_mqtt5_payload_format_indicator="UTF8_DATA", x_amz_mqtt5_user_properties=encoded(properties))
    assert (status, answer["message"], headers["Content-Type"]) == (200, "OK", "application/json")
    heard = hears()
    values = heard.properties
    assert (heard.payload.decode(), heard.qos, heard.retain) == ("grün", 1, False)
    assert (values.ContentType, values.ResponseTopic, values.CorrelationData) == ("text/ä b", "answers/to me", b"\x00\x01")
    assert values.UserProperty == [("k", "v"), ("k", "w"), ("ü", "")] and values.PayloadFormatIndicator == 1
    assert 0 < values.MessageExpiryInterval <= 60


@pytest.mark.parametrize("path, heard_on", [
    ("door/a/b", "door/a/b"), ("door%2Fa%2Fb", "door/a/b"), ("door/a%20b", "door/a b"), ("door/%C3%BC", "door/ü"),
    ("door/a+b", None), ("door/a%2Bb", None), ("door/%23", None), ("door/%00", None), ("door/%ff", None), ("", None),
    ("door/%zz", None), ("door/" + "x" * 66_000, None),
])
def test_the_topic_is_in_the_path_with_or_without_percent(door, hears, path, heard_on):
    base = topic("") if path else ""
    status, answer, headers = door(f"/topics/{base}{path}?qos=1")
    if heard_on:
        assert status == 200 and hears().topic == topic(heard_on)
    else:
        assert status in (400, 414, 431) and answer["message"], answer
        assert status != 400 or headers["x-amzn-ErrorType"] == "InvalidRequestException"


@pytest.mark.parametrize("query", ["qos=2", "qos=-1", "qos=", "qos=one", "retain=yes", "retain=", "messageExpiry=-1",
                                   "messageExpiry=1.5", "messageExpiry=", "messageExpiry=4294967296", "responseTopic=a/%23",
                                   "responseTopic=", "contentType=%00", "contentType=%ff", "qos=%"])
def test_a_parameter_that_is_none_is_refused_with_a_sentence(door, query):
    status, answer, headers = door(f"/topics/{topic('door/x')}?{query}")
    assert (status, headers["x-amzn-ErrorType"]) == (400, "InvalidRequestException")
    assert answer["message"].endswith(".") and len(answer["traceId"]) == 36


@pytest.mark.parametrize("headers", [
    {"x_amz_mqtt5_user_properties": "no base64!"}, {"x_amz_mqtt5_user_properties": encoded({"k": "v"})},
    {"x_amz_mqtt5_user_properties": encoded([{"k": 1}])}, {"x_amz_mqtt5_user_properties": encoded("[{}")},
    {"x_amz_mqtt5_user_properties": encoded(b"[" * 5000)}, {"x_amz_mqtt5_correlation_data": "?"},
    {"x_amz_mqtt5_payload_format_indicator": "1"},
], ids=str)
def test_a_header_that_is_none_is_refused_with_a_sentence(door, headers):
    status, answer, more = door(f"/topics/{topic('door/x')}", **headers)
    assert (status, more["x-amzn-ErrorType"]) == (400, "InvalidRequestException") and answer["message"].endswith(".")


def test_text_that_is_no_utf8_is_refused_where_it_says_that_it_is(door):
    assert door(f"/topics/{topic('door/x')}", b"\xff", x_amz_mqtt5_payload_format_indicator="UTF8_DATA")[0] == 400
    assert door(f"/topics/{topic('door/x')}", b"\xff", x_amz_mqtt5_payload_format_indicator="UNSPECIFIED_BYTES")[0] == 200


def test_user_properties_come_as_botocore_writes_them_too(door, hears):
    door(f"/topics/{topic('door/twice')}?qos=0", x_amz_mqtt5_user_properties=encoded(json.dumps([{"a": "b"}])))
    heard = hears()
    assert heard.properties.UserProperty == [("a", "b")] and heard.qos == 0


def test_an_empty_payload_is_one_and_with_retain_takes_the_message_away(server, door, hears):
    name = topic("door/kept")
    assert door(f"/topics/{name}?qos=1&retain=true", b"kept")[0] == 200
    assert hears().payload == b"kept"
    assert server.client("iot-data").get_retained_message(topic=name)["payload"] == b"kept"
    assert door(f"/topics/{name}?qos=1&retain=true", b"")[0] == 200
    assert hears().payload == b""
    with pytest.raises(server.client("iot-data").exceptions.ResourceNotFoundException):
        server.client("iot-data").get_retained_message(topic=name)


@pytest.mark.parametrize("name", ["$SYS/broker/x", "$aws/events/presence/connected/x", "$other/x"])
def test_topics_of_the_server_are_forbidden(door, name):
    status, answer, headers = door("/topics/" + urllib.parse.quote(name))
    assert (status, answer["message"], headers["x-amzn-ErrorType"]) == (403, "Forbidden", "ForbiddenException")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_message_is_sent_by_post_alone(server, device, method):
    status, answer, _ = publish(server, "https", context_of(server, device), f"/topics/{topic('door/x')}", method=method)
    assert status == 405 and answer["message"]


def test_a_policy_without_publish_forbids_it(server, tmp_path):
    iot = server.client("iot")
    made = iot.create_keys_and_certificate(setAsActive=True)
    bare = types.SimpleNamespace(certificate=tmp_path / "bare.pem", key=tmp_path / "bare.key")
    bare.certificate.write_text(made["certificatePem"])
    bare.key.write_text(made["keyPair"]["PrivateKey"])
    for expected in (403, 200):
        status, answer, _ = publish(server, "https", context_of(server, bare), "/topics/bare/a?qos=1")
        assert (status, answer["message"]) == (expected, "OK" if expected == 200 else "Forbidden")
        document = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "iot:Publish", "Resource": "arn:aws:iot:us-east-1:123456789012:topic/bare/*"}]}
        if expected == 403:
            iot.create_policy(policyName="bare", policyDocument=json.dumps(document))
            iot.attach_policy(policyName="bare", target=made["certificateArn"])
    assert publish(server, "https", context_of(server, bare), "/topics/other?qos=1")[0] == 403
    assert publish(server, "https", context_of(server, bare), "/topics/bare/a?qos=1&retain=true")[0] == 403  # RetainPublish
