// Each wrong member of a request is named together with what it must be.
#include "tests/bridge/api/fixture.h"

using namespace helio;
using namespace helio::bridge::api;
using namespace helio::bridge::api::test;

namespace {

struct Wrong {
    const char* method;
    const char* target;
    const char* body;
    const char* message;
};

// clang-format off
const Wrong kWrong[] = {
    {"POST", "/wireless-gateways", "",
     "LoRaWAN is missing: it must be an object with GatewayEui and RfRegion."},
    {"POST", "/wireless-gateways", R"({"LoRaWAN":[]})", "LoRaWAN must be an object."},
    {"POST", "/wireless-gateways", R"({"LoRaWAN":{}})",
     "LoRaWAN.GatewayEui is missing: it must be 16 hexadecimal digits."},
    {"POST", "/wireless-gateways", R"({"LoRaWAN":{"GatewayEui":"0102"}})",
     "LoRaWAN.GatewayEui must be 16 hexadecimal digits."},
    {"POST", "/wireless-gateways", R"({"LoRaWAN":{"GatewayEui":"0102030405060708","RfRegion":"MARS"}})",
     "LoRaWAN.RfRegion must be one of EU868, US915."},
    {"POST", "/wireless-gateways", R"({"LoRaWAN":{"GatewayEui":"0102030405060708","SubBands":[0]}})",
     "LoRaWAN.SubBands[0] must be a whole number from 1 to 8."},
    {"POST", "/wireless-gateways", R"({"LoRaWAN":{"GatewayEui":"0102030405060708","SubBands":2}})",
     "LoRaWAN.SubBands must be a list of at most 8 elements."},
    {"POST", "/wireless-gateways", R"({"Name":7,"LoRaWAN":{"GatewayEui":"0102030405060708"}})",
     "Name must be a text of at most 256 characters."},
    {"POST", "/wireless-gateways", R"({"Tags":[{"Key":"a"}],"LoRaWAN":{"GatewayEui":"0102030405060708"}})",
     "Tags[0].Value is missing: it must be a text."},
    {"POST", "/wireless-gateways", R"({"LoRaWAN":{"GatewayEui":"0102030405060708","JoinEuiFilters":[["00"]]}})",
     "LoRaWAN.JoinEuiFilters must be a list of pairs of 16 hexadecimal digits."},
    {"POST", "/wireless-gateways", R"({"LoRaWAN":{"GatewayEui":"0102030405060708","NetIdFilters":[7]}})",
     "LoRaWAN.NetIdFilters must be a list of texts of 6 hexadecimal digits."},
    {"POST", "/wireless-gateways", R"({"LoRaWAN":{"GatewayEui":"0102030405060708","Beaconing":{"DataRate":16}}})",
     "LoRaWAN.Beaconing.DataRate must be a whole number from 0 to 15."},
    {"GET", "/wireless-devices?wirelessDeviceType=x", "", "WirelessDeviceType must be LoRaWAN or Sidewalk."},
    {"GET", "/wireless-gateways/x", "", "IdentifierType must be GatewayEui, WirelessGatewayId or ThingName."},
    {"GET", "/wireless-gateways/x?identifierType=GatewayEui", "",
     "Identifier must be 16 hexadecimal digits."},
    {"GET", "/wireless-gateways?maxResults=251", "",
     "MaxResults must be a whole number from 1 to 250."},
    {"GET", "/wireless-gateways?maxResults=-1", "",
     "MaxResults must be a whole number from 1 to 250."},
    {"GET", "/wireless-gateways?nextToken=x", "",
     "NextToken must be one that a list has answered."},

    {"POST", "/destinations", R"({"Name":"a b","ExpressionType":"RuleName","Expression":"r"})",
     "Name must be a text of 1 to 128 characters made of letters, digits, '-' and '_'."},
    {"POST", "/destinations", R"({"Name":"a","ExpressionType":"Rule","Expression":"r"})",
     "ExpressionType must be RuleName or MqttTopic."},
    {"POST", "/destinations", R"({"Name":"a","ExpressionType":"MqttTopic","Expression":"a/#"})",
     "Expression must be a topic without the wildcards '+' and '#'."},
    {"POST", "/destinations", R"({"Name":"a"})",
     "ExpressionType is missing: it must be RuleName or MqttTopic; "
     "Expression is missing: it must be a rule's name or a topic."},

    {"POST", "/device-profiles", R"({"LoRaWAN":{"MacVersion":"1.1"}})",
     "LoRaWAN.MacVersion must be one of 1.0.0, 1.0.1, 1.0.2, 1.0.3 and 1.0.4."},
    {"POST", "/device-profiles", R"({"LoRaWAN":{"RxFreq2":869525000}})",
     "LoRaWAN.RxFreq2 must be a whole number from 1000000 to 16700000."},
    {"POST", "/device-profiles", R"({"LoRaWAN":{"SupportsJoin":"yes"}})",
     "LoRaWAN.SupportsJoin must be true or false."},
    {"POST", "/device-profiles", R"({"LoRaWAN":{"RxDelay1":1e300}})",
     "LoRaWAN.RxDelay1 must be a whole number from 0 to 15."},
    {"POST", "/device-profiles", R"({"LoRaWAN":{"RxDelay1":1.5}})",
     "LoRaWAN.RxDelay1 must be a whole number from 0 to 15."},
    {"POST", "/device-profiles", R"({"LoRaWAN":{"RxDelay1":18446744073709551615}})",
     "LoRaWAN.RxDelay1 must be a whole number from 0 to 15."},
    {"POST", "/service-profiles", R"({"LoRaWAN":{"DrMin":5,"DrMax":1}})",
     "LoRaWAN.DrMin must not be above DrMax."},

    {"POST", "/wireless-devices", R"({"Type":"Sidewalk","DestinationName":"d","LoRaWAN":{
        "DevEui":"0102030405060708","DeviceProfileId":"p","OtaaV1_0_x":{
        "AppKey":"000102030405060708090a0b0c0d0e0f","AppEui":"0102030405060708"}}})",
     "Type must be LoRaWAN."},
    {"POST", "/wireless-devices", R"({"Type":"LoRaWAN","DestinationName":"d","LoRaWAN":{
        "DevEui":"010203040506070g","DeviceProfileId":"p","OtaaV1_0_x":{
        "AppKey":"000102030405060708090a0b0c0d0e0f","AppEui":"0102030405060708"}}})",
     "LoRaWAN.DevEui must be 16 hexadecimal digits."},
    {"POST", "/wireless-devices", R"({"Type":"LoRaWAN","DestinationName":"d","LoRaWAN":{
        "DevEui":"0102030405060708","DeviceProfileId":"p","OtaaV1_0_x":{"AppKey":"00"}}})",
     "LoRaWAN.OtaaV1_0_x.AppKey must be 32 hexadecimal digits; "
     "LoRaWAN.OtaaV1_0_x.AppEui is missing: it must be 16 hexadecimal digits."},
    {"POST", "/wireless-devices", R"({"Type":"LoRaWAN","DestinationName":"d","LoRaWAN":{
        "DevEui":"0102030405060708","DeviceProfileId":"p","OtaaV1_1":{}}})",
     "LoRaWAN.OtaaV1_1 is LoRaWAN 1.1, which is not supported: use OtaaV1_0_x or AbpV1_0_x."},
    {"POST", "/wireless-devices", R"({"Type":"LoRaWAN","DestinationName":"d","LoRaWAN":{
        "DevEui":"0102030405060708","DeviceProfileId":"p","AbpV1_0_x":{"DevAddr":"0102030"}}})",
     "LoRaWAN.AbpV1_0_x.DevAddr must be 8 hexadecimal digits; "
     "LoRaWAN.AbpV1_0_x.SessionKeys is missing: it must be an object with NwkSKey and AppSKey."},
    {"POST", "/wireless-devices", R"({"Type":"LoRaWAN","DestinationName":"d","LoRaWAN":{
        "DevEui":"0102030405060708","DeviceProfileId":"p"}})",
     "LoRaWAN.OtaaV1_0_x is missing: it or AbpV1_0_x must be an object with the device's keys."},
    {"POST", "/wireless-devices/import", R"({})",
     "Devices is missing: it must be a list of devices."},
    {"GET", "/events?after=1", "", "after must be the Next of an earlier answer."},
    {"GET", "/events?last=501", "", "last must be a whole number up to 500."},
};
// clang-format on

}  // namespace

