"""Who may come in by a certificate, and who may call the API with a limited key: boto3 and paho against the server."""
import datetime
import http.client
import json
import queue
import ssl

import paho.mqtt.client as mqtt
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

import certificates
from aws_client import REGION, Target, refused, serve
from server import PATIENCE, Server, free_port

EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]})
DAY = datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def mqtts():
    return free_port()


@pytest.fixture(scope="module")
def target(mqtts):
    yield from serve("http", **{"mqtt.tls": f"127.0.0.1:{mqtts}"})


@pytest.fixture(scope="module")
def iot(target):
    return target.client("iot")


@pytest.fixture(scope="module")
def policy(iot):
    iot.create_policy(policyName="everything", policyDocument=EVERYTHING)
    return "everything"


class Device:
    """A client with a certificate; what happens to it comes in a queue."""

    def __init__(self, target, port, pem, key, client_id="device"):
        certificate, secret = target.server.data / "device.pem", target.server.data / "device.key"
        certificate.write_text(pem)
        secret.write_text(key)
        self.events = queue.Queue()
        self.client = mqtt.Client(client_id, protocol=mqtt.MQTTv5)
        self.client.tls_set(str(target.server.data / "ca.pem"), str(certificate), str(secret))
        self.client.reconnect_delay_set(60)
        self.client.on_connect = lambda _c, _u, _f, reason, _p: self.events.put(("connect", reason.value))
        self.client.on_disconnect = lambda *_: self.events.put(("disconnect", 0))
        self.client.connect("localhost", port)
        self.client.loop_start()

    def next(self):
        return self.events.get(timeout=PATIENCE)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


def outcome(target, port, pem, key):
    """The reason code of the CONNACK."""
    device = Device(target, port, pem, key)
    try:
        event, reason = device.next()
        assert event == "connect"
        return reason
    finally:
        device.close()


def register(iot, policy, certificate, status="ACTIVE"):
    made = iot.register_certificate_without_ca(certificatePem=certificate.pem, status=status)
    iot.attach_policy(policyName=policy, target=made["certificateArn"])
    return made["certificateId"]


def test_a_certificate_that_the_server_made_lets_in(target, iot, policy, mqtts):
    made = iot.create_keys_and_certificate(setAsActive=True)
    iot.attach_policy(policyName=policy, target=made["certificateArn"])
    assert outcome(target, mqtts, made["certificatePem"], made["keyPair"]["PrivateKey"]) == 0


def test_a_certificate_without_a_policy_may_not_connect(target, iot, mqtts):
    made = iot.create_keys_and_certificate(setAsActive=True)
    assert outcome(target, mqtts, made["certificatePem"], made["keyPair"]["PrivateKey"]) == 0x87


@pytest.mark.parametrize("bits", [0, 2048])
def test_a_certificate_of_a_signing_request_lets_in(target, iot, policy, mqtts, bits):
    key = certificates.rsa_key(bits) if bits else None
    device = certificates.Certificate("pump-7", key=key)
    made = iot.create_certificate_from_csr(
        certificateSigningRequest=certificates.request("pump-7", device.key), setAsActive=True)
    iot.attach_policy(policyName=policy, target=made["certificateArn"])
    assert outcome(target, mqtts, made["certificatePem"], device.key_pem) == 0


@pytest.mark.parametrize("how", ["INACTIVE", "REVOKED", "deleted"])
def test_what_happens_to_a_certificate_ends_its_connection_at_once(target, iot, policy, mqtts, how):
    made = iot.create_keys_and_certificate(setAsActive=True)
    iot.attach_policy(policyName=policy, target=made["certificateArn"])
    pem, key, name = made["certificatePem"], made["keyPair"]["PrivateKey"], made["certificateId"]
    device = Device(target, mqtts, pem, key)
    try:
        assert device.next() == ("connect", 0)
        iot.update_certificate(certificateId=name, newStatus="INACTIVE" if how == "deleted" else how)
        assert device.next()[0] == "disconnect"
    finally:
        device.close()
    if how == "deleted":
        iot.delete_certificate(certificateId=name, forceDelete=True)
    assert outcome(target, mqtts, pem, key) == 0x87


