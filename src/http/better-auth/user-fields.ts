import { type TSchema, Type } from 'typebox';
import { Refusal } from '../../base/refusal.ts';
import type { ImageSource } from '../../core/files/image-source.ts';
import type { ProfileChange } from '../../core/users/update-profile.ts';
import { dataUrlBytes } from '../kit/data-url.ts';
import { nullable } from './schemas.ts';

/** Members of a user that only the server sets (rule 30). */
const serverManaged = ['role', 'banned', 'banReason', 'banExpires', 'twoFactorEnabled'] as const;

/** Fields of the username plugin and the picture, in sign-up and update-user alike. */
export const profileFields = {
  image: Type.Optional(nullable(Type.String())),
  username: Type.Optional(nullable(Type.String())),
  displayUsername: Type.Optional(nullable(Type.String())),
} satisfies Record<string, TSchema>;

/** @throws Refusal field_not_allowed naming the first server-managed member of the body */
export function refuseServerManaged(body: object): void {
  for (const field of serverManaged) if (field in body) throw new Refusal('field_not_allowed', { field });
}

/** Forms send an empty text for a field that may stay empty. */
export const textOrNone = <T extends null | undefined>(text: string | T): string | T | null =>
  text === '' ? null : text;

/** A picture as the core takes it: the bytes of a `data:` URL, else the address. @throws Refusal image_invalid */
export function pictureOf(given: string | null | undefined): Pick<ProfileChange, 'image' | 'imageUrl'> {
  const bytes = given == null ? null : dataUrlBytes(given);
  return bytes ? { image: { bytes } } : given === undefined ? {} : { imageUrl: given };
}

/** The same for what takes any source. */
export function imageSource(given: string | null): ImageSource {
  const bytes = given === null ? null : dataUrlBytes(given);
  return bytes ? { bytes } : given === null ? null : { url: given };
}
