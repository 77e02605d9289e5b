#pragma once
#include <microhttpd.h>

typedef enum MHD_Result (*http_server_handler)(
    void *context, struct MHD_Connection *connection, const char *path, const char *method, const char *version,
    const char *bytes, size_t *count, void **request);
typedef void (*http_server_completed)(
    void *context, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode code);
typedef enum MHD_Result (*http_server_pair)(void *context, enum MHD_ValueKind kind, const char *name, const char *value);

/// Starts a server on `socket`, which listens already and is closed by the server; a thread per connection, so that a
/// handler may block. With a certificate and a key (PEM), it speaks TLS.
struct MHD_Daemon *http_server_start(
    int socket, const char *certificate, const char *key, http_server_handler handler, http_server_completed completed,
    void *context);
