// Calls the product codec and the replay headers.
#include "app/events/change_decoders.hpp"

#include "app/events/event.hpp"
#include "app/events/replay_headers.hpp"
#include "codec/product/product_json.hpp"
#include "codec/sha256.hpp"
#include "domain/integer.hpp"

namespace productd {

namespace {

std::optional<Version> expected_version(const Message& message) {
    const auto text = message.headers.find(event_header::expected_version);
    const auto value = text ? parse_integer(*text) : std::nullopt;
    return value ? std::optional(Version{*value}) : std::nullopt;
}

/// A digest header that is not the payload's own is somebody's mistake: without it the create is an ordinary one.
std::optional<Digest> keyed_digest(const Message& message, const Draft& draft) {
    const auto text = message.headers.find(event_header::digest);
    const auto digest = text ? parse_digest(*text) : std::nullopt;
    return digest && *digest == digest_of(draft) ? digest : std::nullopt;
}

/// A replayed create without id is the product its original was.
ProductId derived_id(const Message& message) {
    const auto replay = replay_of(message);
    return id_of_position(replay ? replay->origin : message.position);
}

}  // namespace

Result<Change> decode_create(const Message& message) {
    auto product = read_product(*message.value, ProductIdMember::read);
    if (!product) return fail(std::move(product.error()));
    Change change{.id = product->id ? *product->id : derived_id(message), .draft = std::move(product->draft)};
    change.digest = keyed_digest(message, change.draft);
    return change;
}

Result<Change> decode_update(const Message& message) {
    auto product = read_product(*message.value, ProductIdMember::read);
    if (!product) return fail(std::move(product.error()));
    if (!product->id) {
        return fail(invalid("productId is required.", {{"productId", "required", "productId is required."}}));
    }
    return Change{.id = *product->id, .draft = std::move(product->draft), .expected = expected_version(message)};
}

Result<Change> decode_remove(const Message& message) {
    auto id = read_product_id(*message.value);
    if (!id) return fail(std::move(id.error()));
    return Change{.id = *id, .expected = expected_version(message)};
}

}  // namespace productd
