// Folds case, ASCII without a library and anything else by ICU's tables. Calls ICU.
#include "codec/text_fold.hpp"

#include <unicode/ucasemap.h>

#include <algorithm>

namespace productd {

namespace {

bool is_ascii(std::string_view text) {
    unsigned char bits = 0;
    for (const char c : text) bits = static_cast<unsigned char>(bits | static_cast<unsigned char>(c));
    return bits < 0x80;
}

constexpr char fold_ascii(char c) {
    if (c == '\0') return folded_nul;
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// Never closed: it is read by every thread until the process ends.
const UCaseMap* case_map() {
    static const UCaseMap* map = [] {
        UErrorCode error = U_ZERO_ERROR;
        return ucasemap_open("", U_FOLD_CASE_DEFAULT, &error);
    }();
    return map;
}

/// Folds into `out` as far as it has room and returns how many bytes are needed in all.
std::size_t fold_unicode(std::string_view text, std::string& out) {
    UErrorCode error = U_ZERO_ERROR;
    const auto length = ucasemap_utf8FoldCase(case_map(), out.data(), static_cast<std::int32_t>(out.size()),
                                              text.data(), static_cast<std::int32_t>(text.size()), &error);
    return static_cast<std::size_t>(std::max(length, 0));
}

}  // namespace

void fold(std::string_view text, std::string& out) {
    out.resize(text.size());
    if (is_ascii(text)) {
        std::ranges::transform(text, out.begin(), fold_ascii);
        return;
    }
    const auto length = fold_unicode(text, out);
    if (length > out.size()) {
        out.resize(length);
        fold_unicode(text, out);
    }
    out.resize(length);
    std::ranges::replace(out, '\0', folded_nul);
}

std::string folded(std::string_view text) {
    std::string out;
    fold(text, out);
    return out;
}

}  // namespace productd
