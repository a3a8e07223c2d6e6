// The table of rpcs first, then one short handler each: reads by Catalog, writes by DirectCatalog, changes by
// ProductWatch.
#include "inbound/grpc/grpc_api.hpp"

#include "inbound/grpc/product_watch.hpp"

namespace productd {

GrpcApi::GrpcApi(Catalog& catalog, DirectCatalog& writes, ProductFeed& feed, Metrics& metrics)
    : catalog_(catalog),
      writes_(writes),
      feed_(feed),
      methods_{
          .unary{
              unary(metrics, "Create", "create", GrpcAbandoned::finishes, &Service::RequestCreate, &GrpcApi::create),
              unary(metrics, "Update", "update", GrpcAbandoned::finishes, &Service::RequestUpdate, &GrpcApi::update),
              unary(metrics, "GetByID", "get_by_id", GrpcAbandoned::stops, &Service::RequestGetByID,
                    &GrpcApi::get_by_id, &GrpcApi::get_by_id_at_once),
              unary(metrics, "Search", "search", GrpcAbandoned::stops, &Service::RequestSearch, &GrpcApi::search),
              unary(metrics, "Delete", "delete", GrpcAbandoned::finishes, &Service::RequestDelete, &GrpcApi::remove),
          },
          .streams{watch(metrics)}} {}

Task<proto::CreateRes> GrpcApi::create(proto::CreateReq request, RequestContext context) {
    auto draft = read(request);
    if (!draft) co_return fail(std::move(draft).error());
    auto product = co_await writes_.create(std::move(*draft), context.call());
    if (!product) co_return fail(std::move(product).error());
    proto::CreateRes reply;
    write(**product, *reply.mutable_product());
    co_return reply;
}

Task<proto::UpdateRes> GrpcApi::update(proto::UpdateReq request, RequestContext context) {
    auto update = read(request);
    if (!update) co_return fail(std::move(update).error());
    auto product = co_await writes_.update(update->id, std::move(update->draft), update->expected, context.call());
    if (!product) co_return fail(std::move(product).error());
    proto::UpdateRes reply;
    write(**product, *reply.mutable_product());
    co_return reply;
}

Task<proto::GetByIDRes> GrpcApi::get_by_id(proto::GetByIDReq request, RequestContext context) {
    auto id = read(request);
    if (!id) co_return fail(std::move(id).error());
    auto product = co_await catalog_.get(*id, Freshness::cached, context.call());
    if (!product) co_return fail(std::move(product).error());
    proto::GetByIDRes reply;
    write(**product, *reply.mutable_product());
    co_return reply;
}

Task<proto::SearchRes> GrpcApi::search(proto::SearchReq request, RequestContext context) {
    auto query = read(request);
    if (!query) co_return fail(std::move(query).error());
    auto page = co_await catalog_.search(*query, context.call());
    if (!page) co_return fail(std::move(page).error());
    proto::SearchRes reply;
    write(*page, *query, reply);
    co_return reply;
}

Task<proto::DeleteRes> GrpcApi::remove(proto::DeleteReq request, RequestContext context) {
    auto removal = read(request);
    if (!removal) co_return fail(std::move(removal).error());
    auto removed = co_await writes_.remove(removal->id, removal->expected, context.call());
    if (!removed) co_return fail(std::move(removed).error());
    co_return proto::DeleteRes();
}

std::optional<GrpcReply> GrpcApi::get_by_id_at_once(const grpc::ByteBuffer& bytes) {
    proto::GetByIDReq request;
    if (auto parsed = parse(bytes, request); !parsed) return fail(std::move(parsed).error());
    auto id = read(request);
    if (!id) return fail(std::move(id).error());
    auto product = catalog_.peek(*id);
    if (!product) return std::nullopt;
    if (!*product) return fail(std::move(*product).error());
    proto::GetByIDRes reply;
    write(***product, *reply.mutable_product());
    return serialized(reply);
}

template <class Request>
GrpcMethod GrpcApi::method(Metrics& metrics, GrpcKind kind, const char* name, const char* label) {
    return {.name = name,
            .full_name = std::string(Generated::service_full_name()) + '/' + name,
            .metrics = GrpcMethodMetrics(metrics, kind, Generated::service_full_name(), name, label),
            .weight = [](const grpc::ByteBuffer& bytes) { return weight(bytes, *Request::descriptor()); }};
}

template <class Request, class Answer>
GrpcUnaryMethod GrpcApi::unary(Metrics& metrics, const char* name, const char* label, GrpcAbandoned abandoned,
                               RequestMember request, Handler<Request, Answer> handler, AtOnce at_once) {
    return {method<Request>(metrics, GrpcKind::unary, name, label), abandoned,
            [this, request](auto* context, auto* bytes, auto* writer, auto* queue, void* tag) {
                (service_.*request)(context, bytes, writer, queue, queue, tag);
            },
            at_once ? std::bind_front(at_once, this) : decltype(GrpcUnaryMethod::at_once){},
            [this, handler](const grpc::ByteBuffer& bytes, RequestContext context) {
                return answer(handler, bytes, std::move(context));
            }};
}

GrpcStreamMethod GrpcApi::watch(Metrics& metrics) {
    return {method<proto::WatchReq>(metrics, GrpcKind::server_stream, "Watch", "watch"),
            [this](auto* context, auto* bytes, auto* writer, auto* queue, void* tag) {
                service_.RequestWatch(context, bytes, writer, queue, queue, tag);
            },
            [this](const grpc::ByteBuffer& bytes) { return ProductWatch::open(feed_, bytes); },
            [this] { return feed_.is_stopping(); }};
}

template <class Request, class Answer>
Task<grpc::ByteBuffer> GrpcApi::answer(Handler<Request, Answer> handler, grpc::ByteBuffer bytes,
                                       RequestContext context) {
    Request request;
    if (auto parsed = parse(bytes, request); !parsed) co_return fail(std::move(parsed).error());
    bytes.Clear();
    auto reply = co_await (this->*handler)(std::move(request), std::move(context));
    if (!reply) co_return fail(std::move(reply).error());
    co_return serialized(*reply);
}

}  // namespace productd
