// Where the brokers are, and who logs in there.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace productd {

/// How to log in (SASL).
enum class KafkaMechanism {
    none,  ///< Nobody logs in.
    plain,
    scram_sha_256,
    scram_sha_512,
};
/// As Kafka calls it.
constexpr std::string_view name(KafkaMechanism mechanism) {
    switch (mechanism) {
        case KafkaMechanism::none: return "none";
        case KafkaMechanism::plain: return "PLAIN";
        case KafkaMechanism::scram_sha_256: return "SCRAM-SHA-256";
        case KafkaMechanism::scram_sha_512: return "SCRAM-SHA-512";
    }
    std::unreachable();
}

struct KafkaConnection {
    std::vector<std::string> brokers = {"localhost:9092"};  ///< Kafka.Brokers
    std::string client_id = "productd";                     ///< Kafka.ClientId
    bool tls = false;                                       ///< Kafka.Security
    KafkaMechanism mechanism = KafkaMechanism::none;        ///< Kafka.Mechanism
    std::string user;
    std::string password;
    std::string ca_file;  ///< Kafka.TlsCaFile; empty: whom the system trusts.
    std::string certificate_file;
    std::string key_file;
};

}  // namespace productd
