// A product is plain JSON; what is none is told by its one member. Calls product_json and json_object.
#include "outbound/redis/redis_entry.hpp"

#include <fmt/format.h>

#include <charconv>

#include "codec/json/json_object.hpp"
#include "codec/product/product_json.hpp"

namespace productd {

const std::string_view put_if_newer_script = R"(
local kept = redis.call('GET', KEYS[1])
local above = kept and string.match(kept, '"version":(%d+)}$')
local given = ARGV[2]
if above and (#given < #above or (#given == #above and given < above)) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1
)";

const std::string_view forget_older_script = R"(
local kept = redis.call('GET', KEYS[1])
if not kept then return 0 end
local there = string.match(kept, '"version":(%d+)}$')
local given = ARGV[1]
if there and (#there > #given or (#there == #given and there >= given)) then return 0 end
return redis.call('UNLINK', KEYS[1])
)";

const std::string_view fill_script = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1
)";

namespace {

constexpr std::string_view lease_begin = R"({"lease":")";

}  // namespace

std::string encode_redis_entry(const CachedProduct& entry) {
    std::string text;
    if (entry.product) {
        append_product(text, *entry.product);
    } else if (entry.version) {
        text = R"({"deleted":true,"version":)" + std::to_string(entry.version->value) + '}';
    } else {
        text = R"({"absent":true})";
    }
    return text;
}

std::string encode_redis_lease(RedisLease lease) { return fmt::format(R"({}{:016x}"}})", lease_begin, lease.number); }

RedisEntry decode_redis_entry(const ProductId& id, std::string_view text) {
    if (text.starts_with(lease_begin)) {
        RedisLease lease;
        const auto digits = text.substr(lease_begin.size());
        std::from_chars(digits.data(), digits.data() + digits.size(), lease.number, 16);
        if (encode_redis_lease(lease) != text) return RedisForeign{};
        return lease;
    }
    if (auto product = read_stored_product(text)) {
        if (product->id != id) return RedisForeign{};
        const auto version = product->version;
        return CachedProduct{std::make_shared<const Product>(std::move(*product)), version};
    }
    const auto object = json::Object::parse(text);
    if (!object) return RedisForeign{};
    if (object->has("absent")) return CachedProduct{};
    const auto version = object->integer("version");
    if (!object->has("deleted") || !version) return RedisForeign{};
    return CachedProduct{nullptr, Version{*version}};
}

}  // namespace productd
