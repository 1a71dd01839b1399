"""boto3 and the aws command line, unmodified, against the real server: resources live and die."""
import json
import urllib.parse
import uuid

import pytest

from aws_client import ROLE, refused, serve

APP_KEY = "000102030405060708090a0b0c0d0e0f"  # for tests only


@pytest.fixture(scope="module", params=["http", "https"])
def target(request):
    yield from serve(request.param)


@pytest.fixture(scope="module")
def wireless(target):
    return target.client("iotwireless")


@pytest.fixture(scope="module")
def iot(target):
    return target.client("iot")


def eui():
    return uuid.uuid4().hex[:16]


def name(prefix):
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def parts(wireless):
    """A profile, a service profile and a destination; taken away again."""
    profile = wireless.create_device_profile(Name="p", LoRaWAN={
        "MacVersion": "1.0.3", "RegParamsRevision": "RP002-1.0.1", "RfRegion": "EU868", "SupportsJoin": True,
        "Supports32BitFCnt": True})["Id"]
    service = wireless.create_service_profile(Name="s", LoRaWAN={"AddGwMetadata": True})["Id"]
    destination = name("d")
    wireless.create_destination(Name=destination, ExpressionType="MqttTopic", Expression="t", RoleArn=ROLE)
    yield {"profile": profile, "service": service, "destination": destination}
    wireless.delete_destination(Name=destination)
    wireless.delete_service_profile(Id=service)
    wireless.delete_device_profile(Id=profile)


def otaa(parts, dev_eui):
    return {"Type": "LoRaWAN", "Name": "d", "DestinationName": parts["destination"], "LoRaWAN": {
        "DevEui": dev_eui, "DeviceProfileId": parts["profile"], "ServiceProfileId": parts["service"],
        "OtaaV1_0_x": {"AppKey": APP_KEY, "AppEui": "70b3d57ed0000000"}}}


def test_gateway_lives_and_dies(wireless):
    gateway_eui = eui()
    made = wireless.create_wireless_gateway(
        Name="roof", Description="north", LoRaWAN={"GatewayEui": gateway_eui, "RfRegion": "EU868"},
        Tags=[{"Key": "site", "Value": "x"}])
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert made["Arn"].endswith(f":WirelessGateway/{made['Id']}")
    shown = wireless.get_wireless_gateway(Identifier=gateway_eui, IdentifierType="GatewayEui")
    assert (shown["Id"], shown["LoRaWAN"]["RfRegion"]) == (made["Id"], "EU868")
    wireless.update_wireless_gateway(Id=made["Id"], Name="mast")
    assert wireless.get_wireless_gateway(Identifier=made["Id"], IdentifierType="WirelessGatewayId")["Name"] == "mast"
    assert made["Id"] in [g["Id"] for g in wireless.list_wireless_gateways()["WirelessGatewayList"]]
    statistics = wireless.get_wireless_gateway_statistics(WirelessGatewayId=made["Id"])
    assert statistics["ConnectionStatus"] == "Disconnected"
    refused(409, "ConflictException", wireless.create_wireless_gateway, LoRaWAN={"GatewayEui": gateway_eui})
    wireless.delete_wireless_gateway(Id=made["Id"])
    error = refused(404, "ResourceNotFoundException", wireless.get_wireless_gateway,
                    Identifier=made["Id"], IdentifierType="WirelessGatewayId")
    assert error["ResourceId"] == made["Id"]


def test_otaa_device_lives_and_dies(wireless, parts):
    dev_eui = eui()
    made = wireless.create_wireless_device(**otaa(parts, dev_eui))
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    shown = wireless.get_wireless_device(Identifier=dev_eui, IdentifierType="DevEui")
    assert shown["LoRaWAN"]["OtaaV1_0_x"] == {"AppKey": APP_KEY, "AppEui": "70b3d57ed0000000"}
    wireless.update_wireless_device(Id=made["Id"], Name="renamed")
    listed = wireless.list_wireless_devices(DestinationName=parts["destination"])["WirelessDeviceList"]
    assert [(d["Id"], d["Name"], d["LoRaWAN"]["DevEui"]) for d in listed] == [(made["Id"], "renamed", dev_eui)]
    assert wireless.get_wireless_device_statistics(WirelessDeviceId=made["Id"])["LoRaWAN"]["DevEui"] == dev_eui
    refused(409, "ConflictException", wireless.create_wireless_device, **otaa(parts, dev_eui))
    refused(409, "ConflictException", wireless.delete_device_profile, Id=parts["profile"])
    wireless.delete_wireless_device(Id=made["Id"])
    refused(404, "ResourceNotFoundException", wireless.delete_wireless_device, Id=made["Id"])


