"""Retained messages and connections by boto3's iot-data client."""
import http.client
import time

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from aws_client import REGION, serve
from mqtt_client import PATIENCE, RUN, Broker, Client, topic


@pytest.fixture(scope="module")
def target():
    yield from serve("http")


@pytest.fixture
def data(target):
    return target.client("iot-data")


@pytest.fixture
def broker(target):
    return Broker(target.server.mqtt, target.key, target.secret)


def test_a_retained_message_is_read_with_its_payload_qos_and_time(data, broker):
    begun = int(time.time() * 1000) - 1
    with Client(broker, "keeper") as client:
        client.publish("kept/a b", b"\x00\xffvalue", 1, retain=True)
    found = data.get_retained_message(topic=topic("kept/a b"))
    assert (found["topic"], found["payload"], found["qos"]) == (topic("kept/a b"), b"\x00\xffvalue", 1)
    assert begun <= found["lastModifiedTime"] <= time.time() * 1000 + 1
    with pytest.raises(ClientError) as error:
        data.get_retained_message(topic=topic("kept/nothing"))
    assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_retained_messages_survive_a_restart_with_their_time(target, data, broker):
    with Client(broker, "keeper") as client:
        client.publish("lasting", b"x", 1, retain=True)
    before = data.get_retained_message(topic=topic("lasting"))["lastModifiedTime"]
    target.server.kill()
    target.server.start()
    assert data.get_retained_message(topic=topic("lasting"))["lastModifiedTime"] == before


def test_retained_messages_are_listed_in_pages(data, broker):
    wanted = [topic(f"page/{i:03}") for i in range(25)]
    with Client(broker, "keeper") as client:
        for i in range(25):
            client.publish(f"page/{i:03}", b"12345", 1, retain=True)
    found, token = [], {}
    while True:
        page = data.list_retained_messages(maxResults=10, **token)
        assert 1 <= len(page["retainedTopics"]) <= 10
        found += page["retainedTopics"]
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    ours = [row for row in found if row["topic"] in wanted]
    assert [row["topic"] for row in ours] == wanted and all(row["payloadSize"] == 5 for row in ours)
    assert len(found) == len({row["topic"] for row in found})


@pytest.mark.parametrize("arguments", [{"maxResults": 201}, {"nextToken": "%%%"}])
def test_a_wrong_page_is_refused(data, arguments):
    with pytest.raises(ClientError) as error:
        data.list_retained_messages(**arguments)
    assert error.value.response["Error"]["Code"] == "InvalidRequestException"


def delete_connection(target, client_id, query=""):
    """DeleteConnection is younger than the distribution's botocore."""
    path = f"/connections/{client_id}"
    request = AWSRequest("DELETE", target.endpoint + path + query)
    SigV4Auth(Credentials(target.key, target.secret), "iotdata", REGION).add_auth(request)
    connection = http.client.HTTPConnection("127.0.0.1", target.server.http, timeout=PATIENCE)
    connection.request("DELETE", path + query, headers=dict(request.headers))
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("query, is_published", [("", True), ("?preventWillMessage=true", False)])
def test_a_connection_is_ended_and_its_will_may_be_prevented(target, broker, query, is_published):
    name = f"victim{is_published}"
    with Client(broker, "watcher") as watcher:
        victim = Client(broker, name, will=(topic("will"), b"gone", 1))
        watcher.subscribe("will", 1)
        assert delete_connection(target, f"{RUN}-{name}", query) == 200
        victim.gone.get(timeout=PATIENCE)
        victim.vanish()
        if is_published:
            assert watcher.hear().payload == b"gone"
        else:
            watcher.hears_nothing_before("will", 1)


def test_who_is_not_connected_cannot_be_ended(target):
    assert delete_connection(target, "nobody") == 404
