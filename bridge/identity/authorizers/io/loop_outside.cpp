#include "bridge/identity/authorizers/io/loop_outside.h"

namespace helio::bridge::identity::authorizers {
namespace {

constexpr std::size_t kMaxAnswer = 256u
                                   << 10;  // keys of an issuer; an authorizer's is checked again

}  // namespace

LoopOutside::LoopOutside(io::Loop& loop)
    : loop_(loop),
      client_(loop,
              {.max_running = 128,
               .max_per_host = 32,
               .max_queued = 2000,
               .max_answer_bytes = kMaxAnswer}),
      worker_(loop, 5000) {}

bool LoopOutside::send(HttpCall call, std::function<void(HttpReply)> done) {
    return client_.send({.method = std::move(call.method),
                         .url = std::move(call.url),
                         .headers = std::move(call.headers),
                         .body = std::move(call.body),
                         .timeout = call.timeout},
                        [done = std::move(done)](io::HttpClientAnswer&& answer) {
                            done({.status = answer.status,
                                  .error = std::move(answer.error),
                                  .body = std::move(answer.body)});
                        });
}

bool LoopOutside::run(std::function<void()> work, std::function<void()> done) {
    return worker_.run(std::move(work), std::move(done));
}

}  // namespace helio::bridge::identity::authorizers
