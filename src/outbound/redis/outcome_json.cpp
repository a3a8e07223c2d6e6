// An outcome as one JSON object, the product in it as product_json writes it. Boost.JSON's exceptions end here.
#include "outbound/redis/outcome_json.hpp"

#include <boost/json.hpp>
#include <stdexcept>

#include "codec/product_json.hpp"

namespace productd {

namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) {
    const auto& text = value.as_string();
    return {text.data(), text.size()};
}

Errc code_of(std::string_view given) {
    if (const auto code = errc_named(given)) return *code;
    throw std::invalid_argument("unknown code");
}

json::object object_of(const Error& error) {
    json::array violations;
    for (const auto& [field, code, detail] : error.violations) {
        violations.push_back(json::object{{"field", field}, {"code", code}, {"detail", detail}});
    }
    return {{"code", name(error.code)}, {"detail", error.detail}, {"violations", std::move(violations)}};
}

Error error_of(const json::value& value) {
    Error error{code_of(text_of(value.at("code"))), text_of(value.at("detail"))};
    for (const auto& item : value.at("violations").as_array()) {
        error.violations.push_back({text_of(item.at("field")), text_of(item.at("code")), text_of(item.at("detail"))});
    }
    return error;
}

json::object object_of(const Applied& applied) {
    json::object object;
    if (applied.version) object["version"] = applied.version->value;
    if (!applied.product) return object;
    std::string text;
    append_product(text, *applied.product);
    object["product"] = text;
    return object;
}

Applied applied_of(const json::value& value) {
    Applied applied;
    if (const auto* version = value.as_object().if_contains("version")) applied.version = {version->as_int64()};
    if (const auto* product = value.as_object().if_contains("product")) {
        auto read = read_stored_product(text_of(*product));
        if (!read) throw std::invalid_argument("no product");
        applied.product = std::make_shared<const Product>(std::move(*read));
    }
    return applied;
}

ToldOutcome told_of(const json::value& root) {
    ToldOutcome told{text_of(root.at("wait")), {}, Finished{}};
    told.position = {{text_of(root.at("topic")), root.at("partition").to_number<std::int32_t>()},
                     root.at("offset").as_int64(),
                     Timestamp(std::chrono::milliseconds(root.at("time").as_int64()))};
    const auto& object = root.as_object();
    if (const auto* applied = object.if_contains("applied")) told.outcome = applied_of(*applied);
    if (const auto* error = object.if_contains("error")) told.outcome = error_of(*error);
    return told;
}

}  // namespace

std::string encode_outcome(const ToldOutcome& told) {
    json::object object{{"wait", told.wait_id},
                        {"topic", told.position.source.topic},
                        {"partition", told.position.source.partition},
                        {"offset", told.position.offset},
                        {"time", told.position.time.time_since_epoch().count()}};
    if (const auto* applied = std::get_if<Applied>(&told.outcome)) object["applied"] = object_of(*applied);
    if (const auto* error = std::get_if<Error>(&told.outcome)) object["error"] = object_of(*error);
    return json::serialize(object);
}

Result<ToldOutcome> decode_outcome(std::string_view text) {
    try {
        return told_of(json::parse(json::string_view(text.data(), text.size())));
    } catch (const std::exception& failure) {
        return fail({Errc::data_loss, "The outcome is not understood.", {}, failure.what()});
    }
}

}  // namespace productd
