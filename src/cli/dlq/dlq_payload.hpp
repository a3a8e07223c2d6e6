// A payload as its user writes it: in an editor, or given.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>

#include "domain/result.hpp"

namespace productd {

/// All of it; fails beyond `bytes_max`.
Result<std::string> read_all(std::istream& in, std::size_t bytes_max);
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

/// A text in the user's editor: a file that only the user may read, and that goes with this unless it was kept.
class EditedPayload {
public:
    EditedPayload() = default;
    ~EditedPayload();
    EditedPayload(const EditedPayload&) = delete;
    EditedPayload& operator=(const EditedPayload&) = delete;

    /// What $EDITOR makes of `text`. Fails without an editor, where that fails, and beyond `bytes_max`.
    Result<std::string> edit(std::string text, std::size_t bytes_max);
    /// Leaves the file, and tells where; nothing where its user wrote nothing.
    std::optional<std::string> keep();

private:
    Result<> make();

    std::string path_;   ///< Empty: there is no file.
    std::string given_;  ///< What stood in it before the editor.
};

}  // namespace productd
