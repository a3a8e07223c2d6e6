// A JSON object read member by member.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace productd::json {

/// Copies share the parsed document. Each getter gives nothing when the member is missing or of another type.
class Object {
public:
    /// Nothing unless `text` is one JSON object in UTF-8.
    static std::optional<Object> parse(std::string_view text);
    /// Nothing unless `text` is one JSON array in UTF-8 that has only objects.
    static std::optional<std::vector<Object>> parse_all(std::string_view text);

    bool has(std::string_view name) const;
    bool is_null(std::string_view name) const;
    std::optional<std::string> text(std::string_view name) const;
    std::optional<std::int64_t> integer(std::string_view name) const;
    std::optional<double> number(std::string_view name) const;
    /// An array that has only strings.
    std::optional<std::vector<std::string>> texts(std::string_view name) const;
    std::optional<Object> object(std::string_view name) const;
    /// An array that has only objects.
    std::optional<std::vector<Object>> objects(std::string_view name) const;

private:
    struct Document;
    explicit Object(std::shared_ptr<const Document> document) : document_(std::move(document)) {}
    std::shared_ptr<const Document> document_;
};

/// Nothing unless `text` is one JSON array in UTF-8 that has only strings.
std::optional<std::vector<std::string>> parse_texts(std::string_view text);

}  // namespace productd::json
