// Keeps simdjson behind a few getters.
#include "codec/json/json_object.hpp"

#include <simdjson.h>

namespace productd::json {

namespace dom = simdjson::dom;

namespace {

std::optional<std::vector<std::string>> texts_of(const dom::array& array) {
    std::vector<std::string> all;
    for (const auto item : array) {
        std::string_view value;
        if (item.get(value) != simdjson::SUCCESS) return std::nullopt;
        all.emplace_back(value);
    }
    return all;
}

}  // namespace

struct Object::Document {
    std::shared_ptr<dom::parser> parser;  // Owns what `object` points into.
    dom::object object;

    static std::optional<std::vector<Object>> objects(const std::shared_ptr<dom::parser>& parser,
                                                      const dom::array& array) {
        std::vector<Object> all;
        for (const auto item : array) {
            dom::object value;
            if (item.get(value) != simdjson::SUCCESS) return std::nullopt;
            all.push_back(Object(std::make_shared<const Document>(Document{parser, value})));
        }
        return all;
    }
};

std::optional<Object> Object::parse(std::string_view text) {
    auto parser = std::make_shared<dom::parser>();
    dom::object root;
    if (parser->parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
    return Object(std::make_shared<const Document>(Document{std::move(parser), root}));
}

std::optional<std::vector<Object>> Object::parse_all(std::string_view text) {
    const auto parser = std::make_shared<dom::parser>();
    dom::array root;
    if (parser->parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
    return Document::objects(parser, root);
}

bool Object::has(std::string_view name) const { return document_->object[name].error() == simdjson::SUCCESS; }

bool Object::is_null(std::string_view name) const {
    dom::element value;
    return document_->object[name].get(value) == simdjson::SUCCESS && value.is_null();
}

std::optional<std::string> Object::text(std::string_view name) const {
    std::string_view value;
    if (document_->object[name].get(value) != simdjson::SUCCESS) return std::nullopt;
    return std::string(value);
}

std::optional<std::int64_t> Object::integer(std::string_view name) const {
    std::int64_t value = 0;
    if (document_->object[name].get(value) != simdjson::SUCCESS) return std::nullopt;
    return value;
}

std::optional<double> Object::number(std::string_view name) const {
    double value = 0;
    if (document_->object[name].get(value) != simdjson::SUCCESS) return std::nullopt;
    return value;
}

std::optional<std::vector<std::string>> Object::texts(std::string_view name) const {
    dom::array array;
    if (document_->object[name].get(array) != simdjson::SUCCESS) return std::nullopt;
    return texts_of(array);
}

std::optional<Object> Object::object(std::string_view name) const {
    dom::object value;
    if (document_->object[name].get(value) != simdjson::SUCCESS) return std::nullopt;
    return Object(std::make_shared<const Document>(Document{document_->parser, value}));
}

std::optional<std::vector<Object>> Object::objects(std::string_view name) const {
    dom::array array;
    if (document_->object[name].get(array) != simdjson::SUCCESS) return std::nullopt;
    return Document::objects(document_->parser, array);
}

std::optional<std::vector<std::string>> parse_texts(std::string_view text) {
    dom::parser parser;
    dom::array root;
    if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
    return texts_of(root);
}

}  // namespace productd::json
