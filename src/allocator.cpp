// How jemalloc keeps memory (https://jemalloc.net/jemalloc.3.html#tuning): few arenas, as few threads do most of the
// work, and what is freed goes back to the system after half a second. Decision 13 has the figures.
extern "C" {
// The name is the library's; the environment's MALLOC_CONF wins over it.
extern const char* malloc_conf;
const char* malloc_conf = "narenas:2,dirty_decay_ms:500,muzzy_decay_ms:0";
}