TEST_CASE("each wrong field is named with the fix", "[api]") {
    World world;
    for (const Wrong& wrong : kWrong) {
        CAPTURE(wrong.method, wrong.target, wrong.body);
        const auto answer = world.call(wrong.method, wrong.target, wrong.body);
        CHECK(answer.status == 400);
        CHECK(answer.error() == "ValidationException");
        CHECK(answer.message() == wrong.message);
    }
    CHECK(world.store.filling() == 1);  // nothing was changed
}

TEST_CASE("each wrong field of a downlink is named with the fix", "[api]") {
    World world;
    const std::string data = "/wireless-devices/" + world.device() + "/data";
    const std::pair<std::string, std::string> rows[] = {
        {R"({"PayloadData":"AQI="})", "TransmitMode is missing: it must be 0 or 1."},
        {R"({"TransmitMode":2,"PayloadData":"AQI="})",
         "TransmitMode must be a whole number from 0 to 1."},
        {R"({"TransmitMode":0,"PayloadData":"AQI"})",
         "PayloadData must be padded base64 of at most 242 bytes."},
        {R"({"TransmitMode":0,"PayloadData":"%"})",
         "PayloadData must be padded base64 of at most 242 bytes."},
        {R"({"TransmitMode":0,"PayloadData":")" + std::string(328, 'A') + "\"}",
         "PayloadData must be padded base64 of at most 242 bytes."},
        {R"({"TransmitMode":0,"PayloadData":"AQI=","WirelessMetadata":{"LoRaWAN":{"FPort":224}}})",
         "WirelessMetadata.LoRaWAN.FPort must be a whole number from 1 to 223."},
    };
    for (const auto& [body, message] : rows) {
        CAPTURE(body);
        const auto answer = world.call("POST", data, body);
        CHECK(answer.status == 400);
        CHECK(answer.message() == message);
    }
}

