// Products as the messages of proto/product/product.proto, and what clients ask for in them.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <product/product.pb.h>

#include <optional>

#include "app/ports/message_log.hpp"
#include "app/ports/product_store.hpp"
#include "domain/validation.hpp"

namespace productd {

namespace proto = productsService;

/// Reads `bytes` into `message`, fields that it does not know left out. invalid_argument naming each text that is not
/// UTF-8, or saying that the bytes are no such message.
Result<> parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& message);
/// What reading `bytes` into a message of `type` takes at most, in bytes of memory.
std::size_t weight(const grpc::ByteBuffer& bytes, const google::protobuf::Descriptor& type);
grpc::ByteBuffer serialized(const google::protobuf::Message& message);

void write(Timestamp time, google::protobuf::Timestamp& message);
void write(const Product& product, proto::Product& message);
/// The answer to `query`.
void write(const SearchPage& page, const SearchQuery& query, proto::SearchRes& message);

/// What an UpdateReq asks for.
struct ProductUpdate {
    ProductId id;
    ValidDraft draft;  ///< Gives the fields of the mask, where there is one.
    std::optional<Version> expected;
};

struct ProductRemoval {
    ProductId id;
    std::optional<Version> expected;
};

// Each fails with invalid_argument listing every bad field, named as in the proto.
Result<ValidDraft> read(const proto::CreateReq& request);
Result<ProductUpdate> read(const proto::UpdateReq& request);
Result<ProductId> read(const proto::GetByIDReq& request);
Result<SearchQuery> read(const proto::SearchReq& request);
Result<ProductRemoval> read(const proto::DeleteReq& request);

}  // namespace productd
