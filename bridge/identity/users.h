// Users with passwords, and their checker at the gate.
//
// Passwords are hashed and checked on another thread, a few at a time; who waits too long is told
// that the server is busy.  An unknown user costs as much as a known one.  A password that was
// right is remembered under a key of this process, so that ten thousand devices that come back
// after a restart of their router cost ten thousand digests.
#pragma once

#include "base/store/store.h"
#include "bridge/identity/authorizers/outside.h"
#include "bridge/identity/gate.h"
#include "bridge/identity/proto/user.pb.h"
#include "crypto/digest.h"
#include "crypto/random.h"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace helio::bridge::identity {

inline constexpr store::TableSpec kUserTable{101, "users", store::PartitionedBy::global};

struct UserError {
    enum class Kind : std::uint8_t { invalid, exists, not_found, busy };
    Kind kind;
    std::string message;  // a sentence for a person
};

class Users final : public Checker {
  public:
    struct Limits {
        std::size_t max_running = 2;      // threads that hash
        std::size_t max_waiting = 200;    // beside those
        std::size_t max_known = 100'000;  // passwords that were right
    };
    struct Stats {
        std::uint64_t let_in = 0;
        std::uint64_t refused = 0;
        std::uint64_t busy = 0;
        std::uint64_t remembered = 0;  // of those let in: without hashing
    };

    Users(store::Store& store, authorizers::Outside& outside, crypto::Random random);
    Users(store::Store& store, authorizers::Outside& outside, crypto::Random random, Limits limits);
    ~Users() override;

    // Called with the name of each user who is nobody any more or has another password: end the
    // connections.
    void on_lapse(std::function<void(const std::string& name)> callback) {
        on_lapse_ = std::move(callback);
    }
    // While somebody else, behind this one, serves names that are not known here.
    void pass_unknown_names_where(std::function<bool()> condition) {
        pass_unknown_ = std::move(condition);
    }

    using Changed = Result<store::Position, UserError>;
    using Done = std::function<void(Changed)>;
    // Later, on the loop thread.
    void add(const std::string& name, const std::string& password, Done done);
    void set_password(const std::string& name, const std::string& password, Done done);
    Changed remove(const std::string& name);
    std::optional<proto::User> find(const std::string& name) const;
    // At most `max` behind the name `after`, by name.
    std::vector<proto::User> list(const std::string& after, std::size_t max) const;

    // Names of users, known or not, where there are any; HTTP requests with Basic authentication.
    bool is_for(const Credentials& shown) const override;
    void check(const Credentials& shown, Instant now, Answer answer) override;

    const Stats& stats() const { return stats_; }

  private:
    struct Job {
        std::function<void()> work;
        std::function<void()> done;
    };
    bool enqueue(Job job);
    void run_next();
    void hash_and_put(const std::string& name, const std::string& password, bool is_new, Done done);
    crypto::Sha256 memory_of(const proto::User& user, ByteView password) const;

    store::Store& store_;
    authorizers::Outside& outside_;
    crypto::Random random_;
    Limits limits_;
    Stats stats_;
    std::function<void(const std::string&)> on_lapse_;
    std::function<bool()> pass_unknown_;
    std::deque<Job> waiting_;
    std::size_t running_ = 0;
    std::size_t count_ = 0;
    Bytes memory_key_;
    struct HashOfDigest {
        std::size_t operator()(const crypto::Sha256& digest) const;
    };
    std::unordered_set<crypto::Sha256, HashOfDigest> known_;
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace helio::bridge::identity
