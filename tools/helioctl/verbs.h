// What helioctl can do, a function a verb.  Each throws CtlError with one sentence.
#pragma once

#include "tools/helioctl/session.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace helio::ctl {

struct GatewayAdd {
    std::string eui, name, description, region;  // empty: the server's first
    std::vector<int> sub_bands;
    bool skip_existing = false;
};
void gateway_add(Session& session, const GatewayAdd& options);
void gateway_list(Session& session);
void gateway_show(Session& session, const std::string& gateway);
void gateway_delete(Session& session, const std::string& gateway);
void gateway_seen(Session& session);

struct DeviceAdd {
    std::string dev_eui, name, join_eui, app_key, dev_addr, nwk_s_key, app_s_key;
    bool allow_fcnt_reset = false;
    int status_requests_per_day = 0;
    std::string profile, destination, region = "EU868";
};
void device_add(Session& session, const DeviceAdd& options);
struct DeviceList {
    std::string destination, profile;
};
void device_list(Session& session, const DeviceList& options);
void device_show(Session& session, const std::string& device);
void device_delete(Session& session, const std::string& device);
void device_session(Session& session, const std::string& device);
void device_frames(Session& session, const std::string& device, int count);

struct QueueSend {
    std::string device, hex, base64, text;
    int fport = 1;
    bool confirmed = false;
};
void queue_send(Session& session, const QueueSend& options);
void queue_list(Session& session, const std::string& device);
void queue_flush(Session& session, const std::string& device);

struct DeviceImport {
    std::string file, profile, destination, region = "EU868";
    bool dry_run = false, skip_existing = false;
};
// Answers the exit status: 1 where a line was wrong.
int device_import(Session& session, const DeviceImport& options);

struct ProfileAdd {
    std::string name, region = "EU868", mac_version = "1.0.3", revision = "RP002-1.0.3";
    bool no_join = false, class_c = false, skip_existing = false;
    std::optional<int> rx_delay;
};
void profile_add(Session& session, const ProfileAdd& options);
void profile_list(Session& session);
void profile_show(Session& session, const std::string& profile);
void profile_delete(Session& session, const std::string& profile);

struct DestinationAdd {
    std::string name, topic, rule, description;
    bool skip_existing = false;
};
void destination_add(Session& session, const DestinationAdd& options);
void destination_list(Session& session);
void destination_delete(Session& session, const std::string& name);

void codec_set(Session& session, const std::string& profile, const std::string& file);
void codec_get(Session& session, const std::string& profile);
void codec_delete(Session& session, const std::string& profile);

struct RuleAdd {
    std::string name, sql, description, payload_file;
    std::vector<std::string> republish, http, file;
    std::string error_republish;
    bool disabled = false, replace = false;
};
void rule_add(Session& session, const RuleAdd& options);
void rule_list(Session& session);
void rule_show(Session& session, const std::string& name);
void rule_delete(Session& session, const std::string& name);
void rule_enable(Session& session, const std::string& name, bool enabled);
struct RuleTest {
    std::string name, sql, topic, payload, payload_file;
};
// Answers the exit status: 1 where the message is not selected.
int rule_test(Session& session, const RuleTest& options);

struct Tail {
    std::string device;  // empty: all
    int last = 10;
    std::optional<std::chrono::seconds> time;  // absent: until interrupted
};
void tail(Session& session, const Tail& options);

struct UserPassword {
    std::string name, password_file;  // empty: asked for, or standard input
};
void user_add(Session& session, const UserPassword& options);
void user_passwd(Session& session, const UserPassword& options);
void user_list(Session& session);
void user_remove(Session& session, const std::string& name);

void backup(Session& session, const std::string& directory);

}  // namespace helio::ctl
