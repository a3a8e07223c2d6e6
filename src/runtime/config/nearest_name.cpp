// Edit distance for suggestions. Calls the folding of names.
#include "runtime/config/nearest_name.hpp"

#include <algorithm>
#include <numeric>

#include "runtime/config/config_table.hpp"

namespace productd {

namespace {

constexpr std::size_t length_max = 100;  // A longer name is nobody's slip; the work below is its square.

/// Levenshtein's distance, one row at a time.
std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= left.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const auto replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view given, const std::vector<std::string>& known) {
    const auto plain = folded_name(given);
    if (plain.size() > length_max) return std::nullopt;
    std::optional<std::string> nearest;
    auto best = std::max<std::size_t>(2, plain.size() / 3) + 1;
    for (const auto& name : known) {
        const auto changes = distance(plain, folded_name(name));
        if (changes < best) {
            best = changes;
            nearest = name;
        }
    }
    return nearest;
}

}  // namespace productd