@pytest.mark.parametrize("options", [
    dict(begin=-9 * DAY, end=-DAY),
    dict(begin=DAY),
    dict(purpose=certificates.ExtendedKeyUsageOID.SERVER_AUTH),
    dict(usage=certificates.key_usage(key_agreement=True)),
    dict(is_authority=True),
], ids=["expired", "not yet valid", "a server's", "not for signatures", "a CA's"])
def test_a_certificate_that_is_no_clients_is_refused_though_registered(target, iot, policy, mqtts, options):
    device = certificates.Certificate("device", **options)
    register(iot, policy, device)
    assert outcome(target, mqtts, device.pem, device.key_pem) == 0x87


def test_a_certificate_of_nobody_is_refused(target, mqtts):
    device = certificates.Certificate("stranger")
    assert outcome(target, mqtts, device.pem, device.key_pem) == 0x87


def test_a_weak_key_is_not_registered(iot):
    weak = certificates.Certificate("weak", key=certificates.rsa_key(1024))
    refused(400, "CertificateValidationException", iot.register_certificate_without_ca, certificatePem=weak.pem)


def test_a_name_with_a_nul_is_not_registered(iot):
    trick = certificates.Certificate("admin\0.example")
    refused(400, "CertificateValidationException", iot.register_certificate_without_ca, certificatePem=trick.pem)


def register_ca(iot, ca, **options):
    code = iot.get_registration_code()["registrationCode"]
    return iot.register_ca_certificate(caCertificate=ca.pem, verificationCertificate=ca.sign(code).pem,
                                       setAsActive=True, **options)["certificateId"]


def test_a_ca_is_registered_with_the_registration_code_and_its_certificates_by_it(target, iot, policy, mqtts):
    ca = certificates.authority("Plant CA")
    iot.get_registration_code()
    refused(400, "RegistrationCodeValidationException", iot.register_ca_certificate, caCertificate=ca.pem,
            verificationCertificate=ca.sign("wrong").pem)
    assert register_ca(iot, ca) == ca.id
    device = ca.sign("pump")
    made = iot.register_certificate(certificatePem=device.pem, caCertificatePem=ca.pem, status="ACTIVE")
    assert made["certificateId"] == device.id
    iot.attach_policy(policyName=policy, target=made["certificateArn"])
    assert outcome(target, mqtts, device.pem, device.key_pem) == 0
    assert [c["certificateId"] for c in iot.list_certificates_by_ca(caCertificateId=ca.id)["certificates"]] == [
        device.id]


def test_a_certificate_registers_itself_at_first_sight_and_is_told_of(target, iot, policy, mqtts):
    ca = certificates.authority("Factory CA")
    register_ca(iot, ca, allowAutoRegistration=True)
    listener = target.server.listen("$aws/events/certificates/registered/#")
    device = ca.sign("newcomer")
    assert outcome(target, mqtts, device.pem, device.key_pem) == 0x87
    event = listener.next(ca.id)
    listener.close()
    assert event["certificateId"] == device.id and event["certificateStatus"] == "PENDING_ACTIVATION"
    assert event["caCertificateId"] == ca.id and event["awsAccountId"] == "123456789012"
    described = iot.describe_certificate(certificateId=device.id)["certificateDescription"]
    assert described["status"] == "PENDING_ACTIVATION" and described["caCertificateId"] == ca.id
    iot.update_certificate(certificateId=device.id, newStatus="ACTIVE")
    iot.attach_policy(policyName=policy, target=described["certificateArn"])
    assert outcome(target, mqtts, device.pem, device.key_pem) == 0


def call(target, method, path, body=None):
    """Of our own resources, which botocore does not know."""
    request = AWSRequest(method, target.endpoint + path, data=json.dumps(body) if body else None)
    SigV4Auth(Credentials(target.key, target.secret), "iot", REGION).add_auth(request)
    answer = URLLib3Session().send(request.prepare())
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text)


