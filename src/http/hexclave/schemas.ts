import { type TSchema, Type } from 'typebox';

/** Objects take no other members than these: what the caller may not set is an unknown property (spec §1.10). */
export const Fields = <T extends Record<string, TSchema>>(members: T) =>
  Type.Object(members, { additionalProperties: false });

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const OneOf = <const T extends readonly string[]>(...values: T) =>
  Type.Union(values.map((value) => Type.Literal(value))) as unknown as ReturnType<typeof Type.Unsafe<T[number]>>;

export const uuid = (description?: string) => Type.String({ format: 'uuid', ...(description && { description }) });
/** `me` has been replaced by the id of the person who asks before this is read. */
export const userId = () => uuid('A user id, or `me`');
export const email = () => Type.String({ format: 'email' });
export const signUpEmail = () => Type.String({ format: 'sign-up-email' });
export const url = () => Type.String({ format: 'url' });
export const base64 = () => Type.String({ format: 'base64' });
/** More than 70 characters is a mistake of the request; too few is for the core to say. */
/** Characters of a text that somebody writes about something: a reason, a description. */
export const maxNote = 4_000;
export const newPassword = () => Type.String({ maxLength: 70 });
/** A code from a mail, or one that stands for an unfinished sign-in. */
export const code = () => Type.String({ minLength: 45, maxLength: 45 });
export const booleanText = () => OneOf('true', 'false');
/** Those that come with the product start with a dollar sign (spec §1.13). */
export const permissionId = () => Type.String({ pattern: '^\\$?[a-z0-9_:]+$', maxLength: 64 });
export const newPermissionId = () => Type.String({ pattern: '^[a-z0-9_:]+$', maxLength: 63 });
/** Any JSON. */
export const anyJson = () => Type.Unknown();

export const success = Type.Object({ success: Type.Literal(true) });
export const codeIsValid = Type.Object({ is_code_valid: Type.Literal(true) });
export const tokens = Type.Object({
  access_token: Type.String(),
  refresh_token: Type.String(),
  user_id: Type.String(),
});
export const signIn = Type.Object({
  access_token: Type.String(),
  refresh_token: Type.String(),
  user_id: Type.String(),
  is_new_user: Type.Boolean(),
});
/** The same where a limit may be asked for; the cursor is there when it was. */
export const pageOf = (item: TSchema) =>
  Type.Object({
    items: Type.Array(item),
    is_paginated: Type.Boolean(),
    pagination: Type.Optional(Type.Object({ next_cursor: Nullable(Type.String()) })),
  });
export const listOf = (item: TSchema) => Type.Object({ items: Type.Array(item), is_paginated: Type.Boolean() });

/** Tokens of bot challenges, on the paths that may make an account (spec §1.16). */
export const botChallenge = {
  bot_challenge_token: Type.Optional(Type.String()),
  bot_challenge_phase: Type.Optional(OneOf('invisible', 'visible')),
  bot_challenge_unavailable: Type.Optional(Type.Literal('true')),
};
