// Archives as tar keeps them (POSIX ustar, large sizes as GNU's), so that `tar tf` and `tar xf` read a backup too.
#pragma once

#include <string>
#include <vector>

#include "runtime/backup/file_bytes.hpp"

namespace productd {

struct TarMember {
    std::string name;  ///< Without a leading `./`.
    FileRange range;   ///< Where its bytes are: in the archive, or still apart.
};

/// The 512 bytes before a member's.
std::string tar_header(const TarMember& member);
/// Writes the members' bytes, which are apart, into a new archive, and syncs it.
Result<> write_tar(const std::filesystem::path& path, const std::vector<TarMember>& members);
/// The plain files in an archive. Fails with data_loss for what is none, or ends too early.
Result<std::vector<TarMember>> tar_members(const std::filesystem::path& path);

}  // namespace productd
