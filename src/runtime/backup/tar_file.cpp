// Headers of 512 bytes (https://www.gnu.org/software/tar/manual/html_node/Standard.html).
#include "runtime/backup/tar_file.hpp"

#include <fmt/format.h>

#include <charconv>

namespace productd {

namespace {

constexpr std::size_t block = 512;
constexpr std::int64_t octal_max = (std::int64_t{1} << 33) - 1;  // Eleven digits of octal.
struct Field {
    std::size_t at, length;
};
constexpr Field name_field{0, 100}, mode_field{100, 8}, owner_field{108, 8}, group_field{116, 8}, size_field{124, 12},
    time_field{136, 12}, sum_field{148, 8}, kind_field{156, 1}, magic_field{257, 8};

std::int64_t padded(std::int64_t bytes) { return (bytes + 511) / 512 * 512; }

void put(std::string& header, const Field& field, std::string_view text) {
    header.replace(field.at, text.size(), text);
}

/// As octal digits, or as GNU's number of 12 bytes in base 256.
void put_size(std::string& header, std::int64_t size) {
    if (size <= octal_max) return put(header, size_field, fmt::format("{:011o}", size));
    for (std::size_t i = size_field.length; i > 0; --i, size >>= 8) {
        header[size_field.at + i - 1] = static_cast<char>(size & 0xff);
    }
    header[size_field.at] = static_cast<char>(0x80);
}

/// Of all bytes, those of the sum itself taken for blanks.
unsigned sum_of(std::string header) {
    header.replace(sum_field.at, sum_field.length, sum_field.length, ' ');
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    return sum;
}

std::string_view field_of(std::string_view header, const Field& field) {
    const auto text = header.substr(field.at, field.length);
    return text.substr(0, std::min(text.find('\0'), text.size()));
}

std::optional<std::int64_t> octal(std::string_view digits) {
    while (digits.starts_with(' ')) digits.remove_prefix(1);
    while (digits.ends_with(' ')) digits.remove_suffix(1);
    std::int64_t value = 0;
    const char* first = digits.data();
    const auto* end = first + digits.size();
    const auto read = std::from_chars(first, end, value, 8);
    return read.ec == std::errc{} && read.ptr == end && value >= 0 ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> size_in(std::string_view header) {
    if (header[size_field.at] != static_cast<char>(0x80)) return octal(field_of(header, size_field));
    std::int64_t size = 0;
    for (const char c : header.substr(size_field.at + 4, size_field.length - 4)) {
        size = size << 8 | static_cast<unsigned char>(c);
    }
    return size >= 0 ? std::optional(size) : std::nullopt;
}

Error no_archive(const std::filesystem::path& path) {
    return {Errc::data_loss, fmt::format("{} is no backup, or a damaged one.", path.string())};
}

Result<std::string> header_at(const std::filesystem::path& path, std::int64_t offset) {
    std::string header;
    auto read = read_through({path, offset, block},
                             [&](std::string_view bytes) -> Result<> { return header += bytes, Result<>{}; });
    if (!read) return fail(read.error().code == Errc::data_loss ? no_archive(path) : std::move(read).error());
    return header;
}

}  // namespace

std::string tar_header(const TarMember& member) {
    std::string header(block, '\0');
    put(header, name_field, member.name);
    put(header, mode_field, "0000600");
    put(header, owner_field, "0000000");
    put(header, group_field, "0000000");
    put_size(header, member.range.bytes);
    put(header, time_field, "00000000000");
    put(header, kind_field, "0");
    put(header, magic_field, std::string_view("ustar\00000", 8));
    put(header, sum_field, fmt::format("{:06o}", sum_of(header)) + std::string("\0 ", 2));
    return header;
}

Result<> write_tar(const std::filesystem::path& path, const std::vector<TarMember>& members) {
    auto file = NewFile::make(path);
    if (!file) return fail(std::move(file).error());
    for (const auto& member : members) {
        if (auto done = file->write(tar_header(member)); !done) return done;
        auto copied = read_through(member.range, [&](std::string_view bytes) { return file->write(bytes); });
        if (!copied) return copied;
        const auto rest = padded(member.range.bytes) - member.range.bytes;
        if (auto done = file->write(std::string(static_cast<std::size_t>(rest), '\0')); !done) return done;
    }
    if (auto done = file->write(std::string(2 * block, '\0')); !done) return done;
    return file->sync();
}

Result<std::vector<TarMember>> tar_members(const std::filesystem::path& path) {
    std::vector<TarMember> members;
    for (std::int64_t at = 0;;) {
        auto header = header_at(path, at);
        if (!header) return fail(std::move(header).error());
        if (header->find_first_not_of('\0') == std::string::npos) return members;
        const auto size = size_in(*header);
        if (!size || octal(field_of(*header, sum_field)) != sum_of(*header)) return fail(no_archive(path));
        auto name = field_of(*header, name_field);
        if (name.starts_with("./")) name.remove_prefix(2);
        const char kind = (*header)[kind_field.at];
        at += block;
        if (kind == '0' || kind == '\0') members.push_back({std::string(name), {path, at, *size}});
        at += padded(*size);
    }
}

}  // namespace productd
