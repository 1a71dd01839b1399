"""Rules in the running server: statements on anything that is published, actions that reach the world."""
import base64
import json
import queue
import threading
import time

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.packettypes import PacketTypes

from network import HttpReceiver
from server import PATIENCE

ROLE = "arn:aws:iam::123456789012:role/r"


@pytest.fixture(scope="module")
def network(one_server):
    one_server.put_up_gateways()
    return one_server


@pytest.fixture(scope="module")
def iot(network):
    return network.server.client("iot")


def republish(topic, **more):
    return {"republish": {"topic": topic, "roleArn": ROLE, "qos": 1, **more}}


def payload(sql, *actions, **more):
    return {"sql": sql, "awsIotSqlVersion": "2016-03-23", "actions": list(actions), **more}


def test_a_statement_works_on_anything_published_not_only_uplinks(network, iot):
    iot.create_topic_rule(ruleName="anything", topicRulePayload=payload(
        "SELECT * FROM 'sensors/temp' WHERE temp > 90", republish("hot/${topic(2)}/${get(tags, 0)}")))
    hot = network.server.listen("hot/#")
    hot.publish("sensors/temp", {"temp": 20, "tags": ["a"]})
    hot.publish("sensors/other", {"temp": 95, "tags": ["b"]})
    hot.publish("sensors/temp", {"temp": 91, "tags": ["c"]})
    topic, body = hot.messages.get(timeout=PATIENCE)
    assert (topic, json.loads(body)) == ("hot/temp/c", {"temp": 91, "tags": ["c"]})
    assert hot.messages.empty()
    hot.close()


def test_a_rule_made_replaced_disabled_enabled_and_deleted_takes_effect_at_once(network, iot):
    out = network.server.listen("out/#")

    def says():
        out.publish("in", {"a": 1})
        out.publish("out/end", {})
        return [topic for topic, _ in iter(lambda: out.messages.get(timeout=PATIENCE), ("out/end", b"{}"))]

    assert says() == []
    iot.create_topic_rule(ruleName="change", topicRulePayload=payload("SELECT * FROM 'in'", republish("out/one")))
    assert says() == ["out/one"]
    iot.replace_topic_rule(ruleName="change", topicRulePayload=payload("SELECT * FROM 'in'", republish("out/two")))
    assert says() == ["out/two"]
    iot.disable_topic_rule(ruleName="change")
    assert says() == []
    iot.enable_topic_rule(ruleName="change")
    assert says() == ["out/two"]
    iot.delete_topic_rule(ruleName="change")
    assert says() == []
    out.close()


def test_what_is_no_json_passes_as_it_is_or_as_base64(network, iot):
    iot.create_topic_rule(ruleName="raw", topicRulePayload=payload("SELECT * FROM 'bytes'", republish("copy")))
    iot.create_topic_rule(ruleName="coded", topicRulePayload=payload(
        "SELECT encode(*, 'base64') AS data, clientid() AS client FROM 'bytes'", republish("coded")))
    out = network.server.listen("copy", "coded")
    out.client.publish("bytes", b"\x00\xff\x10", qos=1)
    found = dict(out.messages.get(timeout=PATIENCE) for _ in range(2))
    assert found["copy"] == b"\x00\xff\x10"
    assert json.loads(found["coded"])["data"] == "AP8Q"
    out.close()


