// Any bytes are read as a product or refused. What is read obeys the contract, and written again it is read as the
// same product. Drives the product codec, and the decoding of messages.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "app/events/event.hpp"
#include "app/letters/dead_letter.hpp"
#include "codec/product/product_json.hpp"
#include "domain/validation.hpp"

namespace {

using namespace productd;

void require(bool holds) {
    if (!holds) std::abort();
}

void check_product(std::string_view text) {
    const auto product = read_product(text, ProductIdMember::read);
    if (!product) {
        require(product.error().code == Errc::invalid_argument && !product.error().detail.empty());
        return;
    }
    require(violations(product->draft, Required::all).empty());
    const auto written = draft_text(product->draft, product->id, {}, {});
    const auto again = read_product(written, ProductIdMember::read);
    require(again && again->draft == product->draft && again->id == product->id);
}

/// A message of any bytes becomes an event or a dead letter.
void check_message(std::string_view bytes) {
    const Timestamp now{std::chrono::milliseconds{1'800'000'000'000}};
    Message message{
        {{"create-product", 0}, 1, now}, std::string(bytes), std::string(bytes), {{"h", std::string(bytes)}}};
    for (const auto kind : enumerators<ChangeKind>) {
        const auto event = decode_event(kind, message, now, now);
        if (event) {
            require(!event->change.id.is_none() || kind == ChangeKind::create);
            continue;
        }
        const DeadLetter letter{message, event.error(), "code", "group", "", 1, now, now};
        for (const auto completeness : {Completeness::whole, Completeness::cut}) {
            const auto record = encode_dead_letter("dead-letter-queue", letter, completeness);
            // It must be JSON itself: a product reader finds its members missing, not its text malformed.
            const auto read = read_product(*record.value, ProductIdMember::ignored);
            require(!read && !read.error().violations.empty());
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_product(text);
    check_message(text);
    return 0;
}
