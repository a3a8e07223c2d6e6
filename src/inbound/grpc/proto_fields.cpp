// Walks over fields with protobuf's own reader of tags and lengths, which keeps nothing.
#include "inbound/grpc/proto_fields.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>

#include "domain/utf8.hpp"

namespace productd {

namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
namespace io = google::protobuf::io;

/// A text of its own: the object, its place in a list, and both again in the product that is made of it.
constexpr std::size_t object_bytes = 2 * (sizeof(std::string) + sizeof(void*));
/// Messages within messages; the contract's have one within.
constexpr int depth_max = 8;

/// The field of `type` that `tag` means. What comes with another wire type protobuf does not know either.
const FieldDescriptor* field_of(std::uint32_t tag, const Descriptor& type) {
    const auto* field = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    if (field == nullptr) return nullptr;
    const auto wanted = WireFormatLite::WireTypeForFieldType(static_cast<WireFormatLite::FieldType>(field->type()));
    return WireFormatLite::GetTagWireType(tag) == wanted ? field : nullptr;
}

/// Calls `visit` with each field (null: unknown), all its bytes, and its content if that has a length. False when the
/// bytes are no fields, or when `visit` says so.
template <class Visit>
bool each_field(std::string_view bytes, const Descriptor& type, Visit visit) {
    io::CodedInputStream input(reinterpret_cast<const std::uint8_t*>(bytes.data()), static_cast<int>(bytes.size()));
    const auto at = [&] { return static_cast<std::size_t>(input.CurrentPosition()); };
    for (;;) {
        const auto begin = at();
        const auto tag = input.ReadTag();
        if (tag == 0) return input.ConsumedEntireMessage();
        const auto* field = field_of(tag, type);
        std::string_view content;
        if (WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
            std::uint32_t size = 0;
            if (!input.ReadVarint32(&size) || size > bytes.size() - at()) return false;
            content = bytes.substr(at(), size);
            input.Skip(static_cast<int>(size));
        } else if (!WireFormatLite::SkipField(&input, tag)) {
            return false;
        }
        if (WireFormatLite::GetTagFieldNumber(tag) == 0) return false;
        if (!visit(field, bytes.substr(begin, at() - begin), content)) return false;
    }
}

bool is_message(const FieldDescriptor* field) { return field != nullptr && field->message_type() != nullptr; }

bool weigh_into(ProtoWeight& weight, std::string_view bytes, const Descriptor& type, int depth) {
    if (depth > depth_max) return false;
    return each_field(bytes, type, [&](const FieldDescriptor* field, std::string_view, std::string_view content) {
        if (field == nullptr) weight.has_unknown = true;
        if (field != nullptr && content.data() != nullptr) weight.bytes += object_bytes;
        return !is_message(field) || weigh_into(weight, content, *field->message_type(), depth + 1);
    });
}

}  // namespace

std::optional<ProtoWeight> weigh(std::string_view bytes, const Descriptor& type) {
    ProtoWeight weight;
    if (!weigh_into(weight, bytes, type, 0)) return std::nullopt;
    weight.bytes += 3 * bytes.size();  // As received, as decoded, and in the product.
    return weight;
}

std::string without_unknown(std::string_view bytes, const Descriptor& type) {
    std::string kept;
    each_field(bytes, type, [&](const FieldDescriptor* field, std::string_view whole, std::string_view content) {
        if (is_message(field)) {
            const auto within = without_unknown(content, *field->message_type());
            io::StringOutputStream stream(&kept);
            io::CodedOutputStream output(&stream);
            output.WriteVarint32(WireFormatLite::MakeTag(field->number(), WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
            output.WriteVarint32(static_cast<std::uint32_t>(within.size()));
            output.WriteString(within);
        } else if (field != nullptr) {
            kept += whole;
        }
        return true;
    });
    return kept;
}

std::vector<Violation> texts_not_utf8(std::string_view bytes, const Descriptor& type) {
    std::vector<Violation> found;
    each_field(bytes, type, [&](const FieldDescriptor* field, std::string_view, std::string_view content) {
        if (field == nullptr || field->type() != FieldDescriptor::TYPE_STRING || code_points(content)) return true;
        if (std::ranges::find(found, field->name(), &Violation::field) != found.end()) return true;
        found.push_back({field->name(), "utf8", field->name() + " must be valid UTF-8."});
        return true;
    });
    return found;
}

}  // namespace productd
