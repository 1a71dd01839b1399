"""paho-mqtt, a client that knows nothing of this server, says and hears what MQTT promises it.

HELIO_MQTT=host:port (with HELIO_MQTT_USER and HELIO_MQTT_PASSWORD) names a broker that runs, to compare
with another; without it the server is started.
"""
import os

import pytest

from mqtt_client import PATIENCE, VERSIONS, Broker, Client, topic
from server import running

each_version = pytest.mark.parametrize("version", VERSIONS, ids=["3.1.1", "5"])


@pytest.fixture(scope="module")
def broker():
    if "HELIO_MQTT" in os.environ:
        host, _, port = os.environ["HELIO_MQTT"].rpartition(":")
        yield Broker(int(port), os.environ.get("HELIO_MQTT_USER"), os.environ.get("HELIO_MQTT_PASSWORD"), host)
        return
    with running() as server:
        yield Broker(server.mqtt, server.key, server.secret)


@each_version
def test_each_quality_of_service_delivers_once(broker, version):
    with Client(broker, "sub", version) as sub, Client(broker, "pub", version) as pub:
        for qos in (0, 1, 2):
            name = f"qos{version}/{qos}"
            assert sub.subscribe(name, qos) == [qos]
            pub.publish(name, f"m{qos}", qos)
            message = sub.hear()
            assert (message.topic, message.payload, message.qos) == (topic(name), f"m{qos}".encode(), qos)
        sub.hears_nothing_before(f"quiet{version}")


@each_version
def test_a_subscription_caps_the_quality_of_service(broker, version):
    with Client(broker, "sub", version) as sub, Client(broker, "pub", version) as pub:
        sub.subscribe(f"cap{version}", 1)
        for qos in (0, 1, 2):
            pub.publish(f"cap{version}", "x", qos)
        assert [sub.hear().qos for _ in range(3)] == [0, 1, 1]


@each_version
def test_many_messages_in_flight_keep_their_order(broker, version):
    with Client(broker, "sub", version) as sub, Client(broker, "pub", version) as pub:
        for qos in (1, 2):
            name = f"order{version}/{qos}"
            sub.subscribe(name, qos)
            for i in range(500):
                pub.paho.publish(topic(name), str(i), qos)
            assert [int(sub.hear().payload) for _ in range(500)] == list(range(500))


@each_version
def test_wildcards(broker, version):
    with Client(broker, "sub", version) as sub, Client(broker, "pub", version) as pub:
        sub.subscribe(f"w{version}/+/x")
        sub.subscribe(f"v{version}/#")
        for name in ("w/1/x", "w/1/y", "w/1/2/x", "v", "v/1/2"):
            first, _, rest = name.partition("/")
            pub.publish(f"{first}{version}" + (f"/{rest}" if rest else ""), name)
        assert [sub.hear().payload for _ in range(3)] == [b"w/1/x", b"v", b"v/1/2"]


@each_version
def test_what_is_unsubscribed_comes_no_more(broker, version):
    with Client(broker, "sub", version) as sub, Client(broker, "pub", version) as pub:
        sub.subscribe(f"un{version}", 1)
        sub.paho.unsubscribe(topic(f"un{version}"))
        sub.subscribe(f"un{version}/other")  # answered behind the UNSUBACK
        pub.publish(f"un{version}", "x", 1)
        sub.hears_nothing_before(f"un{version}/after")


@each_version
def test_retained_messages(broker, version):
    name = f"retained{version}"
    with Client(broker, "pub", version) as pub:
        pub.publish(name, "kept", 1, retain=True)
        with Client(broker, "sub", version) as sub:
            sub.subscribe(name, 1)
            message = sub.hear()
            assert (message.payload, message.retain) == (b"kept", True)
        pub.publish(name, "", 1, retain=True)
        with Client(broker, "late", version) as late:
            late.subscribe(name, 1)
            late.hears_nothing_before(f"after{version}")


@each_version
def test_a_will_is_published_when_its_client_vanishes(broker, version):
    name = f"will{version}"
    with Client(broker, "watcher", version) as watcher:
        watcher.subscribe(name, 1)
        Client(broker, "mortal", version, will=(topic(name), "gone", 1)).vanish()
        assert watcher.hear().payload == b"gone"
        Client(broker, "polite", version, will=(topic(name), "gone", 1)).leave()
        watcher.hears_nothing_before(f"will-after{version}")