TEST_CASE("unknown members are passed over", "[api]") {
    World world;
    CHECK(world
              .call("POST",
                    "/wireless-gateways",
                    R"({"Future":1,"LoRaWAN":{"GatewayEui":"0102030405060708","More":{}}})")
              .status == 201);
}

TEST_CASE("lengths are counted in characters", "[api]") {
    World world;
    std::string umlauts;
    for (int i = 0; i < 256; ++i) umlauts += "\u00fc";
    CHECK(world.call("POST", "/service-profiles", R"({"Name":")" + umlauts + "\"}").status == 201);
    CHECK(world.call("POST", "/service-profiles", R"({"Name":"x)" + umlauts + "\"}").status == 400);
}

TEST_CASE("what is quoted in an error is valid JSON whatever was sent", "[api]") {
    World world;
    const auto answer = world.call("GET", "/destinations/%ff%fe");
    CHECK(answer.status == 404);
    CHECK(answer.message() == "There is no Destination \"??\".");
    CHECK(answer.string("ResourceId") == "??");
}

TEST_CASE("a thing's name is a valid identifier that nothing here has", "[api]") {
    World world;
    CHECK(world.call("GET", "/wireless-gateways/x?identifierType=ThingName").status == 404);
    CHECK(world.call("GET", "/wireless-devices/x?identifierType=ThingName").status == 404);
    world.device();
    CHECK(world.call("GET", "/wireless-devices?fuotaTaskId=x").text ==
          R"({"WirelessDeviceList":[]})");
}

TEST_CASE("a device cannot be moved to what is not there", "[api]") {
    World world;
    const std::string target = "/wireless-devices/" + world.device();
    const auto moved = world.call("PATCH", target, R"({"DestinationName":"nowhere"})");
    CHECK(moved.status == 404);
    CHECK(moved.string("ResourceType") == "Destination");
    CHECK(world.call("PATCH", target, R"({"LoRaWAN":{"DeviceProfileId":"none"}})")
              .string("ResourceType") == "DeviceProfile");
}

TEST_CASE("tags are those of the ARN's own resource", "[api]") {
    World world;
    world.destination();
    const auto tags = [&](const std::string& account) {
        return world.call("GET",
                          "/tags?resourceArn=arn%3Aaws%3Aiotwireless%3Aeu-west-1%3A" + account +
                              "%3ADestination%2Ffield");
    };
    CHECK(tags("123456789012").status == 200);
    CHECK(tags("999999999999").error() == "ResourceNotFoundException");
}
