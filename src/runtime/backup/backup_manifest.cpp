// Calls the JSON codec.
#include "runtime/backup/backup_manifest.hpp"

#include <fmt/format.h>

#include "codec/json/json_members.hpp"
#include "codec/json/json_writer.hpp"
#include "codec/sha256.hpp"
#include "codec/time_text.hpp"

namespace productd {

namespace {

void append_file(std::string& out, const BackupFile& file) {
    out += "\n    ";
    json::ObjectWriter object(out);
    object.text("name", file.name);
    object.number("schema", file.schema);
    object.number("bytes", file.bytes);
    object.text("sha256", hex(file.sha256));
    json::append_array(object.member("counts"), file.counts, [&](const auto& count) {
        json::ObjectWriter pair(out);
        pair.text("of", count.first);
        pair.number("count", count.second);
    });
}

BackupFile file_in(json::Members& members) {
    BackupFile file;
    file.name = members.text("name");
    file.schema = members.integer("schema");
    file.bytes = members.integer("bytes");
    file.sha256 = members.needed(parse_digest(members.text("sha256")));
    file.counts = members.objects(
        "counts", [](json::Members& pair) { return std::pair(pair.text("of"), pair.integer("count")); });
    return file;
}

BackupManifest manifest_in(json::Members& members) {
    BackupManifest manifest;
    manifest.format = members.integer("format");
    manifest.productd = members.text("productd");
    manifest.taken_at = members.needed(parse_time(members.text("takenAt")));
    manifest.files = members.objects("files", file_in);
    return manifest;
}

}  // namespace

std::string manifest_text(const BackupManifest& manifest) {
    std::string out;
    {
        json::ObjectWriter object(out);
        object.number("format", manifest.format);
        object.text("productd", manifest.productd);
        object.time("takenAt", manifest.taken_at);
        json::append_array(object.member("files"), manifest.files, [&](const auto& file) { append_file(out, file); });
    }
    return out + '\n';
}

Result<BackupManifest> parse_manifest(std::string_view text) {
    // A later format may lack what this one needs, so its number comes first.
    const auto format = json::read_object(text, [](json::Members& members) { return members.integer("format"); });
    if (format && *format > BackupManifest::format_now) {
        return fail(Errc::failed_precondition,
                    fmt::format("The backup has format {}, this productd knows {}: restore it with the version that "
                                "made it, or a later one.",
                                *format, BackupManifest::format_now));
    }
    auto manifest = json::read_object(text, manifest_in);
    if (!manifest) return fail(Errc::data_loss, "manifest.json of the backup is damaged.");
    return std::move(*manifest);
}

}  // namespace productd
