"""kill -9 again and again, under load: the broker keeps what it has acknowledged, and delivers at
QoS 2 exactly once, to clients that go on with their sessions."""
import random
import time

import pytest

from mqtt_session import Session, until
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
