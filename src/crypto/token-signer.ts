import type { CryptoKey } from 'jose';
import type { JsonObject } from '../base/json.ts';
import { Lru } from '../base/lru.ts';
import type { TokenSigner } from '../core/signing/signing-key.ts';

/** Keys are few, and a key is made usable once. */
const rememberedKeys = 50;

/** Takes 8 MB: loaded by the first token. */
const loadJose = () => import('jose');

export function tokenSigner(): TokenSigner {
  const usable = new Lru<string, Promise<CryptoKey | Uint8Array>>(rememberedKeys);
  return {
    async generate(alg) {
      const { exportJWK, generateKeyPair } = await loadJose();
      const pair = await generateKeyPair(alg, { extractable: true, ...(alg === 'EdDSA' && { crv: 'Ed25519' }) });
      return {
        publicJwk: (await exportJWK(pair.publicKey)) as JsonObject,
        privateJwk: JSON.stringify(await exportJWK(pair.privateKey)),
      };
    },

    async sign({ kid, alg, privateJwk }, claims, { typ } = { typ: 'JWT' }) {
      const { importJWK, SignJWT } = await loadJose();
      const known = usable.get(kid);
      const importing = known ?? importJWK(JSON.parse(privateJwk), alg);
      if (!known) usable.set(kid, importing);
      return new SignJWT(claims).setProtectedHeader({ alg, kid, ...(typ && { typ }) }).sign(await importing);
    },

    inspect(token) {
      try {
        const [head = '', claims = '', ...rest] = token.split('.');
        if (rest.length !== 1) return null;
        const { kid } = objectIn(head);
        const { iss, project_id: projectId } = objectIn(claims);
        if (typeof kid !== 'string' || typeof iss !== 'string') return null;
        return { kid, issuer: iss, projectId: typeof projectId === 'string' ? projectId : null };
      } catch {
        return null;
      }
    },

    async verify(token, { publicJwk, alg }) {
      const { compactVerify, importJWK } = await loadJose();
      try {
        const { payload } = await compactVerify(token, await importJWK(publicJwk, alg), { algorithms: [alg] });
        const claims = JSON.parse(new TextDecoder().decode(payload));
        return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? claims : null;
      } catch {
        return null;
      }
    },
  };
}

/** The JSON object in a part of a token (RFC 7515 §2). @throws when it holds none */
const objectIn = (part: string): { readonly [name: string]: unknown } =>
  JSON.parse(Buffer.from(part, 'base64url').toString());
