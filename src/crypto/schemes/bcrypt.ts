import { refused, type Scheme } from './scheme.ts';

const form = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
/** About a second of one core. */
const maxCost = 14;

/** `$2a$`, `$2b$` and `$2y$`. Only the first 72 bytes of a password count, as wherever the hash came from. */
export const bcrypt: Scheme = {
  name: 'bcrypt',
  read(hash) {
    if (!hash.startsWith('$2')) return null;
    const cost = form.exec(hash)?.[1];
    if (cost === undefined) return refused('malformed');
    if (Number(cost) > maxCost) return refused(`too dear: cost ${cost}`);
    // Only hashes from elsewhere are of this kind, so most servers never load it.
    const matches = async (password: string) => (await import('@node-rs/bcrypt')).verify(password, hash);
    return { kind: 'readable', matches };
  },
};
