"""What is not as it should be: a full disk, a data folder that is taken, JSON bombs, bad SQL.  The server
says what is wrong where there is somebody to tell, and keeps serving."""
import base64
import pathlib
import resource
import subprocess
import tempfile
import urllib.error
import urllib.request

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from network import Network
from server import BIN, PATIENCE, Server

ROLE = "arn:aws:iam::123456789012:role/r"
NO_RETRIES = Config(retries={"max_attempts": 0})


@pytest.fixture(scope="module")
def network(one_server):
    one_server.put_up_gateways()
    return one_server


def set_disk_limit(server, size):
    """No file of the server may grow beyond `size`: to it, the disk is full."""
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def create_destination(client, name):
    client.create_destination(Name=name, ExpressionType="MqttTopic", Expression="x", RoleArn=ROLE)


def http_status(server, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.http}{path}", timeout=PATIENCE) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_with_a_full_disk_reads_go_on_changes_get_503_and_nothing_is_acknowledged_until_there_is_room(network):
    server = network.server
    client = server.client("iotwireless", config=NO_RETRIES)
    device = network.register(1)
    network.join(device)
    events = network.events_of(device)
    network.say(device.uplink(1, b"before"))
    assert base64.b64decode(events.next("/up")["data"]) == b"before"

    set_disk_limit(server, 4096)
    for name in ("first", "second"):
        with pytest.raises(ClientError) as refused:
            create_destination(client, name)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert "make room" in str(refused.value)
    assert "farm" in [d["Name"] for d in client.list_destinations()["DestinationList"]]
    assert client.get_wireless_device(Identifier=device.id, IdentifierType="WirelessDeviceId")["Name"] == "sensor 1"
    assert http_status(server, "/healthz") == 503
    assert network.metric("heliograph_store_stalled") == 1
    assert "make room" in server.log_text()

    network.say(device.uplink(1, b"during", confirmed=True))
    retained = events.client.publish("house/door", b"open", qos=1, retain=True)
    assert network.downlink_within(2)[0] is None, "an ACK of what is not durable"
    assert events.messages.empty(), "an event of what is not durable"
    assert not retained.is_published(), "a PUBACK of what is not durable"

    set_disk_limit(server, resource.RLIM_INFINITY)
    assert base64.b64decode(events.next("/up")["data"]) == b"during"
    retained.wait_for_publish(PATIENCE)
    assert retained.is_published()
    create_destination(client, "third")
    assert http_status(server, "/healthz") == 200
    assert network.metric("heliograph_store_stalled") == 0
    network.say(device.uplink(1, b"after", confirmed=True))
    assert device.open_downlink(network.downlink()[0]["phy"]).ack
    assert base64.b64decode(events.next("/up")["data"]) == b"after"
    events.close()


def serve_and_fail(data):
    run = subprocess.run(
        [BIN / "heliograph", "serve", "--data", data] + [
            part for listener in ("gateways.semtech_udp", "mqtt.tcp", "mqtt.tls", "http.plain", "http.tls")
            for part in ("--set", f"{listener}=")],
        capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode != 0
    lines = run.stderr.strip().splitlines()
    assert len(lines) == 1, run.stderr
    return lines[0]


def test_a_data_folder_in_use_is_named_with_its_process_in_one_sentence(network):
    line = serve_and_fail(network.server.data)
    assert f"is in use by process {network.server.process.pid}" in line
    assert "--data" in line
    assert http_status(network.server, "/healthz") == 200


def test_a_data_folder_that_cannot_be_one_is_named_in_one_sentence():
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "file")
        file.write_text("not a folder")
        assert str(file) in serve_and_fail(file)
        broken = pathlib.Path(folder, "broken")
        broken.mkdir()
        (broken / "store.mdb").write_bytes(b"not a store" * 1000)
        assert "store.mdb" in serve_and_fail(broken)


def test_a_start_on_a_full_disk_ends_with_one_sentence_and_works_when_there_is_room():
    listeners = " ".join(f"--set {name}=" for name in (
        "gateways.semtech_udp", "mqtt.tcp", "mqtt.tls", "http.plain", "http.tls"))
    script = f"""
        mkdir "$1/disk" && mount -t tmpfs -o size=128k tmpfs "$1/disk" || exit 77
        mkdir "$1/disk/data"; dd if=/dev/zero of="$1/disk/fill" bs=1k count=$2 2>/dev/null
        "{BIN}/heliograph" serve --data "$1/disk/data" {listeners} 2>&1
        echo "status $?"
        rm "$1/disk/fill"
        "{BIN}/heliograph" serve --data "$1/disk/data" {listeners} >"$1/out" 2>&1 & server=$!
        until grep -q ready "$1/out" || ! kill -0 $server; do sleep 0.05; done
        kill $server; wait $server; status=$?; cat "$1/out"; echo status $status"""
    for room in (0, 8, 16, 20, 28):
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", folder, str(128 - room)],
                                 capture_output=True, text=True, timeout=PATIENCE)
        if run.returncode == 77 or "unshare" in run.stderr:
            pytest.skip("no file system may be mounted here")
        lines = run.stdout.splitlines()
        assert lines.count("status 1") == 1 and lines[-1] == "status 0", run.stdout
        said = [line for line in lines if line.startswith("heliograph:")]
        assert len(said) == 1 and "No space left on device" in said[0], run.stdout
        assert lines[-2].startswith("ready"), run.stdout


