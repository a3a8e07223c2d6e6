// By OpenSSL, whose decoder is laxer than the RFC: what it lets through is compared with its own encoding.
#include "codec/base64.hpp"

#include <openssl/evp.h>

namespace productd {

std::string base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const auto length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.empty()) return std::string();
    const auto end = text.find('=');
    const auto padding = end == text.npos ? 0 : text.size() - end;
    const bool padded_right = padding <= 2 && text.substr(text.size() - padding).find_first_not_of('=') == text.npos;
    // OpenSSL skips blanks around the text; a text that is not exactly the encoding of its bytes is refused below.
    if (text.size() % 4 != 0 || !padded_right) return std::nullopt;
    std::string bytes(text.size() / 4 * 3, '\0');
    const auto length =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (length != static_cast<int>(bytes.size())) return std::nullopt;
    bytes.resize(bytes.size() - padding);
    if (base64(bytes) != text) return std::nullopt;
    return bytes;
}

}  // namespace productd
