// Calls the product's codec.
#include "inbound/rest/change_json.hpp"

#include "app/feed/change_cause.hpp"
#include "codec/json/json_writer.hpp"
#include "codec/product/product_json.hpp"

namespace productd {

void append_change(std::string& out, const ProductChange& change, ProductMember product) {
    json::ObjectWriter object(out);
    object.text("position", change.position.text);
    object.text("productId", change.id.hex());
    if (const auto known = version(change.latest)) object.number("version", known->value);
    if (const auto time = time_of_change(change.latest)) object.time("time", *time);
    if (const auto message = message_of_change(change.latest)) {
        json::ObjectWriter cause(object.member("cause"));
        cause.text("topic", message->source.topic);
        cause.number("partition", message->source.partition);
        cause.number("offset", message->offset);
    }
    const auto* stored = std::get_if<StoredProduct>(&change.latest);
    object.boolean("deleted", stored == nullptr);
    if (stored && product == ProductMember::written) append_product(object.member("product"), stored->product);
}

}  // namespace productd
