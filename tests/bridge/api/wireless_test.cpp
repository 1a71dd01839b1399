#include "lns/device/sessions.h"
#include "tests/bridge/api/fixture.h"

using namespace helio;
using namespace helio::bridge::api;
using namespace helio::bridge::api::test;

TEST_CASE("a wireless gateway is created, shown, listed, changed and deleted", "[api]") {
    World world;
    const auto made = world.call("POST", "/wireless-gateways", R"({
        "Name":"roof","Description":"north","Tags":[{"Key":"site","Value":"x"}],
        "LoRaWAN":{"GatewayEui":"A8-40-41-FF-FF-1E-E2-B4","RfRegion":"US915","SubBands":[2],
                   "NetIdFilters":["000013"]}})");
    REQUIRE(made.status == 201);
    const std::string id = made.string("Id");
    CHECK(made.string("Arn") == "arn:aws:iotwireless:eu-west-1:123456789012:WirelessGateway/" + id);

    const auto by_eui =
        world.call("GET", "/wireless-gateways/a84041ffff1ee2b4?identifierType=GatewayEui");
    REQUIRE(by_eui.status == 200);
    CHECK(by_eui.string("Id") == id);
    const auto shown =
        world.call("GET", "/wireless-gateways/" + id + "?identifierType=WirelessGatewayId");
    REQUIRE(shown.status == 200);
    CHECK(json::serialize(shown.body().at("LoRaWAN")) ==
          R"({"GatewayEui":"a84041ffff1ee2b4","RfRegion":"US915","SubBands":[2],)"
          R"("NetIdFilters":["000013"]})");

    CHECK(world.call("PATCH", "/wireless-gateways/" + id, R"({"Name":"mast"})").status == 204);
    const auto list = world.call("GET", "/wireless-gateways").body();
    REQUIRE(list.at("WirelessGatewayList").as_array().size() == 1);
    const auto& row = list.at("WirelessGatewayList").as_array()[0].as_object();
    CHECK(row.at("Name").as_string() == "mast");
    CHECK(row.at("Description").as_string() == "north");

    CHECK(world.call("DELETE", "/wireless-gateways/" + id).status == 204);
    CHECK(world.call("DELETE", "/wireless-gateways/" + id).status == 404);
    CHECK(world.call("GET", "/wireless-gateways/" + id + "?identifierType=WirelessGatewayId")
              .error() == "ResourceNotFoundException");
}

TEST_CASE("a gateway's statistics tell whether it is connected", "[api]") {
    World world;
    const std::string id =
        world.call("POST", "/wireless-gateways", R"({"LoRaWAN":{"GatewayEui":"00000000000000aa"}})")
            .string("Id");
    const auto statistics = [&] {
        return world.call("GET", "/wireless-gateways/" + id + "/statistics");
    };
    CHECK(statistics().string("ConnectionStatus") == "Disconnected");
    world.gateways.lives[Eui64::from_value(0xaa)] = {.connected = true, .last_uplink = kNow};
    CHECK(statistics().string("ConnectionStatus") == "Connected");
    CHECK(statistics().string("LastUplinkReceivedAt") == "2026-02-01T00:00:00.000Z");
}

TEST_CASE("gateways that are heard and not registered are listed", "[api]") {
    World world;
    world.gateways.strangers = {{.eui = Eui64::from_value(0xbb),
                                 .address = "10.0.0.9:4000",
                                 .first_seen = kNow,
                                 .last_seen = kNow,
                                 .datagrams = 3}};
    const auto body = world.call("GET", "/wireless-gateways/seen").body();
    const auto& row = body.at("SeenGatewayList").as_array().at(0).as_object();
    CHECK(row.at("GatewayEui").as_string() == "00000000000000bb");
    CHECK(row.at("Datagrams").as_int64() == 3);
}

TEST_CASE("an OTAA device is created, shown, listed, changed and deleted", "[api]") {
    World world;
    const std::string id = world.device("0102030405060708");
    const auto shown =
        world.call("GET", "/wireless-devices/0102030405060708?identifierType=DevEui");
    REQUIRE(shown.status == 200);
    CHECK(shown.string("Id") == id);
    const auto lorawan = shown.body().at("LoRaWAN").as_object();
    CHECK(json::serialize(lorawan.at("OtaaV1_0_x")) ==
          R"({"AppKey":"000102030405060708090a0b0c0d0e0f","AppEui":"70b3d57ed0000000"})");

    CHECK(world.call("PATCH", "/wireless-devices/" + id, R"({"Name":"renamed"})").status == 204);
    const auto list = world.call("GET", "/wireless-devices?destinationName=field").body();
    REQUIRE(list.at("WirelessDeviceList").as_array().size() == 1);
    CHECK(list.at("WirelessDeviceList").as_array()[0].at("Name").as_string() == "renamed");
    CHECK(world.call("GET", "/wireless-devices?destinationName=other")
              .body()
              .at("WirelessDeviceList")
              .as_array()
              .empty());
    CHECK(world.call("DELETE", "/wireless-devices/" + id).status == 204);
    CHECK(
        world.call("GET", "/wireless-devices/" + id + "?identifierType=WirelessDeviceId").status ==
        404);
}

