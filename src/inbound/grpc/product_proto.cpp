// Bytes, then products out, then requests in. Calls protobuf; the domain's rules decide what is valid.
#include "inbound/grpc/product_proto.hpp"

#include <grpcpp/impl/codegen/proto_utils.h>

#include <algorithm>

#include "inbound/grpc/product_proto_mask.hpp"
#include "inbound/grpc/proto_fields.hpp"

namespace productd {

namespace {

/// All of it in one piece, without a copy where gRPC has received it so.
grpc::Slice whole(const grpc::ByteBuffer& bytes) {
    grpc::Slice slice;
    if (!bytes.TrySingleSlice(&slice).ok()) static_cast<void>(bytes.DumpToSingleSlice(&slice));
    return slice;
}

std::string_view text_of(const grpc::Slice& slice) {
    return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

/// Why protobuf refused `bytes`: proto3 refuses text that is not UTF-8, without saying where.
Error unreadable(std::string_view bytes, const google::protobuf::Descriptor& type) {
    auto found = texts_not_utf8(bytes, type);
    if (found.empty()) return invalid("The bytes sent are not a valid " + type.full_name() + ".");
    return accept(std::move(found)).error();
}

/// In proto3 an empty text cannot be told from an absent one: a required one is then missing.
std::optional<std::string> required_text(const std::string& text) {
    if (text.empty()) return std::nullopt;
    return text;
}

template <class Request>
Draft whole_draft(const Request& request, std::vector<Violation>& found) {
    Draft draft;
    draft.category_id = read_category(request.categoryid(), found);
    draft.name = required_text(request.name());
    draft.description = required_text(request.description());
    draft.price = request.price();
    if (!request.imageurl().empty()) draft.image_url = request.imageurl();
    if (!request.photos().empty()) draft.photos.emplace(request.photos().begin(), request.photos().end());
    draft.quantity = request.quantity();
    draft.rating = request.rating();
    return draft;
}

ProductId read_product_id(const std::string& text, std::vector<Violation>& found) {
    const auto id = ProductId::parse(text);
    if (id && !id->is_none()) return *id;
    const bool absent = text.empty() || id;
    found.push_back({"ProductID", absent ? "required" : "id",
                     absent ? "ProductID is required." : "ProductID must be 24 hex digits."});
    return {};
}

std::optional<Version> read_expected(std::int64_t version, std::vector<Violation>& found) {
    if (version < 0) found.push_back({"ExpectedVersion", "range", "ExpectedVersion must be 0 (any) or more."});
    if (version <= 0) return std::nullopt;
    return Version{version};
}

/// The domain names fields as JSON does, and begins its sentence with the name.
Violation in_proto_names(Violation violation) {
    auto name = proto_name(violation.field);
    if (violation.detail.starts_with(violation.field)) violation.detail.replace(0, violation.field.size(), name);
    violation.field = std::move(name);
    return violation;
}

/// What breaks the domain's rules is listed behind what could not be read, so that a caller sees all at once.
Result<ValidDraft> valid_draft(std::vector<Violation> found, Draft read, Required required) {
    auto draft = validated(std::move(read), required);
    if (!draft) {
        std::ranges::transform(draft.error().violations, std::back_inserter(found), in_proto_names);
    }
    if (auto accepted = accept(std::move(found)); !accepted) return fail(std::move(accepted.error()));
    return draft;
}

}  // namespace

Result<> parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
    const auto slice = whole(bytes);
    const auto text = text_of(slice);
    const auto& type = *message.GetDescriptor();
    const auto weight = weigh(text, type);
    if (!weight) return fail(unreadable(text, type));
    const bool read = weight->has_unknown ? message.ParseFromString(without_unknown(text, type))
                                          : message.ParseFromArray(text.data(), static_cast<int>(text.size()));
    if (read) return {};
    return fail(unreadable(text, type));
}

std::size_t weight(const grpc::ByteBuffer& bytes, const google::protobuf::Descriptor& type) {
    const auto slice = whole(bytes);
    const auto weight = weigh(text_of(slice), type);
    return weight ? weight->bytes : slice.size();
}

grpc::ByteBuffer serialized(const google::protobuf::Message& message) {
    grpc::ByteBuffer bytes;
    bool own_buffer = false;
    // Fails only when the message is larger than 2 GiB, which no answer can be.
    (void)grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::Message>(message, &bytes, &own_buffer);
    return bytes;
}

void write(Timestamp time, google::protobuf::Timestamp& message) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    message.set_seconds(seconds.time_since_epoch().count());
    message.set_nanos(static_cast<std::int32_t>(std::chrono::nanoseconds(time - seconds).count()));
}

