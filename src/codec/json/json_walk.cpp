// One pass by simdjson's on-demand reader, which checks only what is asked for: so everything is asked for.
#include "codec/json/json_walk.hpp"

#include <algorithm>
#include <vector>

#include "codec/json/json_number.hpp"

namespace productd::json {

namespace {

/// A text above this is read in a room of its own, so that no thread keeps a large one for ever.
constexpr std::size_t kept_bytes_max = 64 * 1024;
constexpr std::size_t depth_max = 1'000;

error_code pass_over_scalar(ondemand::value& value, ondemand::json_type type) {
    const auto text = token(value);
    switch (type) {
        case ondemand::json_type::number: return is_number(text) ? simdjson::SUCCESS : simdjson::NUMBER_ERROR;
        case ondemand::json_type::boolean:
            return text == "true" ? simdjson::SUCCESS : text == "false" ? simdjson::SUCCESS : simdjson::T_ATOM_ERROR;
        default: return text == "null" ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
    }
}

}  // namespace

/// What reading takes: the text with padding behind it, and the reader's own memory.
struct Walk::Room {
    std::vector<char> text;
    ondemand::parser parser;
};

std::string_view token(ondemand::value& value) {
    auto text = value.raw_json_token();
    text.remove_suffix(text.size() - 1 - text.find_last_not_of(" \t\r\n"));
    return text;
}

error_code pass_over(ondemand::value value, std::size_t depth) {
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return error;
    const auto pass_inside = [depth](ondemand::value inner) { return pass_over(inner, depth + 1); };
    if (type == ondemand::json_type::object) {
        ondemand::object object;
        if (depth >= depth_max) return simdjson::DEPTH_ERROR;
        if (const auto error = value.get_object().get(object)) return error;
        return each_member(object, [&](std::string_view, ondemand::value inner) { return pass_inside(inner); });
    }
    if (type == ondemand::json_type::array) {
        ondemand::array array;
        if (depth >= depth_max) return simdjson::DEPTH_ERROR;
        if (const auto error = value.get_array().get(array)) return error;
        return each_element(array, pass_inside);
    }
    if (type == ondemand::json_type::string) return value.get_string().error();
    return pass_over_scalar(value, type);
}

std::unique_ptr<Walk::Room>& Walk::kept() {
    static thread_local auto room = std::make_unique<Room>();
    return room;
}

Walk::Walk(std::string_view text) : room_(text.size() <= kept_bytes_max ? std::move(kept()) : nullptr) {
    if (!room_) room_ = std::make_unique<Room>();
    auto& copy = room_->text;
    if (copy.size() < text.size() + simdjson::SIMDJSON_PADDING) copy.resize(text.size() + simdjson::SIMDJSON_PADDING);
    std::ranges::copy(text, copy.begin());
    error_ = room_->parser.iterate(copy.data(), text.size(), copy.size()).get(document_);
}

Walk::~Walk() {
    if (room_->text.size() <= kept_bytes_max + simdjson::SIMDJSON_PADDING) kept() = std::move(room_);
}

Error Walk::malformed(error_code error) {
    switch (error) {
        case simdjson::EMPTY: return invalid("A JSON object is expected, and there is nothing.");
        case simdjson::UTF8_ERROR: return invalid("The JSON text is not valid UTF-8.");
        case simdjson::DEPTH_ERROR: return invalid("The JSON text is nested too deeply.");
        case simdjson::NUMBER_ERROR: return invalid("A number in the JSON text is malformed.");
        case simdjson::STRING_ERROR: return invalid("A string in the JSON text is malformed.");
        case simdjson::INCORRECT_TYPE: return invalid("A JSON object is expected.");
        default: return invalid("The text is not valid JSON.");
    }
}

Result<> Walk::open(ondemand::object& object) {
    if (!error_) error_ = document_.get_object().get(object);
    if (error_) return fail(malformed(error_));
    return {};
}

Result<> Walk::ended() {
    const bool is_at_end = document_.current_location().error() == simdjson::OUT_OF_BOUNDS;
    return is_at_end ? Result<>{} : fail(malformed(simdjson::TAPE_ERROR));
}

}  // namespace productd::json