TEST_CASE("an ABP device has its session at once, an OTAA device after its join", "[api]") {
    World world;
    const std::string joining = world.device();
    CHECK(world.call("GET", "/wireless-devices/" + joining + "/session").status == 404);

    const auto made = world.call("POST",
                                 "/wireless-devices",
                                 R"({"Type":"LoRaWAN","DestinationName":"field","LoRaWAN":{
            "DevEui":"0000000000000009","DeviceProfileId":")" +
                                     world.profile() + R"(","AbpV1_0_x":{"DevAddr":"01020304",
            "SessionKeys":{"NwkSKey":"00000000000000000000000000000001",
                           "AppSKey":"00000000000000000000000000000002"},"FCntStart":5}}})");
    REQUIRE(made.status == 201);
    const auto session = world.call("GET", "/wireless-devices/" + made.string("Id") + "/session");
    REQUIRE(session.status == 200);
    CHECK(session.string("DevAddr") == "01020304");
    CHECK(session.string("Activation") == "ABP");
    CHECK(session.body().at("FCntUp").to_number<int>() == 5);
    // Keys stay out of it.
    CHECK(session.text.find("Key") == std::string::npos);
}

TEST_CASE("an ABP device may be allowed to begin its counters again", "[api]") {
    World world;
    world.device();  // with its profile and destination
    const auto made = world.call("POST",
                                 "/wireless-devices",
                                 R"({"Type":"LoRaWAN","DestinationName":"field","LoRaWAN":{
            "DevEui":"0000000000000009","DeviceProfileId":")" +
                                     world.profile() + R"(","AbpV1_0_x":{"DevAddr":"01020304",
            "SessionKeys":{"NwkSKey":"00000000000000000000000000000001",
                           "AppSKey":"00000000000000000000000000000002"},"AllowFCntReset":true}}})");
    REQUIRE(made.status == 201);
    const std::string path = "/wireless-devices/" + made.string("Id");
    const auto shown = [&] {
        return world.call("GET", path + "?identifierType=WirelessDeviceId").text;
    };
    CHECK(shown().find(R"("AllowFCntReset":true)") != std::string::npos);
    const auto session = [&] {
        return lns::active_session(world.store, Eui64::from_value(9))->allow_fcnt_reset();
    };
    CHECK(session());
    CHECK(
        world.call("PATCH", path, R"({"LoRaWAN":{"AbpV1_0_x":{"AllowFCntReset":false}}})").status ==
        204);
    CHECK(shown().find("AllowFCntReset") == std::string::npos);
    CHECK_FALSE(session());
}

TEST_CASE("the same DevEUI or gateway EUI twice is a conflict", "[api]") {
    World world;
    const std::string first = world.device("0102030405060708");
    const auto again = world.call(
        "POST", "/wireless-devices", World::otaa_json(world.profile(), "0102030405060708"));
    CHECK(again.status == 409);
    CHECK(again.error() == "ConflictException");
    CHECK(again.string("ResourceId") == first);
    const std::string gateway = R"({"LoRaWAN":{"GatewayEui":"00000000000000aa"}})";
    CHECK(world.call("POST", "/wireless-gateways", gateway).status == 201);
    CHECK(world.call("POST", "/wireless-gateways", gateway).status == 409);
}

TEST_CASE("a create request that is sent twice makes one thing", "[api]") {
    World world;
    world.destination();
    const std::string body =
        World::otaa_json(world.profile(), "0102030405060708", R"(,"ClientRequestToken":"token-1")");
    const auto first = world.call("POST", "/wireless-devices", body);
    const auto second = world.call("POST", "/wireless-devices", body);
    REQUIRE(first.status == 201);
    CHECK(second.status == 201);
    CHECK(second.text == first.text);
    CHECK(world.registry.device_count() == 1);

    const std::string destination = R"({"Name":"once","ExpressionType":"RuleName",
        "Expression":"r","ClientRequestToken":"t"})";
    CHECK(world.call("POST", "/destinations", destination).status == 201);
    CHECK(world.call("POST", "/destinations", destination).status == 201);
    CHECK(world
              .call("POST",
                    "/destinations",
                    R"({"Name":"once","ExpressionType":"RuleName","Expression":"r"})")
              .status == 409);
}