def test_abp_device_has_a_session(target, wireless, parts):
    device = otaa(parts, eui())
    device["LoRaWAN"].pop("OtaaV1_0_x")
    device["LoRaWAN"]["AbpV1_0_x"] = {
        "DevAddr": "01020304", "SessionKeys": {"NwkSKey": "11" * 16, "AppSKey": "22" * 16}, "FCntStart": 3}
    made = wireless.create_wireless_device(**device)
    shown = wireless.get_wireless_device(Identifier=made["Id"], IdentifierType="WirelessDeviceId")
    assert shown["LoRaWAN"]["AbpV1_0_x"]["FCntStart"] == 3
    wireless.delete_wireless_device(Id=made["Id"])


def test_downlinks_are_queued_listed_and_deleted(wireless, parts):
    device = wireless.create_wireless_device(**otaa(parts, eui()))["Id"]
    sent = wireless.send_data_to_wireless_device(
        Id=device, TransmitMode=1, PayloadData="AQI=", WirelessMetadata={"LoRaWAN": {"FPort": 10}})
    assert sent["ResponseMetadata"]["HTTPStatusCode"] == 202
    wireless.send_data_to_wireless_device(Id=device, TransmitMode=0, PayloadData="Aw==")
    queued = wireless.list_queued_messages(Id=device)["DownlinkQueueMessagesList"]
    assert [(m["MessageId"], m["TransmitMode"], m["LoRaWAN"]["FPort"]) for m in queued][0] == (sent["MessageId"], 1, 10)
    assert len(queued) == 2
    wireless.delete_queued_messages(Id=device, MessageId=sent["MessageId"])
    assert len(wireless.list_queued_messages(Id=device)["DownlinkQueueMessagesList"]) == 1
    wireless.delete_queued_messages(Id=device, MessageId="*")
    assert wireless.list_queued_messages(Id=device)["DownlinkQueueMessagesList"] == []
    refused(404, "ResourceNotFoundException", wireless.delete_queued_messages, Id=device, MessageId="none")
    wireless.delete_wireless_device(Id=device)


def test_profiles_give_back_what_they_were_given(wireless):
    given = {"MacVersion": "1.0.2", "RegParamsRevision": "B", "RfRegion": "EU868", "SupportsJoin": False,
             "Supports32BitFCnt": False, "SupportsClassC": True, "ClassCTimeout": 5, "RxDelay1": 2, "RxDrOffset1": 1,
             "RxDataRate2": 3, "RxFreq2": 8695250, "FactoryPresetFreqsList": [8681000, 8683000], "MaxEirp": 14,
             "MaxDutyCycle": 1}
    profile = wireless.create_device_profile(Name="full", LoRaWAN=given)["Id"]
    shown = wireless.get_device_profile(Id=profile)["LoRaWAN"]
    assert {k: shown[k] for k in given} == given
    assert profile in [p["Id"] for p in wireless.list_device_profiles()["DeviceProfileList"]]
    wireless.delete_device_profile(Id=profile)
    service = wireless.create_service_profile(Name="s", LoRaWAN={"AddGwMetadata": True})["Id"]
    assert wireless.get_service_profile(Id=service)["LoRaWAN"]["AddGwMetadata"] is True
    wireless.delete_service_profile(Id=service)


def test_a_destination_is_changed_and_tagged(wireless):
    destination = name("dest")
    arn = wireless.create_destination(
        Name=destination, ExpressionType="RuleName", Expression="r", RoleArn=ROLE, Description="x",
        Tags=[{"Key": "a", "Value": "1"}])["Arn"]
    wireless.update_destination(Name=destination, ExpressionType="MqttTopic", Expression="a/b")
    shown = wireless.get_destination(Name=destination)
    assert (shown["ExpressionType"], shown["Expression"], shown["RoleArn"]) == ("MqttTopic", "a/b", ROLE)
    wireless.tag_resource(ResourceArn=arn, Tags=[{"Key": "b c", "Value": "2/+"}])
    wireless.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert wireless.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "b c", "Value": "2/+"}]
    refused(409, "ConflictException", wireless.create_destination,
            Name=destination, ExpressionType="RuleName", Expression="r", RoleArn=ROLE)
    wireless.delete_destination(Name=destination)
    refused(404, "ResourceNotFoundException", wireless.get_destination, Name=destination)


