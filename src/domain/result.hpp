// What went wrong, as a value. Every module speaks these codes; each edge has one table that translates them.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/enumerators.hpp"

namespace productd {

/// The canonical gRPC codes (https://grpc.io/docs/guides/status-codes/), used on every surface.
enum class Errc {
    cancelled,
    unknown,
    invalid_argument,
    deadline_exceeded,
    not_found,
    already_exists,
    permission_denied,
    resource_exhausted,
    failed_precondition,
    aborted,
    out_of_range,
    unimplemented,
    internal,
    unavailable,
    data_loss,
    unauthenticated,
};

/// `not_found` for Errc::not_found and so on: labels of metrics, logs and dead letters.
constexpr const char* name(Errc code) {
    switch (code) {
        case Errc::cancelled: return "cancelled";
        case Errc::unknown: return "unknown";
        case Errc::invalid_argument: return "invalid_argument";
        case Errc::deadline_exceeded: return "deadline_exceeded";
        case Errc::not_found: return "not_found";
        case Errc::already_exists: return "already_exists";
        case Errc::permission_denied: return "permission_denied";
        case Errc::resource_exhausted: return "resource_exhausted";
        case Errc::failed_precondition: return "failed_precondition";
        case Errc::aborted: return "aborted";
        case Errc::out_of_range: return "out_of_range";
        case Errc::unimplemented: return "unimplemented";
        case Errc::internal: return "internal";
        case Errc::unavailable: return "unavailable";
        case Errc::data_loss: return "data_loss";
        case Errc::unauthenticated: return "unauthenticated";
    }
    std::unreachable();
}

/// The code of that name(); nothing for any other text.
constexpr std::optional<Errc> errc_named(std::string_view text) { return enumerator_named<Errc>(text); }

/// One field that breaks a rule of the contract.
struct Violation {
    std::string field;   ///< The JSON name, `price`.
    std::string code;    ///< `required`, `type`, `length`, `range`, `utf8`, `id`, `duplicate`.
    std::string detail;  ///< A sentence for a person.
    bool operator==(const Violation&) const = default;
};

struct Error {
    Errc code = Errc::unknown;
    std::string detail;  ///< Safe to show to a caller: no address, path or statement.
    std::vector<Violation> violations = {};
    std::string cause = {};  ///< For the log only, never sent to a caller.
};

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }
inline std::unexpected<Error> fail(Errc code, std::string detail) {
    return std::unexpected(Error{code, std::move(detail)});
}

inline Error invalid(std::string detail, std::vector<Violation> violations = {}) {
    return {Errc::invalid_argument, std::move(detail), std::move(violations)};
}
inline Error not_found(const std::string& id) { return {Errc::not_found, "There is no product " + id + "."}; }
inline Error unavailable(std::string detail, std::string cause = {}) {
    return {Errc::unavailable, std::move(detail), {}, std::move(cause)};
}

}  // namespace productd