def test_republish_carries_the_headers_of_mqtt_5_and_sees_those_of_the_message(network, iot):
    iot.create_topic_rule(ruleName="headers", topicRulePayload=payload(
        "SELECT get_mqtt_property('content_type') AS type, get_user_properties('site') AS site FROM 'with'",
        republish("headed", headers={
            "contentType": "application/json", "payloadFormatIndicator": "UTF8_DATA",
            "correlationData": base64.b64encode(b"call 7").decode(), "responseTopic": "answers/${topic()}",
            "messageExpiry": "60", "userProperties": [{"key": "rule", "value": "${topic(1)}"}]})))
    arrived = queue.Queue()
    listener = network.server.listen("headed")
    listener.client.on_message = lambda _c, _u, message: arrived.put(message)
    properties = mqtt.Properties(PacketTypes.PUBLISH)
    properties.ContentType = "text/plain"
    properties.UserProperty = [("site", "north"), ("site", "roof"), ("other", "x")]
    listener.client.publish("with", b"{}", qos=1, properties=properties)
    message = arrived.get(timeout=PATIENCE)
    assert json.loads(message.payload) == {"type": "text/plain", "site": ["north", "roof"]}
    got = message.properties
    assert (got.ContentType, got.PayloadFormatIndicator, got.CorrelationData, got.ResponseTopic) == \
        ("application/json", 1, b"call 7", "answers/with")
    assert got.UserProperty == [("rule", "with")]
    assert 0 < got.MessageExpiryInterval <= 60
    listener.close()


def test_rules_that_feed_each_other_are_stopped_and_counted_and_the_server_goes_on(network, iot):
    for name, source, target in (("ping", "a", "b"), ("pong", "b", "a")):
        iot.create_topic_rule(ruleName=name, topicRulePayload=payload(
            f"SELECT * FROM 'loop/{source}'", republish(f"loop/{target}"), republish(f"loop/{target}")))
    before = network.metric("heliograph_rule_actions_dropped_total")
    out = network.server.listen("done")
    out.publish("loop/a", {})
    out.publish("done", {"still": "here"})
    assert out.next() == {"still": "here"}
    deadline = time.monotonic() + PATIENCE
    while network.metric("heliograph_rule_actions_dropped_total") == before:
        assert time.monotonic() < deadline, "the loop was never cut"
    for name in ("ping", "pong"):
        iot.delete_topic_rule(ruleName=name)
    out.close()


def test_http_posts_with_headers_and_tries_again_after_503_with_growing_pauses(network, iot):
    receiver = HttpReceiver(503, 429)
    iot.create_topic_rule(ruleName="post", topicRulePayload=payload(
        "SELECT a FROM 'post/+'", {"http": {
            "url": receiver.url + "/in/${topic(2)}", "confirmationUrl": receiver.url,
            "headers": [{"key": "X-Site", "value": "${a}"}]}}))
    out = network.server.listen("nothing")
    out.publish("post/x", {"a": "north"})
    for _ in range(3):
        path, headers, body = receiver.requests.get(timeout=PATIENCE)
        assert (path, body) == ("/in/x", b'{"a":"north"}')
        assert headers["X-Site"] == "north" and headers["Content-Type"] == "application/json"
    assert receiver.times[2] - receiver.times[0] > 0.2
    out.close()


def test_what_http_cannot_deliver_goes_to_the_error_action_once_with_every_failure(network, iot):
    receiver = HttpReceiver(404)
    iot.create_topic_rule(ruleName="failing", topicRulePayload=payload(
        "SELECT * FROM 'fail/+'",
        {"http": {"url": receiver.url + "/gone"}}, {"http": {"url": "${nowhere}"}}, republish("fine"),
        errorAction=republish("errors/${topic(2)}")))
    errors = network.server.listen("errors/#")
    errors.publish("fail/x", {"a": 1})
    document = errors.next("errors/x")
    assert document["ruleName"] == "failing" and document["topic"] == "fail/x"
    assert base64.b64decode(document["base64OriginalPayload"]) == b'{"a": 1}'
    assert document["clientId"] and document["cloudwatchTraceId"]
    assert sorted(f["failedAction"] for f in document["failures"]) == ["HttpAction", "HttpAction"]
    assert {f["failedResource"] for f in document["failures"]} == {receiver.url + "/gone", ""}
    assert any("404" in f["errorMessage"] for f in document["failures"])
    assert errors.messages.empty()
    errors.close()


