// The session core of the broker: sessions, subscriptions, routing, queues, wills, retained
// messages.
//
// Lives on the loop thread, does no I/O and reads no clock.  The wiring calls on_durable after each
// commit, on_time when it is due, and connects it with clients through SessionPort and Link.
#pragma once

#include "base/store/store.h"
#include "bridge/mqtt/session/access.h"
#include "bridge/mqtt/session/broker_events.h"
#include "bridge/mqtt/session/client_state.h"
#include "bridge/mqtt/session/connection_versions.h"
#include "bridge/mqtt/session/enhanced_auth.h"
#include "bridge/mqtt/session/limits.h"
#include "bridge/mqtt/session/link.h"
#include "bridge/mqtt/session/published_message.h"
#include "bridge/mqtt/session/retained.h"
#include "bridge/mqtt/session/session_store.h"
#include "bridge/mqtt/session/session_table.h"
#include "bridge/mqtt/session/strict_state.h"
#include "bridge/mqtt/session/turn_work.h"
#include "bridge/mqtt/topic/topic_tree.h"
#include "crypto/random.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <span>
#include <string>
#include <vector>

namespace helio::bridge::mqtt {

class Broker final : public SessionPort {
  public:
    using Position = store::Position;
    using OnPublish = std::function<void(const PublishedMessage&, Instant now)>;

    // Loads what the store has.  `now` is not before store.last_commit_time().
    Broker(store::Store& store,
           Limits limits,
           crypto::Random random,
           Authenticator& authenticator,
           Authorizer* authorizer,
           Instant now);
    ~Broker();
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;

    // Routes at once; the answer is the position from which on the message cannot be lost (durable
    // already, or 0, where no persistent session and no retained message needs it).  While another
    // message is being routed it waits for its end.  An invalid topic is refused with 0 and
    // counted.
    Position publish(const PublishMessage& message, Instant now);

    // Of a message that somebody outside sends by another way than MQTT: what publish() does not
    // ask.
    ReasonCode check(const PublishMessage& message) const;

    // Called for each message that is allowed, before subscribers get it.
    void on_publish(OnPublish observer) { observers_.push_back(std::move(observer)); }

    // From an observer: no message is acknowledged before `position` is durable.
    void acknowledge_from(Position position) { needed_ = std::max(needed_, position); }

    // Topics that begin with it go to the observers alone: no subscriber gets such a message, and
    // none is retained.
    void keep_from_subscribers(std::string prefix) { observers_only_ = std::move(prefix); }

    // Subscriptions of the server itself, through the same tree.  Throws std::invalid_argument
    // where the filter is none.
    using InternalId = std::uint32_t;
    InternalId subscribe_internal(std::string_view filter, OnPublish callback);
    void unsubscribe_internal(InternalId id);

    // Everything at or below `position` is on disk: what waited for it leaves.
    void on_durable(Position position, Instant now);
    // Runs what is due; when to call again, at the latest.
    std::optional<Instant> on_time(Instant now);
    // Whether something was put off to the next turn: on_time should be called then.
    bool has_more_to_do() const {
        return !later_.empty() || !endings_.empty() || !deferred_.empty();
    }

    // For clients that name an authentication method; lives as long as the broker.
    void use(EnhancedAuthenticator& methods) { enhanced_ = &methods; }

    // Hears of clients coming and going; lives as long as the broker.
    void observe(BrokerEvents& observer) { events_.push_back(&observer); }

    // Ends a client's connection; false where it has none.
    bool kick(std::string_view client_id, ReasonCode reason, Instant now);
    struct Kick {
        ReasonCode reason = ReasonCode::administrative_action;
        EndReason why = EndReason::server_initiated;
        bool drop_will = false;
        bool end_session = false;  // whatever the client wished for
    };
    bool kick(std::string_view client_id, const Kick& how, Instant now);
    // Ends the connections that the predicate picks; answers how many.  Its identity is null where
    // the authenticator gave none.
    using Picks = std::function<bool(const Identity*, std::string_view client_id)>;
    std::size_t kick_if(const Picks& picks, ReasonCode reason, Instant now);
    std::size_t kick_if(const Picks& picks, const Kick& how, Instant now);

