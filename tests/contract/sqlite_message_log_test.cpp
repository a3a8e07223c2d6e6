// The embedded log keeps the contract of every log.
#include "outbound/sqlite/log/sqlite_message_log.hpp"

#include "contract/fetch_room_contract.hpp"
#include "contract/message_log_contract.hpp"
#include "contract/subscription_contract.hpp"
#include "fakes/temp_folder.hpp"

namespace productd::contract {

class SqliteLogHarness {
public:
    SqliteLogHarness() { reopen(); }

    MessageLog& log() { return *log_; }
    void reopen() {
        log_.reset();
        SqliteLogSettings settings;
        settings.path = folder_ / "log.db";
        auto opened = SqliteMessageLog::open(std::move(settings));
        if (!opened) throw std::runtime_error(opened.error().detail + ' ' + opened.error().cause);
        log_ = std::move(*opened);
    }
    std::string topic(const std::string& name) { return name; }
    std::string group(const std::string& name) { return name; }

private:
    TempFolder folder_;
    std::unique_ptr<SqliteMessageLog> log_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, MessageLogContract, SqliteLogHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, SubscriptionContract, SqliteLogHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, FetchRoomContract, SqliteLogHarness);

}  // namespace productd::contract
