"""Users with passwords: made with helioctl, used by paho; what they may do is a policy's business."""
import json
import subprocess

import paho.mqtt.client as paho
import pytest

from mqtt_client import PATIENCE, VERSIONS, Broker, Client, Refused
from server import BIN, running

each_version = pytest.mark.parametrize("version", VERSIONS, ids=["3.1.1", "5"])
NOT_AUTHORIZED = {paho.MQTTv311: 5, paho.MQTTv5: 0x87}
BAD_PASSWORD = {paho.MQTTv311: 4, paho.MQTTv5: 0x86}


ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}


@pytest.fixture(scope="module")
def server():
    with running() as server:
        server.client("iot").create_policy(policyName="all", policyDocument=json.dumps(ALLOW))
        yield server


def may_do_everything(server, name):
    server.client("iot").attach_policy(policyName="all", target=f"arn:aws:iot:us-east-1:123456789012:user/{name}")


def user(server, verb, name, password, expect=0):
    run = subprocess.run(
        [BIN / "helioctl", "--endpoint", f"http://127.0.0.1:{server.http}", "--credentials",
         server.data / "credentials", "user", verb, name], input=password + "\n", capture_output=True, text=True,
        timeout=PATIENCE)
    assert (run.returncode == 0) == (expect == 0), run.stderr
    return run.stdout + run.stderr


@each_version
def test_a_user_comes_in_with_its_password_and_nobody_else_does(server, version):
    name = f"ann{version}"
    user(server, "add", name, "correct horse")
    with pytest.raises(Refused) as refused:  # a user without a policy may do nothing
        Client(Broker(server.mqtt, name, "correct horse"), "ann", version)
    assert refused.value.code == NOT_AUTHORIZED[version]
    may_do_everything(server, name)
    for _ in range(2):  # the second time without hashing
        Client(Broker(server.mqtt, name, "correct horse"), "ann", version).leave()
    for who, password in [(name, "wrong"), ("nobody", "correct horse"), (name, "")]:
        with pytest.raises(Refused) as refused:
            Client(Broker(server.mqtt, who, password), "ann", version)
        assert refused.value.code == BAD_PASSWORD[version]


def test_another_password_and_a_removal_end_the_connections_of_the_user(server):
    user(server, "add", "bob", "first")
    may_do_everything(server, "bob")
    with_first = Client(Broker(server.mqtt, "bob", "first"), "bob")
    user(server, "passwd", "bob", "second")
    assert with_first.gone.get(timeout=PATIENCE) != 0
    with_first.paho.loop_stop()
    with_second = Client(Broker(server.mqtt, "bob", "second"), "bob")
    server.ctl("user", "remove", "bob")
    assert with_second.gone.get(timeout=PATIENCE) != 0
    with_second.paho.loop_stop()


def test_helioctl_lists_users_and_never_their_passwords(server):
    user(server, "add", "carl", "a password")
    listed = server.ctl("user", "list")
    assert "carl" in [one["Name"] for one in listed] and "scrypt" not in str(listed)
    assert "already" in user(server, "add", "carl", "another", expect=1)
    assert "no User" in user(server, "passwd", "dora", "another", expect=1)
    database = b"".join(path.read_bytes() for path in server.data.rglob("*") if path.is_file())
    assert b"carl" in database and b"a password" not in database