void write(const Product& product, proto::Product& message) {
    message.set_productid(product.id.hex());
    if (!product.category_id.is_none()) message.set_categoryid(product.category_id.hex());
    message.set_name(product.name);
    message.set_description(product.description);
    message.set_price(product.price);
    message.set_imageurl(product.image_url);
    for (const auto& photo : product.photos) message.add_photos(photo);
    message.set_quantity(product.quantity);
    message.set_rating(product.rating);
    write(product.created_at, *message.mutable_createdat());
    write(product.updated_at, *message.mutable_updatedat());
    message.set_version(product.version.value);
}

void write(const SearchPage& page, const SearchQuery& query, proto::SearchRes& message) {
    const auto total = page.total_count;
    message.set_totalcount(total);
    message.set_totalpages((total + query.size - 1) / query.size);
    message.set_page(query.page);
    message.set_size(query.size);
    message.set_hasmore(has_more(query, page));
    for (const auto& product : page.products) write(product, *message.add_products());
    message.set_totalcountcapped(page.total_count_capped);
}

Result<ValidDraft> read(const proto::CreateReq& request) {
    std::vector<Violation> found;
    auto draft = whole_draft(request, found);
    return valid_draft(std::move(found), std::move(draft), Required::all);
}

Result<ProductUpdate> read(const proto::UpdateReq& request) {
    std::vector<Violation> found;
    const auto id = read_product_id(request.productid(), found);
    const bool masked = request.updatemask().paths_size() > 0;
    auto given = masked ? masked_draft(request, found) : whole_draft(request, found);
    const auto expected = read_expected(request.expectedversion(), found);
    auto draft = valid_draft(std::move(found), std::move(given), masked ? Required::given : Required::all);
    if (!draft) return fail(std::move(draft.error()));
    return ProductUpdate{id, std::move(*draft), expected};
}

Result<ProductId> read(const proto::GetByIDReq& request) {
    std::vector<Violation> found;
    const auto id = read_product_id(request.productid(), found);
    if (auto valid = accept(std::move(found)); !valid) return fail(std::move(valid.error()));
    return id;
}

Result<SearchQuery> read(const proto::SearchReq& request) {
    constexpr std::int64_t size_max = 100;
    SearchQuery query{.text = request.search()};
    std::vector<Violation> found;
    if (request.page() < 0) found.push_back({"page", "range", "page must be 1 or more, or 0 for the first."});
    if (request.size() < 0 || request.size() > size_max) {
        found.push_back({"size", "range", "size must be 1 to 100, or 0 for 10."});
    }
    if (auto valid = accept(std::move(found)); !valid) return fail(std::move(valid.error()));
    if (request.page() > 0) query.page = request.page();
    if (request.size() > 0) query.size = request.size();
    return query;
}

Result<ProductRemoval> read(const proto::DeleteReq& request) {
    std::vector<Violation> found;
    ProductRemoval removal{read_product_id(request.productid(), found),
                           read_expected(request.expectedversion(), found)};
    if (auto valid = accept(std::move(found)); !valid) return fail(std::move(valid.error()));
    return removal;
}

}  // namespace productd
