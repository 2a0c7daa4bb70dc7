import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

/** A software authenticator: ES256, no attestation. Enough of WebAuthn for a server to believe it. */
export class Authenticator {
  readonly #keys = new Map<string, { readonly privateKey: KeyObject; counter: number; readonly userHandle: string }>();
  readonly #flags: number;

  /** @param verifiesUsers whether it asks for a finger or a PIN */
  constructor({ verifiesUsers = true }: { readonly verifiesUsers?: boolean } = {}) {
    this.#flags = 0x01 | (verifiesUsers ? 0x04 : 0);
  }

  // biome-ignore lint/suspicious/noExplicitAny: options as they come off the wire
  create(options: any, origin: string) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const id = randomBytes(32);
    const credentialId = id.toString('base64url');
    this.#keys.set(credentialId, { privateKey, counter: 0, userHandle: options.user.id });
    const { x, y } = publicKey.export({ format: 'jwk' }) as { x: string; y: string };
    const cose = cborMap([
      [1, cborInt(2)],
      [3, cborInt(-7)],
      [-1, cborInt(1)],
      [-2, cborBytes(Buffer.from(x, 'base64url'))],
      [-3, cborBytes(Buffer.from(y, 'base64url'))],
    ]);
    const length = Buffer.from([0, id.length]);
    const attested = Buffer.concat([Buffer.alloc(16), length, id, cose]);
    const data = this.#authenticatorData(options.rp.id, 0x40, 0, attested);
    const attestation = Buffer.concat([
      Buffer.from([0xa3]),
      cborText('fmt'),
      cborText('none'),
      cborText('attStmt'),
      Buffer.from([0xa0]),
      cborText('authData'),
      cborBytes(data),
    ]);
    return {
      id: credentialId,
      rawId: credentialId,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData('webauthn.create', options.challenge, origin).toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      },
    };
  }

  // biome-ignore lint/suspicious/noExplicitAny: options as they come off the wire
  get(options: any, origin: string, credentialId = [...this.#keys.keys()][0]!) {
    const key = this.#keys.get(credentialId)!;
    key.counter += 1;
    const data = this.#authenticatorData(options.rpId, 0, key.counter, Buffer.alloc(0));
    const client = clientData('webauthn.get', options.challenge, origin);
    const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
    return {
      id: credentialId,
      rawId: credentialId,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: createSign('SHA256').update(signed).sign(key.privateKey).toString('base64url'),
        userHandle: key.userHandle,
      },
    };
  }

  /** As if somebody had copied the key: the next signature counts from before. */
  rewind(): void {
    for (const key of this.#keys.values()) key.counter = 0;
  }

  #authenticatorData(rpId: string, flags: number, counter: number, rest: Buffer): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.from([this.#flags | flags]), count, rest]);
  }
}

const clientData = (type: string, challenge: string, origin: string): Buffer =>
  Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));

function cborHead(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  return value < 256
    ? Buffer.from([(major << 5) | 24, value])
    : Buffer.from([(major << 5) | 25, value >> 8, value & 255]);
}
const cborInt = (value: number): Buffer => (value < 0 ? cborHead(1, -1 - value) : cborHead(0, value));
const cborBytes = (bytes: Buffer): Buffer => Buffer.concat([cborHead(2, bytes.length), bytes]);
const cborText = (text: string): Buffer => Buffer.concat([cborHead(3, text.length), Buffer.from(text)]);
const cborMap = (entries: readonly (readonly [number, Buffer])[]): Buffer =>
  Buffer.concat([cborHead(5, entries.length), ...entries.flatMap(([key, value]) => [cborInt(key), value])]);
