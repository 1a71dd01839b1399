"""Client certificates under real clients: the AWS IoT Device SDK v2 for Python, mosquitto_pub and mosquitto_sub,
HTTPS; on the ports of AWS IoT Core, with resumption and revocation."""
import datetime
import json
import ssl
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mqtt_client import PATIENCE, Broker, Client, topic
from transports import (CONNACK_NOT_AUTHORIZED, CONNACK_OK, connack, connect_packet, context_of, each_version, post,
                        running_with_tls, sdk, tls)


@pytest.fixture(scope="module")
def server():
    with running_with_tls() as server:
        yield server


class Device:
    """A certificate that the server has issued, with a policy that allows everything."""

    def __init__(self, server, folder):
        self.iot = server.client("iot")
        made = self.iot.create_keys_and_certificate(setAsActive=True)
        self.id, self.arn = made["certificateId"], made["certificateArn"]
        self.certificate, self.key = folder / "device.pem", folder / "device.key"
        self.certificate.write_text(made["certificatePem"])
        self.key.write_text(made["keyPair"]["PrivateKey"])
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}
        self.iot.create_policy(policyName="everything", policyDocument=json.dumps(document))
        self.iot.attach_policy(policyName="everything", target=self.arn)


@pytest.fixture(scope="module")
def device(server, tmp_path_factory):
    return Device(server, tmp_path_factory.mktemp("device"))


def with_certificate(device):
    return {"certificate": str(device.certificate), "private_key": str(device.key)}


@pytest.fixture
def listener(server):
    listener = server.listen(topic("http/#"))
    yield listener
    listener.close()


@each_version
@pytest.mark.parametrize("where", ["8883", "the shared port"])
def test_the_sdk_of_aws_with_its_certificate(server, device, version, where):
    port, alpn = (server.tls, None) if where == "8883" else (server.shared, "x-amzn-mqtt-ca")
    result = sdk(server, version, "mtls", port, alpn=alpn, **with_certificate(device))
    assert result == {"heard": [[topic(f"sdk/{version}"), 1000]]}


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_is_resumed_with_its_certificate_until_that_is_revoked(server, device, version, tmp_path):
    own = Device.__new__(Device)
    own.iot = device.iot
    made = own.iot.create_keys_and_certificate(setAsActive=True)
    own.certificate, own.key = tmp_path / "own.pem", tmp_path / "own.key"
    own.certificate.write_text(made["certificatePem"])
    own.key.write_text(made["keyPair"]["PrivateKey"])
    own.iot.attach_policy(policyName="everything", target=made["certificateArn"])
    context = context_of(server, own, version=version)
    session = None
    for resumed in (False, True, True):
        with tls(server, server.tls, context, session) as stream:
            assert stream.session_reused == resumed
            stream.sendall(connect_packet("resumed"))
            assert connack(stream) == CONNACK_OK
            session = stream.session
    own.iot.update_certificate(certificateId=made["certificateId"], newStatus="REVOKED")
    with tls(server, server.tls, context, session) as stream:
        assert stream.session_reused
        stream.sendall(connect_packet("resumed"))
        assert connack(stream) in (CONNACK_NOT_AUTHORIZED, b"")


@pytest.mark.parametrize("qos", ["0", "1"])
def test_mosquitto_pub_and_sub_with_a_certificate(server, device, qos):
    name = topic(f"mosquitto/certificate/{qos}")
    options = ["-h", "localhost", "-p", str(server.tls), "--cafile", str(server.ca), "--cert", str(device.certificate),
               "--key", str(device.key), "-t", name, "-q", qos]
    with Client(Broker(server.mqtt, server.key, server.secret), f"ready{qos}") as watcher:
        watcher.publish(f"mosquitto/certificate/{qos}", "ready", 1, retain=True)
        sub = subprocess.Popen(["mosquitto_sub", *options, "-C", "2", "-W", str(int(PATIENCE))],
                               stdout=subprocess.PIPE, text=True)
        assert sub.stdout.readline() == "ready\n"
        subprocess.run(["mosquitto_pub", *options, "-m", "hello"], check=True, timeout=PATIENCE)
        assert sub.communicate(timeout=PATIENCE)[0] == "hello\n"


@pytest.mark.parametrize("where", ["8443", "the shared port"])
def test_https_publish_with_a_certificate(server, device, listener, where):
    # urllib agrees on http/1.1 where ALPN is not told otherwise.
    port = server.https if where == "8443" else server.shared
    context = context_of(server, device)
    if where != "8443":
        context.set_alpn_protocols(["x-amzn-http-ca"])
    status, answer = post(f"https://localhost:{port}/topics/{topic('http/a')}?qos=1", b'{"n": 1}', context)
    assert (status, answer["message"]) == (200, "OK") and answer["traceId"]
    assert listener.next() == {"n": 1}


def test_a_certificate_that_the_server_does_not_know_comes_in_nowhere(server, tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stranger")])
    now = datetime.datetime.utcnow()
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(7).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
            .sign(key, hashes.SHA256()))
    stranger = Device.__new__(Device)
    stranger.certificate, stranger.key = tmp_path / "s.pem", tmp_path / "s.key"
    stranger.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    stranger.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                               serialization.NoEncryption()))
    with tls(server, server.tls, context_of(server, stranger)) as stream:
        stream.sendall(connect_packet("stranger"))
        assert connack(stream) in (CONNACK_NOT_AUTHORIZED, b"")
    status, _ = post(f"https://localhost:{server.https}/topics/{topic('http/a')}", b"x", context_of(server, stranger))
    assert status == 403
