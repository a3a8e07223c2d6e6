// The headers of a message, kept as they are packed.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "codec/packed.hpp"

namespace productd {

/// A look at a name and a value that somebody else keeps.
struct Header {
    std::string_view name;
    std::string_view value;
    bool operator==(const Header&) const = default;
};

/// Names and values in the order they were added; a name may come again, and both are any bytes. They stand one behind
/// the other in one text, each behind its length, so that headers take in memory what they take on the wire: two
/// strings for each would make twenty times as much of many small ones. Looking for one reads all before it.
class Headers {
public:
    class Iterator;
    // As the standard library calls them.
    using value_type = Header;
    using size_type = std::size_t;
    using iterator = Iterator;
    using const_iterator = Iterator;

    Headers() = default;
    Headers(std::initializer_list<Header> headers) {
        for (const auto& header : headers) push_back(header);
    }
    /// What write() wrote. Where it is something else, `reader` is not ok() any more.
    static Headers read(packed::Reader& reader);
    /// Their number, then the packed text.
    void write(std::string& out) const {
        packed::put_number(out, size_);
        out += packed_;
    }

    void push_back(const Header& header) {
        packed::put_text(packed_, header.name);
        packed::put_text(packed_, header.value);
        ++size_;
    }
    /// Room for `bytes()` so many: with it they take no more memory than that.
    void reserve(std::size_t bytes) { packed_.reserve(bytes); }
    /// What one adds to bytes().
    static std::size_t bytes_of(const Header& header) {
        return packed::text_bytes(header.name) + packed::text_bytes(header.value);
    }

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    std::size_t bytes() const { return packed_.size(); }

    /// What is looked at stays there until the headers change, move or go.
    Iterator begin() const;
    Iterator end() const;
    /// The value of the first one of that name.
    std::optional<std::string_view> find(std::string_view name) const;

    bool operator==(const Headers&) const = default;

private:
    std::string packed_;
    std::size_t size_ = 0;
};

class Headers::Iterator {
public:
    using value_type = Header;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::forward_iterator_tag;

    Iterator() = default;
    Header operator*() const { return header_; }
    Iterator& operator++() {
        at_ = rest_.data();
        if (rest_.empty()) return *this;  // Behind the last.
        packed::Reader reader(rest_);
        header_.name = reader.bytes(reader.number());
        header_.value = reader.bytes(reader.number());
        rest_ = reader.rest();
        return *this;
    }
    Iterator operator++(int) {
        auto before = *this;
        ++*this;
        return before;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

private:
    friend class Headers;
    explicit Iterator(std::string_view packed) : rest_(packed) { ++*this; }

    std::string_view rest_;  // Behind `header_`.
    const char* at_ = nullptr;
    Header header_;
};

inline Headers::Iterator Headers::begin() const { return Iterator(packed_); }
inline Headers::Iterator Headers::end() const { return Iterator(std::string_view(packed_).substr(packed_.size())); }

inline std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (const auto header : *this) {
        if (header.name == name) return header.value;
    }
    return std::nullopt;
}

inline Headers Headers::read(packed::Reader& reader) {
    Headers headers;
    headers.size_ = reader.number();
    const auto begin = reader.rest();
    for (std::size_t i = 0; i < headers.size_ && reader.ok(); ++i) {
        reader.bytes(reader.number());
        reader.bytes(reader.number());
    }
    if (!reader.ok()) return {};
    headers.packed_ = begin.substr(0, begin.size() - reader.rest().size());
    return headers;
}

}  // namespace productd