def test_lists_come_in_pages(wireless):
    prefix = name("page")
    names = [f"{prefix}-{i}" for i in range(5)]
    for destination in names:
        wireless.create_destination(Name=destination, ExpressionType="MqttTopic", Expression="t", RoleArn=ROLE)
    found, token = [], {}
    while True:
        page = wireless.list_destinations(MaxResults=2, **token)
        assert len(page["DestinationList"]) <= 2
        found += [d["Name"] for d in page["DestinationList"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert [n for n in found if n.startswith(prefix)] == names
    for destination in names:
        wireless.delete_destination(Name=destination)


def test_a_token_makes_one_device_of_two_requests(wireless, parts):
    device = otaa(parts, eui())
    token = uuid.uuid4().hex
    first = wireless.create_wireless_device(ClientRequestToken=token, **device)
    assert wireless.create_wireless_device(ClientRequestToken=token, **device)["Id"] == first["Id"]
    wireless.delete_wireless_device(Id=first["Id"])


def test_a_wrong_field_is_named(wireless):
    error = refused(400, "ValidationException", wireless.create_wireless_gateway, LoRaWAN={"GatewayEui": "xyz"})
    assert "LoRaWAN.GatewayEui must be 16 hexadecimal digits" in error["Error"]["Message"]


def test_rules_live_and_die(iot):
    rule = name("rule").replace("-", "_")
    payload = {"sql": "SELECT temp AS t FROM 'sensors/temp' WHERE temp > 90", "awsIotSqlVersion": "2016-03-23",
               "description": "hot", "actions": [{"republish": {"roleArn": ROLE, "topic": "hot/${topic(2)}", "qos": 1}}]}
    iot.create_topic_rule(ruleName=rule, topicRulePayload=payload)
    shown = iot.get_topic_rule(ruleName=rule)
    assert shown["ruleArn"].endswith(f":rule/{rule}")
    assert shown["rule"]["sql"] == payload["sql"]
    assert shown["rule"]["actions"] == payload["actions"]
    assert shown["rule"]["ruleDisabled"] is False
    assert shown["rule"]["createdAt"].year >= 2024
    iot.disable_topic_rule(ruleName=rule)
    assert rule in [r["ruleName"] for r in iot.list_topic_rules(ruleDisabled=True)["rules"]]
    iot.enable_topic_rule(ruleName=rule)
    assert rule in [r["ruleName"] for r in iot.list_topic_rules(topic="sensors/temp")["rules"]]
    assert rule not in [r["ruleName"] for r in iot.list_topic_rules(topic="other")["rules"]]
    iot.replace_topic_rule(ruleName=rule, topicRulePayload={"sql": "SELECT * FROM 'x'", "actions": []})
    assert iot.get_topic_rule(ruleName=rule)["rule"]["sql"] == "SELECT * FROM 'x'"
    refused(409, "ResourceAlreadyExistsException", iot.create_topic_rule, ruleName=rule, topicRulePayload=payload)
    iot.delete_topic_rule(ruleName=rule)
    refused(404, "ResourceNotFoundException", iot.get_topic_rule, ruleName=rule)


def test_rules_come_in_botocores_pages_and_carry_tags(iot):
    prefix = name("paged").replace("-", "_")
    names = [f"{prefix}_{i}" for i in range(5)]
    for rule in names:
        iot.create_topic_rule(ruleName=rule, tags="site=roof",
                              topicRulePayload={"sql": "SELECT * FROM 'paged'", "actions": []})
    pages = iot.get_paginator("list_topic_rules").paginate(topic="paged", PaginationConfig={"PageSize": 2})
    assert [rule["ruleName"] for page in pages for rule in page["rules"]] == names
    arn = iot.get_topic_rule(ruleName=names[0])["ruleArn"]
    iot.tag_resource(resourceArn=arn, tags=[{"Key": "floor", "Value": "2"}])
    iot.untag_resource(resourceArn=arn, tagKeys=["site"])
    assert iot.list_tags_for_resource(resourceArn=arn)["tags"] == [{"Key": "floor", "Value": "2"}]
    for rule in names:
        iot.delete_topic_rule(ruleName=rule)


def test_bad_sql_is_told_where(iot):
    refused(400, "SqlParseException", iot.create_topic_rule, ruleName="bad",
            topicRulePayload={"sql": "SELECT FROM WHERE", "actions": []})


def test_endpoints_are_ours(target, wireless, iot):
    host = urllib.parse.urlsplit(target.endpoint).hostname
    ours = f"{host}:{target.server.https}"  # as the client has reached us
    assert iot.describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"] == ours
    assert wireless.get_service_endpoint(ServiceType="LNS")["ServiceEndpoint"] == f"wss://{ours}"


def test_a_wrong_secret_is_refused(target):
    client = target.client("iotwireless", secret="wrong" * 8)
    refused(403, "InvalidSignatureException", client.list_wireless_gateways)


def test_an_unknown_key_is_refused(target):
    client = target.client("iot", key="HELIONOBODY000000000")
    refused(403, "UnrecognizedClientException", client.list_topic_rules)


def test_the_aws_command_line_lives_through_a_network(target, tmp_path):
    """Every kind of resource once, with the shorthand and the JSON syntax that people use."""
    destination = name("cli")
    made = target.aws("iotwireless", "create-destination", "--name", destination, "--expression-type", "MqttTopic",
                      "--expression", "cli/topic", "--role-arn", ROLE)
    assert made["Name"] == destination
    assert destination in [d["Name"] for d in target.aws("iotwireless", "list-destinations")["DestinationList"]]
    profile = target.aws("iotwireless", "create-device-profile", "--name", "p", "--lorawan",
                         "MacVersion=1.0.3,RegParamsRevision=RP002-1.0.1,RfRegion=EU868,SupportsJoin=true")["Id"]
    service = target.aws("iotwireless", "create-service-profile", "--name", "s", "--lorawan", "AddGwMetadata=true")["Id"]
    gateway_eui, dev_eui = eui(), eui()
    gateway = target.aws("iotwireless", "create-wireless-gateway", "--lorawan",
                         f"GatewayEui={gateway_eui},RfRegion=EU868")["Id"]
    shown = target.aws("iotwireless", "get-wireless-gateway", "--identifier", gateway_eui,
                       "--identifier-type", "GatewayEui")
    assert shown["Id"] == gateway
    device = target.aws("iotwireless", "create-wireless-device", "--cli-input-json", json.dumps(
        otaa({"destination": destination, "profile": profile, "service": service}, dev_eui)))["Id"]
    metadata = json.dumps({"LoRaWAN": {"FPort": 7}})
    message = target.aws("iotwireless", "send-data-to-wireless-device", "--id", device, "--transmit-mode", "1",
                         "--payload-data", "AQI=", "--wireless-metadata", metadata)["MessageId"]
    queued = target.aws("iotwireless", "list-queued-messages", "--id", device)["DownlinkQueueMessagesList"]
    assert [(m["MessageId"], m["LoRaWAN"]["FPort"]) for m in queued] == [(message, 7)]
    target.aws("iotwireless", "delete-queued-messages", "--id", device, "--message-id", "*")

    rule = name("rule").replace("-", "_")
    payload = tmp_path / "rule.json"
    payload.write_text(json.dumps({"sql": "SELECT * FROM 'cli/topic'", "actions": [
        {"republish": {"roleArn": ROLE, "topic": "again"}}]}))
    target.aws("iot", "create-topic-rule", "--rule-name", rule, "--topic-rule-payload", f"file://{payload}")
    assert rule in [r["ruleName"] for r in target.aws("iot", "list-topic-rules")["rules"]]
    target.aws("iot", "delete-topic-rule", "--rule-name", rule)
    assert target.aws("iot", "describe-endpoint", "--endpoint-type", "iot:Data-ATS")["endpointAddress"]

    target.aws("iotwireless", "delete-wireless-device", "--id", device)
    target.aws("iotwireless", "delete-wireless-gateway", "--id", gateway)
    target.aws("iotwireless", "delete-service-profile", "--id", service)
    target.aws("iotwireless", "delete-device-profile", "--id", profile)
    target.aws("iotwireless", "delete-destination", "--name", destination)
    gone = target.run_aws("iotwireless", "get-destination", "--name", destination)
    assert gone.returncode == 254 and "ResourceNotFoundException" in gone.stderr


def test_a_client_that_does_not_trust_the_ca_is_told_by_tls(target):
    if not target.ca:
        pytest.skip("without TLS there is nothing to trust")
    import boto3
    from botocore.exceptions import SSLError
    stranger = boto3.client("iotwireless", endpoint_url=target.endpoint, region_name="us-east-1",
                            aws_access_key_id=target.key, aws_secret_access_key=target.secret)
    with pytest.raises(SSLError):
        stranger.list_destinations()