def test_http_checks_the_certificate_of_a_tls_server(network, iot, tmp_path):
    import ssl
    import subprocess
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-subj", "/CN=localhost", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
                   check=True, capture_output=True)
    receiver = HttpReceiver()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
    iot.create_topic_rule(ruleName="tls", topicRulePayload=payload(
        "SELECT * FROM 'tls'", {"http": {"url": receiver.url.replace("http:", "https:")}},
        errorAction=republish("errors/tls")))
    errors = network.server.listen("errors/tls")
    errors.publish("tls", {})
    assert "certificate" in errors.next()["failures"][0]["errorMessage"]
    assert receiver.requests.empty()
    errors.close()


def test_file_appends_lines_below_its_folder_and_no_message_gets_out_of_it(network, iot):
    network.server.ctl("rule", "add", "log", "--sql", "SELECT n FROM 'file'", "--file", "${dir}/day.jsonl",
                       "--error-republish", "errors/file")
    errors = network.server.listen("errors/file")
    for number, folder in enumerate(("a", "a", "../..", "/tmp", "a/../../b", ".")):
        errors.publish("file", {"n": number, "dir": folder})
    for _ in range(4):
        assert "not below the folder" in errors.next()["failures"][0]["errorMessage"]
    folder = network.server.data / "rule-files"
    deadline = time.monotonic() + PATIENCE
    while not (folder / "a/day.jsonl").exists() or (folder / "a/day.jsonl").read_text().count("\n") < 2:
        assert time.monotonic() < deadline
    assert (folder / "a/day.jsonl").read_text() == '{"n":0}\n{"n":1}\n'
    assert [p.name for p in folder.iterdir()] == ["a"]
    errors.close()


def test_a_destination_of_type_rule_name_gives_the_aws_form_to_its_rule_alone(network, iot):
    iot.create_topic_rule(ruleName="lorawan", topicRulePayload=payload(
        "SELECT WirelessDeviceId, PayloadData, WirelessMetadata.LoRaWAN.FPort AS port, "
        "WirelessMetadata.LoRaWAN.DataRate AS rate FROM 'never'", republish("lorawan/out")))
    network.wireless.create_destination(
        Name="by_rule", ExpressionType="RuleName", Expression="lorawan", RoleArn=ROLE)
    device = network.register(1)
    network.wireless.update_wireless_device(Id=device.id, DestinationName="by_rule")
    out = network.server.listen("lorawan/out", "application/by_rule/#", "$aws/rules/#")
    network.join(device)
    network.say(device.uplink(3, b"\x01\x02"))
    assert out.next("lorawan/out") == {"WirelessDeviceId": device.id, "PayloadData": "AQI=", "port": 3, "rate": "5"}
    assert network.metric("heliograph_rule_matched_total") > 0
    out.close()


def test_basic_ingest_runs_the_named_rule_alone_and_reaches_no_subscriber(network, iot):
    iot.create_topic_rule(ruleName="ingest", topicRulePayload=payload("SELECT a", republish("ingested/${topic()}")))
    iot.create_topic_rule(ruleName="all", topicRulePayload=payload("SELECT a FROM 'x/#'", republish("ingested/all")))
    out = network.server.listen("ingested/#", "$aws/rules/#", "x/#")
    out.publish("$aws/rules/ingest/x/y", {"a": 1})
    out.publish("ingested/end", {})
    assert [out.messages.get(timeout=PATIENCE) for _ in range(2)] == \
        [("ingested/x/y", b'{"a":1}'), ("ingested/end", b"{}")]
    out.close()


def test_rules_work_again_after_a_restart(network, iot):
    names = [rule["ruleName"] for rule in iot.list_topic_rules()["rules"]]
    network.server.kill()
    network.server.start()
    iot = network.server.client("iot")
    assert [rule["ruleName"] for rule in iot.list_topic_rules()["rules"]] == names
    hot = network.server.listen("hot/#")
    hot.publish("sensors/temp", {"temp": 99, "tags": ["r"]})
    assert hot.next()["temp"] == 99
    hot.close()


