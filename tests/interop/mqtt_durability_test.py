"""What the broker has acknowledged outlives kill -9 and restarts, as a paho-mqtt client sees it."""

import pytest

from mqtt_client import VERSIONS, Broker, Client, topic
from server import Server, running

each_version = pytest.mark.parametrize("version", VERSIONS, ids=["3.1.1", "5"])
each_end = pytest.mark.parametrize("end", [Server.kill, Server.stop], ids=["kill -9", "SIGTERM"])


@pytest.fixture(scope="module")
def server():
    with running() as server:
        yield server


@pytest.fixture
def broker(server):
    return Broker(server.mqtt, server.key, server.secret)


def again(server, end):
    end(server)
    server.start()


def lasting(version):
    return {"version": version, "clean": False, "expiry_s": 600}


@each_end
@each_version
def test_an_offline_queue_outlives_the_server(server, broker, version, end):
    name = f"queue{version}{end.__name__}"
    with Client(broker, name, **lasting(version)) as traveller:
        traveller.subscribe(name + "/#", 2)
    with Client(broker, "pub", version) as pub:
        for i in range(50):
            pub.publish(f"{name}/{i % 3}", str(i), 1 + i % 2)
    again(server, end)
    with Client(broker, "pub", version) as pub:
        pub.publish(name, "after the restart", 1)
    with Client(broker, name, **lasting(version)) as traveller:
        assert traveller.session_present
        heard = {1: [], 2: []}
        for _ in range(51):
            message = traveller.hear()
            heard[message.qos].append(message.payload.decode())
        # paho hands a message of QoS 2 on when it is released: order is kept within a QoS.
        assert heard[1] == [str(i) for i in range(0, 50, 2)] + ["after the restart"]
        assert heard[2] == [str(i) for i in range(1, 50, 2)]
        traveller.hears_nothing_before(name + "-end")


@each_end
@each_version
def test_retained_messages_outlive_the_server(server, broker, version, end):
    name = f"kept{version}{end.__name__}"
    with Client(broker, "pub", version) as pub:
        pub.publish(name + "/a", "first", 1, retain=True)
        pub.publish(name + "/a", "last", 1, retain=True)
        pub.publish(name + "/b", "taken back", 1, retain=True)
        pub.publish(name + "/b", "", 1, retain=True)
    again(server, end)
    with Client(broker, "sub", version) as sub:
        sub.subscribe(name + "/+", 1)
        message = sub.hear()
        assert (message.topic, message.payload, message.retain) == (topic(name + "/a"), b"last", True)
        sub.hears_nothing_before(name + "-end")


@each_version
def test_the_will_of_a_client_that_the_crash_cut_off_is_published(server, broker, version):
    name = f"will{version}"
    with Client(broker, name, **lasting(version)) as watcher:
        watcher.subscribe(name, 1)
    mortal = Client(broker, "mortal", version, will=(topic(name), "gone", 1))
    server.kill()
    mortal.vanish()
    server.start()
    with Client(broker, name, **lasting(version)) as watcher:
        assert watcher.hear().payload == b"gone"
        watcher.hears_nothing_before(name + "-end")


@each_version
def test_an_unsubscription_outlives_the_server(server, broker, version):
    name = f"un{version}"
    with Client(broker, name, **lasting(version)) as traveller:
        traveller.subscribe(name, 1)
        traveller.subscribe(name + "/other", 1)
        traveller.paho.unsubscribe(topic(name))
        traveller.subscribe(name + "/third", 1)  # answered behind the UNSUBACK
    again(server, Server.kill)
    with Client(broker, "pub", version) as pub:
        pub.publish(name, "not this", 1)
        pub.publish(name + "/other", "but this", 1)
    with Client(broker, name, **lasting(version)) as traveller:
        assert traveller.hear().payload == b"but this"


@each_version
def test_exactly_once_holds_over_a_crash_between_the_client_and_its_messages(server, broker, version):
    """The publisher's own client repeats what was not complete; the subscriber gets each once."""
    name = f"once{version}"
    with Client(broker, name, **lasting(version)) as traveller:
        traveller.subscribe(name, 2)
    pub = Client(broker, name + "-pub", **lasting(version))
    pub.paho.reconnect_delay_set(1, 1)
    for i in range(200):
        pub.paho.publish(topic(name), str(i), 2)
    pub.acks.get(timeout=30)
    again(server, Server.kill)
    for _ in range(199):
        pub.acks.get(timeout=30)
    with Client(broker, name, **lasting(version)) as traveller:
        assert sorted(int(traveller.hear().payload) for _ in range(200)) == list(range(200))
        traveller.hears_nothing_before(name + "-end")
    pub.leave()
