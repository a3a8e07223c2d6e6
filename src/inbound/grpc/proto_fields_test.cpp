#include "inbound/grpc/proto_fields.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/unknown_field_set.h>
#include <product/product.pb.h>
#include <rapidcheck/gtest.h>

#include "inbound/grpc/product_proto.hpp"

namespace productd {
namespace {

const auto& create_type = *proto::CreateReq::descriptor();
const auto& update_type = *proto::UpdateReq::descriptor();

std::string repeated(std::string_view bytes, std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += bytes;
    return all;
}

grpc::ByteBuffer buffer_of(const std::string& bytes) {
    const grpc::Slice slice(bytes);
    return {&slice, 1};
}

// Fields 15 (twice, one a group within a group), 16 (a text), 17 (four bytes) and 18 (eight): nothing of the contract.
const std::string unknown = "\x7B\x7C\x7B\x83\x01\x84\x01\x7C\x82\x01\x03xyz\x8D\x01....\x91\x01........";

TEST(ProtoFields, LeavesOutWhatTheTypeDoesNotKnowAlsoInMessagesWithin) {
    proto::UpdateReq known;
    known.set_productid("id");
    known.set_quantity(-7);
    known.add_photos("");
    const auto plain = known.SerializeAsString();
    known.mutable_updatemask()->add_paths("Name");
    // Field 10, the mask: a path with unknown fields around it.
    const auto within = unknown + "\x0A\x04Name" + unknown;
    const auto wire = unknown + plain + unknown + "\x52" + static_cast<char>(within.size()) + within + unknown;

    ASSERT_TRUE(weigh(wire, update_type));
    EXPECT_TRUE(weigh(wire, update_type)->has_unknown);
    EXPECT_FALSE(weigh(known.SerializeAsString(), update_type)->has_unknown);
    EXPECT_EQ(without_unknown(wire, update_type), known.SerializeAsString());
    proto::UpdateReq read;
    ASSERT_TRUE(parse(buffer_of(wire), read));
    EXPECT_EQ(read.SerializeAsString(), known.SerializeAsString());
}

TEST(ProtoFields, TakesAKnownNumberOfAnotherWireTypeForUnknownAsProtobufDoes) {
    const std::string name_as_number = "\x10\x07";
    EXPECT_TRUE(weigh(name_as_number, create_type)->has_unknown);
    EXPECT_EQ(without_unknown(name_as_number, create_type), "");
}

TEST(ProtoFields, KeepsNoMemoryForMillionsOfUnknownGroups) {
    proto::CreateReq request;
    ASSERT_TRUE(parse(buffer_of(repeated("\x7B\x7C", 1'000'000)), request));
    EXPECT_TRUE(request.GetReflection()->GetUnknownFields(request).empty());
    EXPECT_LT(request.SpaceUsedLong(), 1'000U);
}

TEST(ProtoFields, CountsATextAsTheObjectItBecomes) {
    const auto empty_photos = repeated(std::string("\x32\x00", 2), 10'000);
    proto::CreateReq request;
    ASSERT_TRUE(parse(buffer_of(empty_photos), request));
    EXPECT_GE(weigh(empty_photos, create_type)->bytes, request.SpaceUsedLong());
}

TEST(ProtoFields, RefusesWhatIsNoFields) {
    const std::string deep = repeated("\x7B", 200) + repeated("\x7C", 200);
    for (const auto& bytes : {std::string("\xFF"), std::string("\x12\x7F", 2),
                              std::string("\x12\x05"
                                          "abc"),
                              std::string("\x7B"), std::string("\x7C"), std::string("\x7B\x84\x01"),
                              std::string("\x00", 1), std::string("\x02\x00", 2), std::string("\x17", 1), deep}) {
        EXPECT_FALSE(weigh(bytes, create_type)) << testing::PrintToString(bytes);
        proto::CreateReq request;
        EXPECT_FALSE(parse(buffer_of(bytes), request));
    }
    EXPECT_TRUE(weigh("", create_type));
}

RC_GTEST_PROP(ProtoFields, AgreesWithProtobufAboutAnyBytes, (const std::string& noise)) {
    proto::UpdateReq theirs;
    // Texts that are not UTF-8 are protobuf's own business; here both only part the fields.
    google::protobuf::UnknownFieldSet fields;
    if (!weigh(noise, update_type)) return;
    RC_ASSERT(fields.ParseFromString(noise));
    if (!theirs.ParseFromString(noise)) return;
    theirs.DiscardUnknownFields();
    proto::UpdateReq ours;
    RC_ASSERT(ours.ParseFromString(without_unknown(noise, update_type)));
    RC_ASSERT(ours.SerializeAsString() == theirs.SerializeAsString());
}

}  // namespace
}  // namespace productd
