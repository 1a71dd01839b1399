#include "bridge/identity/users.h"

#include "base/base64.h"
#include "base/store/typed_table.h"
#include "crypto/password.h"

#include <algorithm>
#include <cstring>

namespace helio::bridge::identity {
namespace {

using Kind = UserError::Kind;

constexpr store::TypedTable<std::string, proto::User> kTable(kUserTable);
constexpr std::size_t kMaxPassword = 1024;

tl::unexpected<UserError> error(Kind kind, std::string message) {
    return fail(UserError{kind, std::move(message)});
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("_+=,.@-").find(c) != std::string_view::npos;
    });
}

Result<void, UserError> check_texts(std::string_view name, std::string_view password) {
    if (!is_name(name)) {
        return error(Kind::invalid,
                     "The name of a user must be 1 to 128 of letters, digits and \"_+=,.@-\".");
    }
    if (password.empty() || password.size() > kMaxPassword) {
        return error(Kind::invalid, "A password must be 1 to 1024 bytes.");
    }
    return {};
}

// On another thread, where nothing may be thrown: without memory for scrypt the answer is no.
std::string hashed(std::string_view password, std::span<const std::uint8_t> salt) {
    try {
        return crypto::hash_password(bytes_of(password), [&](std::span<std::uint8_t> out) {
            std::copy_n(salt.begin(), out.size(), out.begin());
        });
    } catch (const std::exception&) {
        return {};
    }
}
bool is_right(std::string_view stored, ByteView password) {
    try {
        return crypto::password_fits(stored, password);
    } catch (const std::exception&) {
        return false;
    }
}

// A name and a password, as a CONNECT or the header of an HTTP request has them.
struct Login {
    std::string name;
    Bytes password;
};
std::optional<Login> login_of(const Credentials& shown) {
    if (shown.way != Way::http) {
        if (!shown.user_name) return std::nullopt;
        // The device SDKs append "?SDK=..." to the name.
        return Login{shown.user_name->substr(0, shown.user_name->find('?')),
                     shown.password.value_or(Bytes{})};
    }
    constexpr std::string_view kScheme = "basic ";  // in any case (RFC 7235 §2.1)
    const auto header = shown.http ? shown.http->header("authorization") : std::nullopt;
    const auto same = [](char a, char b) { return (a | 0x20) == b; };
    if (!header || !std::ranges::equal(header->substr(0, kScheme.size()), kScheme, same)) {
        return std::nullopt;
    }
    const auto text = from_base64(header->substr(kScheme.size()));
    if (!text) return std::nullopt;
    const auto colon = std::ranges::find(*text, ':');
    if (colon == text->end()) return std::nullopt;
    return Login{std::string(text->begin(), colon), Bytes(colon + 1, text->end())};
}

}  // namespace

std::size_t Users::HashOfDigest::operator()(const crypto::Sha256& digest) const {
    std::size_t out = 0;
    std::memcpy(&out, digest.data(), sizeof(out));
    return out;
}

Users::Users(store::Store& store, authorizers::Outside& outside, crypto::Random random)
    : Users(store, outside, std::move(random), Limits{}) {}

Users::Users(store::Store& store,
             authorizers::Outside& outside,
             crypto::Random random,
             Limits limits)
    : store_(store),
      outside_(outside),
      random_(std::move(random)),
      limits_(limits),
      memory_key_(32) {
    random_(memory_key_);
    kTable.scan(store_, [this](const std::string&, const proto::User&) {
        ++count_;
        return true;
    });
}

Users::~Users() = default;

bool Users::enqueue(Job job) {
    if (waiting_.size() >= limits_.max_waiting) return false;
    waiting_.push_back(std::move(job));
    run_next();
    return true;
}

void Users::run_next() {
    while (running_ < limits_.max_running && !waiting_.empty()) {
        Job job = std::move(waiting_.front());
        waiting_.pop_front();
        ++running_;
        const auto done = [this, finish = std::move(job.done), alive = std::weak_ptr<int>(alive_)] {
            if (alive.expired()) return;
            --running_;
            finish();
            run_next();
        };
        if (outside_.run(std::move(job.work), done)) continue;
        // The thread pool is full: nothing has been found out, which is a no.
        done();
        return;
    }
}

void Users::add(const std::string& name, const std::string& password, Done done) {
    hash_and_put(name, password, true, std::move(done));
}

void Users::set_password(const std::string& name, const std::string& password, Done done) {
    hash_and_put(name, password, false, std::move(done));
}

