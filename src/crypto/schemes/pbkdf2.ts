import { pbkdf2 as derive } from 'node:crypto';
import { refused, type Scheme, sameBytes, storedResult } from './scheme.ts';

const form = /^\$pbkdf2-(sha256|sha512)\$(?:i=)?(\d{1,9})(?:,l=\d{1,3})?\$([^$]+)\$([^$]+)$/;
const maxIterations = 2_000_000;

/** `$pbkdf2-sha256$29000$salt$result` (passlib) and `$pbkdf2-sha256$i=600000,l=32$salt$result` (PHC); also SHA-512. */
export const pbkdf2: Scheme = {
  name: 'PBKDF2',
  read(hash) {
    if (!hash.startsWith('$pbkdf2-')) return null;
    const parts = form.exec(hash);
    const stored = parts && storedResult(parts[3]!, parts[4]!);
    const iterations = Number(parts?.[2]);
    if (!stored || iterations < 1) return refused('malformed');
    if (iterations > maxIterations) return refused(`too dear: ${iterations} iterations`);
    const { salt, result } = stored;
    return {
      kind: 'readable',
      matches: (password) =>
        new Promise((resolve, reject) => {
          derive(password, salt, iterations, result.length, parts[1]!, (fault, key) =>
            fault ? reject(fault) : resolve(sameBytes(key, result)),
          );
        }),
    };
  },
};
