#ifndef ML_CSQLITE_H
#define ML_CSQLITE_H

#include <sqlite3.h>

// One of the numbers that Swift does not see, because they are put together from others.
enum { ML_SQLITE_SYNC_FAILED = SQLITE_IOERR_FSYNC };

// What Swift cannot call itself: variadic functions, and destructors that are numbers in a pointer's clothes.

// Once per process, before the first connection. Each connection is used by one thread at a time, so SQLite needs no
// lock around it. A process with one small database shall not pay for statistics nor for caches filled in advance.
static inline int ml_sqlite_configure(void) {
    int code = sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    if (code == SQLITE_OK) code = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    if (code == SQLITE_OK) code = sqlite3_config(SQLITE_CONFIG_PAGECACHE, (void *)0, 0, 0);
    return code == SQLITE_OK ? sqlite3_initialize() : code;
}

static inline int ml_sqlite_checkpoint_on_close(sqlite3 *database, int on) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !on, (int *)0);
}

// Its own dice fall the same way again after the same seed. Zero takes the machine's.
static inline void ml_sqlite_seed_randomness(unsigned seed) {
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)seed, (sqlite3 *)0);
}

// The bytes are copied.
static inline int ml_sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int count) {
    return sqlite3_bind_text(statement, index, text, count, SQLITE_TRANSIENT);
}

// The bytes are not copied: they stay until the statement has been stepped and reset.
static inline int ml_sqlite_bind_borrowed(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    return sqlite3_bind_blob(statement, index, bytes ? bytes : "", count, SQLITE_STATIC);
}

static inline int ml_sqlite_bind_copied(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    return sqlite3_bind_blob(statement, index, bytes ? bytes : "", count, SQLITE_TRANSIENT);
}

#endif