def limited_client(target, policies, service="iot"):
    answer = call(target, "POST", "/access-keys", {"name": "limited"})
    for name in policies:
        target.client("iot").attach_policy(policyName=name, target=answer["accessKeyId"])
    return answer, target.client(service, key=answer["accessKeyId"], secret=answer["secretAccessKey"])


def test_an_access_key_may_do_what_its_policies_allow(target, iot):
    iot.create_policy(policyName="one-thing", policyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["iot:DescribeThing", "iot:CreateThing"],
         "Resource": "arn:aws:iot:us-east-1:123456789012:thing/mine"}]}))
    key, client = limited_client(target, ["one-thing"])
    client.create_thing(thingName="mine")
    assert client.describe_thing(thingName="mine")["thingName"] == "mine"
    refused(403, "AccessDeniedException", client.describe_thing, thingName="yours")
    refused(403, "AccessDeniedException", client.delete_thing, thingName="mine")
    refused(403, "AccessDeniedException", client.list_things)
    iot.detach_policy(policyName="one-thing", target=key["accessKeyId"])
    refused(403, "AccessDeniedException", client.describe_thing, thingName="mine")


def test_an_access_key_that_is_deleted_is_unknown(target):
    key, client = limited_client(target, [])
    refused(403, "AccessDeniedException", client.list_things)
    call(target, "DELETE", f"/access-keys/{key['accessKeyId']}")
    refused(403, "UnrecognizedClientException", client.list_things)


def post_by_certificate(target, pem, key):
    """The status of an HTTPS publish with a client certificate."""
    certificate, secret = target.server.data / "http.pem", target.server.data / "http.key"
    certificate.write_text(pem)
    secret.write_text(key)
    context = ssl.create_default_context(cafile=str(target.server.data / "ca.pem"))
    context.load_cert_chain(str(certificate), str(secret))
    connection = http.client.HTTPSConnection("localhost", target.server.https, context=context, timeout=PATIENCE)
    connection.request("POST", "/topics/a/b?qos=1", b"x")
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_certificate_publishes_over_https_while_it_is_active(target, iot, policy):
    made = iot.create_keys_and_certificate(setAsActive=True)
    pem, key = made["certificatePem"], made["keyPair"]["PrivateKey"]
    assert post_by_certificate(target, pem, key) == 403
    iot.attach_policy(policyName=policy, target=made["certificateArn"])
    assert post_by_certificate(target, pem, key) == 200
    iot.update_certificate(certificateId=made["certificateId"], newStatus="INACTIVE")
    assert post_by_certificate(target, pem, key) == 403


def test_what_was_answered_is_there_after_kill_9(tmp_path):
    port = free_port()
    server = Server(tmp_path / "data", **{"mqtt.tls": f"127.0.0.1:{port}"})
    target = Target(server, "http")
    iot = target.client("iot")
    made = iot.create_keys_and_certificate(setAsActive=True)
    iot.create_policy(policyName="p", policyDocument=EVERYTHING)
    iot.attach_policy(policyName="p", target=made["certificateArn"])
    iot.create_thing(thingName="pump")
    iot.attach_thing_principal(thingName="pump", principal=made["certificateArn"])
    key = call(target, "POST", "/access-keys", {"name": "limited"})
    iot.attach_policy(policyName="p", target=key["accessKeyId"])
    gone = iot.create_keys_and_certificate(setAsActive=True)
    iot.update_certificate(certificateId=gone["certificateId"], newStatus="REVOKED")
    server.kill()
    server.start()
    iot = Target(server, "http").client("iot", key=key["accessKeyId"], secret=key["secretAccessKey"])
    assert iot.list_thing_principals(thingName="pump")["principals"] == [made["certificateArn"]]
    target = Target(server, "http")
    assert outcome(target, port, made["certificatePem"], made["keyPair"]["PrivateKey"]) == 0
    assert outcome(target, port, gone["certificatePem"], gone["keyPair"]["PrivateKey"]) == 0x87
    server.stop()
