#ifndef ML_COPENSSL_H
#define ML_COPENSSL_H

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

// An HMAC over SHA-256 with its key in place; NULL when OpenSSL refuses.
static inline EVP_MAC_CTX *ml_hmac_sha256(const unsigned char *key, size_t count) {
    EVP_MAC *mac = EVP_MAC_fetch((OSSL_LIB_CTX *)0, "HMAC", (const char *)0);
    EVP_MAC_CTX *context = mac ? EVP_MAC_CTX_new(mac) : (EVP_MAC_CTX *)0;
    EVP_MAC_free(mac);
    if (!context) return context;
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    if (EVP_MAC_init(context, key, count, parameters)) return context;
    EVP_MAC_CTX_free(context);
    return (EVP_MAC_CTX *)0;
}

#endif
