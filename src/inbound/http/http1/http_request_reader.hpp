// One HTTP/1.x request, read by Beast's parser into a HttpRequest.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "inbound/http/http_refusal.hpp"
#include "inbound/http/http_settings.hpp"
#include "inbound/http/message/http_message.hpp"

namespace productd {

class HttpRequestReader : public boost::beast::http::basic_parser<true> {
public:
    /// Fills `request`, which must outlive the reader.
    HttpRequestReader(HttpRequest& request, const HttpLimits& limits);

    /// As put(), with the limit over all header bytes, however they are split. Stops behind the header once.
    std::size_t read(std::string_view bytes, boost::system::error_code& error);

    /// Set when a check of ours stopped the parser.
    std::optional<HttpRefusal>& refusal() { return refusal_; }
    /// What Beast's error means to the client.
    HttpRefusal translate(const boost::system::error_code& error) const;

    std::size_t header_bytes() const { return header_bytes_; }
    bool expects_continue() const { return expects_continue_; }
    bool http_1_0() const { return http_1_0_; }
    /// Whether the client wants the connection to go on. Beast would ask trailers, too, and believe keep-alive beside
    /// close (RFC 9112 9.3).
    bool keep_alive() const { return !closes_ && (!http_1_0_ || asks_to_stay_); }

private:
    using Code = boost::system::error_code;
    using Text = boost::beast::string_view;
    using Field = boost::beast::http::field;

    void on_request_impl(boost::beast::http::verb, Text method, Text target, int version, Code& error) override;
    void on_response_impl(int, Text, int, Code&) override {}
    void on_field_impl(Field field, Text name, Text value, Code& error) override;
    void on_header_impl(Code& error) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, Code&) override;
    std::size_t on_body_impl(Text piece, Code&) override;
    void on_chunk_header_impl(std::uint64_t, Text extensions, Code& error) override;
    std::size_t on_chunk_body_impl(std::uint64_t, Text piece, Code&) override;
    void on_finish_impl(Code&) override {}

    std::size_t read_body(std::string_view bytes, Code& error);
    void check_framing(Field field, std::string_view value, Code& error);
    void check_codings(std::string_view codings, Code& error);
    void note_options(std::string_view options);
    void normalise_target(Code& error);
    void cut_authority(Code& error);
    void stop(Code& error, unsigned status, std::string_view reason, std::string detail);
    bool is_folded(std::string_view name, std::string_view value) const;

    HttpRequest& request_;
    const HttpLimits& limits_;
    std::optional<HttpRefusal> refusal_;
    std::string_view window_;  ///< The bytes being parsed.
    std::size_t header_bytes_ = 0;
    std::size_t framed_bytes_ = 0;  ///< Of the body, as sent.
    unsigned hosts_ = 0;
    unsigned lengths_ = 0;
    unsigned codings_ = 0;
    unsigned types_ = 0;
    bool line_seen_ = false;
    bool header_seen_ = false;
    bool expects_continue_ = false;
    bool http_1_0_ = false;
    bool closes_ = false;
    bool asks_to_stay_ = false;
};

}  // namespace productd