void Users::hash_and_put(const std::string& name,
                         const std::string& password,
                         bool is_new,
                         Done done) {
    if (const auto checked = check_texts(name, password); !checked) {
        return done(fail(checked.error()));
    }
    const auto there = [this, name, is_new]() -> Result<void, UserError> {
        const bool exists = find(name).has_value();
        if (is_new && exists)
            return error(Kind::exists, "There is a user \"" + name + "\" already.");
        if (!is_new && !exists) return error(Kind::not_found, "There is no user \"" + name + "\".");
        return {};
    };
    if (const auto before = there(); !before) return done(fail(before.error()));
    // Salt from the loop's randomness: what is handed to threads is not shared.
    std::array<std::uint8_t, 16> salt;
    random_(salt);
    const auto hash = std::make_shared<std::string>();
    const bool taken =
        enqueue({.work = [hash, password, salt] { *hash = hashed(password, salt); },
                 .done =
                     [this, name, hash, is_new, there, done] {
                         if (hash->empty())
                             return done(error(Kind::busy, "The server is busy: try again."));
                         if (const auto now = there(); !now) return done(fail(now.error()));
                         proto::User user = find(name).value_or(proto::User());
                         const std::int64_t at = to_unix_us(outside_.now());
                         user.set_name(name);
                         user.set_password(*hash);
                         if (is_new) user.set_created_at_us(at);
                         user.set_changed_at_us(at);
                         auto transaction = store_.begin(kTable.slot(name));
                         kTable.put(transaction, name, user);
                         const store::Position position = transaction.commit();
                         if (is_new) ++count_;
                         if (!is_new && on_lapse_) on_lapse_(name);
                         done(position);
                     }});
    if (!taken) done(error(Kind::busy, "The server is busy with passwords: try again."));
}

Users::Changed Users::remove(const std::string& name) {
    if (!find(name)) return error(Kind::not_found, "There is no user \"" + name + "\".");
    auto transaction = store_.begin(kTable.slot(name));
    kTable.erase(transaction, name);
    const store::Position position = transaction.commit();
    --count_;
    if (on_lapse_) on_lapse_(name);
    return position;
}

std::optional<proto::User> Users::find(const std::string& name) const {
    if (!is_name(name)) return std::nullopt;
    auto user = kTable.get(store_, name);
    if (!user) return std::nullopt;
    return *std::move(user);
}

std::vector<proto::User> Users::list(const std::string& after, std::size_t max) const {
    const auto page = kTable.page(store_, after.empty() ? std::nullopt : std::optional(after), max);
    std::vector<proto::User> out;
    for (const auto& [name, user] : page.rows) out.push_back(user);
    return out;
}

bool Users::is_for(const Credentials& shown) const {
    if (count_ == 0) return false;
    const auto login = login_of(shown);
    if (!login) return false;
    return !pass_unknown_ || !pass_unknown_() || find(login->name).has_value();
}

// The digest of a whole user record: a changed password is another one.
crypto::Sha256 Users::memory_of(const proto::User& user, ByteView password) const {
    Bytes text(user.password().begin(), user.password().end());
    text.push_back(0);
    text.insert(text.end(), user.name().begin(), user.name().end());
    text.push_back(0);
    text.insert(text.end(), password.begin(), password.end());
    return crypto::hmac_sha256(memory_key_, text);
}

void Users::check(const Credentials& shown, Instant now, Answer answer) {
    const auto login = login_of(shown);
    const auto user = find(login->name);
    const proto::User known = user.value_or(proto::User());
    const crypto::Sha256 memory = memory_of(known, login->password);
    const auto let_in = [this, shown, name = login->name, answer](Instant at) {
        ++stats_.let_in;
        answer(std::make_shared<Principal>(PrincipalKind::user, name, shown), at);
    };
    if (user && known_.contains(memory)) {
        ++stats_.remembered;
        return let_in(now);
    }
    if (login->password.size() > kMaxPassword) {
        ++stats_.refused;
        return answer(fail(Refusal{Refusal::Kind::bad_credentials, "the password is too long"}),
                      now);
    }
    const auto fits = std::make_shared<bool>(false);
    const bool taken =
        enqueue({.work =
                     [fits, known, password = login->password] {
                         *fits = is_right(known.password(), password);
                     },
                 .done =
                     [this, fits, known, memory, let_in, answer] {
                         const auto still = find(known.name());
                         if (!*fits || !still || still->password() != known.password()) {
                             ++stats_.refused;
                             return answer(fail(Refusal{Refusal::Kind::bad_credentials,
                                                        "wrong password, or no such user"}),
                                           outside_.now());
                         }
                         if (known_.size() >= limits_.max_known) known_.clear();
                         known_.insert(memory);
                         let_in(outside_.now());
                     }});
    if (taken) return;
    ++stats_.busy;
    answer(fail(Refusal{Refusal::Kind::busy, "too many passwords wait to be checked"}), now);
}

}  // namespace helio::bridge::identity
