import { Type } from 'typebox';

/** Shapes that several operations share (spec §1.1, §1.6). */
export const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const time = Type.String({ description: 'RFC 3339 UTC; a fraction of zero is left out' });

/** Lengths count Unicode scalar values, which `maxLength` of the validator does not. `says` is told in development. */
export const text = (min: number, max: number, says?: string) =>
  Type.String({ pattern: `^[\\s\\S]{${min},${max}}$`, ...(says !== undefined && { says }) });

/** As `text`, and not only spaces. */
export const filledText = (min: number, max: number, says?: string) =>
  Type.String({ pattern: `^(?=[\\s\\S]*\\S)[\\s\\S]{${min},${max}}$`, ...(says !== undefined && { says }) });

export const filled = (says?: string) => Type.String({ pattern: '^[\\s\\S]', ...(says !== undefined && { says }) });

/** The shape HTML gives addresses (spec §1.6); the core settles the rest. Spaces around it do no harm. */
export const email = (says = 'Invalid email format.') =>
  Type.String({ pattern: "^\\s*[A-Za-z0-9.!#$%&'*+/=?^_`\\{|\\}~\\-]{1,64}@[^\\s@]{1,255}\\s*$", says });

/** Digits of an app, or a backup code with or without its separators (core map F6). */
export const code = (min: number, max: number, says: string) =>
  Type.String({ pattern: `^(?:[\\s\\-]*[^\\s\\-]){${min},${max}}[\\s\\-]*$`, says });

/** Also without hyphens, in braces, and as a URN, in either case. */
export const uuid = (says?: string) =>
  Type.String({
    shape: true,
    pattern: '^(?:urn:uuid:)?\\{?[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}\\}?$',
    ...(says !== undefined && { says }),
  });

/** The one way we write an id that came in any of the forms of `uuid`. */
export const readUuid = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/^urn:uuid:|[{}-]/g, '')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
