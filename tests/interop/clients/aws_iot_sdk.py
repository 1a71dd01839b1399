"""The AWS IoT Device SDK v2 as a client: connects, subscribes, sends itself a message and prints what
it heard as JSON.
    python aws_iot_sdk.py '{"way": "mtls" | "sigv4" | "custom" | "custom over websocket", "version": 3 | 5, "host": ..., "port": ..., "ca": ..., ...}'
"""
import json
import sys
import threading

from awscrt import auth, io, mqtt, mqtt5
from awsiot import mqtt5_client_builder, mqtt_connection_builder

PATIENCE = 30  # seconds


def end(**result):
    print(json.dumps(result), flush=True)
    sys.exit(0)


def arguments(job):
    out = {"endpoint": job["host"], "port": job["port"], "ca_filepath": job["ca"], "client_id": job["client_id"]}
    if job["way"] == "sigv4":
        out["region"] = "eu-west-1"
        out["credentials_provider"] = auth.AwsCredentialsProvider.new_static(
            job["key"], job["secret"], job.get("token"))
    elif job["way"].startswith("custom"):
        out |= job["authorizer"]
    else:
        out |= {"cert_filepath": job["certificate"], "pri_key_filepath": job["private_key"]}
    return out


def use_alpn(job):
    """The builders name a protocol on port 443 alone; here the port is another."""
    if not job.get("alpn"):
        return
    real = io.ClientTlsContext.__init__

    def with_alpn(self, options):
        options.alpn_list = [job["alpn"]]
        real(self, options)

    io.ClientTlsContext.__init__ = with_alpn


def use_port(job):
    """The builder of version 3 takes port 443 with a custom authorizer, whatever it is told."""
    build = mqtt_connection_builder._builder
    mqtt_connection_builder._builder = lambda *rest, **more: build(*rest, **{**more, "port": job["port"]})


def builder(module, job):
    return {"mtls": module.mtls_from_path, "sigv4": module.websockets_with_default_aws_signing,
            "custom": module.direct_with_custom_authorizer,
            "custom over websocket": module.websockets_with_custom_authorizer}[job["way"]]


def version_5(job):
    connected, heard, refused = threading.Event(), threading.Event(), []
    messages = []

    def on_failure(data):
        refused.append(str(data.exception))
        connected.set()

    def on_message(data):
        messages.append([data.publish_packet.topic, len(data.publish_packet.payload)])
        heard.set()

    build = builder(mqtt5_client_builder, job)
    client = build(on_lifecycle_connection_success=lambda data: connected.set(),
                   on_lifecycle_connection_failure=on_failure, on_publish_received=on_message, **arguments(job))
    client.start()
    assert connected.wait(PATIENCE)
    if refused:
        end(refused=refused[0])
    qos = mqtt5.QoS.AT_LEAST_ONCE
    filters = [mqtt5.Subscription(topic_filter=job["topic"], qos=qos)]
    client.subscribe(mqtt5.SubscribePacket(subscriptions=filters)).result(PATIENCE)
    client.publish(mqtt5.PublishPacket(topic=job["topic"], payload=b"x" * 1000, qos=qos)).result(PATIENCE)
    assert heard.wait(PATIENCE)
    client.stop()
    end(heard=messages)


def version_3(job):
    heard, messages = threading.Event(), []

    def on_message(topic, payload, **_):
        messages.append([topic, len(payload)])
        heard.set()

    build = builder(mqtt_connection_builder, job)
    connection = build(**arguments(job))
    try:
        connection.connect().result(PATIENCE)
    except Exception as refusal:
        end(refused=str(refusal))
    connection.subscribe(job["topic"], mqtt.QoS.AT_LEAST_ONCE, on_message)[0].result(PATIENCE)
    connection.publish(job["topic"], b"x" * 1000, mqtt.QoS.AT_LEAST_ONCE)[0].result(PATIENCE)
    assert heard.wait(PATIENCE)
    connection.disconnect().result(PATIENCE)
    end(heard=messages)


if __name__ == "__main__":
    task = json.loads(sys.argv[1])
    use_alpn(task)
    use_port(task)
    (version_5 if task["version"] == 5 else version_3)(task)