    // Of a client that has a session; absent where it has none.
    std::optional<ClientState> client(std::string_view client_id) const;
    // In the order of filters.
    std::vector<ClientSubscription> subscriptions_of(std::string_view client_id) const;

    const Stats& stats() const { return stats_; }
    Stats& stats() { return stats_; }
    const Limits& limits() const { return limits_; }
    std::size_t session_count() const { return sessions_.count(); }
    std::size_t connection_count() const { return connected_; }
    std::size_t subscription_count() const { return subscriptions_; }
    const RetainedMessages& retained() const { return retained_; }
    std::size_t stored_messages() const { return rows_.stored_messages(); }
    // Whether a message on `topic` would reach anybody.
    bool has_subscriber(std::string_view topic) { return !tree_.match(topic).empty(); }
    // Whether reading from clients should wait: the store is behind.
    bool overloaded() const { return store_.overloaded(); }
    // Grows with each change of the store: who makes it grow is who has to wait then.
    std::uint64_t store_changes() const { return store_.stats().transactions; }

    // From connections.
    LinkId open(Link& link) override;
    void connect(LinkId link, ConnectRequest request, Instant now) override;
    void publish(LinkId link, const Publish& packet, Instant now) override;
    void answer(LinkId link, const PublishAnswer& packet, Instant now) override;
    void subscribe(LinkId link, const Subscribe& packet, Instant now) override;
    void unsubscribe(LinkId link, const Unsubscribe& packet, Instant now) override;
    void auth(LinkId link, const Auth& packet, Instant now) override;
    void disconnect(LinkId link, const Disconnect& packet, Instant now) override;
    void lost(LinkId link, EndReason why, Instant now) override;
    void drained(LinkId link, Instant now) override;

  private:
    static constexpr SubscriberId kInternal = 0x8000'0000;
    static constexpr SubscriberId kNobody = 0xffff'ffff;

    // A connection and what it waits for.
    struct Negotiation;
    struct LinkSlot {
        LinkSlot();
        LinkSlot(LinkSlot&&) noexcept;
        LinkSlot& operator=(LinkSlot&&) noexcept;
        ~LinkSlot();

        Link* link = nullptr;
        Session* session = nullptr;
        std::uint32_t generation = 0;
        std::uint16_t unanswered = 0;  // QoS 1 received whose PUBACK waits
        std::uint16_t keep_alive_s = 0;
        Position answers_wait_for = 0;  // answers keep their order
        Instant since{};                // when its session was joined
        std::string address;
        std::unique_ptr<ConnectRequest> pending;  // while somebody authenticates it
        std::unique_ptr<Negotiation> negotiation;
    };
    enum class EffectKind : std::uint8_t { answer, suback, unsuback, release, deliver };
    // What leaves when `position` is durable.
    struct Effect {
        Position position;
        LinkId link;
        EffectKind kind;
        PacketType type = PacketType::puback;
        PacketId id = 0;
        ReasonCode reason = ReasonCode::success;
        std::vector<ReasonCode> codes;
        MessagePtr message;
        Delivery delivery;
        std::vector<std::uint32_t> identifiers;
    };
    struct Timer {
        Instant at;
        SubscriberId session;
        friend bool operator>(const Timer& a, const Timer& b) { return a.at > b.at; }
    };
    // One message on its way to its receivers.
    struct Routing {
        const MessageView& view;
        PublishForms& forms;  // started with the view
        MessagePtr message;   // made when the first receiver needs it to stay
        Position position = 0;
        std::size_t receivers = 0;
        const SharedGroup* group = nullptr;  // of the receiver that is at hand; null: not shared
    };
    struct Target {
        SubscriberId subscriber;
        std::uint8_t options;
        std::uint32_t first_identifier = 0;  // in target_identifiers_
        std::uint32_t identifiers = 0;
        const SharedGroup* group = nullptr;  // by whose turn it is; null: not shared
    };
    struct Deferred {
        MessagePtr message;
        std::string client_id;
        std::uint8_t depth;
    };
    struct AllowedConnect {
        LinkId link;
        ConnectRequest request;
        IdentityPtr identity;
        ConnectReply reply;
        Position old_ended_at{};  // what its CONNACK says is gone is gone from the disk, too
    };
    // A session that has ended and is too large to go at once.
    struct Ending {
        SubscriberId session = kNobody;                // nobody: what a crash has left of one
        std::optional<SessionStore::LeftRows> rows{};  // none: it was not a durable one
        Position at = 0;
        std::vector<AllowedConnect> next{};  // who goes on when nothing of it is left
    };
    struct Internal {
        FilterHandle handle;
        std::shared_ptr<const OnPublish> callback;  // null: free
    };
    LinkSlot* slot_of(LinkId id);
    Session* session_of(LinkId id);

