"""Who may come in and how: access keys, the anonymous door, TLS with the server's own authority; with
paho-mqtt and with mosquitto_pub and mosquitto_sub."""
import ssl
import subprocess

import paho.mqtt.client as paho
import pytest

from mqtt_client import PATIENCE, VERSIONS, Broker, Client, Refused, topic
from server import free_port, running

each_version = pytest.mark.parametrize("version", VERSIONS, ids=["3.1.1", "5"])
MOSQUITTO_VERSIONS = {paho.MQTTv311: "mqttv311", paho.MQTTv5: "mqttv5"}
BAD_PASSWORD = {paho.MQTTv311: 4, paho.MQTTv5: 0x86}
NOT_AUTHORIZED = {paho.MQTTv311: 5, paho.MQTTv5: 0x87}


@pytest.fixture(scope="module")
def server():
    tls = free_port()
    with running(**{"mqtt.tls": f"127.0.0.1:{tls}"}) as server:
        server.tls = tls
        yield server


@pytest.fixture
def broker(server):
    return Broker(server.mqtt, server.key, server.secret)


@pytest.fixture
def secure(server):
    return Broker(server.tls, server.key, server.secret, ca=server.data / "ca.pem")


@each_version
@pytest.mark.parametrize("user, password", [("right", "wrong"), ("right", ""), ("nobody", "right"), ("", "")])
def test_wrong_credentials_are_refused(server, version, user, password):
    words = {"right": (server.key, server.secret)}
    broker = Broker(server.mqtt, words.get(user, (user,))[0], words.get(password, (0, password))[1])
    with pytest.raises(Refused) as refused:
        Client(broker, "intruder", version)
    assert refused.value.code == BAD_PASSWORD[version]


@each_version
def test_without_credentials_nobody_comes_in(server, version):
    with pytest.raises(Refused) as refused:
        Client(Broker(server.mqtt), "stranger", version)
    assert refused.value.code == NOT_AUTHORIZED[version]


@each_version
def test_anonymous_clients_come_in_where_the_setting_says_so(version):
    with running(**{"mqtt.anonymous": "true"}) as server:
        with Client(Broker(server.mqtt), "guest", version) as guest:
            guest.hears_nothing_before("guest", 1)
        with pytest.raises(Refused):
            Client(Broker(server.mqtt, server.key, "wrong"), "guest", version)


@each_version
def test_tls_with_the_servers_own_authority(secure, broker, version):
    assert secure.ca.exists()
    with Client(secure, "sub", version) as sub, Client(broker, "pub", version) as pub:
        assert sub.paho.socket().version() == "TLSv1.3"
        sub.subscribe("tls", 2)
        pub.publish("tls", "x" * 200_000, 2)
        assert sub.hear().payload == b"x" * 200_000


def test_a_client_that_does_not_know_the_authority_does_not_trust_the_server(server):
    stranger = paho.Client("stranger")
    stranger.tls_set(tls_version=ssl.PROTOCOL_TLS_CLIENT)
    with pytest.raises(ssl.SSLCertVerificationError):
        stranger.connect("127.0.0.1", server.tls)


def mosquitto(program, broker, version, *arguments, **options):
    command = [program, "-h", "localhost" if broker.ca else broker.host, "-p", str(broker.port), "-u", broker.user,
               "-P", broker.password, "-V", MOSQUITTO_VERSIONS[version], *arguments]
    if broker.ca:
        command += ["--cafile", str(broker.ca)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


@each_version
@pytest.mark.parametrize("way", ["plain", "TLS"])
@pytest.mark.parametrize("qos", ["0", "1", "2"])
def test_mosquitto_pub_and_sub(secure, broker, version, way, qos):
    target = secure if way == "TLS" else broker
    name = topic(f"mosquitto{version}{way}{qos}")
    with Client(broker, "watcher", version) as watcher:
        # Its own retained message tells that mosquitto_sub has subscribed to everything.
        watcher.publish(f"mosquitto{version}{way}{qos}/ready", "ready", 1, retain=True)
        sub = mosquitto("mosquitto_sub", target, version, "-t", name + "/#", "-q", qos, "-v", "-C", "3",
                        "-W", str(int(PATIENCE)))
        assert sub.stdout.readline() == f"{name}/ready ready\n"
        pub = mosquitto("mosquitto_pub", target, version, "-t", name, "-q", qos, "-l", stdin=subprocess.PIPE)
        _, complaint = pub.communicate("one\ntwo\n", timeout=PATIENCE)
        assert (pub.returncode, complaint) == (0, "")
        out, complaint = sub.communicate(timeout=PATIENCE)
        assert (sub.returncode, complaint, out) == (0, "", f"{name} one\n{name} two\n")
        watcher.publish(f"mosquitto{version}{way}{qos}/ready", "", 1, retain=True)


@each_version
def test_mosquitto_pub_is_told_why_it_is_refused(server, version):
    refused = mosquitto("mosquitto_pub", Broker(server.mqtt, server.key, "wrong"), version, "-t", "x", "-m", "x")
    _, complaint = refused.communicate(timeout=PATIENCE)
    assert refused.returncode != 0
    assert "not authori" in complaint.lower() or "bad user name or password" in complaint.lower()
