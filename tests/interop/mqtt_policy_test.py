"""What policies allow a client, from boto3 that writes them to paho-mqtt that feels them: with client
certificates, and with an access key that is limited; and how TestAuthorization and helioctl explain it."""
import itertools
import json
import queue
import subprocess
import urllib.request

import paho.mqtt.client as paho
import pytest

from aws_client import REGION, refused, serve
from mqtt_client import PATIENCE, RUN, VERSIONS, Broker, Client, Refused, topic
from server import BIN, free_port

each_version = pytest.mark.parametrize("version", VERSIONS, ids=["3.1.1", "5"])
ARN = f"arn:aws:iot:{REGION}:123456789012:"
NUMBERS = itertools.count()
NOT_AUTHORIZED = {paho.MQTTv311: 5, paho.MQTTv5: 0x87}


def statement(effect, actions, *resources, **conditions):
    out = {"Effect": effect, "Action": [f"iot:{action}" for action in actions.split()],
           "Resource": [ARN + resource for resource in resources]}
    return out | ({"Condition": conditions} if conditions else {})


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


# A device may come by its thing's name, and speak below it.
OWN = document(
    statement("Allow", "Connect", "client/${iot:Connection.Thing.ThingName}"),
    statement("Allow", "Publish Receive", f"topic/interop/{RUN}/${{iot:Connection.Thing.ThingName}}/*"),
    statement("Allow", "Subscribe", f"topicfilter/interop/{RUN}/${{iot:Connection.Thing.ThingName}}/*"))


@pytest.fixture(scope="module")
def target():
    tls = free_port()
    for target in serve("http", **{"mqtt.tls": f"127.0.0.1:{tls}"}):
        target.tls = tls
        yield target


@pytest.fixture(scope="module")
def iot(target):
    return target.client("iot")


class Device:
    """A certificate with a policy, attached to a thing that is called as the client calls itself."""

    def __init__(self, target, iot, name, policy, folder):
        self.iot, self.name, self.policy = iot, name, f"{RUN}-{name}"
        made = iot.create_keys_and_certificate(setAsActive=True)
        self.arn, self.id = made["certificateArn"], made["certificateId"]
        iot.create_policy(policyName=self.policy, policyDocument=policy)
        iot.attach_policy(policyName=self.policy, target=self.arn)
        iot.create_thing(thingName=f"{RUN}-{name}")
        iot.attach_thing_principal(thingName=f"{RUN}-{name}", principal=self.arn)
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        certificate.write_text(made["certificatePem"])
        key.write_text(made["keyPair"]["PrivateKey"])
        self.broker = Broker(target.tls, ca=target.server.data / "ca.pem", certificate=(certificate, key))

    def connect(self, version=paho.MQTTv5, **options):
        return Client(self.broker, self.name, version, **options)

    def set_policy(self, *statements):
        self.iot.create_policy_version(policyName=self.policy, policyDocument=document(*statements),
                                       setAsDefault=True)


@pytest.fixture
def device(target, iot, tmp_path):
    made = Device(target, iot, f"dev-{next(NUMBERS)}", OWN, tmp_path)
    made.place = f"{RUN}-{made.name}"  # what stands for it in topics
    return made


@each_version
def test_a_device_reaches_its_own_topics_and_no_others(device, version):
    with device.connect(version) as client:
        assert client.subscribe(f"{device.place}/#", 1) == [1]
        assert client.subscribe("others/#", 1) == [0x80 if version == paho.MQTTv311 else 0x87]
        client.publish(f"{device.place}/state", "on", 1)
        assert client.hear().payload == b"on"


def test_a_publish_that_is_refused_ends_a_connection_of_mqtt_3_and_not_one_of_mqtt_5(device):
    with device.connect(paho.MQTTv5) as client:
        client.publish("others/state", "x", 1)  # paho takes any PUBACK
        client.publish(f"{device.place}/state", "x", 1)
        assert client.gone.empty()
    client = device.connect(paho.MQTTv311)
    client.paho.publish(topic("others/state"), "x", 1)
    client.gone.get(timeout=PATIENCE)
    client.paho.loop_stop()


@each_version
def test_a_client_id_that_is_not_the_things_name_is_refused(device, version):
    device.name += "-other"
    with pytest.raises(Refused) as why:
        device.connect(version)
    assert why.value.code == NOT_AUTHORIZED[version]


def test_a_change_of_the_policy_counts_for_a_client_that_is_connected(device):
    with device.connect() as client:
        client.subscribe(f"{device.place}/#", 1)
        client.publish(f"{device.place}/a", "before", 1)
        assert client.hear().payload == b"before"
        device.set_policy(statement("Allow", "Publish Receive Subscribe", "*", "topic/*"),
                          statement("Deny", "Receive", f"topic/interop/{RUN}/{device.place}/a"))
        client.publish(f"{device.place}/a", "hidden", 1)
        client.publish(f"{device.place}/b", "shown", 1)
        assert client.hear().payload == b"shown"
        with pytest.raises(queue.Empty):
            client.messages.get_nowait()


