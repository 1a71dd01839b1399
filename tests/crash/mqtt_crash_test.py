"""kill -9 again and again, under load: the broker keeps what it has acknowledged, and delivers at
QoS 2 exactly once, to clients that go on with their sessions."""
import random
import re
import socket
import time
import urllib.request

import pytest

from mqtt_session import Session, until
from mqtt_wire import packet, text
from server import PATIENCE, running

KILLS = 12


@pytest.fixture(scope="module")
def server():
    with running() as server:
        yield server


def test_nothing_acknowledged_is_lost_and_qos_2_comes_once(server):
    def session(name, **more):
        return Session(server.mqtt, server.key, server.secret, name, **more)

    present = session("present", subscribe=["crash/1", "crash/2"])
    away = session("away", subscribe=["crash/2"])
    for subscriber in (present, away):
        assert subscriber.subscribed.wait(PATIENCE)
    away.end()
    one, two = session("one", publish="crash/1", qos=1), session("two", publish="crash/2", qos=2)
    keeper = session("keeper", publish="crash/kept", qos=1, retain=True, window=1)
    publishers = [one, two, keeper]
    chance = random.Random(4)
    for _ in range(KILLS):
        begun = [p.next_number for p in publishers]
        until(lambda: all(p.next_number > b + 50 for p, b in zip(publishers, begun)), PATIENCE,
              lambda: "the publishers do not go on after a crash")
        time.sleep(chance.uniform(0, 0.05))  # the moment of the crash, not a wait for anything
        server.kill()
        server.start()
    for publisher in publishers:
        publisher.publishing = False
        until(lambda: not publisher.open, PATIENCE, lambda: f"open for ever: {publisher.open}")

    for publisher, name in ((one, "crash/1"), (two, "crash/2")):
        assert publisher.acknowledged == set(range(publisher.next_number))
        until(lambda: set(present.numbers(name)) == publisher.acknowledged, PATIENCE,
              lambda: f"lost: {sorted(publisher.acknowledged - set(present.numbers(name)))[:20]}")
    assert present.numbers("crash/2") == list(range(two.next_number)), "once, and in order"

    later = session("away")
    until(lambda: len(later.numbers("crash/2")) >= two.next_number, PATIENCE,
          lambda: f"{len(later.numbers('crash/2'))} of {two.next_number} were kept")
    assert later.numbers("crash/2") == list(range(two.next_number))
    watcher = session("watcher", subscribe=["crash/kept"])
    until(lambda: watcher.numbers("crash/kept") == [keeper.next_number - 1], PATIENCE,
          lambda: f"retained: {watcher.heard}, not {keeper.next_number - 1}")
    for one in [present, later, watcher, *publishers]:
        one.end()


def stored_messages(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.http}/metrics", timeout=PATIENCE) as page:
        return float(re.search(r"^heliograph_mqtt_stored_messages (\S+)", page.read().decode(), re.M)[1])


def test_a_session_that_is_being_erased_reaches_no_new_one_of_its_client_id(server):
    def session(name, **more):
        return Session(server.mqtt, server.key, server.secret, name, **more)

    kept = stored_messages(server)
    old = session("erased", subscribe=["erase/1"])
    assert old.subscribed.wait(PATIENCE)
    old.end()
    publisher = session("filler", publish="erase/1", qos=1, window=500)
    until(lambda: publisher.next_number >= 20_000, PATIENCE, lambda: f"{publisher.next_number} were published")
    publisher.publishing = False
    until(lambda: not publisher.open, PATIENCE, lambda: f"open for ever: {len(publisher.open)}")
    publisher.end()
    commits = session("commits", publish="erase/kept", qos=1, retain=True, window=1)
    until(lambda: commits.acknowledged, PATIENCE, lambda: "nothing is acknowledged")
    with socket.create_connection(("127.0.0.1", server.mqtt)) as client:
        clean_start = b"\x04\xc2\x00\x00"
        client.sendall(packet(0x10, text("MQTT") + clean_start + text("erased") + text(server.key) + text(server.secret)))
        until(lambda: stored_messages(server) < kept + 20_000, PATIENCE, lambda: "nothing is erased")
        # Two answers later a commit is on the disk that began after the old session had ended.
        begun = len(commits.acknowledged)
        until(lambda: len(commits.acknowledged) > begun + 1, PATIENCE, lambda: "nothing is acknowledged")
        server.kill()
    server.start()
    new = session("erased", subscribe=["erase/1", "erase/2"])
    assert new.subscribed.wait(PATIENCE)
    marker = session("marker", publish="erase/2", qos=1, window=1)
    until(lambda: new.numbers("erase/2"), PATIENCE, lambda: "the new session hears nothing")
    marker.publishing = False
    assert new.numbers("erase/1") == []
    until(lambda: stored_messages(server) <= kept + 1, PATIENCE, lambda: f"{stored_messages(server)} are left")
    for one in (commits, new, marker):
        one.end()
