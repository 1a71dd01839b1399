"""A paho-mqtt client whose callbacks become queues that can be waited on."""
import os
import queue
import ssl
import uuid

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

PATIENCE = float(os.environ.get("HELIO_TEST_PATIENCE", "30"))  # seconds until a wait has failed
VERSIONS = [paho.MQTTv311, paho.MQTTv5]
RUN = uuid.uuid4().hex[:8]  # topics and client ids are of this run alone


class Refused(Exception):
    """A CONNACK with an error, as the number it has in the client's version."""

    def __init__(self, code):
        super().__init__(f"CONNACK {code}")
        self.code = code


class Broker:
    """Where a broker is and how to get in."""

    def __init__(self, port, user=None, password=None, host="127.0.0.1", ca=None, certificate=(None, None)):
        self.host, self.port, self.user, self.password, self.ca = host, port, user, password, ca
        self.certificate = certificate  # the files of a client certificate and its key


def topic(name):
    return f"interop/{RUN}/{name}"


def properties(kind, **values):
    out = Properties(kind)
    for name, value in values.items():
        setattr(out, name, value)
    return out


def number(code):
    return getattr(code, "value", code)


class Client:
    def __init__(self, broker, name, version=paho.MQTTv5, clean=True, expiry_s=0, will=None, **options):
        self.version = version
        self.messages, self.acks = queue.Queue(), queue.Queue()
        self._connected, self._subscribed, self.gone = queue.Queue(), queue.Queue(), queue.Queue()
        arguments = {"client_id": name and f"{RUN}-{name}", "protocol": version}
        if version != paho.MQTTv5:
            arguments["clean_session"] = clean
        if hasattr(paho, "CallbackAPIVersion"):  # paho 2
            arguments["callback_api_version"] = paho.CallbackAPIVersion.VERSION1
        self.paho = paho.Client(**arguments)
        self.paho.on_connect = lambda c, u, flags, code, *p: self._connected.put((flags, number(code), *p))
        self.paho.on_message = lambda c, u, message: self.messages.put(message)
        self.paho.on_publish = lambda c, u, mid: self.acks.put(mid)
        self.paho.on_subscribe = lambda c, u, mid, codes, *p: self._subscribed.put(codes)
        self.paho.on_disconnect = lambda c, u, code, *p: self.gone.put(number(code))
        if broker.user is not None:
            self.paho.username_pw_set(broker.user, broker.password)
        if broker.ca:
            certificate, key = broker.certificate
            self.paho.tls_set(ca_certs=str(broker.ca), certfile=certificate, keyfile=key,
                              tls_version=ssl.PROTOCOL_TLS_CLIENT)
        if will:
            self.paho.will_set(*will)
        more = {}
        if version == paho.MQTTv5:
            more["clean_start"] = clean
            more["properties"] = properties(PacketTypes.CONNECT, SessionExpiryInterval=expiry_s, **options)
        self.paho.connect(broker.host, broker.port, keepalive=30, **more)
        self.paho.loop_start()
        flags, code, *self.connack = self._connected.get(timeout=PATIENCE)
        if code != 0:
            self.paho.disconnect()
            self.paho.loop_stop()
            raise Refused(code)
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
        return [number(code) for code in self._subscribed.get(timeout=PATIENCE)]

    def publish(self, name, payload, qos=0, retain=False, **values):
        more = {"properties": properties(PacketTypes.PUBLISH, **values)} if values else {}
        self.paho.publish(topic(name), payload, qos, retain, **more)
        self.acks.get(timeout=PATIENCE)

    def hear(self):
        return self.messages.get(timeout=PATIENCE)

    def hears_nothing_before(self, name, qos=0):
        """A message to ourselves comes next: so nothing was on its way."""
        mark = uuid.uuid4().hex
        self.subscribe(name, qos)
        self.publish(name, mark, qos)
        heard = self.hear()
        assert heard.payload == mark.encode(), f"heard {heard.topic} {heard.payload!r}"

    def leave(self):
        self.paho.disconnect()
        self.gone.get(timeout=PATIENCE)
        self.paho.loop_stop()

    def vanish(self):
        """The network goes away without a DISCONNECT."""
        self.paho.loop_stop()
        self.paho._sock_close()
