import { verify } from '@node-rs/bcrypt';
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
    return { kind: 'readable', matches: (password) => verify(password, hash) };
  },
};