TEST_CASE("what a device refers to must exist and is named where it does not", "[api]") {
    World world;
    const auto no_destination = world.call(
        "POST", "/wireless-devices", World::otaa_json(world.profile(), "0102030405060708"));
    CHECK(no_destination.status == 404);
    CHECK(no_destination.message() == "There is no Destination \"field\".");
    world.destination();
    const auto no_profile =
        world.call("POST",
                   "/wireless-devices",
                   World::otaa_json("00000000-0000-4000-8000-000000000000", "0102030405060708"));
    CHECK(no_profile.status == 404);
    CHECK(no_profile.string("ResourceType") == "DeviceProfile");
}

TEST_CASE("a profile or destination in use is not deleted", "[api]") {
    World world;
    const std::string id = world.device();
    const auto shown =
        world.call("GET", "/wireless-devices/" + id + "?identifierType=WirelessDeviceId").body();
    const std::string profile(shown.at("LoRaWAN").at("DeviceProfileId").as_string());
    CHECK(world.call("DELETE", "/device-profiles/" + profile).error() == "ConflictException");
    CHECK(world.call("DELETE", "/destinations/field").error() == "ConflictException");
    REQUIRE(world.call("DELETE", "/wireless-devices/" + id).status == 204);
    CHECK(world.call("DELETE", "/device-profiles/" + profile).status == 204);
    CHECK(world.call("DELETE", "/destinations/field").status == 204);
}

TEST_CASE("a device profile gives back what it was given", "[api]") {
    World world;
    const std::string id =
        world
            .call("POST", "/device-profiles", R"({"Name":"meter","LoRaWAN":{"MacVersion":"1.0.2",
        "RegParamsRevision":"B","RfRegion":"EU868","SupportsJoin":false,"Supports32BitFCnt":false,
        "SupportsClassC":true,"ClassCTimeout":5,"RxDelay1":2,"RxDrOffset1":1,"RxDataRate2":3,
        "RxFreq2":8695250,"FactoryPresetFreqsList":[8681000,8683000],"MaxEirp":14,
        "MaxDutyCycle":1}})")
            .string("Id");
    const auto lorawan =
        world.call("GET", "/device-profiles/" + id).body().at("LoRaWAN").as_object();
    CHECK(lorawan.at("MacVersion").as_string() == "1.0.2");
    CHECK(lorawan.at("SupportsJoin").as_bool() == false);
    CHECK(lorawan.at("RxFreq2").to_number<int>() == 8'695'250);
    CHECK(json::serialize(lorawan.at("FactoryPresetFreqsList")) == "[8681000,8683000]");
    CHECK(world.registry.device_profile(id)->rx2_frequency_hz() == 869'525'000);
}

TEST_CASE("a service profile gives back what it was given", "[api]") {
    World world;
    const std::string id = world
                               .call("POST",
                                     "/service-profiles",
                                     R"({"Name":"s","LoRaWAN":{"AddGwMetadata":true,"DrMin":1,
                                     "DrMax":5}})")
                               .string("Id");
    const auto lorawan =
        world.call("GET", "/service-profiles/" + id).body().at("LoRaWAN").as_object();
    CHECK(lorawan.at("AddGwMetadata").as_bool());
    CHECK(lorawan.at("DrMax").to_number<int>() == 5);
    CHECK(world.call("DELETE", "/service-profiles/" + id).status == 204);
}

TEST_CASE("a list is read page by page and loses nothing", "[api]") {
    World world;
    for (int i = 0; i < 7; ++i) world.destination("d" + std::to_string(i));
    std::vector<std::string> names;
    std::string token;
    int pages = 0;
    do {
        const auto body =
            world
                .call("GET",
                      "/destinations?maxResults=3" + (token.empty() ? "" : "&nextToken=" + token))
                .body();
        for (const auto& row : body.at("DestinationList").as_array()) {
            names.emplace_back(row.at("Name").as_string());
        }
        token = body.contains("NextToken") ? std::string(body.at("NextToken").as_string()) : "";
        ++pages;
    } while (!token.empty());
    CHECK(names == std::vector<std::string>{"d0", "d1", "d2", "d3", "d4", "d5", "d6"});
    CHECK(pages == 3);
}

