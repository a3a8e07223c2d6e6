// The products service over gRPC: each rpc reads its request, calls the use case and writes the answer.
#pragma once

#include <product/product.grpc.pb.h>

#include "app/catalog/catalog.hpp"
#include "app/catalog/direct_catalog.hpp"
#include "app/feed/product_feed.hpp"
#include "inbound/grpc/grpc_method.hpp"
#include "inbound/grpc/product_proto.hpp"

namespace productd {

class GrpcApi {
public:
    using Generated = proto::ProductsService;
    /// Takes bytes instead of messages: what cannot be parsed is then answered by us, with the field at fault.
    using Service = Generated::WithRawMethod_Create<
        Generated::WithRawMethod_Update<Generated::WithRawMethod_GetByID<Generated::WithRawMethod_Search<
            Generated::WithRawMethod_Delete<Generated::WithRawMethod_Watch<Generated::Service>>>>>>;

    /// Everything given outlives this, and this outlives the server's calls.
    GrpcApi(Catalog& catalog, DirectCatalog& writes, ProductFeed& feed, Metrics& metrics);

    Service& service() { return service_; }
    const GrpcMethods& methods() const { return methods_; }

private:
    Task<proto::CreateRes> create(proto::CreateReq request, RequestContext context);
    Task<proto::UpdateRes> update(proto::UpdateReq request, RequestContext context);
    Task<proto::GetByIDRes> get_by_id(proto::GetByIDReq request, RequestContext context);
    Task<proto::SearchRes> search(proto::SearchReq request, RequestContext context);
    Task<proto::DeleteRes> remove(proto::DeleteReq request, RequestContext context);

    /// What this process holds, answered on the thread that took the call: a hop would cost more than the answer.
    std::optional<GrpcReply> get_by_id_at_once(const grpc::ByteBuffer& bytes);

    using RequestMember = void (Service::*)(grpc::ServerContext*, grpc::ByteBuffer*,
                                            grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>*, grpc::CompletionQueue*,
                                            grpc::ServerCompletionQueue*, void*);
    template <class Request, class Answer>
    using Handler = Task<Answer> (GrpcApi::*)(Request, RequestContext);
    using AtOnce = std::optional<GrpcReply> (GrpcApi::*)(const grpc::ByteBuffer&);

    /// A row of the table: the generated function that takes a call, ours that answers it, and the one that is asked
    /// first, if any.
    template <class Request, class Answer>
    GrpcUnaryMethod unary(Metrics& metrics, const char* name, const char* label, GrpcAbandoned abandoned,
                          RequestMember request, Handler<Request, Answer> handler, AtOnce at_once = nullptr);
    template <class Request>
    static GrpcMethod method(Metrics& metrics, GrpcKind kind, const char* name, const char* label);
    GrpcStreamMethod watch(Metrics& metrics);
    template <class Request, class Answer>
    Task<grpc::ByteBuffer> answer(Handler<Request, Answer> handler, grpc::ByteBuffer bytes, RequestContext context);

    Catalog& catalog_;
    DirectCatalog& writes_;
    ProductFeed& feed_;
    Service service_;
    GrpcMethods methods_;
};

}  // namespace productd
