// An outcome as one JSON object, the product in it as product_json writes it. Calls the JSON writer and reader.
#include "outbound/redis/outcome_json.hpp"

#include "codec/json/json_members.hpp"
#include "codec/json/json_writer.hpp"
#include "codec/product/product_json.hpp"

namespace productd {

namespace {

void append(std::string& out, const Error& error) {
    json::ObjectWriter object(out);
    object.text("code", name(error.code));
    object.text("detail", error.detail);
    json::append_array(object.member("violations"), error.violations, [&](const Violation& violation) {
        json::ObjectWriter item(out);
        item.text("field", violation.field);
        item.text("code", violation.code);
        item.text("detail", violation.detail);
    });
}

Error error_of(json::Members& members) {
    Error error{members.needed(errc_named(members.text("code"))), members.text("detail")};
    error.violations = members.objects("violations", [](json::Members& item) {
        return Violation{item.text("field"), item.text("code"), item.text("detail")};
    });
    return error;
}

void append(std::string& out, const Applied& applied) {
    json::ObjectWriter object(out);
    if (applied.version) object.number("version", applied.version->value);
    if (!applied.product) return;
    std::string text;
    append_product(text, *applied.product);
    object.text("product", text);
}

Applied applied_of(json::Members& members) {
    Applied applied;
    if (members.has("version")) applied.version = Version{members.integer("version")};
    if (members.has("product")) {
        auto product = members.needed(read_stored_product(members.text("product")));
        applied.product = std::make_shared<const Product>(std::move(product));
    }
    return applied;
}

ToldOutcome told_of(json::Members& members) {
    ToldOutcome told{members.text("wait"), {}, Finished{}};
    told.position = {
        {members.text("topic"), members.int32("partition")}, members.integer("offset"), members.milliseconds("time")};
    if (members.has("applied")) told.outcome = members.object("applied", applied_of);
    if (members.has("error")) told.outcome = members.object("error", error_of);
    return told;
}

}  // namespace

std::string encode_outcome(const ToldOutcome& told) {
    std::string out;
    {
        json::ObjectWriter object(out);
        object.text("wait", told.wait_id);
        object.text("topic", told.position.source.topic);
        object.number("partition", told.position.source.partition);
        object.number("offset", told.position.offset);
        object.milliseconds("time", told.position.time);
        if (const auto* applied = std::get_if<Applied>(&told.outcome)) append(object.member("applied"), *applied);
        if (const auto* error = std::get_if<Error>(&told.outcome)) append(object.member("error"), *error);
    }
    return out;
}

Result<ToldOutcome> decode_outcome(std::string_view text) {
    auto told = json::read_object(text, told_of);
    if (!told) return fail(Errc::data_loss, "The outcome is not understood.");
    return std::move(*told);
}

}  // namespace productd
