// Product ↔ JSON, as REST and the topics carry it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/product.hpp"
#include "domain/result.hpp"
#include "domain/validation.hpp"

namespace productd {

/// Whether `version` is written: a product that is accepted and not yet stored has none.
enum class VersionMember { written, left_out };

/// The product with the contract's member names. Unset categoryId and imageUrl are left out, photos is then [].
/// A price that is not finite, which only another program can have stored, is null: the product can still be found and
/// mended, and nobody takes it for one that costs something. read_stored_product() does not take it back.
void append_product(std::string& out, const Product& product, VersionMember version = VersionMember::written);

/// Whether the member productId counts: in messages it does, in REST bodies it is ignored.
enum class ProductIdMember { read, ignored };

struct ProductText {
    ValidDraft draft;
    std::optional<ProductId> id;  ///< Nothing when absent, zeros, or ignored.
};

/// Reads and validates a product. invalid_argument without violations when `text` is not JSON or not an object (UTF-8
/// and nesting limit included); with all violations at once when members are missing, doubled, of the wrong type or out
/// of range. Unknown members, createdAt, updatedAt and version are ignored, whatever number they hold. A price is taken
/// only if the double, printed with as many significant digits as were sent, is the number sent.
/// The draft occupies at most about four times what `text` does: photos that would take more (photos_fit()) are refused
/// before any is decoded.
Result<ProductText> read_product(std::string_view text, ProductIdMember id_member);

/// A product as append_product() or the older service wrote it, exactly: nothing is validated, since it was when it was
/// stored. Members that are missing or null are empty, and 0 for the version; nothing without id and times, with a
/// price of null, and for any other text.
std::optional<Product> read_stored_product(std::string_view text);

/// The id in `{"productId": "…"}`; invalid_argument when there is none.
Result<ProductId> read_product_id(std::string_view text);

/// A draft as the members that were given and no others; null clears a category. The same draft always gives the
/// same text, so its hash can stand for it.
std::string draft_text(const Draft& draft, std::optional<ProductId> id, std::optional<Timestamp> created_at,
                       std::optional<Timestamp> updated_at);

}  // namespace productd