def test_a_post_that_an_acknowledged_message_brought_about_is_not_lost_by_kill_9(network):
    receiver = HttpReceiver()
    receiver.server.shutdown()  # takes connections, and answers none
    iot = network.server.client("iot")
    iot.create_topic_rule(ruleName="keep", topicRulePayload=payload(
        "SELECT n FROM 'keep'", {"http": {"url": receiver.url}}))
    out = network.server.listen("nothing")
    for number in range(3):
        out.publish("keep", {"n": number})  # waits for its PUBACK
    network.server.kill()
    network.server.start()
    threading.Thread(target=receiver.server.serve_forever, daemon=True).start()
    bodies = {receiver.requests.get(timeout=PATIENCE)[2] for _ in range(3)}
    assert {b'{"n":0}', b'{"n":1}', b'{"n":2}'} >= bodies
    while bodies != {b'{"n":0}', b'{"n":1}', b'{"n":2}'}:
        bodies.add(receiver.requests.get(timeout=PATIENCE)[2])
    out.close()


def test_what_a_rule_republished_for_a_session_that_is_away_is_there_after_the_puback_and_kill_9(network):
    iot = network.server.client("iot")
    iot.create_topic_rule(ruleName="to_away", topicRulePayload=payload("SELECT n FROM 'near'", republish("far")))

    def come():
        ready, arrived = queue.Queue(), queue.Queue()
        client = mqtt.Client(client_id="away", clean_session=False, protocol=mqtt.MQTTv311)
        client.username_pw_set(network.server.key, network.server.secret)
        client.on_connect = lambda c, *_: c.subscribe("far", 1)
        client.on_subscribe = lambda *_: ready.put(True)
        client.on_message = lambda _c, _u, message: arrived.put(message.payload)
        client.connect("127.0.0.1", network.server.mqtt)
        client.loop_start()
        ready.get(timeout=PATIENCE)
        return client, arrived

    def go(client):
        client.disconnect()
        client.loop_stop()

    go(come()[0])
    for number in range(20):
        out = network.server.listen("nothing")
        out.publish("near", {"n": number})
        if number % 5 == 4:
            network.server.kill()
            network.server.start()
        out.close()
    client, arrived = come()
    assert [arrived.get(timeout=PATIENCE) for _ in range(20)] == [b'{"n":%d}' % n for n in range(20)]
    go(client)


def test_lines_of_acknowledged_messages_are_in_their_file_when_the_server_has_stopped(network):
    network.server.ctl("rule", "add", "lines", "--sql", "SELECT n FROM 'line'", "--file", "lines.jsonl")
    out = network.server.listen("nothing")
    sent = [out.client.publish("line", json.dumps({"n": n}), qos=1) for n in range(500)]
    for one in sent:
        one.wait_for_publish(PATIENCE)
    network.server.stop()
    out.close()
    lines = (network.server.data / "rule-files/lines.jsonl").read_text().splitlines()
    assert lines == ['{"n":%d}' % n for n in range(500)]
    network.server.start()


def test_lines_of_acknowledged_messages_are_in_their_file_after_kill_9(network):
    network.server.ctl("rule", "add", "kept_lines", "--sql", "SELECT n FROM 'kept/line'", "--file", "kept.jsonl")
    file = network.server.data / "rule-files/kept.jsonl"
    acknowledged = []
    for number in range(0, 300, 30):
        out = network.server.listen("nothing")
        sent = [(n, out.client.publish("kept/line", json.dumps({"n": n}), qos=1)) for n in range(number, number + 30)]
        sent[-1][1].wait_for_publish(PATIENCE)
        acknowledged += [n for n, one in sent if one.is_published()]
        network.server.kill()
        network.server.start()
        out.close()
    network.server.stop()  # waits until all lines are written
    lines = [json.loads(line)["n"] for line in file.read_text().splitlines()]
    assert set(acknowledged) <= set(lines)
    assert len(acknowledged) >= 10  # each PUBACK that was waited for
    network.server.start()
