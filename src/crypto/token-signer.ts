import { type CryptoKey, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import { Lru } from '../base/lru.ts';
import type { TokenSigner } from '../core/signing/signing-key.ts';
import type { JsonObject } from '../core/users/user.ts';

/** Keys are few, and a key is made usable once. */
const rememberedKeys = 50;

export function tokenSigner(): TokenSigner {
  const usable = new Lru<string, Promise<CryptoKey | Uint8Array>>(rememberedKeys);
  return {
    async generate(alg) {
      const pair = await generateKeyPair(alg, { extractable: true, ...(alg === 'EdDSA' && { crv: 'Ed25519' }) });
      return {
        publicJwk: (await exportJWK(pair.publicKey)) as JsonObject,
        privateJwk: JSON.stringify(await exportJWK(pair.privateKey)),
      };
    },

    async sign({ kid, alg, privateJwk }, claims) {
      const known = usable.get(kid);
      const importing = known ?? importJWK(JSON.parse(privateJwk), alg);
      if (!known) usable.set(kid, importing);
      return new SignJWT(claims).setProtectedHeader({ alg, kid, typ: 'JWT' }).sign(await importing);
    },
  };
}