    // broker_connect.cpp
    ReasonCode check_connect(const ConnectRequest& request);
    ReasonCode check_will(const ConnectRequest& request) const;
    ReasonCode check_access(const ConnectRequest& request, const AuthResult& result) const;
    void complete_connect(LinkId id,
                          const AuthResult& result,
                          Instant now,
                          const Bytes& authentication_data = {});
    void refuse_connect(LinkId id, ReasonCode reason);
    void tell_refused(const LinkSlot& slot,
                      LinkId id,
                      std::string_view client_id,
                      ReasonCode reason,
                      Instant now);
    Session* resume(const ConnectRequest& request, Instant now);
    void join_session(AllowedConnect client, Instant now);
    void attach(Session& session, AllowedConnect& client, Instant now);
    Position store_connect(const Session& session);

    // broker_auth.cpp
    void begin_negotiation(LinkId id, Instant now);
    void next_auth_step(LinkId id, ByteView data, Instant now);
    void on_auth_step(LinkId id, const AuthStep& step, Instant now);

    // broker_session.cpp
    enum class WillIs : std::uint8_t { kept, dropped };
    void free_link(LinkId id);
    void close_link(LinkId id, ReasonCode reason, Instant now);
    void close_link(LinkId id, const Kick& how, Instant now);
    void detach(Session& session, WillIs will, Instant now);
    bool may_publish_will(const Session& session);
    ClientView view_of(const Session& session) const;
    // While the link is still the session's.
    void tell_ended(const Session& session, EndReason why, Instant now);
    void publish_will(Session& session, Instant now);
    void set_timer(Session& session);
    void on_session_timer(Session& session, Instant now);
    void run_timers(Instant now);

    // broker_load.cpp
    void load(Instant now);
    void load_sessions(Instant now);
    void load_wills(Instant now);
    void load_retained(Instant now);

    // broker_end.cpp
    void end_session(Session& session, Instant now);
    bool end_some(Ending& ending, std::size_t& steps, Instant now);
    void pass_on(std::string_view shared_filter, const MessagePtr& message, Instant now);
    void go_on_with_endings(Instant now);

    // broker_publish.cpp
    struct Routed {
        Position position = 0;
        std::size_t receivers = 0;
    };
    ReasonCode check_publish(const Session& session, const Publish& packet) const;
    void refuse_publish(LinkId id, const Publish& packet, ReasonCode reason, Instant now);
    void refuse_reserved(LinkId id, const Publish& packet, Instant now);
    void accept_for_nobody(LinkId id, const Publish& packet);
    bool is_repeated(const Session& session, const Publish& packet) const;
    // Observers, subscribers, internal subscribers; or later, where another is on its way.
    Routed route(const MessageView& view,
                 const PublishedMessage& seen,
                 SubscriberId publisher,
                 Instant now);
    Routed route_now(const MessageView& view, SubscriberId publisher, Instant now);
    void collect_targets(std::span<FilterNode* const> nodes,
                         std::string_view topic,
                         SubscriberId publisher);
    void add_target(const Subscription& subscription);
    void collect_shared(const FilterNode& node, std::string_view topic);
    const Subscription* next_member(SharedGroup& group, std::string_view topic);
    void deliver_to(const Target& target, Routing& routing, Instant now);
    void call_internal(const PublishedMessage& seen, Instant now);
    void defer(const MessageView& view, const PublishedMessage& seen);
    void run_deferred(Instant now);
    void retain(Routing& routing, Instant now);

