// What the shells cost: a datagram received, one answered, a small message written to a connection,
// an HTTP request parsed.
#include "base/io/tcp.h"
#include "base/io/udp_socket.h"
#include "base/net/http.h"

#include <benchmark/benchmark.h>
#include <ctime>

namespace {

using namespace helio;
using namespace helio::io;

constexpr std::size_t kBurst = 2048;
constexpr std::size_t kDatagramBytes = 260;  // a PUSH_DATA with one rxpk

// CPU time of this thread: the kernel's part of the work counts, waiting does not.
double cpu_seconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

// One item is a datagram; `answer` sends four bytes back for each, as PUSH_ACK.
void udp(benchmark::State& state, bool answer) {
    Loop loop;
    std::size_t received = 0;
    std::unique_ptr<UdpSocket> server;
    const Bytes ack(4);
    server = std::make_unique<UdpSocket>(
        loop, Peer::loopback(0), "bench", [&](std::span<const Datagram> batch) {
            received += batch.size();
            for (const Datagram& d : batch) {
                benchmark::DoNotOptimize(d.bytes.data());
                if (answer) server->send(d.from, ack);
            }
        });
    // The gateway's side is a socket that nobody reads, so that only the server's work is seen.
    Loop elsewhere;
    UdpSocket gateway(elsewhere,
                      Peer::loopback(0),
                      "bench",
                      [](auto) {},
                      {.receive_buffer_bytes = 65'536, .max_queued = kBurst});
    const Peer to = server->local();
    const Bytes datagram(kDatagramBytes, 0x20);
    for (auto _ : state) {
        for (std::size_t i = 0; i < kBurst; ++i) gateway.send(to, datagram);
        gateway.flush();
        const std::size_t until = received + kBurst;
        const double begin = cpu_seconds();
        loop.run_until([&] { return received + server->kernel_drops() >= until; });
        state.SetIterationTime(cpu_seconds() - begin);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(received));
    state.counters["a_call"] =
        static_cast<double>(received) / static_cast<double>(server->stats().receive_calls);
}
BENCHMARK_CAPTURE(udp, receive, false)->UseManualTime();
BENCHMARK_CAPTURE(udp, receive_and_answer, true)->UseManualTime();

struct Sink final : StreamHandler {
    void on_data(ByteView bytes) override { heard += bytes.size(); }
    void on_close(CloseReason, std::string_view) override {}
    std::unique_ptr<Stream> stream;
    std::size_t heard = 0;
};

// One item is a message of 200 bytes; `state.range(0)` of them are written in a turn.  Both ends
// are on the loop, so reading is in the figure.
void tcp_messages(benchmark::State& state) {
    Loop loop;
    Sink server;
    TcpListener listener(loop, Peer::loopback(0), "bench", [&](std::unique_ptr<Stream> stream) {
        server.stream = std::move(stream);
        server.stream->set_handler(server);
    });
    Sink client;
    client.stream = connect_tcp(loop, listener.local());
    client.stream->set_handler(client);
    loop.run_until([&] { return server.stream != nullptr; });
    const Bytes message(200, 'x');
    std::size_t sent = 0;
    for (auto _ : state) {
        for (std::int64_t i = 0; i < state.range(0); ++i) client.stream->write(message);
        sent += static_cast<std::size_t>(state.range(0)) * message.size();
        loop.run_until([&] { return server.heard == sent; });
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(tcp_messages)->Arg(1)->Arg(100);

void http_request(benchmark::State& state) {
    const std::string text =
        "POST /wireless-devices/1f3a/data HTTP/1.1\r\nHost: api.iotwireless.local:8443\r\n"
        "X-Amz-Date: 20261121T113000Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIA/20261121/"
        "us-east-1/iotwireless/aws4_request, SignedHeaders=host;x-amz-date, Signature=00\r\n"
        "Content-Type: application/json\r\nContent-Length: 18\r\n\r\n{\"TransmitMode\": 0}";
    net::HttpConnection connection({}, from_unix_us(0));
    const net::HttpResponse response{.status = 202, .body = "{\"MessageId\": \"1\"}"};
    for (auto _ : state) {
        connection.feed(bytes_of(text), from_unix_us(0));
        benchmark::DoNotOptimize(connection.next_request());
        connection.respond(response, from_unix_us(0));
        benchmark::DoNotOptimize(connection.take_output());
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(http_request);

}  // namespace
