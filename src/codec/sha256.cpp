// Makes a digest, and turns it into hex digits and back. Calls OpenSSL.
#include "codec/sha256.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <charconv>

namespace productd {

Digest sha256(std::string_view bytes) {
    Digest digest{};
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    return digest;
}

struct Sha256::State {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr);
}

Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) { EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()); }

Digest Sha256::digest() {
    Digest digest{};
    EVP_DigestFinal_ex(state_->context.get(), digest.data(), nullptr);
    return digest;
}

std::string hex(const Digest& digest) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(digest.size() * 2);
    for (const auto byte : digest) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::optional<Digest> parse_digest(std::string_view text) {
    Digest digest{};
    if (text.size() != digest.size() * 2) return std::nullopt;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        const char* first = text.data() + i * 2;
        const auto [end, error] = std::from_chars(first, first + 2, digest[i], 16);
        if (error != std::errc{} || end != first + 2) return std::nullopt;
    }
    return digest;
}

}  // namespace productd
