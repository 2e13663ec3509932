// What Swift cannot call itself: libmicrohttpd's variadic functions, and a look at a request's headers in one pass.
#ifndef ML_MICROHTTPD_H
#define ML_MICROHTTPD_H

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

// What the library said while it started; silent afterwards, since then it speaks of every broken request.
typedef struct {
    char text[256];
    int listening;
} ml_mhd_words;

typedef struct {
    int listener;
    unsigned connections;
    size_t connection_memory;
    // All NULL without TLS. Read during the start only.
    const char *certificate;
    const char *key;
    const char *priorities;
    ml_mhd_words *words;
    void *context;
    MHD_AcceptPolicyCallback admit;
    MHD_NotifyConnectionCallback connection;
    void *(*target)(void *context, const char *target, struct MHD_Connection *connection);
    MHD_AccessHandlerCallback request;
    MHD_RequestCompletedCallback completed;
} ml_mhd_setup;

static void ml_mhd_listen(void *words, const char *format, va_list arguments) {
    ml_mhd_words *heard = words;
    // The first word names the cause, the later ones its consequences.
    if (heard->listening && heard->text[0] == 0) vsnprintf(heard->text, sizeof heard->text, format, arguments);
}

// Targets stay as they were sent: decoded in place, %00 would cut a path short and %2F would move it.
static size_t ml_mhd_keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    return strlen(text);
}

static inline struct MHD_Daemon *ml_mhd_start(const ml_mhd_setup *s) {
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)s->certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)s->key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)s->priorities},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    if (s->certificate != NULL) flags |= MHD_USE_TLS;
    s->words->listening = 1;
    struct MHD_Daemon *daemon = MHD_start_daemon(
        flags, 0, s->admit, s->context, s->request, s->context,  //
        MHD_OPTION_EXTERNAL_LOGGER, ml_mhd_listen, s->words,     //
        MHD_OPTION_LISTEN_SOCKET, s->listener,                   //
        MHD_OPTION_CONNECTION_LIMIT, s->connections,             //
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, s->connection_memory,
        MHD_OPTION_CONNECTION_TIMEOUT, 0u,  // Deadlines are ours: the library knows idleness only.
        MHD_OPTION_STRICT_FOR_CLIENT, 1,    //
        MHD_OPTION_UNESCAPE_CALLBACK, ml_mhd_keep_escapes, NULL,          //
        MHD_OPTION_URI_LOG_CALLBACK, s->target, s->context,               //
        MHD_OPTION_NOTIFY_COMPLETED, s->completed, s->context,            //
        MHD_OPTION_NOTIFY_CONNECTION, s->connection, s->context,          //
        MHD_OPTION_ARRAY, s->certificate != NULL ? tls : tls + 3, MHD_OPTION_END);
    s->words->listening = 0;
    return daemon;
}

static inline int ml_mhd_epoll(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info == NULL ? -1 : info->epoll_fd;
}

// Whether the daemon has more to do before it waits for its descriptor.
static inline int ml_mhd_pending(struct MHD_Daemon *daemon) {
    MHD_UNSIGNED_LONG_LONG milliseconds = 1;
    return MHD_get_timeout(daemon, &milliseconds) == MHD_YES && milliseconds == 0;
}

static inline void *ml_mhd_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

static inline int ml_mhd_descriptor(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : info->connect_fd;
}

static inline const struct sockaddr *ml_mhd_peer(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info == NULL ? NULL : info->client_addr;
}

static inline size_t ml_mhd_head_size(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info == NULL ? 0 : info->header_size;
}

// The status that is being answered, or 0.
static inline unsigned ml_mhd_status(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_HTTP_STATUS);
    return info == NULL ? 0 : info->http_status;
}

// How a request says that its body ends.
typedef struct {
    unsigned lengths;
    unsigned encodings;
    unsigned hosts;
    int chunked;
    int malformed;
    unsigned long long length;  // Cut at what 18 digits can hold.
} ml_mhd_framing;

static inline enum MHD_Result ml_mhd_note_framing(void *context, enum MHD_ValueKind kind, const char *key,
                                                  size_t key_size, const char *value, size_t value_size) {
    ml_mhd_framing *framing = context;
    (void)kind;
    if (key_size == 14 && strncasecmp(key, "content-length", 14) == 0) {
        framing->lengths++;
        framing->length = 0;
        if (value_size == 0) framing->malformed = 1;
        for (size_t i = 0; i < value_size; i++) {
            if (value[i] < '0' || value[i] > '9') framing->malformed = 1;
            if (framing->length < 100000000000000000ull) framing->length = framing->length * 10 + (value[i] & 15);
        }
    } else if (key_size == 17 && strncasecmp(key, "transfer-encoding", 17) == 0) {
        framing->encodings++;
        framing->chunked = value_size == 7 && strncasecmp(value, "chunked", 7) == 0;
    } else if (key_size == 4 && strncasecmp(key, "host", 4) == 0) {
        framing->hosts++;
    }
    return MHD_YES;
}

static inline ml_mhd_framing ml_mhd_read_framing(struct MHD_Connection *connection) {
    ml_mhd_framing framing = {0};
    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, ml_mhd_note_framing, &framing);
    return framing;
}

// On a connection's own socket, without waiting and without a signal.
static inline int ml_socket_has_bytes(int socket) {
    char byte;
    return recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static inline ssize_t ml_socket_read(int socket, void *bytes, size_t room) {
    return recv(socket, bytes, room, MSG_DONTWAIT);
}

static inline ssize_t ml_socket_write(int socket, const void *bytes, size_t count) {
    return send(socket, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

#endif