@each_version
def test_a_persistent_session_gets_what_it_missed(broker, version):
    name = f"offline{version}"
    lasting = {"version": version, "clean": False, "expiry_s": 600}
    Client(broker, "traveller", version, clean=True).leave()
    with Client(broker, "traveller", **lasting) as traveller:
        assert not traveller.session_present
        traveller.subscribe(name, 2)
    with Client(broker, "pub", version) as pub:
        for qos in (1, 2):
            for i in range(20):
                pub.publish(name, f"{qos}-{i}", qos)
    with Client(broker, "traveller", **lasting) as traveller:
        assert traveller.session_present
        heard = [traveller.hear() for _ in range(40)]
        assert [m.payload.decode() for m in heard] == [f"{q}-{i}" for q in (1, 2) for i in range(20)]
    Client(broker, "traveller", version, clean=True).leave()


def test_properties_of_mqtt_5_go_through(broker):
    with Client(broker, "sub") as sub, Client(broker, "pub") as pub:
        sub.subscribe("properties", 1)
        pub.publish("properties", "x", 1, UserProperty=[("a", "1"), ("a", "2")], ContentType="text/plain",
                    ResponseTopic="reply", CorrelationData=b"\x01\x02", PayloadFormatIndicator=1,
                    MessageExpiryInterval=60)
        got = sub.hear().properties
        assert got.UserProperty == [("a", "1"), ("a", "2")]
        assert (got.ContentType, got.ResponseTopic, got.CorrelationData) == ("text/plain", "reply", b"\x01\x02")
        assert got.PayloadFormatIndicator == 1
        assert 0 < got.MessageExpiryInterval <= 60


def test_no_local_and_retain_as_published(broker):
    with Client(broker, "both") as both, Client(broker, "other") as other:
        both.subscribe("local", 1, noLocal=True, retainAsPublished=True)
        both.publish("local", "mine", 1)
        other.publish("local", "theirs", 1, retain=True)
        message = both.hear()
        assert (message.payload, message.retain) == (b"theirs", True)
        other.publish("local", "", 1, retain=True)


def test_a_topic_alias_stands_for_its_topic(broker):
    with Client(broker, "sub") as sub, Client(broker, "pub") as pub:
        sub.subscribe("aliased", 1)
        assert pub.connack[0].TopicAliasMaximum >= 1
        pub.publish("aliased", "named", 1, TopicAlias=1)
        pub.publish("aliased", "again", 1, TopicAlias=1)
        assert [sub.hear().payload for _ in range(2)] == [b"named", b"again"]


def test_a_shared_subscription_gives_each_message_to_one_member(broker):
    with Client(broker, "one") as one, Client(broker, "two") as two, Client(broker, "pub") as pub:
        for member in (one, two):
            member.paho.subscribe(f"$share/team/{topic('shared')}", 1)
            assert [c.value for c in member._subscribed.get(timeout=PATIENCE)] == [1]
        for i in range(20):
            pub.publish("shared", str(i), 1)
        heard = []
        for number, member in enumerate((one, two)):
            member.subscribe(f"end{number}", 1)
            pub.publish(f"end{number}", "end", 1)
            while (message := member.hear()).payload != b"end":
                heard.append(int(message.payload))
        assert sorted(heard) == list(range(20))


def test_a_narrow_client_gets_everything_bit_by_bit(broker):
    with Client(broker, "narrow", ReceiveMaximum=2) as narrow, Client(broker, "pub") as pub:
        narrow.subscribe("narrow", 1)
        for i in range(50):
            pub.publish("narrow", str(i), 1)
        assert [int(narrow.hear().payload) for _ in range(50)] == list(range(50))


def test_a_client_without_a_name_is_given_one(broker):
    with Client(broker, "") as nameless:
        assert nameless.connack[0].AssignedClientIdentifier


def test_a_second_connection_takes_the_client_over(broker):
    with Client(broker, "watcher") as watcher:
        watcher.subscribe("taken", 1)
        first = Client(broker, "twin", will=(topic("taken"), "taken over", 1))
        first.paho.reconnect_delay_set(60, 60)
        with Client(broker, "twin"):
            assert watcher.hear().payload == b"taken over"
            first.gone.get(timeout=PATIENCE)
        first.paho.loop_stop()