TEST_CASE("tags are added, replaced, listed and removed by ARN", "[api]") {
    World world;
    world.destination();
    const std::string target =
        "/tags?resourceArn=arn%3Aaws%3Aiotwireless%3Aeu-west-1%3A123456789012%3ADestination%"
        "2Ffield";
    CHECK(
        world.call("POST", target, R"({"Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}]})")
            .status == 204);
    CHECK(world.call("POST", target, R"({"Tags":[{"Key":"a","Value":"3"}]})").status == 204);
    CHECK(world.call("DELETE", target + "&tagKeys=b&tagKeys=none").status == 204);
    CHECK(world.call("GET", target).text == R"({"Tags":[{"Key":"a","Value":"3"}]})");
    CHECK(world.call("GET", target + "x").status == 404);
    CHECK(world.call("GET", "/tags?resourceArn=nonsense").error() == "ValidationException");
}

TEST_CASE("a downlink is queued, listed and deleted", "[api]") {
    World world;
    const std::string data = "/wireless-devices/" + world.device() + "/data";
    const auto sent = world.call(
        "POST",
        data,
        R"({"TransmitMode":1,"PayloadData":"AQI=","WirelessMetadata":{"LoRaWAN":{"FPort":10}}})");
    REQUIRE(sent.status == 202);
    CHECK(sent.wait_for > 0);
    const auto list = world.call("GET", data).body().at("DownlinkQueueMessagesList").as_array();
    REQUIRE(list.size() == 1);
    CHECK(list[0].at("MessageId").as_string() == sent.string("MessageId"));
    CHECK(list[0].at("TransmitMode").to_number<int>() == 1);
    CHECK(list[0].at("LoRaWAN").at("FPort").to_number<int>() == 10);
    CHECK(list[0].at("ReceivedAt").as_string() == "2026-02-01T00:00:00.000Z");

    CHECK(world.call("DELETE", data + "?messageId=none").status == 404);
    CHECK(world.call("DELETE", data + "?messageId=" + sent.string("MessageId")).status == 204);
    CHECK(world.call("GET", data).text == R"({"DownlinkQueueMessagesList":[]})");
}

TEST_CASE("a full downlink queue is told as throttling", "[api]") {
    World world;
    const std::string data = "/wireless-devices/" + world.device() + "/data";
    const std::string body = R"({"TransmitMode":0,"PayloadData":"AQI="})";
    for (int i = 0; i < 3; ++i) REQUIRE(world.call("POST", data, body).status == 202);
    CHECK(world.call("POST", data, body).status == 429);
    CHECK(world.call("DELETE", data + "?messageId=*").status == 204);
    CHECK(world.call("POST", data, body).status == 202);
}

TEST_CASE("a codec is kept with its profile", "[api]") {
    World world;
    const std::string profile = world.profile();
    const std::string target = "/device-profiles/" + profile + "/codec";
    CHECK(world.call("GET", target).status == 404);
    const std::string codec = "function decodeUplink(input) { return {data: {}}; }";
    CHECK(world.call("PUT", target, codec).status == 204);
    const auto shown = world.call("GET", target);
    CHECK(shown.text == codec);
    CHECK(shown.header("Content-Type") == "text/javascript; charset=utf-8");
    CHECK(world.call("PUT", target, "").status == 400);
    const auto refused = world.call("PUT", target, "broken");
    CHECK(refused.status == 400);
    CHECK(refused.message().find("SyntaxError") != std::string::npos);
    CHECK(world.call("GET", target).text == codec);  // as it was
    CHECK(world.call("PUT", "/device-profiles/none/codec", codec).status == 404);
    CHECK(world.call("DELETE", target).status == 204);
    CHECK(world.call("GET", target).status == 404);
}

TEST_CASE("a backup is started once and told of", "[api]") {
    World world;
    CHECK(world.call("GET", "/backup").string("State") == "None");
    CHECK(world.call("POST", "/backup", R"({"Directory":"relative"})").status == 400);
    const auto started = world.call("POST", "/backup", R"({"Directory":"/srv/copy"})");
    CHECK(started.status == 202);
    CHECK(started.string("State") == "Running");
    CHECK(world.call("POST", "/backup", R"({"Directory":"/srv/copy"})").status == 409);
    world.backup.current.state = BackupState::done;
    CHECK(world.call("GET", "/backup").string("State") == "Done");
}

TEST_CASE("the endpoints that clients ask for are ours", "[api]") {
    World world;
    CHECK(world.call("GET", "/endpoint?endpointType=iot%3AData-ATS", "", "iot")
              .string("endpointAddress") == "127.0.0.1:8443");
    CHECK(world.call("GET", "/endpoint?endpointType=x", "", "iot").error() ==
          "InvalidRequestException");
    CHECK(world.call("GET", "/service-endpoint?serviceType=LNS").string("ServiceEndpoint") ==
          "wss://127.0.0.1:8443");
}
