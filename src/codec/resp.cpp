// A value is read again from its start when more bytes have come; texts are skipped by their length, so that is cheap.
#include "codec/resp.hpp"

#include "domain/integer.hpp"

namespace productd {

namespace {

constexpr std::int64_t text_bytes_max = 64 << 20;
constexpr std::int64_t items_max = 1'000'000;
constexpr std::size_t line_bytes_max = 64 << 10;  ///< Errors and numbers.
constexpr int depth_max = 8;
constexpr std::size_t kept_bytes_max = 1 << 20;

enum class Step { done, more, broken };

class Parser {
public:
    explicit Parser(std::string_view bytes) : bytes_(bytes) {}

    Step value(RespValue& into, int depth = 0) {
        std::string_view line;
        if (const auto step = this->line(line); step != Step::done) return step;
        if (line.empty() || depth > depth_max) return Step::broken;
        const char type = line.front();
        line.remove_prefix(1);
        switch (type) {
            case '+':
            case ',':
            case '#':
            case '(': return set(into, RespValue::Kind::text, line);
            case '-': return set(into, RespValue::Kind::error, line);
            case '_': into.kind = RespValue::Kind::null; return Step::done;
            case ':':
                into.kind = RespValue::Kind::integer;
                return number(line, into.integer) ? Step::done : Step::broken;
            case '$': return text(into, RespValue::Kind::text, line);
            case '=': return verbatim(into, line);
            case '!': return text(into, RespValue::Kind::error, line);
            case '*':
            case '~': return items(into, RespValue::Kind::array, line, 1, depth);
            case '>': return items(into, RespValue::Kind::push, line, 1, depth);
            case '%': return items(into, RespValue::Kind::array, line, 2, depth);
            default: return Step::broken;
        }
    }

    std::size_t read() const { return at_; }
    /// Bytes from the start that the value has at least.
    std::size_t needed() const { return std::max(needed_, bytes_.size() + 1); }

private:
    Step line(std::string_view& line) {
        const auto end = bytes_.find("\r\n", at_);
        if (end == std::string_view::npos) return bytes_.size() - at_ > line_bytes_max ? Step::broken : Step::more;
        if (end - at_ > line_bytes_max) return Step::broken;
        line = bytes_.substr(at_, end - at_);
        at_ = end + 2;
        return Step::done;
    }

    static Step set(RespValue& into, RespValue::Kind kind, std::string_view text) {
        into.kind = kind;
        into.text = text;
        return Step::done;
    }

    static bool number(std::string_view text, std::int64_t& into) {
        const auto number = parse_integer(text);
        into = number.value_or(0);
        return number.has_value();
    }

    Step text(RespValue& into, RespValue::Kind kind, std::string_view length) {
        std::int64_t size = 0;
        if (!number(length, size) || size < -1 || size > text_bytes_max) return Step::broken;
        if (size == -1) return Step::done;  // RESP2's null.
        const auto end = at_ + static_cast<std::size_t>(size);
        if (bytes_.size() < end + 2) {
            needed_ = end + 2;
            return Step::more;
        }
        if (bytes_.substr(end, 2) != "\r\n") return Step::broken;
        set(into, kind, bytes_.substr(at_, end - at_));
        at_ = end + 2;
        return Step::done;
    }

    /// A text with its format in front: `txt:`.
    Step verbatim(RespValue& into, std::string_view length) {
        const auto step = text(into, RespValue::Kind::text, length);
        if (step != Step::done) return step;
        if (into.text.size() < 4 || into.text[3] != ':') return Step::broken;
        into.text.erase(0, 4);
        return step;
    }

    Step items(RespValue& into, RespValue::Kind kind, std::string_view length, std::int64_t each, int depth) {
        std::int64_t count = 0;
        if (!number(length, count) || count < -1 || count > items_max) return Step::broken;
        if (count == -1) return Step::done;
        into.kind = kind;
        // Not reserved: a count is believed only as its items come.
        for (std::int64_t i = 0; i < count * each; ++i) {
            if (const auto step = value(into.items.emplace_back(), depth + 1); step != Step::done) return step;
        }
        return Step::done;
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
    std::size_t needed_ = 0;
};

}  // namespace

void append_command(std::string& out, std::span<const std::string_view> arguments) {
    const auto append_length = [&out](char type, std::size_t length) {
        out += type;
        out += std::to_string(length);
        out += "\r\n";
    };
    append_length('*', arguments.size());
    for (const auto& argument : arguments) {
        append_length('$', argument.size());
        out += argument;
        out += "\r\n";
    }
}

Result<std::optional<RespValue>> RespReader::next() {
    const auto bytes = std::string_view(received_).substr(read_);
    if (bytes.empty() || bytes.size() < needed_) return std::optional<RespValue>{};
    Parser parser(bytes);
    RespValue value;
    switch (parser.value(value)) {
        case Step::broken: return fail(Errc::data_loss, "The peer does not speak the protocol of Redis.");
        case Step::more:
            needed_ = parser.needed();
            received_.erase(0, read_);
            read_ = 0;
            return std::optional<RespValue>{};
        case Step::done: break;
    }
    needed_ = 0;
    read_ += parser.read();
    if (read_ == received_.size()) {
        received_.clear();
        read_ = 0;
        if (received_.capacity() > kept_bytes_max) received_.shrink_to_fit();
    }
    return std::optional(std::move(value));
}

}  // namespace productd