    // broker_strict.cpp
    void make_strict(ConnectRequest& request) const;
    bool passes_strict(LinkId id, const Publish& packet, Instant now);
    ReasonCode check_strict_share(const TopicFilter& filter, const Session& session) const;
    void begin_strict(const Session& session, const ConnectRequest& request, Instant now);
    std::optional<Instant> on_strict_time(Instant now);
    Instant expiry_for(const Properties& properties, Instant now) const;

    // broker_deliver.cpp
    using Identifiers = std::span<const std::uint32_t>;
    void deliver(Session& session,
                 Routing& routing,
                 Qos qos,
                 bool retain,
                 Identifiers identifiers,
                 Instant now);
    void enqueue(Session& session, Routing& routing, Qos qos, bool retain, Identifiers identifiers);
    void pump(Session& session, Instant now);
    bool load_waiting(Session& session);
    bool may_replay(const Session& session, Instant now);
    void send_waiting(Session& session, Instant now);
    void send(Session& session,
              const QueuedHead& head,
              PublishForms& forms,
              const MessagePtr& message,
              Identifiers identifiers,
              bool dup,
              Position stored_at);
    void drop_queued(Session& session, const QueuedHead& head);
    bool may_send(const Session& session) const;
    bool may_receive(const Session& session, std::string_view topic);
    void put_off(Session& session);
    void go_on_with_sessions(Instant now);
    void pump_pages(Session& session, Instant now);
    bool send_page(Session& session, std::string_view filter, RetainedPage& page, Instant now);

    // broker_answers.cpp
    void answer_when_durable(
        LinkId id, PacketType type, PacketId packet, ReasonCode reason, Position at);
    void when_durable(Effect effect);
    void run_effect(Effect& effect, Instant now);
    void finish_sent(Session& session, SentMessage& sent);
    void on_puback(Session& session, const PublishAnswer& packet);
    void on_pubrec(Session& session, const PublishAnswer& packet);
    void on_pubrel(Session& session, const PublishAnswer& packet);
    void on_pubcomp(Session& session, const PublishAnswer& packet);

    // broker_subscribe.cpp
    ReasonCode subscribe_one(Session& session,
                             SubscribeEntry entry,
                             std::uint32_t identifier,
                             Position& position);
    ReasonCode unsubscribe_one(Session& session, std::string_view text, Position& position);
    bool holds(const Session& session, const TopicFilter& filter) const;

    store::Store& store_;
    Limits limits_;
    Stats stats_;
    crypto::Random random_;
    Authenticator& authenticator_;
    Authorizer* authorizer_;
    EnhancedAuthenticator* enhanced_ = nullptr;
    std::vector<std::unique_ptr<AuthExchange>> ended_exchanges_;

    SessionStore rows_;
    TopicTree tree_;
    RetainedMessages retained_;
    std::deque<LinkSlot> links_;
    std::unique_ptr<StrictState> strict_;  // null where not strict
    std::vector<std::uint32_t> free_links_;
    SessionTable sessions_;
    std::map<std::string, Ending, std::less<>> endings_;  // by client id
    Position ended_at_ = 0;                               // the last durable session that ended
    std::vector<Internal> internals_;
    std::vector<OnPublish> observers_;
    std::vector<BrokerEvents*> events_;
    ConnectionVersions versions_;
    Position needed_ = 0;         // by observers and by what they published
    std::string observers_only_;  // a prefix of topics; empty: none
    std::size_t connected_ = 0;
    std::size_t subscriptions_ = 0;

    std::deque<Effect> effects_;
    Position durable_;
    std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
    TurnWork work_;
    std::deque<SubscriberId> later_;  // sessions to which messages go on when there is a new turn

    // Kept between messages, so that routing does not allocate.
    PublishForms forms_;
    PublishForms resend_forms_;
    std::vector<Subscription> gathered_;
    std::vector<Target> targets_;
    std::vector<std::uint32_t> target_identifiers_;
    std::vector<InternalId> called_;
    Bytes properties_scratch_;
    PropertyList internal_properties_;
    bool routing_ = false;
    std::deque<Deferred> deferred_;
    std::shared_ptr<int>
        alive_;  // late answers of the authenticator look whether we are still here
};

}  // namespace helio::bridge::mqtt