def test_a_retained_message_needs_its_own_permission(device):
    with device.connect() as client:
        client.publish(f"{device.place}/kept", "x", 1, retain=True)
        client.subscribe(f"{device.place}/kept", 1)
        client.hears_nothing_before(f"{device.place}/mark")
        device.set_policy(statement("Allow", "Publish Receive Subscribe RetainPublish", "topic/*", "topicfilter/*"))
        client.publish(f"{device.place}/kept", "y", 1, retain=True)
        assert client.hear().payload == b"y"


def test_a_will_needs_permission(device):
    with pytest.raises(Refused) as why:
        device.connect(will=(topic("others/will"), "gone", 1, False))
    assert why.value.code == 0x87
    device.connect(will=(topic(f"{device.place}/will"), "gone", 1, False)).leave()


def test_conditions_see_the_connection(device):
    device.set_policy(statement("Allow", "Connect", "client/*",
                                IpAddress={"aws:SourceIp": "127.0.0.0/8"},
                                StringEquals={"iot:Certificate.Subject.CommonName": "AWS IoT Certificate"},
                                Bool={"aws:SecureTransport": "true"},
                                Null={"iot:ConnectAttributes": "true"}))
    device.connect().leave()
    with pytest.raises(Refused):
        device.connect(expiry_s=60)
    device.set_policy(statement("Deny", "Connect", "client/*", IpAddress={"aws:SourceIp": "127.0.0.1/32"}),
                      statement("Allow", "Connect", "client/*"))
    with pytest.raises(Refused):
        device.connect()


def test_a_malformed_policy_is_refused_with_a_sentence(iot):
    error = refused(400, "MalformedPolicyException", iot.create_policy, policyName=f"{RUN}-bad",
                    policyDocument='{"Statement":{"Effect":"Maybe"}}')
    assert error["Error"]["Message"] == 'statement 1: Effect must be "Allow" or "Deny"'


@each_version
def test_an_access_key_may_do_what_its_policies_allow(target, iot, version):
    made = target.post("iot", "/access-keys", {"name": "gauge"})
    broker = Broker(target.server.mqtt, made["accessKeyId"], made["secretAccessKey"])
    with pytest.raises(Refused) as why:
        Client(broker, "gauge", version)
    assert why.value.code == NOT_AUTHORIZED[version]
    policy = f"{RUN}-key-{version}"
    iot.create_policy(policyName=policy, policyDocument=document(
        statement("Allow", "Connect", f"client/{RUN}-gauge"),
        statement("Allow", "Publish", f"topic/interop/{RUN}/gauge")))
    iot.attach_policy(policyName=policy, target=made["accessKeyId"])
    with Client(broker, "gauge", version) as client:
        client.publish("gauge", "1", 1)
        assert client.subscribe("gauge", 1) == [0x80 if version == paho.MQTTv311 else 0x87]


def test_test_authorization_says_what_the_broker_does(iot, device):
    def ask(kind, resource, **more):
        answer = iot.test_authorization(
            principal=device.arn, clientId=device.place,
            authInfos=[{"actionType": kind, "resources": [ARN + resource]}], **more)
        return answer["authResults"][0]

    mine = f"topic/interop/{RUN}/{device.place}/state"
    result = ask("PUBLISH", mine)
    assert result["authDecision"] == "ALLOWED"
    assert [policy["policyName"] for policy in result["allowed"]["policies"]] == [device.policy]
    assert ask("PUBLISH", f"topic/interop/{RUN}/others")["authDecision"] == "IMPLICIT_DENY"
    assert ask("CONNECT", f"client/{device.place}")["authDecision"] == "ALLOWED"
    never = f"{RUN}-never"
    iot.create_policy(policyName=never, policyDocument=document(statement("Deny", "Publish", "topic/*")))
    assert ask("PUBLISH", mine, policyNamesToAdd=[never])["authDecision"] == "EXPLICIT_DENY"
    assert ask("PUBLISH", mine, policyNamesToSkip=[device.policy])["authDecision"] == "IMPLICIT_DENY"


def test_helioctl_explains_a_decision(target, device):
    def explain(*arguments):
        return subprocess.run(
            [BIN / "helioctl", "--endpoint", target.endpoint, "policy", "explain", *arguments,
             "--principal", device.id, "--client-id", device.place],
            cwd=target.server.data.parent, capture_output=True, text=True,
            env={"AWS_ACCESS_KEY_ID": target.key, "AWS_SECRET_ACCESS_KEY": target.secret})

    allowed = explain("iot:Publish", f"topic/interop/{RUN}/{device.place}/state")
    assert allowed.returncode == 0, allowed.stderr
    assert allowed.stdout.startswith(f"ALLOWED by statement 2 of {device.policy}.\n")
    assert f"iot:Connection.Thing.ThingName = {device.place}" in allowed.stdout
    denied = explain("iot:Publish", "topic/elsewhere")
    assert denied.returncode == 1
    assert denied.stdout.startswith("IMPLICIT_DENY: no statement allows it.\n")


def test_refusals_are_counted(target, device):
    def refusals():
        page = urllib.request.urlopen(f"{target.endpoint}/metrics", timeout=PATIENCE).read().decode()
        return sum(float(line.split()[-1]) for line in page.splitlines()
                   if line.startswith("heliograph_policy_refusals_total"))

    before = refusals()
    with device.connect() as client:
        client.publish("others/state", "x", 1)
    assert refusals() == before + 1
