// Watch: a stream of the feed of changes for one client.
#pragma once

#include "app/feed/product_feed.hpp"
#include "inbound/grpc/change_proto.hpp"
#include "inbound/grpc/grpc_method.hpp"

namespace productd {

class ProductWatch : public GrpcStream {
public:
    /// Takes a place among those who follow `feed`, which outlives it. Fails as ProductFeed::watch, and with
    /// invalid_argument for what is no WatchReq.
    static Result<std::unique_ptr<GrpcStream>> open(ProductFeed& feed, const grpc::ByteBuffer& request);

    ProductWatch(ProductFeed& feed, ProductFeed::Watcher place, WatchQuestion question)
        : feed_(feed), place_(std::move(place)), question_(std::move(question)) {}

    /// A page at a time: the next is read once the client has taken the one before. Ends well after
    /// FeedSettings::stream_age, and where the client asked for an end.
    Task<> run(GrpcSink& sink, SpanContext trace) override;

private:
    Task<FeedPage> next_page(Deadline end, SpanContext trace);

    ProductFeed& feed_;
    const ProductFeed::Watcher place_;
    WatchQuestion question_;
    bool is_up_to_date_ = false;  ///< And the client knows.
};

}  // namespace productd