def test_a_backup_made_while_the_server_works_is_a_data_folder_that_starts():
    with tempfile.TemporaryDirectory() as folder:
        network = Network(folder + "/data")
        network.put_up_gateways()
        device = network.register(3)
        network.join(device)
        events = network.events_of(device)
        events.client.publish("house/door", b"open", qos=1, retain=True).wait_for_publish(PATIENCE)
        network.say(device.uplink(1, b"one"))
        events.next("/up")
        backup = pathlib.Path(folder, "backup")
        network.server.ctl("backup", str(backup))
        network.say(device.uplink(1, b"two"))
        events.next("/up")
        events.close()
        network.close()

        restored = Server(backup)
        client = restored.client("iotwireless")
        assert client.get_wireless_device(
            Identifier=device.dev_eui.hex(), IdentifierType="DevEui")["Id"] == device.id
        door = restored.listen("house/#")
        assert door.messages.get(timeout=PATIENCE) == ("house/door", b"open")
        door.close()
        restored.stop()


BOMBS = {
    "deep": "[" * 100_000,
    "deep objects": '{"a":' * 100_000,
    "half": '{"sql":"SELECT',
    "no JSON": "\x00\xff",
    "huge number": '{"Name":1e999999999}',
    "a list": "[1,2,3]",
    "many members": "{" + ",".join(f'"k{i}":{i}' for i in range(50_000)) + "}",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_json_bomb_in_a_command_is_a_log_event_and_in_a_message_no_rules_error(network, bomb):
    device = network.register(100 + list(BOMBS.values()).index(bomb))
    events = network.events_of(device)
    down = f"application/farm/device/{device.dev_eui.hex()}/command/down"
    events.client.publish(down, bomb.encode("latin-1"), qos=1).wait_for_publish(PATIENCE)
    log = events.next("/log")
    assert log["level"] == "ERROR" and log["description"]
    events.close()


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_json_bomb_in_an_api_call_is_a_400_that_says_so(network, bomb):
    server = network.server
    request = botocore.awsrequest.AWSRequest(
        "POST", f"http://127.0.0.1:{server.http}/destinations", data=bomb.encode("latin-1"))
    botocore.auth.SigV4Auth(
        botocore.credentials.Credentials(server.key, server.secret), "iotwireless", "us-east-1").add_auth(request)
    prepared = urllib.request.Request(request.url, request.body, dict(request.headers.items()), method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(prepared, timeout=PATIENCE)
    assert refused.value.code == 400
    assert b"message" in refused.value.read().lower()


def test_a_json_bomb_in_a_datagram_is_counted_and_the_gateway_served_on(network):
    gateway = network.gateways[0]
    before = network.metric("heliograph_udp_push_data_malformed_total")
    for bomb in ('{"rxpk":' + "[" * 30_000, '{"rxpk":' + '{"a":' * 10_000, '{"rxpk":[1e99999]}', "{", '{"rxpk":{}}'):
        gateway.up.sendto(gateway.header(0) + bomb.encode(), gateway.server)
    gateway.pull_acks.queue.clear()
    gateway.pull()
    gateway.pull_acks.get(timeout=PATIENCE)
    assert network.metric("heliograph_udp_push_data_malformed_total") >= before + 3


def test_a_json_bomb_that_a_rule_reads_is_no_json_and_the_next_message_is_served(network):
    iot = network.server.client("iot")
    iot.create_topic_rule(ruleName="bombs", topicRulePayload={
        "sql": "SELECT a, topic(2) AS t FROM 'bombs/+'", "awsIotSqlVersion": "2016-03-23",
        "actions": [{"republish": {"topic": "seen", "roleArn": ROLE, "qos": 1}}]})
    seen = network.server.listen("seen")
    for name, bomb in BOMBS.items():
        if name not in ("a list", "many members"):
            seen.client.publish("bombs/" + name.replace(" ", "_"), bomb.encode("latin-1"), qos=1)
            assert seen.next() == {"t": name.replace(" ", "_")}
    seen.publish("bombs/good", {"a": 1})
    assert seen.next() == {"a": 1, "t": "good"}
    seen.close()
    iot.delete_topic_rule(ruleName="bombs")


@pytest.mark.parametrize("sql, place", [
    ("", "sql"),
    ("SELECT", "line 1, column 7"),
    ("SELECT a FRM 'x'", "line 1, column 10"),
    ("SELECT a\nFROM x", "line 2, column 6"),
    ("SELECT nosuch(1) FROM 'x'", "nosuch()"),
    ("SELECT * FROM 'a/#/b'", "'#' must be the last level"),
    ("SELECT " + "(" * 5000 + "1" + ")" * 5000, "nested too deeply"),
    ("SELECT " + "1+" * 5000 + "1", "too many operators"),
    ("SELECT '" + "x" * 20_000 + "'", "longer than"),
    ("SELECT a; DROP TABLE rules", "';' is not expected"),
])
def test_bad_sql_is_refused_with_the_place_and_the_reason(network, sql, place):
    iot = network.server.client("iot")
    with pytest.raises(ClientError) as refused:
        iot.create_topic_rule(ruleName="bad", topicRulePayload={
            "sql": sql, "awsIotSqlVersion": "2016-03-23",
            "actions": [{"republish": {"topic": "x", "roleArn": ROLE}}]})
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    if sql:
        assert refused.value.response["Error"]["Code"] == "SqlParseException"
    assert place in refused.value.response["Error"]["Message"]
    assert "bad" not in [rule["ruleName"] for rule in iot.list_topic_rules()["rules"]]
