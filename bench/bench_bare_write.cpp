// What a POST of the distributed mode cannot be faster than: one record acknowledged by Kafka (acks=all), then one
// document inserted into MongoDB (w:majority, journal), one after the other, by librdkafka and libmongoc alone. Prints
// the medians in milliseconds: of the first, of the second, of both together.
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <CLI/CLI.hpp>
#include <array>
#include <iostream>

#include "bench_mongo_raw.hpp"
#include "outbound/mongo/mongo_indexes.hpp"

namespace {

using namespace productd;
using namespace productd::bench;

struct Chosen {
    std::string brokers, topic;
    MongoLoad load;
    std::string database;
};

double ms_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

class Producer {
public:
    Producer(const std::string& brokers, const std::string& topic) {
        auto* settings = rd_kafka_conf_new();
        set(settings, "bootstrap.servers", brokers);
        set(settings, "acks", "all");
        set(settings, "enable.idempotence", "true");
        set(settings, "linger.ms", "0");
        rd_kafka_conf_set_dr_msg_cb(settings, [](rd_kafka_t*, const rd_kafka_message_t* message, void* /*opaque*/) {
            *static_cast<rd_kafka_resp_err_t*>(message->_private) = message->err;
        });
        std::array<char, 512> error{};
        client_ = rd_kafka_new(RD_KAFKA_PRODUCER, settings, error.data(), error.size());
        if (client_ == nullptr) throw std::runtime_error(error.data());
        topic_ = rd_kafka_topic_new(client_, topic.c_str(), nullptr);
    }
    ~Producer() {
        rd_kafka_topic_destroy(topic_);
        rd_kafka_destroy(client_);
    }
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;

    void publish(const std::string& key, const std::string& value) {
        constexpr auto waiting = RD_KAFKA_RESP_ERR__IN_PROGRESS;
        rd_kafka_resp_err_t ended = waiting;
        if (rd_kafka_produce(topic_, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()),
                             value.size(), key.data(), key.size(), &ended) != 0) {
            throw std::runtime_error(rd_kafka_err2str(rd_kafka_last_error()));
        }
        while (ended == waiting) rd_kafka_poll(client_, 1'000);
        if (ended != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(ended));
    }

private:
    static void set(rd_kafka_conf_t* settings, const char* name, const std::string& value) {
        std::array<char, 512> error{};
        if (rd_kafka_conf_set(settings, name, value.c_str(), error.data(), error.size()) != RD_KAFKA_CONF_OK) {
            throw std::runtime_error(error.data());
        }
    }

    rd_kafka_t* client_;
    rd_kafka_topic_t* topic_ = nullptr;
};

void insert(mongoc_collection_t& products, const Encoded& item) {
    bson_error_t error{};
    if (!mongoc_collection_insert_one(&products, item.document.get(), nullptr, nullptr, &error)) {
        throw std::runtime_error(error.message);
    }
}

void measure(const Chosen& chosen) {
    const auto clients = expect(MongoClients::open({.uri = chosen.load.uri, .database = chosen.database}));
    const MongoClients::Client client(*clients);
    const auto products = client.collection();
    expect(mongo_make_indexes(*products, false));
    Producer producer(chosen.brokers, chosen.topic);
    std::vector<double> publishing, inserting, both;
    for (const auto& batch : batches_of(chosen.load.products, false)) {
        for (const auto& write : batch) {
            const auto item = encoded(write);
            const std::string value(reinterpret_cast<const char*>(bson_get_data(item.document.get())),
                                    item.document.get()->len);
            const auto begin = std::chrono::steady_clock::now();
            producer.publish(std::get<StoredProduct>(write.next).product.id.hex(), value);
            publishing.push_back(ms_since(begin));
            insert(*products, item);
            both.push_back(ms_since(begin));
            inserting.push_back(both.back() - publishing.back());
        }
    }
    mongoc_collection_drop(products.get(), nullptr);
    fmt::print("{:.2f} {:.2f} {:.2f}\n", median(publishing), median(inserting), median(both));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Measures a record to Kafka and a document to MongoDB, one after the other, without the service");
    Chosen chosen;
    app.add_option("--brokers", chosen.brokers)->required();
    app.add_option("--topic", chosen.topic, "Where the records go")->required();
    app.add_option("--uri", chosen.load.uri, "The server")->required();
    app.add_option("--database", chosen.database, "Where its collection `products` is used, and emptied")->required();
    app.add_option("--products", chosen.load.products)->check(CLI::PositiveNumber);
    CLI11_PARSE(app, argc, argv);
    try {
        measure(chosen);
    } catch (const std::exception& error) {
        std::cerr << "bench_bare_write: " << error.what() << "\n";
        return 1;
    }
}
