// A server of MongoDB's wire protocol that answers what a test tells it, for what no server does when asked: elections,
// write concern errors, partial failures, cut connections. Knows OP_QUERY (the first greeting) and OP_MSG
// (https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/).
#pragma once

#include <bson/bson.h>

#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace productd::test {

class FakeMongoServer {
public:
    struct Command {
        std::string name;
        std::string body;       ///< As extended JSON, without the documents it writes.
        std::size_t items = 0;  ///< Documents that it inserts, updates or deletes.
        std::size_t bytes = 0;  ///< Of all of it.

        operator const std::string&() const { return name; }  // NOLINT(*-explicit-*): most answers ask for no more.
    };
    /// What to answer to a command, as extended JSON; nothing cuts the connection. Called by each connection's thread.
    using Answer = std::function<std::optional<std::string>(const Command& command)>;

    /// `is_member`: of a replica set, of which writes are asked for twice.
    explicit FakeMongoServer(Answer answer, bool is_member = false)
        : answer_(std::move(answer)), is_member_(is_member), acceptor_(context_, {address(), 0}) {
        port_ = acceptor_.local_endpoint().port();
        accepting_ = std::jthread([this] { accept(); });
    }
    ~FakeMongoServer() {
        boost::system::error_code ignored;
        stopping_ = true;
        Socket waker(context_);
        waker.connect({address(), port_}, ignored);
        accepting_.join();
        const std::scoped_lock lock(mutex_);
        for (auto& peer : peers_) peer.socket.shutdown(Socket::shutdown_both, ignored);
    }

    std::string uri() const {
        return "mongodb://127.0.0.1:" + std::to_string(port_) + (is_member_ ? "/?replicaSet=rs" : "");
    }
    /// The commands that came, greetings aside.
    std::vector<std::string> commands() const {
        const std::scoped_lock lock(mutex_);
        return {commands_.begin(), commands_.end()};
    }
    std::vector<Command> whole_commands() const {
        const std::scoped_lock lock(mutex_);
        return commands_;
    }

private:
    using Socket = boost::asio::ip::tcp::socket;
    static constexpr std::int32_t op_reply = 1, op_query = 2'004, op_msg = 2'013;
    struct Peer {
        explicit Peer(Socket accepted) : socket(std::move(accepted)) {}
        Socket socket;
        std::jthread thread;
    };

    static boost::asio::ip::address_v4 address() { return boost::asio::ip::address_v4::loopback(); }

    void accept() {
        while (!stopping_) {
            boost::system::error_code error;
            Socket socket(context_);
            acceptor_.accept(socket, error);
            if (error || stopping_) return;
            const std::scoped_lock lock(mutex_);
            auto& peer = peers_.emplace_back(std::move(socket));
            peer.thread = std::jthread([this, &peer] { serve(peer.socket); });
        }
    }

    void serve(Socket& socket) {
        boost::system::error_code error;
        while (!stopping_) {
            std::int32_t header[4] = {};
            boost::asio::read(socket, boost::asio::buffer(header), error);
            if (error) return;
            std::string body(static_cast<std::size_t>(header[0]) - sizeof header, '\0');
            boost::asio::read(socket, boost::asio::buffer(body), error);
            if (error) return;
            // The document stands behind flags, name and two numbers; or behind flags and the kind of its section.
            const auto at = header[3] == op_query ? 4 + std::strlen(body.c_str() + 4) + 1 + 8 : std::size_t{5};
            const auto answered = answer_to(body.substr(at));
            if (!answered) {
                socket.close(error);
                return;
            }
            const auto reply = framed(header[1], header[3], *answered);
            boost::asio::write(socket, boost::asio::buffer(reply), error);
            if (error) return;
        }
    }

    static std::size_t length_at(const std::string& bytes, std::size_t at) {
        std::int32_t length = 0;
        std::memcpy(&length, bytes.data() + at, sizeof length);
        return static_cast<std::size_t>(length);
    }

    static std::size_t items_of(const bson_t& command) {
        bson_iter_t at, item;
        std::size_t items = 0;
        for (const char* name : {"documents", "updates", "deletes"}) {
            if (!bson_iter_init_find(&at, &command, name) || !bson_iter_recurse(&at, &item)) continue;
            while (bson_iter_next(&item)) ++items;
        }
        return items;
    }

    static std::string json_without_items(const bson_t& command) {
        bson_t rest;
        bson_init(&rest);
        bson_copy_to_excluding_noinit(&command, &rest, "documents", "updates", "deletes", nullptr);
        auto json = json_of(rest);
        bson_destroy(&rest);
        return json;
    }

    static std::string json_of(const bson_t& document) {
        char* text = bson_as_relaxed_extended_json(&document, nullptr);
        std::string json = text;
        bson_free(text);
        return json;
    }

    std::optional<std::string> answer_to(const std::string& document) {
        bson_t command;
        const auto length = length_at(document, 0);
        bson_iter_t first;
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(document.data());
        if (!bson_init_static(&command, bytes, length)) return std::nullopt;
        if (!bson_iter_init(&first, &command) || !bson_iter_next(&first)) return std::nullopt;
        const std::string name = bson_iter_key(&first);
        if (name == "isMaster" || name == "ismaster" || name == "hello") return greeting();
        if (name == "endSessions" || name == "createIndexes") return R"({"ok":1})";
        const Command told{name, json_without_items(command), items_of(command), document.size()};
        {
            const std::scoped_lock lock(mutex_);
            commands_.push_back(told);
        }
        return answer_(told);
    }

    std::string greeting() const {
        const auto me = "127.0.0.1:" + std::to_string(port_);
        std::string text = R"({"ismaster":true,"maxBsonObjectSize":16777216,"maxMessageSizeBytes":48000000,)"
                           R"("minWireVersion":0,"maxWireVersion":13,"ok":1,"maxWriteBatchSize":100000)";
        if (is_member_) {
            text += R"(,"logicalSessionTimeoutMinutes":30,"setName":"rs","setVersion":1,"secondary":false,"hosts":[")" +
                    me + R"("],"primary":")" + me + R"(","me":")" + me + '"';
        }
        return text + '}';
    }

    static std::string framed(std::int32_t request, std::int32_t operation, const std::string& json) {
        bson_error_t error;
        bson_t* document = bson_new_from_json(reinterpret_cast<const std::uint8_t*>(json.data()), -1, &error);
        if (!document) throw std::runtime_error(json + ": " + error.message);
        std::string body(operation == op_query ? 20 : 5, '\0');
        if (operation == op_query) body[16] = 1;  // One document.
        body.append(reinterpret_cast<const char*>(bson_get_data(document)), document->len);
        bson_destroy(document);
        const std::int32_t header[4] = {static_cast<std::int32_t>(body.size() + sizeof header), 0, request,
                                        operation == op_query ? op_reply : op_msg};
        return std::string(reinterpret_cast<const char*>(header), sizeof header) + body;
    }

    Answer answer_;
    bool is_member_;
    boost::asio::io_context context_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopping_{false};
    mutable std::mutex mutex_;
    std::vector<Command> commands_;
    std::list<Peer> peers_;
    std::jthread accepting_;
};

}  // namespace productd::test
