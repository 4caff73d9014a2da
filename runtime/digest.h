/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 over named sections: the digest of a bundle, for its writer and its readers.
 *
 * Each section enters as its name with the final NUL, its length as 64 bits little-endian and
 * its bytes, so that nothing can move from one section to the next unseen.
 */
#pragma once

#include <endian.h>

#include <sodium.h>

#include "util.h"

#define KA_DIGEST_BYTES 32
_Static_assert(crypto_hash_sha256_BYTES == KA_DIGEST_BYTES, "SHA-256 has 32 bytes");

struct ka_digest {
	crypto_hash_sha256_state sha;
};

static inline void ka_digest_start(struct ka_digest *d)
{
	crypto_hash_sha256_init(&d->sha);
}

static inline void ka_digest_section(struct ka_digest *d, const char *name, const void *data,
				     size_t size)
{
	uint64_t len = htole64(size);

	crypto_hash_sha256_update(&d->sha, (const unsigned char *)name, strlen(name) + 1);
	crypto_hash_sha256_update(&d->sha, (const unsigned char *)&len, sizeof(len));
	crypto_hash_sha256_update(&d->sha, data, size);
}

static inline void ka_digest_end(struct ka_digest *d, uint8_t ret[KA_DIGEST_BYTES])
{
	crypto_hash_sha256_final(&d->sha, ret);
}
