"""Starts the real server on free ports with a data folder of its own, and speaks to it."""
import configparser
import contextlib
import json
import os
import pathlib
import queue
import signal
import socket
import subprocess
import tempfile
import threading

import boto3
import paho.mqtt.client as mqtt

BIN = pathlib.Path(os.environ.get("HELIO_BIN", pathlib.Path(__file__).parents[2] / "build/asan/bin"))
PATIENCE = float(os.environ.get("HELIO_TEST_PATIENCE", "30"))  # seconds until a wait has failed


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    def __init__(self, data, **settings):
        self.data = pathlib.Path(data)
        self.udp, self.mqtt, self.http = free_port(socket.SOCK_DGRAM), free_port(), free_port()
        self.settings = {
            "gateways.semtech_udp": f"127.0.0.1:{self.udp}",
            "mqtt.tcp": f"127.0.0.1:{self.mqtt}",
            "mqtt.tls": "",
            "http.plain": f"127.0.0.1:{self.http}",
            "http.tls": "",
            **settings,
        }
        self.process = None
        self.start()

    def start(self):
        command = [BIN / "heliograph", "serve", "--data", self.data]
        for key, value in self.settings.items():
            command += ["--set", f"{key}={value}"]
        self.log = open(self.data.parent / f"{self.data.name}.log", "ab")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log)
        for line in self.process.stdout:
            if line.startswith(b"ready"):
                break
        else:
            raise AssertionError(f"the server did not start: {self.log_text()}")
        # What else it prints must not block it.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        parser = configparser.ConfigParser()
        parser.read(self.data / "credentials")
        self.key = parser["default"]["aws_access_key_id"]
        self.secret = parser["default"]["aws_secret_access_key"]

    def log_text(self):
        self.log.flush()
        return pathlib.Path(self.log.name).read_text(errors="replace")[-4000:]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        status = self.process.wait(PATIENCE)
        assert status == 0, f"exit status {status}: {self.log_text()}"

    def client(self, service, **more):
        return boto3.client(
            service, endpoint_url=f"http://127.0.0.1:{self.http}", region_name="us-east-1",
            aws_access_key_id=more.pop("key", self.key), aws_secret_access_key=more.pop("secret", self.secret), **more)

    def ctl(self, *arguments):
        run = subprocess.run(
            [BIN / "helioctl", "--endpoint", f"http://127.0.0.1:{self.http}",
             "--credentials", self.data / "credentials", "--json", *arguments],
            capture_output=True, text=True, timeout=PATIENCE)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout) if run.stdout.strip() else None

    def listen(self, *filters):
        return Listener(self, filters)


@contextlib.contextmanager
def running(**settings):
    """A server with an empty data folder, which stops in good order at the end."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(pathlib.Path(folder) / "data", **settings)
        yield server
        server.stop()


class Listener:
    """An MQTT client (paho) that collects what arrives."""

    def __init__(self, server, filters):
        self.messages = queue.Queue()
        self.ready = threading.Event()
        self.client = mqtt.Client(protocol=mqtt.MQTTv5)
        self.client.username_pw_set(server.key, server.secret)
        self.client.on_connect = lambda c, *_: c.subscribe([(f, mqtt.SubscribeOptions(qos=1)) for f in filters])
        self.client.on_subscribe = lambda *_: self.ready.set()
        self.client.on_message = lambda _c, _u, message: self.messages.put((message.topic, message.payload))
        self.client.connect("127.0.0.1", server.mqtt)
        self.client.loop_start()
        assert self.ready.wait(PATIENCE), "the subscription was not acknowledged"

    def next(self, end=""):
        """The next message whose topic ends with `end`, as JSON; others are passed over."""
        while True:
            topic, payload = self.messages.get(timeout=PATIENCE)
            if topic.endswith(end):
                return json.loads(payload)

    def publish(self, topic, body):
        self.client.publish(topic, json.dumps(body), qos=1).wait_for_publish(PATIENCE)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()
