#include "inbound/grpc/grpc_status.hpp"

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <set>

namespace productd {
namespace {

TEST(GrpcStatus, GivesEveryCodeTheCanonicalNumberOfItsName) {
    // The names of both are the canonical ones, so a mix-up shows as a difference of spelling.
    std::set<grpc::StatusCode> seen;
    for (const auto code : enumerators<Errc>) {
        const auto status = grpc_status(code);
        seen.insert(status);
        std::string camel;
        for (const char* c = name(code); *c; ++c) {
            if (*c == '_') continue;
            const bool starts_word = c == name(code) || c[-1] == '_';
            camel += starts_word ? static_cast<char>(*c - 'a' + 'A') : *c;
        }
        EXPECT_EQ(grpc_code_name(status), camel == "Cancelled" ? "Canceled" : camel);
    }
    EXPECT_EQ(seen.size(), 16u);
    EXPECT_FALSE(seen.contains(grpc::StatusCode::OK));
    EXPECT_EQ(grpc_status(Errc::cancelled), 1);
    EXPECT_EQ(grpc_status(Errc::invalid_argument), 3);
    EXPECT_EQ(grpc_status(Errc::aborted), 10);
    EXPECT_EQ(grpc_status(Errc::unauthenticated), 16);
}

TEST(GrpcStatus, ShowsTheDetailAndNeverTheCause) {
    const auto status = grpc_status(unavailable("The store is down.", "sqlite3: /secret/path"));
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(status.error_message(), "The store is down.");
    EXPECT_EQ(status.error_details(), "");
}

TEST(GrpcStatus, ListsViolationsAsBadRequest) {
    const auto status = grpc_status(invalid("2 fields are not valid.", {{"Name", "required", "Name is required."},
                                                                        {"Price", "range", "Price must be more."}}));
    google::rpc::Status details;
    ASSERT_TRUE(details.ParseFromString(status.error_details()));
    EXPECT_EQ(details.code(), 3);
    EXPECT_EQ(details.message(), "2 fields are not valid.");
    ASSERT_EQ(details.details_size(), 1);
    EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.BadRequest");
    google::rpc::BadRequest request;
    ASSERT_TRUE(details.details(0).UnpackTo(&request));
    ASSERT_EQ(request.field_violations_size(), 2);
    EXPECT_EQ(request.field_violations(1).field(), "Price");
    EXPECT_EQ(request.field_violations(1).reason(), "RANGE");
    EXPECT_EQ(request.field_violations(1).description(), "Price must be more.");
}

TEST(GrpcStatus, StaysSmallEnoughForATrailer) {
    std::vector<Violation> many(1'000, Violation{"Name", "length", std::string(100, 'x')});
    const auto status = grpc_status(invalid(std::string(100'000, 'y'), many));
    EXPECT_LT(status.error_message().size() + status.error_details().size() * 4 / 3, 8'000u);
    EXPECT_GT(status.error_details().size(), 1'000u);
}

}  // namespace
}  // namespace productd
