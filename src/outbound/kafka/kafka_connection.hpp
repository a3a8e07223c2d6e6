// Where the brokers are, and who logs in there.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace productd {

/// How to log in (SASL).
enum class KafkaMechanism {
    none,  ///< Nobody logs in.
    plain,
    scram_sha_256,
    scram_sha_512,
};
/// In the order of KafkaMechanism, as Kafka calls them.
inline constexpr std::array<std::string_view, 4> kafka_mechanisms{"none", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"};

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
