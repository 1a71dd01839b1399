"""paho-mqtt, a client that knows nothing of this server, against a running broker.

Where the broker is: HELIO_MQTT=host:port, HELIO_MQTT_USER and HELIO_MQTT_PASSWORD; or, as a script:
mqtt_paho_test.py HOST PORT [USER PASSWORD].  Every topic and client id is of this run alone.
"""
import os
import queue
import sys
import uuid

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

PATIENCE_S = 10
VERSIONS = [paho.MQTTv311, paho.MQTTv5]
RUN = uuid.uuid4().hex[:8]


def broker_address():
    host, _, port = os.environ.get("HELIO_MQTT", "127.0.0.1:1883").rpartition(":")
    return host, int(port)


def topic(name):
    return f"interop/{RUN}/{name}"


def properties(kind, **values):
    out = Properties(kind)
    for name, value in values.items():
        setattr(out, name, value)
    return out


class Client:
    """A paho client whose callbacks become queues that can be waited on."""

    def __init__(self, name, version=paho.MQTTv5, clean=True, expiry_s=0, will=None, **options):
        self.version = version
        self.messages, self.acks = queue.Queue(), queue.Queue()
        self._connected, self._subscribed, self._gone = queue.Queue(), queue.Queue(), queue.Queue()
        arguments = {"client_id": f"{RUN}-{name}", "protocol": version}
        if version != paho.MQTTv5:
            arguments["clean_session"] = clean
        if hasattr(paho, "CallbackAPIVersion"):  # paho 2
            arguments["callback_api_version"] = paho.CallbackAPIVersion.VERSION1
        self.paho = paho.Client(**arguments)
        self.paho.on_connect = lambda c, u, flags, code, *p: self._connected.put((flags, code))
        self.paho.on_message = lambda c, u, message: self.messages.put(message)
        self.paho.on_publish = lambda c, u, mid: self.acks.put(mid)
        self.paho.on_subscribe = lambda c, u, mid, codes, *p: self._subscribed.put(codes)
        self.paho.on_disconnect = lambda c, u, code, *p: self._gone.put(code)
        if os.environ.get("HELIO_MQTT_USER"):
            self.paho.username_pw_set(os.environ["HELIO_MQTT_USER"], os.environ["HELIO_MQTT_PASSWORD"])
        if will:
            self.paho.will_set(*will)
        more = {}
        if version == paho.MQTTv5:
            more["clean_start"] = clean
            more["properties"] = properties(PacketTypes.CONNECT, SessionExpiryInterval=expiry_s, **options)
        self.paho.connect(*broker_address(), keepalive=30, **more)
        self.paho.loop_start()
        flags, code = self._connected.get(timeout=PATIENCE_S)
        assert code == 0, f"CONNACK {code}"
        self.session_present = bool(flags["session present"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.leave()

    def subscribe(self, name, qos=0, **options):
        if self.version == paho.MQTTv5:
            self.paho.subscribe(topic(name), options=SubscribeOptions(qos=qos, **options))
        else:
            self.paho.subscribe(topic(name), qos)
        codes = self._subscribed.get(timeout=PATIENCE_S)
        return [getattr(c, "value", c) for c in codes]

    def publish(self, name, payload, qos=0, retain=False, **values):
        more = {"properties": properties(PacketTypes.PUBLISH, **values)} if values else {}
        self.paho.publish(topic(name), payload, qos, retain, **more)
        self.acks.get(timeout=PATIENCE_S)

    def hear(self):
        return self.messages.get(timeout=PATIENCE_S)

    def hears_nothing_before(self, name, qos=0):
        """A message to ourselves comes next: so nothing was on its way."""
        mark = uuid.uuid4().hex
        self.subscribe(name, qos)
        self.publish(name, mark, qos)
        heard = self.hear()
        assert heard.payload == mark.encode(), f"heard {heard.topic} {heard.payload!r}"

    def leave(self):
        self.paho.disconnect()
        self._gone.get(timeout=PATIENCE_S)
        self.paho.loop_stop()

    def vanish(self):
        """The network goes away without a DISCONNECT."""
        self.paho.loop_stop()
        self.paho._sock_close()


def for_each_version(test):
    def both():
        for version in VERSIONS:
            test(version)

    both.__name__ = test.__name__
    both.__doc__ = test.__doc__
    return both


@for_each_version
def test_each_quality_of_service_delivers_once(version):
    with Client("sub", version) as sub, Client("pub", version) as pub:
        for qos in (0, 1, 2):
            name = f"qos{version}/{qos}"
            assert sub.subscribe(name, qos) == [qos]
            pub.publish(name, f"m{qos}", qos)
            message = sub.hear()
            assert (message.topic, message.payload, message.qos) == (topic(name), f"m{qos}".encode(), qos)
        sub.hears_nothing_before(f"quiet{version}")


@for_each_version
def test_many_messages_in_flight_keep_their_order(version):
    with Client("sub", version) as sub, Client("pub", version) as pub:
        for qos in (1, 2):
            name = f"order{version}/{qos}"
            sub.subscribe(name, qos)
            for i in range(500):
                pub.paho.publish(topic(name), str(i), qos)
            assert [int(sub.hear().payload) for _ in range(500)] == list(range(500))


@for_each_version
def test_wildcards(version):
    with Client("sub", version) as sub, Client("pub", version) as pub:
        sub.subscribe(f"w{version}/+/x")
        sub.subscribe(f"v{version}/#")
        for name in ("w/1/x", "w/1/y", "w/1/2/x", "v", "v/1/2"):
            first, _, rest = name.partition("/")
            pub.publish(f"{first}{version}" + (f"/{rest}" if rest else ""), name)
        assert [sub.hear().payload for _ in range(3)] == [b"w/1/x", b"v", b"v/1/2"]


@for_each_version
def test_retained_messages(version):
    name = f"retained{version}"
    with Client("pub", version) as pub:
        pub.publish(name, "kept", 1, retain=True)
        with Client("sub", version) as sub:
            sub.subscribe(name, 1)
            message = sub.hear()
            assert (message.payload, message.retain) == (b"kept", True)
        pub.publish(name, "", 1, retain=True)
        with Client("late", version) as late:
            late.subscribe(name, 1)
            late.hears_nothing_before(f"after{version}")


@for_each_version
def test_a_will_is_published_when_its_client_vanishes(version):
    name = f"will{version}"
    with Client("watcher", version) as watcher:
        watcher.subscribe(name, 1)
        Client("mortal", version, will=(topic(name), "gone", 1)).vanish()
        assert watcher.hear().payload == b"gone"
        Client("polite", version, will=(topic(name), "gone", 1)).leave()
        watcher.hears_nothing_before(f"will-after{version}")


@for_each_version
def test_a_persistent_session_gets_what_it_missed(version):
    name = f"offline{version}"
    lasting = {"version": version, "clean": False, "expiry_s": 600}
    Client("traveller", version, clean=True).leave()
    with Client("traveller", **lasting) as traveller:
        assert not traveller.session_present
        traveller.subscribe(name, 2)
    with Client("pub", version) as pub:
        for qos in (1, 2):
            for i in range(20):
                pub.publish(name, f"{qos}-{i}", qos)
    with Client("traveller", **lasting) as traveller:
        assert traveller.session_present
        heard = [traveller.hear() for _ in range(40)]
        assert [m.payload.decode() for m in heard] == [f"{q}-{i}" for q in (1, 2) for i in range(20)]
    Client("traveller", version, clean=True).leave()


def test_properties_of_mqtt_5_go_through():
    with Client("sub") as sub, Client("pub") as pub:
        sub.subscribe("properties", 1)
        pub.publish("properties", "x", 1, UserProperty=[("a", "1"), ("a", "2")], ContentType="text/plain",
                    ResponseTopic="reply", CorrelationData=b"\x01\x02", PayloadFormatIndicator=1,
                    MessageExpiryInterval=60)
        got = sub.hear().properties
        assert got.UserProperty == [("a", "1"), ("a", "2")]
        assert (got.ContentType, got.ResponseTopic, got.CorrelationData) == ("text/plain", "reply", b"\x01\x02")
        assert got.PayloadFormatIndicator == 1
        assert 0 < got.MessageExpiryInterval <= 60


def test_no_local_and_retain_as_published():
    with Client("both") as both, Client("other") as other:
        both.subscribe("local", 1, noLocal=True, retainAsPublished=True)
        both.publish("local", "mine", 1)
        other.publish("local", "theirs", 1, retain=True)
        message = both.hear()
        assert (message.payload, message.retain) == (b"theirs", True)
        other.publish("local", "", 1, retain=True)


def test_a_narrow_client_gets_everything_bit_by_bit():
    with Client("narrow", ReceiveMaximum=2) as narrow, Client("pub") as pub:
        narrow.subscribe("narrow", 1)
        for i in range(50):
            pub.publish("narrow", str(i), 1)
        assert [int(narrow.hear().payload) for _ in range(50)] == list(range(50))


def test_a_second_connection_takes_the_client_over():
    with Client("watcher") as watcher:
        watcher.subscribe("taken", 1)
        first = Client("twin", will=(topic("taken"), "taken over", 1))
        first.paho.reconnect_delay_set(60, 60)
        with Client("twin"):
            assert watcher.hear().payload == b"taken over"
            first._gone.get(timeout=PATIENCE_S)
        first.paho.loop_stop()


def main():
    if len(sys.argv) >= 3:
        os.environ["HELIO_MQTT"] = f"{sys.argv[1]}:{sys.argv[2]}"
    if len(sys.argv) >= 5:
        os.environ["HELIO_MQTT_USER"], os.environ["HELIO_MQTT_PASSWORD"] = sys.argv[3:5]
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            test()
            print(f"ok {name}")


if __name__ == "__main__":
    main()
