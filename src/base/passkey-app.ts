/** An application on a device that may use passkeys of a relying party on the web. */
export type PasskeyApp =
  | { readonly platform: 'android'; readonly name: string; readonly fingerprint: string; readonly origin: string }
  | { readonly platform: 'apple'; readonly name: string };

/**
 * `android:com.example.app/AB:CD:…` with the SHA-256 fingerprint of the certificate that signs the package, or
 * `apple:TEAMID1234.com.example.app`. Null for anything else.
 */
export function passkeyApp(text: string): PasskeyApp | null {
  const apple = /^apple:([A-Z0-9]{10}\.[A-Za-z0-9.-]{1,200})$/.exec(text)?.[1];
  if (apple !== undefined) return { platform: 'apple', name: apple };
  const [, name, fingerprint] =
    /^android:([A-Za-z]\w*(?:\.[A-Za-z]\w*)+)\/((?:[0-9A-F]{2}:){31}[0-9A-F]{2})$/.exec(text) ?? [];
  if (name === undefined || fingerprint === undefined) return null;
  // How Android names the origin of an application in what it signs.
  const digest = Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url');
  return { platform: 'android', name, fingerprint, origin: `android:apk-key-hash:${digest}` };
}
