// Small valid values for tests.
#pragma once

#include "domain/decide.hpp"

namespace productd::test {

inline Timestamp at(std::int64_t ms) { return Timestamp{std::chrono::milliseconds{ms}}; }

inline ProductId id_of(std::uint32_t number) {
    ProductId::Bytes bytes{1};
    for (std::size_t i = 0; i < 4; ++i) bytes[11 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    return ProductId{bytes};
}

inline Draft sample_draft(std::string name = "Chair", double price = 10.5) {
    return {.category_id = CategoryId::parse("5ff4b6a0e0b1f0a1b2c3d4e5"),
            .name = std::move(name),
            .description = "A wooden chair",
            .price = price,
            .image_url = "http://x/y.png",
            .photos = std::vector<std::string>{"a", "b"},
            .quantity = 3,
            .rating = 5};
}

inline ValidDraft valid(Draft draft, Required required = Required::all) {
    return validated(std::move(draft), required).value();
}

inline ValidDraft valid_draft(std::string name = "Chair", double price = 10.5) {
    return valid(sample_draft(std::move(name), price));
}

inline Position position(std::int64_t offset, std::int64_t time_ms, std::string topic = "create-product",
                         std::int32_t partition = 0) {
    return {{std::move(topic), partition}, offset, at(time_ms)};
}

inline Change create_of(ProductId id, std::int64_t time_ms = 1'000) {
    return {.kind = ChangeKind::create, .id = id, .draft = valid_draft(), .time = at(time_ms)};
}

inline Change update_of(ProductId id, std::int64_t time_ms, std::string name = "Table",
                        std::optional<std::string> image_url = "http://x/y.png") {
    auto draft = sample_draft(std::move(name));
    draft.image_url = std::move(image_url);
    return {.kind = ChangeKind::update, .id = id, .draft = valid(std::move(draft)), .time = at(time_ms)};
}

inline Change remove_of(ProductId id, std::int64_t time_ms) {
    return {.kind = ChangeKind::remove, .id = id, .time = at(time_ms)};
}

/// What is stored after `change`, whatever was decided.
inline Stored after(const Stored& stored, const Change& change) {
    auto decision = decide(stored, change);
    const auto* write = std::get_if<Write>(&decision);
    return write ? write->next : stored;
}

inline Change from(Change change, const Position& where) {
    change.time = where.time;
    change.source = Source{where, where.time};
    return change;
}

}  // namespace productd::test
